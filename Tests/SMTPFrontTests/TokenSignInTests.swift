import Bytes
import Engine
import Loop
import OAuthRig
import SMTPFront
import SMTPRig
import Testing

/// Signing in to send with the tokens of an issuer (RFC 7628, RFC 4954).
@Suite("Signing in to send with a token", .timeLimit(.minutes(20)))
struct TokenSignInTests {
    @Test("Offered where somebody is believed, under TLS alone")
    func offered() async throws {
        try await SubmissionHouse.with { _, house in
            let before = try await house.greeted()
            let message = TokenHouse.oauthBearer(try house.issuer.token("alice"))
            try await before.play("C: AUTH OAUTHBEARER \(message)\nS: 504 5.5.4 …")
            #expect(try await house.hello(before).contains("AUTH SCRAM-SHA-256 PLAIN LOGIN"))
            try house.issuer.believe()
            #expect(try await house.hello(before).contains("AUTH SCRAM-SHA-256 PLAIN LOGIN OAUTHBEARER XOAUTH2"))
            let plain = try await ScriptedPeer.client(of: house.listener.address.port, on: house.loop)
            try await plain.play("S: 220 …")
            #expect(try await !house.hello(plain).contains { $0.hasPrefix("AUTH") })
            try await plain.play("C: AUTH OAUTHBEARER \(message)\nS: 538 5.7.11 …")
        }
    }

    @Test("With an initial response and without, and given up")
    func signsIn() async throws {
        try await SubmissionHouse.with { _, house in
            try house.issuer.believe()
            let token = try house.issuer.token("alice")
            for (mechanism, message) in [
                ("OAUTHBEARER", TokenHouse.oauthBearer(token)),
                ("oauthbearer", TokenHouse.oauthBearer(token, as: "support*alice")),
                ("XOAUTH2", TokenHouse.xoauth2(token, as: "alice")),
            ] {
                try await house.greeted().play(
                    """
                    C: AUTH \(mechanism) \(message)
                    S: 235 2.7.0 Welcome
                    C: MAIL FROM:<support@ours.example>
                    S: 250 …
                    """)
                try await house.greeted().play(
                    """
                    C: AUTH \(mechanism)
                    S: 334 \("")
                    C: *
                    S: 501 5.7.0 The sign-in was cancelled
                    C: AUTH \(mechanism)
                    S: 334 \("")
                    C: \(message)
                    S: 235 2.7.0 Welcome
                    """)
            }
        }
    }

    @Test("A bad token is told what is wrong, and then refused like a password")
    func refuses() async throws {
        try await SubmissionHouse.with { context, house in
            try house.issuer.believe()
            let client = try await house.greeted()
            let expired = try house.issuer.token("alice", ["exp": "1"])
            let begun = context.loop.now
            try await client.play(
                """
                C: AUTH OAUTHBEARER \(TokenHouse.oauthBearer(expired))
                S: 334 \(TokenHouse.encoded(
                    #"{"status":"invalid_token","scope":"mail","openid-configuration":"#
                        + #""\#(house.issuer.issuer.address)/.well-known/openid-configuration"}"#))
                C: AQ==
                S: 535 5.7.8 User name or password is wrong
                """)
            #expect(context.loop.now - begun >= .seconds(1))
            try await client.say("AUTH XOAUTH2 \(TokenHouse.xoauth2(expired, as: "alice"))")
            try await client.expect(
                "334 " + TokenHouse.encoded(#"{"status":"401","schemes":"bearer","scope":"mail"}"#))
            try await client.say("")
            try await client.expect("535 5.7.8 User name or password is wrong")
            try await client.play("C: MAIL FROM:<support@ours.example>\nS: 530 5.7.0 …")
        }
    }

    @Test(
        "Whoever may not come in hears the same",
        arguments: [
            ("dave", ""), ("mallory", ""), ("bob", "support"), ("bob", "support*bob"), ("bob", "alice"),
            ("carol", "support*alice"), ("alice", "finance*alice"), ("support*alice", ""),
        ])
    func stranger(_ user: String, _ name: String) async throws {
        try await SubmissionHouse.with { _, house in
            try house.issuer.believe()
            try await house.greeted().play(
                """
                C: AUTH OAUTHBEARER \(TokenHouse.oauthBearer(try house.issuer.token(user), as: name))
                S: 334 \(TokenHouse.encoded(#"{"status":"invalid_token"}"#))
                C: AQ==
                S: 535 5.7.8 User name or password is wrong
                """)
        }
    }

    @Test("An issuer that is away is a temporary failure")
    func away() async throws {
        try await SubmissionHouse.with { _, house in
            try house.issuer.believe()
            house.issuer.issuer.behave { $0.isAway = true }
            let client = try await house.greeted()
            try await client.play(
                """
                C: AUTH XOAUTH2 \(TokenHouse.xoauth2(try house.issuer.token("alice"), as: "alice"))
                S: 454 4.7.0 Signing in is not possible right now
                """)
            let refused = house.engine.counters.counter("sign_ins_total", labels: "result=\"refused\"")
            #expect(refused.value == 0)
            try await client.play("C: AUTH PLAIN \(house.plain("alice"))\nS: 235 …")
        }
    }

    @Test("The longest token fits into a line")
    func longest() async throws {
        try await SubmissionHouse.with { _, house in
            try house.issuer.believe()
            // Filled up to 8,000 octets.
            let padding = String(repeating: "x", count: 5_700)
            let token = try house.issuer.token("alice", ["padding": "\"\(padding)\""])
            #expect((7_500...8_192).contains(token.utf8.count))
            try await house.greeted().play(
                "C: AUTH OAUTHBEARER \(TokenHouse.oauthBearer(token, as: "support*alice"))\nS: 235 2.7.0 Welcome")
            let tooLong = try house.issuer.token("alice", ["padding": "\"\(padding)\(padding.prefix(600))\""])
            try await house.greeted().play("C: AUTH OAUTHBEARER \(TokenHouse.oauthBearer(tooLong))\nS: 334 …")
        }
    }
}
