import Bytes
import Engine
import IMAPFront
import Loop
import MailTypes
import OAuth
import OAuthRig
import Store
import TestKit
import Testing

/// Signing in with the tokens of an issuer (RFC 7628).
@Suite(.timeLimit(.minutes(20)))
struct TokenSignInTests {
    private static func with(
        allowsInsecure: Bool = true, limits: IMAPConfiguration.Limits = .init(), log: Log = .silent,
        _ body: (FrontHouse, TokenHouse) async throws -> Void
    ) async throws {
        try await FrontHouse.with(
            upstream: false, allowsInsecure: allowsInsecure, limits: limits, log: log, hasIssuer: true
        ) { house in
            let issuer = try #require(house.issuer)
            try issuer.believe()
            try await body(house, issuer)
        }
    }

    @Test func isOfferedWhereSomebodyIsBelieved() async throws {
        try await FrontHouse.with(upstream: false, allowsInsecure: false, hasIssuer: true) { house in
            let issuer = try #require(house.issuer)
            func greeting(_ name: String) async throws -> String {
                let client = try await IMAPClient.connect(
                    name, port: house.tlsPort, security: .tls(authority: house.provider.certificates.authority))
                await client.dialogue.close()
                return client.greeting
            }
            #expect(try await !greeting("before").contains("OAUTH"))
            let early = try await IMAPClient.connect(
                "early", port: house.tlsPort, security: .tls(authority: house.provider.certificates.authority))
            let message = TokenHouse.oauthBearer(try issuer.token("alice"))
            #expect(try await early.command("AUTHENTICATE OAUTHBEARER \(message)").status.hasPrefix("NO [CANNOT]"))
            try await early.logout()

            try issuer.believe()
            let offered = try await greeting("after")
            #expect(offered.contains("AUTH=OAUTHBEARER AUTH=XOAUTH2") && offered.contains("AUTH=PLAIN"))
            // A token is a password to whoever reads along.
            let plain = try await house.connect()
            #expect(!plain.greeting.contains("AUTH="))
            let refused = try await plain.command("AUTHENTICATE OAUTHBEARER \(message)")
            #expect(refused.status.hasPrefix("NO [PRIVACYREQUIRED]"))
            try await plain.logout()
        }
    }

    @Test func signsInWithAndWithoutAnInitialResponse() async throws {
        try await Self.with { house, issuer in
            let token = try issuer.token("alice")
            for (mechanism, message) in [
                ("OAUTHBEARER", TokenHouse.oauthBearer(token)),
                ("OAUTHBEARER", TokenHouse.oauthBearer(token, as: "alice")),
                ("XOAUTH2", TokenHouse.xoauth2(token, as: "alice")), ("xoauth2", TokenHouse.xoauth2(token, as: "")),
            ] {
                let client = try await house.connect()
                try await client.dialogue.play(
                    """
                    C: a AUTHENTICATE \(mechanism) \(message)
                    S: a OK [CAPABILITY …
                    C: b UNAUTHENTICATE
                    S: b OK …
                    C: c AUTHENTICATE \(mechanism)
                    S: + …
                    C: \(message)
                    S: c OK [CAPABILITY …
                    C: d UNAUTHENTICATE
                    S: d OK …
                    C: e AUTHENTICATE \(mechanism)
                    S: + …
                    C: *
                    S: e BAD …
                    C: f AUTHENTICATE \(mechanism) \(message)
                    S: f OK [CAPABILITY …
                    """)
                await client.dialogue.close()
            }
            #expect(issuer.issuer.count("/keys") == 1)
        }
    }

    @Test func takesTheLongestToken() async throws {
        try await Self.with { house, issuer in
            let token = try issuer.token("alice", ["padding": "\"\(String(repeating: "x", count: 5_700))\""])
            #expect((7_500...8_192).contains(token.utf8.count))
            let message = TokenHouse.oauthBearer(token, as: "support*alice")
            let client = try await house.connect()
            try await client.dialogue.play(
                """
                C: a AUTHENTICATE OAUTHBEARER \(message)
                S: a OK …
                C: b UNAUTHENTICATE
                S: b OK …
                C: c AUTHENTICATE OAUTHBEARER
                S: + …
                C: \(message)
                S: c OK …
                """)
            await client.dialogue.close()
        }
    }

