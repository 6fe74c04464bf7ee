internal import Foundation
import TestKit
import Testing

/// Every way of saying who one is.
@Suite("Signing in")
struct SignInTests {
    private static func response(_ authorization: String, _ user: String) -> String {
        Data("\(authorization)\0\(user)\0\(House.passwords[user] ?? "")".utf8).base64EncodedString()
    }

    @Test func `LOGIN, AUTHENTICATE with and without an initial response, and an account of one's choice`() async throws
    {
        try await House.with { house in
            try await house.arrive(Letters.plain("hello"))
            try await house.imap("alice").open("INBOX", messages: 1)
            let port = house.posthouse.imapPort
            let alice = "alice \(House.passwords["alice"] ?? "")"
            let transcripts = [
                "C: t1 LOGIN \(alice)",
                "C: t1 AUTHENTICATE PLAIN \(Self.response("", "alice"))",
                "C: t1 AUTHENTICATE PLAIN\nS: + …\nC: \(Self.response("", "alice"))",
                "C: t1 AUTHENTICATE PLAIN \(Self.response("support", "alice"))",
                "C: t1 LOGIN \"support*alice\" \(House.passwords["alice"] ?? "")",
                """
                C: t1 AUTHENTICATE LOGIN
                S: + …
                C: \(Data("alice".utf8).base64EncodedString())
                S: + …
                C: \(Data((House.passwords["alice"] ?? "").utf8).base64EncodedString())
                """,
            ]
            for transcript in transcripts {
                let dialogue = try Dialogue("alice", port: port)
                try await dialogue.play(
                    """
                    S: * OK …
                    \(transcript)
                    S: t1 OK …
                    C: t2 SELECT INBOX
                    S: * 1 EXISTS
                    S: t2 OK [READ-WRITE] …
                    C: t3 LOGOUT
                    S: * BYE …
                    S: t3 OK …
                    """)
                try await dialogue.end()
                await dialogue.close()
            }
        }
    }

    @Test func `curl signs in with PLAIN and LOGIN at both doors`() async throws {
        try await House.with(.sending) { house in
            for mechanism in ["AUTH=PLAIN", "AUTH=LOGIN"] {
                let listed = try await house.curl("alice", "imaps", "/", ["--login-options", mechanism])
                #expect(listed.output.contains("INBOX"), "\(mechanism): \(listed)")
                let sent = try await house.curl(
                    "alice", "smtps", "", ["--login-options", mechanism, "--request", "NOOP"])
                #expect(sent.succeeded, "\(mechanism): \(sent)")
            }
        }
    }

    @Test func `The account alone is a tree of its own`() async throws {
        try await House.with { house in
            let whole = try await house.imap("carol")
            let names = try await whole.ok("LIST \"\" \"*\"").untagged.joined(separator: "\n")
            let isShared = names.contains("Shared/")
            #expect(isShared, "\(names)")
            let alone = try await house.imap("sales*carol")
            let few = try await alone.ok("LIST \"\" \"*\"").untagged.joined(separator: "\n")
            #expect(few.contains("INBOX") && !few.contains("Shared"), "\(few)")
        }
    }

    @Test func `A wrong password and an unknown user get the same words after the same time`() async throws {
        try await House.with { house in
            var answers: [(status: String, time: Duration)] = []
            // A connection and an attempt each, so that no delay for repetition falls on one kind alone.
            for name in ["alice", "nobody-like-that", "support*alice", "support*bob"] {
                let client = try await IMAPClient.connect(name, port: house.posthouse.imapPort)
                let start = ContinuousClock.now
                let status = try await client.login(name, "wrong").status
                answers.append((status, ContinuousClock.now - start))
                await client.dialogue.close()
            }
            #expect(Set(answers.map(\.status)).count == 1, "\(answers)")
            #expect(answers[0].status.hasPrefix("NO [AUTHENTICATIONFAILED]"))

            // The right password for an account that is not hers is told apart from neither.
            let client = try await IMAPClient.connect("bob", port: house.posthouse.imapPort)
            let status = try await client.login("support*bob", House.passwords["bob"] ?? "").status
            #expect(status == answers[0].status)
        }
    }

