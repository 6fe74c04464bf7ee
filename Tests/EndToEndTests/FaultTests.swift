import TestKit
import Testing

/// The provider fails in every way that providers fail.
@Suite("The provider fails")
struct FaultTests {
    @Test func `Cached mail stays readable, changes are refused, listings are never empty`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.customer)
            try await house.arrive(Letters.plain("second", number: 2))
            try await house.arrive(Letters.plain("never read", number: 3), in: "Drafts")
            let alice = try await house.imap("alice")
            try await alice.open("Drafts", messages: 1)
            try await alice.open("INBOX", messages: 2)
            let read = try await alice.ok("UID FETCH 1 (UID BODY.PEEK[])").untagged
            let listed = try await alice.ok("LIST \"\" \"*\"").untagged

            house.imapRelay.close()
            #expect(try await alice.ok("UID FETCH 1 (UID BODY.PEEK[])").untagged == read)
            #expect(try await alice.ok("LIST \"\" \"*\"").untagged == listed)
            let status = try await alice.command("STATUS INBOX (MESSAGES)")
            #expect(status.untagged.contains { $0.hasSuffix("(MESSAGES 2)") }, "\(status)")
            for command in [
                "UID STORE 1 +FLAGS (\\Flagged)", "UID COPY 1 Sent", "UID MOVE 1 Sent", "CREATE New", "DELETE Trash",
            ] {
                let answer = try await alice.command(command)
                #expect(answer.status.hasPrefix("NO [UNAVAILABLE]"), "\(command): \(answer)")
            }
            #expect(try await alice.append("Subject: x\r\n\r\n", to: "INBOX").status.hasPrefix("NO [UNAVAILABLE]"))
            // A mailbox whose mail nobody has read yet: what it holds is known, the mail itself is not there.
            #expect(try await alice.ok("SELECT Drafts").untagged.contains("1 EXISTS"))
            let unread = try await alice.command("UID FETCH 1 BODY.PEEK[]")
            #expect(unread.status.hasPrefix("NO [UNAVAILABLE]"), "\(unread)")

            // A client that comes now sees the same.
            let late = try await house.imap("support*alice")
            #expect(try await !late.ok("LIST \"\" \"*\"").untagged.isEmpty)
            #expect(try await late.ok("SELECT INBOX").untagged.contains("2 EXISTS"))
            #expect(try await late.ok("UID FETCH 1 (UID BODY.PEEK[])").untagged == read)

            // And after a restart, when nothing is left but what was stored.
            try await house.posthouse.stop()
            try await house.posthouse.start()
            let fresh = try await house.imap("alice")
            #expect(try await fresh.ok("LIST \"\" \"*\"").untagged.contains { $0.contains("Sent") })
            #expect(try await fresh.ok("SELECT INBOX").untagged.contains("2 EXISTS"))
            #expect(try await fresh.ok("UID FETCH 1 (UID BODY.PEEK[])").untagged == read)

            try house.imapRelay.open()
            try await eventually(
                "service resumes by itself", within: .seconds(60),
                holds: {
                    try await fresh.command("UID STORE 1 +FLAGS (\\Flagged)").isOK
                })
            try await fresh.ok("SELECT Drafts")
            #expect(try await fresh.ok("UID FETCH 1 BODY.PEEK[]").lines(containing: "never read").count == 1)
        }
    }

    @Test func `What happened meanwhile is seen when the provider is back`() async throws {
        try await House.with { house in
            for number in 1...3 { try await house.arrive(Letters.plain("n", number: number)) }
            let alice = try await house.imap("alice")
            try await alice.open("INBOX", messages: 3)
            try await alice.idle()
            house.imapRelay.close()
            let upstream = try await house.upstream("support")
            try await upstream.ok("SELECT INBOX")
            try await upstream.ok("STORE 3 +FLAGS (\\Flagged)")
            try await upstream.ok("STORE 1 +FLAGS.SILENT (\\Deleted)")
            try await upstream.ok("EXPUNGE")
            try await house.arrive(Letters.plain("late", number: 4))
            try house.imapRelay.open()
            try await alice.dialogue.expect("* 1 EXPUNGE", within: .seconds(60))
            try await alice.dialogue.expect("* 3 EXISTS", within: .seconds(60))
            try await alice.done()
            #expect(try await alice.ok("UID SEARCH FLAGGED").untagged.contains("SEARCH 3"))
            #expect(try await alice.ok("UID SEARCH ALL").untagged.contains("SEARCH 2 3 4"))
        }
    }

    @Test func `The connection breaks in the middle of a message`() async throws {
        try await House.with { house in
            var plan = Relay.Behaviour()
            let big = Letters.plain(
                "big", text: String(repeating: "0123456789 and so on until the line ends\n", count: 20_000))
            try await house.arrive(big)
            let alice = try await house.imap("alice")
            try await alice.open("INBOX", messages: 1)
            plan.cutAfter = 200_000
            house.imapRelay.set(plan)
            // Refused, or fetched again on another connection; never a short message.
            let answer = try await alice.command("UID FETCH 1 (UID BODY.PEEK[])")
            #expect(!answer.isOK || answer.untagged.joined().contains(big), "\(answer.status)")
            house.imapRelay.mend()
            try await eventually(
                "the message comes whole", within: .seconds(60),
                holds: {
                    let answer = try await alice.command("UID FETCH 1 (UID BODY.PEEK[])")
                    return answer.isOK && answer.untagged.joined().contains(big)
                })
        }
    }

    @Test func `A provider that says nothing more holds nobody up for ever`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.customer)
            let alice = try await house.imap("alice")
            try await alice.open("INBOX", messages: 1)
            try await alice.ok("UID FETCH 1 (UID BODY.PEEK[])")
            var behaviour = Relay.Behaviour()
            behaviour.isStalled = true
            house.imapRelay.set(behaviour)
            // What is in the cache needs no provider, whatever the others wait for.
            let other = try await house.imap("support*alice")
            try await other.dialogue.send("w1 UID STORE 1 +FLAGS (\\Flagged)")
            try await alice.ok("UID FETCH 1 (UID BODY.PEEK[])")
            house.imapRelay.mend()
        }
    }

    @Test func `A slow provider is slow and nothing else`() async throws {
        try await House.with(.sending) { house in
            var behaviour = Relay.Behaviour()
            behaviour.delay = .milliseconds(30)
            house.imapRelay.set(behaviour)
            house.smtpRelay.set(behaviour)
            try await house.arrive(Letters.customer)
            let alice = try await house.imap("alice")
            try await alice.open("INBOX", messages: 1)
            try await alice.ok("UID FETCH 1 (FLAGS BODY[])")
            try await house.reply(Letters.plain("slow", from: "support@example.test", to: "jan@customer.test"))
            try await house.tickets(count: 1)
        }
    }

    @Test func `Garbage from the provider ends that connection alone`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.customer)
            let alice = try await house.imap("alice")
            try await alice.open("INBOX", messages: 1)
            try await alice.ok("UID FETCH 1 (UID BODY.PEEK[])")
            let upstreamPlain = house.imapRelay.acceptedCount
            var behaviour = Relay.Behaviour()
            behaviour.change = { direction, _, octets in
                direction == .toClient ? octets.map { $0 ^ 0x5a } : octets
            }
            house.imapRelay.set(behaviour)
            _ = try await alice.command("UID STORE 1 +FLAGS (\\Flagged)")
            try await alice.ok("UID FETCH 1 (UID BODY.PEEK[])")
            house.imapRelay.mend()
            try await eventually(
                "a new connection is made", within: .seconds(60),
                holds: {
                    try await alice.command("UID STORE 1 +FLAGS (\\Flagged)").isOK
                })
            #expect(house.imapRelay.acceptedCount > upstreamPlain)
        }
    }

    @Test(arguments: ["starttls", "implicit"])
    func `A certificate for another name is refused, with host, reason and remedy`(security: String) async throws {
        var plan = Plan.sending
        plan.upstreamTLS = security == "implicit" ? "starttls" : security
        plan.providerNames = ["elsewhere.test"]
        try await House.with(plan) { house in
            try await house.posthouse.logged("localhost")
            let alice = try await house.imap("alice")
            let answer = try await alice.command("SELECT INBOX")
            #expect(!answer.isOK, "\(answer)")
            // The password has not been told to whoever that is.
            #expect(!house.provider.dovecotLog.contains("Login: user=<support>"))
            let log = house.posthouse.log.split(separator: "\n").filter { $0.lowercased().contains("certificate") }
            #expect(
                log.contains { $0.contains("localhost") && $0.contains("elsewhere.test") && $0.contains("configure") },
                "\(log)")
            let sender = try await house.smtp("alice")
            let letter = Letters.plain("x", from: "support@example.test", to: "jan@customer.test")
            let reply = try await sender.deliver(letter, from: "support@example.test", to: ["jan@customer.test"])
            #expect(reply.code / 100 == 4, "\(reply)")
        }
    }

    @Test func `A password that the provider refuses is told to the administrator, not to the user`() async throws {
        var plan = Plan()
        plan.supportPassword = "changed meanwhile"
        try await House.with(plan) { house in
            let alice = try await house.imap("alice")
            let answer = try await alice.command("SELECT INBOX")
            #expect(answer.status.hasPrefix("NO "), "\(answer)")
            #expect(!answer.status.contains("changed"))
            try await house.posthouse.logged("support")
            #expect(!house.posthouse.log.contains("changed meanwhile"))
            // It does not knock at the provider's door for ever.
            let attempts = house.provider.dovecotLog.split(separator: "\n").filter { $0.contains("auth failed") }
            #expect(attempts.count < 20, "\(attempts.count)")

            // The right password is taken without a restart.
            try house.posthouse.directory.write(
                "\(House.upstreamPasswords["support"] ?? "")\n", to: "secrets/support", mode: 0o600)
            house.posthouse.hangUp()
            try await eventually(
                "alice gets in", within: .seconds(60),
                holds: {
                    try await alice.command("SELECT INBOX").isOK
                })
        }
    }
}