    /// What is said of a bad token, and what the client must say before it hears NO (RFC 7628 §3.2.3).
    @Test func saysWhatIsWrongWithAToken() async throws {
        try await Self.with { house, issuer in
            let expired = try issuer.token("alice", ["exp": "1"])
            let bearer = TokenHouse.encoded(
                #"{"status":"invalid_token","scope":"mail","openid-configuration":"#
                    + #""\#(issuer.issuer.address)/.well-known/openid-configuration"}"#)
            let google = TokenHouse.encoded(#"{"status":"401","schemes":"bearer","scope":"mail"}"#)
            let client = try await house.connect()
            try await client.dialogue.play(
                """
                C: a AUTHENTICATE OAUTHBEARER \(TokenHouse.oauthBearer(expired))
                S: + \(bearer)
                C: AQ==
                S: a NO [AUTHENTICATIONFAILED] …
                C: b AUTHENTICATE XOAUTH2 \(TokenHouse.xoauth2(expired, as: "alice"))
                S: + \(google)
                C:\(" ")
                S: b NO [AUTHENTICATIONFAILED] …
                C: c AUTHENTICATE XOAUTH2 \(TokenHouse.xoauth2(try issuer.token("alice", ["scope": ""]), as: "alice"))
                S: + \(TokenHouse.encoded(#"{"status":"403","schemes":"bearer","scope":"mail"}"#))
                C: \(TokenHouse.xoauth2(try issuer.token("alice"), as: "alice"))
                S: c NO [AUTHENTICATIONFAILED] …
                C: d AUTHENTICATE OAUTHBEARER \(TokenHouse.encoded("n,,\u{1}nonsense"))
                S: + \(TokenHouse.encoded(#"{"status":"invalid_request"}"#))
                C: *
                S: d BAD …
                C: e AUTHENTICATE OAUTHBEARER \(TokenHouse.oauthBearer(try issuer.token("alice")))
                S: e OK …
                """)
            await client.dialogue.close()
        }
    }

    @Test(arguments: [
        ("alice", "", true), ("alice", "alice", true), ("ALICE", "Alice", true), ("alice", "support", true),
        ("alice", "support*alice", true), ("carol", "support*carol", true),
        // Not hers, unknown, without a grant, or somebody else's.
        ("carol", "sales", false), ("carol", "sales*carol", false), ("carol", "alice", false),
        ("carol", "support*alice", false), ("bob", "support", false), ("bob", "finance*bob", false),
        ("mallory", "", false), ("mallory", "alice", false), ("support*alice", "", false), ("", "alice", false),
        ("alice", "sales*support", false), ("bob\u{200B}", "", false), ("alice", "*alice", false),
        ("alice", "support*", false),
    ])
    func namesTheMailbox(_ user: String, _ name: String, _ isWelcome: Bool) async throws {
        try await Self.with { house, issuer in
            let client = try await house.connect()
            let message = TokenHouse.oauthBearer(try issuer.token(user), as: name)
            try await client.dialogue.send(octets: Array("a AUTHENTICATE OAUTHBEARER \(message)\r\n".utf8))
            let line = try await client.dialogue.line()
            #expect(line.hasPrefix(isWelcome ? "a OK" : "+ "), "\(line)")
            await client.dialogue.close()
        }
    }

    /// At the issuer somebody may call himself by a name that only looks like hers: that with the sign of the kelvin has
    /// the same lower case.
    @Test func comparesOctets() async throws {
        try await Self.with { house, issuer in
            try await house.redescribe { $0.users.append(User(name: "Kim")) }
            for (name, isWelcome) in [("kim", true), ("KIM", true), ("\u{212A}im", false)] {
                let client = try await house.connect()
                let message = TokenHouse.oauthBearer(try issuer.token(name))
                try await client.dialogue.send(octets: Array("a AUTHENTICATE OAUTHBEARER \(message)\r\n".utf8))
                #expect(try await client.dialogue.line().hasPrefix(isWelcome ? "a OK" : "+ "))
                await client.dialogue.close()
            }
        }
    }

    @Test func opensTheAccountAlone() async throws {
        try await FrontHouse.with(hasIssuer: true) { house in
            let issuer = try #require(house.issuer)
            try issuer.believe()
            let client = try await house.connect()
            let message = TokenHouse.xoauth2(try issuer.token("alice"), as: "support*alice")
            try await client.ok("AUTHENTICATE XOAUTH2 \(message)")
            let names = try await client.ok("LIST \"\" *").untagged.joined()
            #expect(names.contains("INBOX") && !names.contains("Shared"))
            try await client.ok("SELECT INBOX")
            try await client.logout()
        }
    }

    @Test func anInactiveUserStaysOut() async throws {
        try await Self.with { house, issuer in
            try await house.redescribe { $0.users[0].isActive = false }
            let client = try await house.connect()
            let message = TokenHouse.xoauth2(try issuer.token("alice"), as: "alice")
            try await client.dialogue.play("C: a AUTHENTICATE XOAUTH2 \(message)\nS: + …\nC: \nS: a NO …")
            await client.dialogue.close()
        }
    }

    /// An issuer that is away is no wrong password: nothing is counted, and the client may try again.
    @Test func isUnavailableWhileTheIssuerIsAway() async throws {
        try await Self.with(limits: limits { $0.failedSignIns = 3 }) { house, issuer in
            issuer.issuer.behave { $0.isAway = true }
            let client = try await house.connect()
            let message = TokenHouse.oauthBearer(try issuer.token("alice"))
            #expect(
                try await client.command("AUTHENTICATE OAUTHBEARER \(message)").status.hasPrefix("NO [UNAVAILABLE]"))
            let refused = house.engine.counters.counter("sign_ins_total", labels: "result=\"refused\"")
            #expect(refused.value == 0)
            #expect(try await client.login("alice", "pencil").isOK)
            try await client.logout()
        }
    }

    @Test func isSlowedDownAndLoggedLikeAPassword() async throws {
        let lines = Locked<[String]>([])
        let log = Log(
            Log.Output(level: .debug, format: .text) { line in lines.withLock { $0.append(String(lossy: line)) } })
        try await Self.with(limits: limits { $0.failedSignIns = 2 }, log: log) { house, issuer in
            let client = try await house.connect()
            let wrong = try issuer.token("alice", ["aud": "\"other\""])
            let right = try issuer.token("alice")
            let begun = MonotonicTime.now
            try await client.dialogue.play(
                "C: a AUTHENTICATE XOAUTH2 \(TokenHouse.xoauth2(wrong, as: "alice"))\nS: + …\nC: \nS: a NO …")
            #expect(MonotonicTime.now - begun >= .seconds(1))
            try await client.dialogue.play(
                "C: b AUTHENTICATE XOAUTH2 \(TokenHouse.xoauth2(wrong, as: "nobody"))\nS: + …\nC: \nS: * BYE …\nS: b NO …"
            )
            await client.dialogue.close()
            let good = try await house.connect()
            try await good.ok("AUTHENTICATE XOAUTH2 \(TokenHouse.xoauth2(right, as: "alice"))")
            try await good.logout()
            let all = lines.withLock { $0 }
            let refused = all.filter { $0.contains("sign-in refused") }
            #expect(refused.count == 2 && refused.allSatisfy { $0.contains("audience") && $0.contains("XOAUTH2") })
            #expect(refused.first?.contains("user=alice") == true && refused.last?.contains("nobody") == false)
            #expect(all.contains { $0.contains("signed in") && $0.contains("mechanism=XOAUTH2") })
            // No part of a token anywhere.
            for token in [wrong, right] {
                for part in token.split(separator: ".") { #expect(!all.contains { $0.contains(part) }) }
            }
            #expect(
                house.engine.counters.counter("sign_ins_total", labels: "result=\"refused\"").value == 2
                    && house.engine.counters.counter("sign_ins_total", labels: "result=\"succeeded\"").value == 1)
        }
    }

    @Test func takesOpaqueTokensByAskingTheIssuer() async throws {
        try await Self.with { house, issuer in
            try issuer.believe {
                $0.check = .introspection(nil, client: "posthouse")
                $0.userClaim = "username"
            }
            issuer.issuer.behave {
                $0.tokens["opaque-1"] = #"{"active":true,"username":"alice","scope":"mail","aud":"posthouse"}"#
            }
            let client = try await house.connect()
            try await client.ok("AUTHENTICATE OAUTHBEARER \(TokenHouse.oauthBearer("opaque-1", as: "support"))")
            try await client.ok("UNAUTHENTICATE")
            try await client.dialogue.play(
                "C: x AUTHENTICATE XOAUTH2 \(TokenHouse.xoauth2("opaque-2", as: "alice"))\nS: + …\nC: \nS: x NO …")
            await client.dialogue.close()
        }
    }

    @Test func namesUsersByVerifiedAddresses() async throws {
        try await Self.with { house, issuer in
            try issuer.believe { $0.userClaim = "email" }
            try await house.redescribe { site in
                for place in site.users.indices {
                    let name = site.users[place].name == "alice" ? "alice" : "team"
                    site.users[place].addresses = [EmailAddress(local: name, domain: "ours.example")]
                }
            }
            func answer(_ address: String, _ verified: String, as name: String = "") async throws -> String {
                let client = try await house.connect()
                let token = try issuer.token("bob", ["email": "\"\(address)\"", "email_verified": verified])
                try await client.dialogue.send(
                    octets: Array("a AUTHENTICATE OAUTHBEARER \(TokenHouse.oauthBearer(token, as: name))\r\n".utf8))
                let line = try await client.dialogue.line()
                await client.dialogue.close()
                return String(line.prefix(4))
            }
            #expect(try await answer("Alice@Ours.example", "true") == "a OK")
            // Her mail program may know her by no other name.
            #expect(try await answer("alice@ours.example", "true", as: "alice@ours.example") == "a OK")
            #expect(try await answer("alice@ours.example", "true", as: "support*alice@ours.example") == "a OK")
            #expect(try await answer("alice@ours.example", "false").hasPrefix("+ "))
            #expect(try await answer("alice", "true").hasPrefix("+ "))
            // Bob's and Carol's: whose is it?
            #expect(try await answer("team@ours.example", "true").hasPrefix("+ "))
        }
    }
}