    @Test func `SMTP refuses in the same words too`() async throws {
        try await House.with { house in
            var replies: Set<String> = []
            for name in ["alice", "nobody-like-that"] {
                let client = try await SMTPClient.connect(name, port: house.posthouse.submissionPort)
                let reply = try await client.authenticate(name, "wrong")
                replies.insert("\(reply.code) \(reply.text)")
                #expect(try await client.command("MAIL FROM:<support@example.test>").code == 530)
                await client.dialogue.close()
            }
            #expect(replies.count == 1 && replies.first?.hasPrefix("535 5.7.8") == true, "\(replies)")
        }
    }

    @Test func `Guessing gets slower and slower, and others are not kept waiting`() async throws {
        try await House.with { house in
            let client = try await IMAPClient.connect("guesser", port: house.posthouse.imapPort, patience: .seconds(60))
            var times: [Duration] = []
            for attempt in 1...4 {
                let start = ContinuousClock.now
                let answer = try? await client.login("alice", "guess \(attempt)")
                guard let answer else { break }
                #expect(!answer.isOK)
                times.append(ContinuousClock.now - start)
            }
            if let first = times.first, let last = times.last, times.count > 2 { #expect(last > first, "\(times)") }
            let alice = try await house.imap("alice")
            try await alice.ok("NOOP")
        }
    }

    @Test func `No password is taken in clear where that is not allowed`() async throws {
        var plan = Plan()
        plan.settings = "allow-insecure-loopback-sign-in: no"
        try await House.with(plan) { house in
            let client = try await IMAPClient.connect("alice", port: house.posthouse.imapPort)
            let capabilities = try await client.ok("CAPABILITY").untagged.joined()
            #expect(capabilities.contains("LOGINDISABLED") && capabilities.contains("STARTTLS"), "\(capabilities)")
            #expect(!capabilities.contains("AUTH=PLAIN"))
            #expect(try await client.login("alice", House.passwords["alice"] ?? "").isOK == false)
            let plain = try await client.command("AUTHENTICATE PLAIN \(Self.response("", "alice"))")
            #expect(!plain.isOK)

            let secured = try await IMAPClient.connect(
                "alice", port: house.posthouse.imapPort,
                security: .startTLS(authority: house.posthouse.certificates.authority, protocol: "imap"))
            #expect(try await secured.login("alice", House.passwords["alice"] ?? "").isOK)

            let sender = try await SMTPClient.connect("alice", port: house.posthouse.submissionPort)
            #expect(try await sender.authenticate("alice", House.passwords["alice"] ?? "").code / 100 == 5)
        }
    }

    @Test func `What was sent before the handshake of STARTTLS is forgotten`() async throws {
        try await House.with { house in
            let relay = try Relay(to: house.posthouse.imapPort)
            defer { relay.close() }
            var behaviour = Relay.Behaviour()
            // Somebody on the way adds a command to the one that asks for TLS.
            behaviour.change = { direction, _, octets in
                let text = String(decoding: octets, as: UTF8.self)
                guard direction == .toServer, text.uppercased().contains("STARTTLS\r\n") else { return octets }
                return octets + Array("evil NOOP\r\n".utf8)
            }
            relay.set(behaviour)
            let client = try await IMAPClient.connect(
                "alice", port: relay.port,
                security: .startTLS(authority: house.posthouse.certificates.authority, protocol: "imap"))
            let answer = try await client.login("alice", House.passwords["alice"] ?? "")
            #expect(answer.isOK && !answer.untagged.contains { $0.contains("evil") }, "\(answer)")
        }
    }

    @Test func `ID is answered before anybody has signed in`() async throws {
        try await House.with { house in
            let dialogue = try Dialogue("stranger", port: house.posthouse.imapPort)
            try await dialogue.play(
                """
                S: * OK …
                C: t1 ID ("name" "test")
                S: * ID …
                S: t1 OK …
                C: t2 SELECT INBOX
                S: t2 BAD …
                """)
        }
    }
}
