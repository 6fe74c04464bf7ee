import Bytes
import IMAPFront
import TestKit
import Testing

@Suite(.timeLimit(.minutes(20)))
struct SignInTests {
    @Test func offersWhatIsThereAndNothingElse() async throws {
        try await FrontHouse.with(upstream: false, allowsInsecure: false) { house in
            let client = try await house.connect()
            #expect(client.greeting.contains("LOGINDISABLED"))
            #expect(client.greeting.contains("STARTTLS"))
            #expect(!client.greeting.contains("AUTH="))
            #expect(try await client.login("alice", "pencil").status.hasPrefix("NO [PRIVACYREQUIRED]"))
            let refused = try await client.command("AUTHENTICATE PLAIN AGFsaWNlAHBlbmNpbA==")
            #expect(refused.status.hasPrefix("NO [PRIVACYREQUIRED]"))
            #expect(try await client.ok("ID (\"name\" \"test\")").untagged == ["ID (\"name\" \"Posthouse\")"])
            #expect(try await client.command("SELECT INBOX").status.hasPrefix("BAD"))
            #expect(try await client.command("NONSENSE").status.hasPrefix("BAD"))
            try await client.logout()

            let tls = try await IMAPClient.connect(
                "tls", port: house.tlsPort, security: .tls(authority: house.provider.certificates.authority))
            #expect(!tls.greeting.contains("LOGINDISABLED") && !tls.greeting.contains("STARTTLS"))
            #expect(tls.greeting.contains("AUTH=SCRAM-SHA-256") && tls.greeting.contains("AUTH=PLAIN"))
            let signedIn = try await tls.login("alice", "pencil")
            #expect(signedIn.status.hasPrefix("OK [CAPABILITY IMAP4rev1 IMAP4rev2"))
            #expect(!signedIn.status.contains("AUTH=") && signedIn.status.contains("UIDPLUS"))
            try await tls.logout()
        }
    }

    @Test func signsInInEveryWay() async throws {
        try await FrontHouse.with(upstream: false) { house in
            let client = try await house.connect()
            let plain = "AGFsaWNlAHBlbmNpbA=="
            #expect(try await client.ok("AUTHENTICATE PLAIN \(plain)").status.contains("CAPABILITY"))
            #expect(try await client.command("LOGIN alice pencil").status.hasPrefix("BAD"))
            try await client.logout()

            let asked = try await house.connect()
            try await asked.dialogue.play(
                """
                C: a authenticate PLAIN
                S: +…
                C: \(plain)
                S: a OK …
                C: b AUTHENTICATE PLAIN
                S: b BAD …
                """)
            await asked.dialogue.close()

            let login = try await house.connect()
            try await login.dialogue.play(
                """
                C: a AUTHENTICATE LOGIN
                S: + VXNlcm5hbWU6
                C: YWxpY2U=
                S: + UGFzc3dvcmQ6
                C: *
                S: a BAD …
                C: b AUTHENTICATE PLAIN
                S: +…
                C: this is no base 64
                S: b BAD …
                C: c AUTHENTICATE NONSENSE
                S: c NO …
                C: d AUTHENTICATE PLAIN AGFsaWNlAHdyb25n
                S: d NO [AUTHENTICATIONFAILED] …
                C: e LOGIN "alice" {6}
                S: + OK
                C: pencil
                S: e OK …
                """)
            await login.dialogue.close()
        }
    }

    @Test func sendsAwayWhoGuesses() async throws {
        try await FrontHouse.with(upstream: false, limits: limits { $0.failedSignIns = 2 }) { house in
            let client = try await house.connect()
            let unknown = try await client.login("nobody", "wrong").status
            let wrong = try await client.login("alice", "wrong")
            #expect(wrong.status == unknown)
            #expect(wrong.untagged.contains { $0.hasPrefix("BYE") })
            try await client.dialogue.end()
        }
    }

    @Test func beginsTLSAndForgetsWhatCameBefore() async throws {
        try await FrontHouse.with(upstream: false) { house in
            // A command sent along with STARTTLS must not be taken for one that TLS protected.
            let plain = try await house.connect()
            try await plain.dialogue.send(octets: Array("a STARTTLS\r\nb NOOP\r\n".utf8))
            #expect(try await plain.dialogue.line().hasPrefix("a OK"))
            try await plain.dialogue.send(octets: Array("c NOOP\r\n".utf8))
            for line in try await plain.dialogue.end() { #expect(!line.hasPrefix("b ") && !line.hasPrefix("c ")) }

            let client = try await IMAPClient.connect(
                "starttls", port: house.port,
                security: .startTLS(authority: house.provider.certificates.authority, protocol: "imap"))
            let capabilities = try await client.ok("CAPABILITY").untagged
            #expect(!capabilities.contains { $0.contains("STARTTLS") })
            #expect(try await client.command("STARTTLS").status.hasPrefix("BAD"))
            #expect(try await client.login("alice", "pencil").isOK)
            try await client.logout()
        }
    }

    /// One connection, one person after the other (RFC 8437).
    @Test func signsOutAndForgetsEverything() async throws {
        try await FrontHouse.with { house in
            let client = try await house.connect()
            #expect(try await client.command("UNAUTHENTICATE").status.hasPrefix("BAD"))
            #expect(try await client.login("support*alice", "pencil").isOK)
            #expect(try await client.append(letter("one"), to: "INBOX", flags: "\\Deleted").isOK)
            try await client.ok("ENABLE QRESYNC IMAP4rev2 UTF8=ACCEPT")
            try await client.ok("SELECT INBOX")
            let out = try await client.ok("UNAUTHENTICATE").status
            #expect(out.contains("[CAPABILITY ") && out.contains("AUTH=PLAIN") && !out.contains("QRESYNC"), "\(out)")
            for command in ["SELECT INBOX", "FETCH 1 UID", "LIST \"\" *", "ENABLE QRESYNC"] {
                #expect(try await client.command(command).status.hasPrefix("BAD"), "\(command)")
            }
            // The next one has less, and nothing of what was enabled before.
            #expect(try await client.login("support*carol", "pencil").isOK)
            let selected = try await client.ok("SELECT INBOX")
            #expect(selected.status.contains("[READ-ONLY]") && selected.untagged.contains("1 EXISTS"))
            #expect(selected.untagged.contains { $0.hasSuffix("RECENT") })
            #expect(try await client.command("STORE 1 +FLAGS (\\Seen)").status.hasPrefix("NO"))
            try await client.logout()
        }
    }
}
