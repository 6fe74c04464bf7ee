import TestKit
import Testing

/// Several clients of one mailbox: they see one another's changes and those made behind Posthouse's back, and share
/// what the provider gives.
@Suite("A shared mailbox")
struct SharedMailboxTests {
    @Test func `Flags and expunges of one client reach the others`() async throws {
        try await House.with { house in
            for number in 1...3 { try await house.arrive(Letters.plain("n", number: number)) }
            let first = try await house.imap("alice")
            let second = try await house.imap("support*alice")
            let idler = try await house.imap("support*carol")
            for client in [first, second] { try await client.open("INBOX", messages: 3) }
            try await idler.open("INBOX", messages: 3, readOnly: true)
            try await idler.idle()

            try await first.ok("UID STORE 2 +FLAGS (\\Flagged work)")
            let line = try await idler.dialogue.expect("* 2 FETCH (…\\Flagged…)")
            #expect(line.contains("work"))
            let polled = try await second.ok("NOOP")
            #expect(polled.untagged.contains { $0.hasPrefix("2 FETCH") && $0.contains("\\Flagged") }, "\(polled)")

            try await first.ok("UID STORE 1 +FLAGS.SILENT (\\Deleted)")
            #expect(try await first.ok("UID EXPUNGE 1").untagged.contains("1 EXPUNGE"))
            try await idler.dialogue.expect("* 1 EXPUNGE")
            // During FETCH, STORE and SEARCH by number no expunge may be told (RFC 9051 §7.5.1).
            let fetched = try await second.ok("FETCH 1:3 UID")
            #expect(!fetched.untagged.contains { $0.hasSuffix("EXPUNGE") }, "\(fetched)")
            #expect(try await second.ok("NOOP").untagged.contains("1 EXPUNGE"))
            #expect(try await second.ok("UID SEARCH ALL").untagged.contains("SEARCH 2 3"))
            try await idler.done()
        }
    }

    @Test func `What changes behind our back arrives in IDLE`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.plain("old", number: 1))
            let alice = try await house.imap("alice")
            try await alice.open("INBOX", messages: 1)
            try await alice.idle()
            try await house.arrive(Letters.plain("new", number: 2))
            try await alice.dialogue.expect("* 2 EXISTS")

            let upstream = try await house.upstream("support")
            try await upstream.ok("SELECT INBOX")
            try await upstream.ok("STORE 1 +FLAGS (\\Answered)")
            try await alice.dialogue.expect("* 1 FETCH (…\\Answered…)")
            try await upstream.ok("STORE 1 +FLAGS.SILENT (\\Deleted)")
            try await upstream.ok("EXPUNGE")
            try await alice.dialogue.expect("* 1 EXPUNGE")
            try await alice.done()
            #expect(try await alice.ok("UID SEARCH ALL").untagged.contains("SEARCH 2"))
        }
    }

    @Test func `Many clients share few connections, and a message is fetched once`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.customer)
            var clients: [IMAPClient] = []
            for index in 0..<12 {
                let client = try await house.imap(index % 2 == 0 ? "alice" : "support*alice")
                try await client.open("INBOX", messages: 1)
                #expect(try await client.ok("UID FETCH 1 BODY.PEEK[]").lines(containing: "JVBERi0").count == 1)
                clients.append(client)
            }
            // The account `sales` is monitored too, with at most two of its own.
            #expect(house.imapRelay.connectionCount <= 4, "\(house.imapRelay.connectionCount)")
            let received = house.provider.dovecotLog.split(separator: "\n").filter {
                $0.contains("Login: user=<support>")
            }
            #expect(received.count <= 4, "\(received)")
        }
    }

    @Test func `Mail that was read once is read again without the provider`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.customer)
            let alice = try await house.imap("alice")
            try await alice.open("INBOX", messages: 1)
            let first = try await alice.ok("UID FETCH 1 (UID BODY.PEEK[])").untagged
            house.imapRelay.close()
            #expect(try await alice.ok("UID FETCH 1 (UID BODY.PEEK[])").untagged == first)
            #expect(try await alice.ok("UID FETCH 1 (UID BODY.PEEK[2])").lines(containing: "JVBERi0").count == 1)
        }
    }

    @Test func `A mailbox that was made anew is a new one`() async throws {
        try await House.with { house in
            let alice = try await house.imap("alice")
            let upstream = try await house.upstream("support")
            try await upstream.make("Project")
            _ = try await upstream.append(Letters.plain("first life"), to: "Project")
            let before = try await alice.ok("SELECT Project").lines(containing: "UIDVALIDITY")
            try await alice.ok("UID FETCH 1 BODY.PEEK[]")
            try await alice.ok("CLOSE")
            // Who has it open while it is deleted may make Dovecot leave something of it behind; and Dovecot does not tell
            // a connection that idles in the old one.
            house.imapRelay.close()
            try await upstream.ok("DELETE Project")
            try await upstream.make("Project")
            _ = try await upstream.append(Letters.plain("second life"), to: "Project")
            try house.imapRelay.open()
            try await eventually(
                "the new mailbox is seen",
                holds: {
                    guard let answer = try? await alice.command("SELECT Project"), answer.isOK,
                        answer.lines(containing: "UIDVALIDITY") != before
                    else { return false }
                    return true
                })
            #expect(try await alice.ok("UID FETCH 1 BODY.PEEK[]").lines(containing: "second life").count == 1)
        }
    }
}
