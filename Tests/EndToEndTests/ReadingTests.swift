import TestKit
import Testing

/// A standard client reads through Posthouse what the provider has, octet for octet.
@Suite("Reading")
struct ReadingTests {
    @Test func `curl lists, fetches, searches and saves`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.customer)
            try await house.imap("alice").open("INBOX", messages: 1)
            let listed = try await house.curl("alice", "imaps", "/")
            #expect(listed.succeeded && listed.output.contains("INBOX"), "\(listed)")
            #expect(listed.output.contains("\\Sent"), "\(listed)")

            // curl hands out a message without the CRs of its own output: none are added, none are lost.
            let whole = try await house.curl("alice", "imaps", "/INBOX;UID=1")
            #expect(whole.output == Letters.customer, "\(whole)")
            let text = try await house.curl("alice", "imap", "/INBOX;UID=1;SECTION=1.1")
            #expect(text.output == "Dzień dobry, drukarka nie działa.\r\n", "\(text)")

            let found = try await house.curl("alice", "imaps", "/INBOX?SUBJECT%20ja", ["--globoff"])
            #expect(found.output.contains("SEARCH 1"), "\(found)")

            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let draft = try directory.write(Letters.plain("a draft"), to: "draft.eml")
            let saved = try await house.curl("alice", "imaps", "/Drafts", ["--upload-file", draft])
            #expect(saved.succeeded, "\(saved)")
            let upstream = try await house.upstream("support")
            try await upstream.ok("EXAMINE Drafts")
            let copy = try await upstream.ok("FETCH 1 BODY.PEEK[]")
            #expect(copy.lines(containing: "a draft").count == 1)
            try await upstream.logout()
        }
    }

    @Test func `mutt reads the customer's letter`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.customer)
            try await house.imap("alice").open("INBOX", messages: 1)
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let mutt = try Mutt(house, "alice", from: "support@example.test", in: directory)
            let shown = try await mutt.read("~s Za")
            #expect(shown.contains("Subject: Zażółć gęślą jaźń"), "\(shown)")
            #expect(shown.contains("drukarka nie działa"))

            // Looking at it marks it as read, upstream too.
            try await mutt.press("<display-message><exit><quit>")
            let upstream = try await house.upstream("support")
            try await upstream.ok("EXAMINE INBOX")
            #expect(try await upstream.ok("FETCH 1 FLAGS").lines(containing: "\\Seen").count == 1)
        }
    }

    @Test(arguments: ["PLAIN", "SCRAM-SHA-256"]) func `mbsync mirrors both ways`(mechanism: String) async throws {
        try await House.with { house in
            for number in 1...5 { try await house.arrive(Letters.plain("letter \(number)", number: number)) }
            try await house.imap("alice").open("INBOX", messages: 5)
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let mbsync = try Mbsync(house, "alice", mechanism: mechanism, in: directory)
            try await mbsync.run()
            #expect(try mbsync.letters().map(\.subject).sorted() == (1...5).map { "letter \($0)" })

            // Deleting one at this end deletes it at the other.
            for letter in try mbsync.letters() where letter.subject == "letter 3" { try mbsync.set("ST", of: letter) }
            try await mbsync.run()
            let upstream = try await house.upstream("support")
            try await upstream.ok("EXAMINE INBOX")
            #expect(try await upstream.ok("UID SEARCH ALL").untagged.contains("SEARCH 1 2 4 5"))
        }
    }

    /// What Dovecot answers directly, Posthouse answers too.
    @Test func `Sections, partials, ENVELOPE and BODYSTRUCTURE are the provider's`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.customer)
            try await house.arrive(Letters.plain("two", headers: ["X-Long: \(String(repeating: "x", count: 900))"]))
            let through = try await house.imap("alice")
            let direct = try await house.upstream("support")
            for client in [through, direct] { try await client.open("INBOX", messages: 2, readOnly: true) }
            let items = [
                "BODY.PEEK[]", "BODY.PEEK[HEADER]", "BODY.PEEK[TEXT]", "BODY.PEEK[1]", "BODY.PEEK[1.2]",
                "BODY.PEEK[1.2.MIME]", "BODY.PEEK[2]", "BODY.PEEK[2.MIME]", "BODY.PEEK[HEADER.FIELDS (SUBJECT X-LONG)]",
                "BODY.PEEK[HEADER.FIELDS.NOT (SUBJECT X-LONG)]", "BODY.PEEK[]<0.100>", "BODY.PEEK[2]<10.20>",
                "BODY.PEEK[]<100000.10>", "RFC822.SIZE", "RFC822.HEADER", "ENVELOPE", "BODYSTRUCTURE", "BODY",
                "INTERNALDATE", "FLAGS",
            ]
            for item in items {
                for message in 1...2 {
                    let (mine, theirs) = (
                        try await through.ok("UID FETCH \(message) \(item)"),
                        try await direct.ok("UID FETCH \(message) \(item)")
                    )
                    #expect(
                        mine.untagged.map(Self.comparable) == theirs.untagged.map(Self.comparable),
                        "\(item) of \(message)")
                }
            }
        }
    }

    @Test func `UIDs and UIDVALIDITY are the provider's`() async throws {
        try await House.with { house in
            for number in 1...4 { try await house.arrive(Letters.plain("n", number: number)) }
            let through = try await house.imap("alice")
            try await through.open("INBOX", messages: 4)
            let direct = try await house.upstream("support")
            try await direct.ok("SELECT INBOX")
            try await direct.ok("STORE 2 +FLAGS (\\Deleted)")
            try await direct.ok("EXPUNGE")
            let theirs = try await direct.ok("SELECT INBOX")
            try await eventually(
                "the expunge is seen", holds: { try await through.ok("NOOP").untagged.contains("2 EXPUNGE") })
            let mine = try await through.ok("SELECT INBOX")
            for word in ["UIDVALIDITY", "UIDNEXT", " EXISTS"] {
                let (a, b) = (Self.number(word, in: mine), Self.number(word, in: theirs))
                #expect(a == b && a != nil, "\(word): \(mine.untagged) \(theirs.untagged)")
            }
            #expect(try await through.ok("UID SEARCH ALL").untagged == ["SEARCH 1 3 4"])
        }
    }

    @Test func `Saving, copying, moving and expunging reach the provider`() async throws {
        try await House.with { house in
            let client = try await house.imap("alice")
            try await client.make("\"Archive/2026\"")
            let appended = try await client.append(Letters.plain("kept"), to: "INBOX", flags: "\\Seen \\Flagged")
            #expect(appended.isOK && appended.status.contains("[APPENDUID "), "\(appended)")
            #expect(try await client.append("x", to: "Nowhere").status.hasPrefix("NO [TRYCREATE]"))
            try await client.ok("SELECT INBOX")
            let copied = try await client.ok("UID COPY 1 Sent")
            #expect((copied.status + copied.untagged.joined()).contains("[COPYUID "), "\(copied)")
            let moved = try await client.ok("UID MOVE 1 Archive/2026")
            #expect((moved.status + moved.untagged.joined()).contains("[COPYUID "), "\(moved)")
            #expect(moved.untagged.contains("1 EXPUNGE"))

            let upstream = try await house.upstream("support")
            for (mailbox, count) in [("INBOX", 0), ("Sent", 1), ("Archive/2026", 1)] {
                let status = try await upstream.ok("STATUS \(mailbox) (MESSAGES)")
                #expect(status.untagged.contains { $0.contains("MESSAGES \(count)") }, "\(status)")
            }
            try await upstream.ok("EXAMINE Archive/2026")
            let flags = try await upstream.ok("FETCH 1 FLAGS")
            #expect(flags.untagged.contains { $0.contains("\\Seen") && $0.contains("\\Flagged") }, "\(flags)")

            try await client.ok("SELECT Archive/2026")
            try await client.ok("STORE 1 +FLAGS.SILENT (\\Deleted)")
            #expect(try await client.ok("EXPUNGE").untagged.contains("1 EXPUNGE"))
            try await client.ok("CLOSE")
            try await client.ok("DELETE Archive/2026")
            try await upstream.ok("SELECT INBOX")
            #expect(try await upstream.ok("LIST \"\" Archive/*").lines(containing: "2026").isEmpty)
        }
    }

    /// Without what may differ between two servers that mean the same: the order of items, and case where it has none.
    private static func comparable(_ line: String) -> String {
        // A section that is not there may be NIL or empty.
        line.replacing("\\Recent", with: "").replacing("] {0}\r\n", with: "] NIL").replacing("> {0}\r\n", with: "> NIL")
            .replacing("( ", with: "(").replacing("  ", with: " ").lowercased()
    }

    private static func number(_ word: String, in answer: IMAPClient.Answer) -> Int? {
        for line in answer.untagged + [answer.status] {
            if word == " EXISTS", line.hasSuffix(word) { return Int(line.dropLast(word.count)) }
            if let range = line.firstRange(of: "[\(word) ") {
                return Int(line[range.upperBound...].prefix { $0.isNumber })
            }
        }
        return nil
    }
}
