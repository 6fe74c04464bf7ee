import Bytes
import Loop
import SASL
import SMTPFront
import SMTPRig
import TLS
import Testing

@Suite("Signing in to send", .timeLimit(.minutes(20)))
struct SignInTests {
    @Test("Without TLS nothing but TLS is to be had")
    func plainDoor() async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await ScriptedPeer.client(of: house.listener.address.port, on: house.loop)
            try await client.play("S: 220 posthouse.example ESMTP Posthouse")
            let announced = try await house.hello(client)
            #expect(announced.contains("STARTTLS") && !announced.contains { $0.hasPrefix("AUTH") })
            #expect(announced.contains("PIPELINING") && announced.contains("SIZE 52428800"))
            try await client.play(
                """
                C: AUTH PLAIN \(house.plain("alice"))
                S: 538 5.7.11 …
                C: MAIL FROM:<support@ours.example>
                S: 530 5.7.0 Say STARTTLS first
                C: RCPT TO:<a@b.example>
                S: 503 5.5.1 …
                C: DATA
                S: 503 5.5.1 …
                C: VRFY alice
                S: 530 5.7.0 …
                """)
            // What is pushed in behind STARTTLS was not protected, and is not listened to.
            try await client.say(octets: "STARTTLS\r\nEHLO mallory\r\nMAIL FROM:<support@ours.example>\r\n")
            try await client.expect("220 2.0.0 Ready to start TLS")
            try await client.startTLS(client: house.trust)
            try await client.play(
                """
                C: AUTH PLAIN \(house.plain("alice"))
                S: 503 5.5.1 Say EHLO first
                """)
            let secured = try await house.hello(client)
            #expect(!secured.contains("STARTTLS"))
            #expect(secured.contains("AUTH SCRAM-SHA-256 PLAIN LOGIN"))
            try await client.play(
                """
                C: STARTTLS
                S: 503 5.5.1 …
                C: AUTH PLAIN \(house.plain("alice"))
                S: 235 2.7.0 Welcome
                C: AUTH PLAIN \(house.plain("alice"))
                S: 503 5.5.1 Already signed in
                """)
            #expect(try await !house.hello(client).contains { $0.hasPrefix("AUTH") })
            try await client.play(
                """
                C: QUIT
                S: 221 2.0.0 Bye
                """)
            try await client.end()
        }
    }

    @Test("On loopback without TLS only where the configuration says so")
    func insecureLoopback() async throws {
        var limits = SMTPLimits()
        limits.allowsInsecureLoopback = true
        try await SubmissionHouse.with(limits: limits) { _, house in
            let client = try await ScriptedPeer.client(of: house.listener.address.port, on: house.loop)
            try await client.play("S: 220 …")
            #expect(try await house.hello(client).contains("AUTH SCRAM-SHA-256 PLAIN LOGIN"))
            try await client.play(
                """
                C: AUTH PLAIN \(house.plain("alice"))
                S: 235 2.7.0 Welcome
                """)
        }
    }

    @Test("Every mechanism, with an initial response and without, and given up")
    func mechanisms() async throws {
        try await SubmissionHouse.with { _, house in
            try await house.greeted().play(
                """
                C: AUTH PLAIN
                S: 334 \("")
                C: \(house.plain("alice"))
                S: 235 2.7.0 Welcome
                """)
            try await house.greeted().play(
                """
                C: AUTH LOGIN
                S: 334 VXNlcm5hbWU6
                C: YWxpY2U=
                S: 334 UGFzc3dvcmQ6
                C: cGVuY2ls
                S: 235 2.7.0 Welcome
                """)
            try await house.greeted().play(
                """
                C: AUTH LOGIN YWxpY2U=
                S: 334 UGFzc3dvcmQ6
                C: *
                S: 501 5.7.0 The sign-in was cancelled
                C: AUTH GSSAPI
                S: 504 5.5.4 …
                C: AUTH PLAIN not-base-64
                S: 501 5.5.2 …
                C: AUTH PLAIN
                S: 334 \("")
                C: ?
                S: 501 5.5.2 That is no base 64
                C: AUTH PLAIN \(house.plain("alice"))
                S: 235 2.7.0 Welcome
                """)
            let client = try await house.greeted()
            let sasl = try SASLClient(
                offered: ["SCRAM-SHA-256"], service: "smtp", host: "posthouse.example", login: "alice",
                secret: Array("pencil".utf8).span, mayShowPassword: true)
            let first = try #require(try await sasl.start(on: house.pool))
            try await client.say("AUTH SCRAM-SHA-256 \(String(lossy: Base64.encode(first)))")
            for _ in 0..<2 {
                let challenge = try await client.expect(prefix: "334 ")
                let response = try await sasl.step(
                    try #require(Base64.decode(challenge.utf8)), on: house.pool)
                try await client.say(String(lossy: Base64.encode(response)))
            }
            try await client.expect("235 2.7.0 Welcome")
            try sasl.finish()
        }
    }

    @Test(
        "Whoever may not come in hears the same",
        arguments: [
            ("alice", "pencils", ""), ("nobody", "pencil", ""), ("dave", "pencil", ""), ("alice", "pencil", "finance"),
            ("finance*alice", "pencil", ""), ("bob", "pencil", "support"), ("support*bob", "pencil", ""),
            ("sales*alice", "pencil", "support"), ("*alice", "pencil", ""), ("alice*", "pencil", ""),
        ])
    func refused(_ name: String, _ password: String, _ authorization: String) async throws {
        try await SubmissionHouse.with { context, house in
            let client = try await house.greeted()
            let begun = context.loop.now
            try await client.play(
                """
                C: AUTH PLAIN \(house.plain(name, password, as: authorization))
                S: 535 5.7.8 User name or password is wrong
                """)
            #expect(context.loop.now - begun >= .seconds(1))
        }
    }

    @Test(
        "The account alone, by name or by authorization identity",
        arguments: [("support*alice", ""), ("alice", "support"), ("alice", "alice"), ("Support*Alice", "support")])
    func scoped(_ name: String, _ authorization: String) async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.greeted()
            try await client.play(
                """
                C: AUTH PLAIN \(house.plain(name, as: authorization))
                S: 235 2.7.0 Welcome
                C: MAIL FROM:<help@ours.example>
                S: 250 2.1.0 Sender fine
                C: RSET
                S: 250 2.0.0 OK
                C: MAIL FROM:<sales@ours.example>
                S: \(authorization == "alice" ? "250" : "550")…
                """)
        }
    }

    @Test("Three failures end the connection; many end all from the address")
    func failures() async throws {
        var limits = SMTPLimits()
        limits.failedSignIns = 2
        try await SubmissionHouse.with(limits: limits) { _, house in
            let client = try await house.greeted()
            try await client.play(
                """
                C: AUTH PLAIN \(house.plain("alice", "x"))
                S: 535 5.7.8 …
                C: AUTH PLAIN \(house.plain("alice", "y"))
                S: 421 4.7.0 Too many failed sign-ins
                """)
            try await client.end()
        }
    }
}
