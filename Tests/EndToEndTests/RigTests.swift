import TestKit
import Testing

/// What the other suites stand on must stand itself: the same conversations without Posthouse in between.
@Suite("The rig")
struct RigTests {
    @Test func `Dovecot answers in clear, over TLS and after STARTTLS`() async throws {
        try await withProvider { provider in
            let authority = provider.certificates.authority
            let secured: [(UInt16, Dialogue.Security)] = [
                (provider.imapPort, .none),
                (provider.imapPort, .startTLS(authority: authority, protocol: "imap")),
                (provider.imapsPort, .tls(authority: authority)),
            ]
            for (port, security) in secured {
                let client = try await IMAPClient.connect("support", port: port, security: security)
                #expect(try await client.login("support", "wrong").isOK == false)
                #expect(try await client.login("support", "secret").isOK)
                try await client.logout()
            }
        }
    }

    @Test func `A certificate of a strange authority is refused`() async throws {
        try await withProvider { provider in
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let strange = try await Certificates.make(in: directory("certs"))
            await #expect(throws: RigFailure.self) {
                try await IMAPClient.connect(
                    "support", port: provider.imapsPort, security: .tls(authority: strange.authority))
            }
        }
    }

    @Test func `A transcript plays against Dovecot`() async throws {
        try await withProvider { provider in
            let client = try await IMAPClient.connect("support", port: provider.imapPort)
            try await client.dialogue.play(
                """
                C: b1 LOGIN support secret
                S: b1 OK …
                C: b2 APPEND INBOX {15+}
                C: Subject: a
                C:
                C: b
                S: b2 OK [APPENDUID … 1] …
                C: b3 EXAMINE INBOX
                S: * 1 EXISTS
                S: b3 OK [READ-ONLY] …
                N: …NONEXISTENT…
                C: b4 FETCH 1 BODY[]
                S: * 1 FETCH (BODY[] {15}…Subject: a…b…)
                S: b4 OK …
                """)
            await client.dialogue.close()
        }
    }

    @Test func `Postfix delivers into Dovecot and refuses whom it should`() async throws {
        try await withProvider { provider in
            try await provider.startPostfix()
            let security = Dialogue.Security.startTLS(
                authority: provider.certificates.authority, protocol: "smtp")
            let client = try await SMTPClient.connect("customer", port: provider.smtpPort, security: security)
            #expect(try await client.authenticate("support", "wrong").code == 535)
            #expect(try await client.authenticate("support", "secret").code == 235)
            let letter = "From: a@customer.example\r\nSubject: one\r\n\r\ntext\r\n"
            let from = "a@customer.example"
            #expect(try await client.deliver(letter, from: from, to: ["support@example.test"]).code == 250)
            let refused = try await client.deliver(letter, from: from, to: ["nobody@example.test"])
            #expect(refused.code == 550 && refused.text.contains("There is nobody here"))
            try await client.quit()

            let reader = try await IMAPClient.connect("support", port: provider.imapPort)
            try await reader.login("support", "secret")
            try await eventually("the letter is in the mailbox") {
                try await reader.ok("STATUS INBOX (MESSAGES)").untagged.first { $0.contains("MESSAGES 1") }
            }
            try await reader.logout()
        }
    }

    @Test func `The relay passes, delays, cuts, changes, stalls and refuses`() async throws {
        try await withProvider { provider in
            let relay = try Relay(to: provider.imapPort)
            let client = try await IMAPClient.connect("support", port: relay.port, patience: .seconds(2))
            relay.record()
            try await client.login("support", "secret")
            #expect(relay.sent.contains("LOGIN"))
            #expect(relay.connectionCount == 1)

            var behaviour = Relay.Behaviour()
            behaviour.delay = .milliseconds(150)
            relay.set(behaviour)
            let start = ContinuousClock.now
            try await client.ok("NOOP")
            #expect(ContinuousClock.now - start >= .milliseconds(300))

            behaviour = Relay.Behaviour()
            behaviour.change = { direction, _, octets in
                direction == .toServer
                    ? Array(String(decoding: octets, as: UTF8.self).replacing("NOOP", with: "NOPE").utf8) : octets
            }
            relay.set(behaviour)
            #expect(try await client.command("NOOP").status.hasPrefix("BAD"))

            behaviour = Relay.Behaviour()
            behaviour.isStalled = true
            relay.set(behaviour)
            await #expect(throws: RigFailure.self) { try await client.command("NOOP") }
            relay.mend()

            let second = try await IMAPClient.connect("support", port: relay.port)
            behaviour = Relay.Behaviour()
            behaviour.cutAfter = 10
            relay.set(behaviour)
            await #expect(throws: RigFailure.self) { try await second.command("CAPABILITY") }
            relay.mend()

            relay.close()
            #expect(!Port.isOpen(relay.port))
            try relay.open()
            #expect(Port.isOpen(relay.port))
            relay.close()
        }
    }

    @Test func `Programs end in time and take nothing along`() async throws {
        let listed = try await ChildProcess.run(["ls", "/proc/self/fd"])
        #expect(listed.output == "0\n1\n2\n3\n")
        await #expect(throws: RigFailure.self) {
            try await ChildProcess.run(["sleep", "60"], within: .milliseconds(100))
        }
        #expect(try await ChildProcess.run(["sh", "-c", "cat; echo no >&2; exit 3"], input: "yes").exit == .code(3))
    }

    /// A Dovecot with the user `support`.
    private func withProvider(_ body: (Provider) async throws -> Void) async throws {
        try await Slots.servers.hold {
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let provider = try await Provider(in: directory.path)
            do {
                try await provider.user("support", password: "secret")
                try await provider.startDovecot()
                try await body(provider)
            } catch {
                await provider.kill()
                throw error
            }
            await provider.kill()
        }
    }
}
