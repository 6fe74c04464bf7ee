import TestKit
import Testing

/// What a user may not see does not exist for her, at every door.
@Suite("Grants")
struct GrantTests {
    /// Commands that name a mailbox, with `MAILBOX` in its place.
    private static let commands = [
        "SELECT MAILBOX", "EXAMINE MAILBOX", "STATUS MAILBOX (MESSAGES UIDNEXT)", "SUBSCRIBE MAILBOX",
        "UNSUBSCRIBE MAILBOX", "DELETE MAILBOX", "RENAME MAILBOX other", "CREATE MAILBOX/new", "LIST \"\" MAILBOX",
        "LSUB \"\" MAILBOX", "LIST \"\" MAILBOX/%", "LIST \"\" (MAILBOX) RETURN (STATUS (MESSAGES))",
        "UID COPY 1 MAILBOX", "UID MOVE 1 MAILBOX", "COPY 1 MAILBOX", "RENAME Drafts MAILBOX/new",
    ]

    @Test func `Without a grant a mailbox is answered like one that does not exist`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.plain("not for bob"))
            try await house.arrive(Letters.plain("for bob"), for: "sales")
            let bob = try await house.imap("bob")
            try await bob.open("INBOX", messages: 1)
            for names in [["Shared/support", "Shared/supporx"], ["Shared/support/INBOX", "Shared/supporx/INBOX"]] {
                for command in Self.commands {
                    var answers: [String] = []
                    for name in names {
                        // A SELECT that fails leaves nothing selected.
                        try await bob.ok("SELECT INBOX")
                        let answer = try await bob.command(command.replacing("MAILBOX", with: "\"\(name)\""))
                        let all = answer.untagged + [answer.status]
                        // Where a command goes wrong depends on how long its tag is.
                        let alike = all.map { line in
                            line.replacing(name, with: "MAILBOX").replacing(#/octet \d+/#, with: "octet")
                        }
                        answers.append(alike.joined(separator: "\n"))
                    }
                    #expect(answers[0] == answers[1], "\(command)")
                    #expect(!answers[0].contains("NOPERM"), "\(command): \(answers[0])")
                }
                var appended: [String] = []
                for name in names { appended.append(try await bob.append("Subject: x\r\n\r\nx\r\n", to: name).status) }
                #expect(appended[0] == appended[1] && appended[0].hasPrefix("NO"), "\(appended)")
            }
            let everything = try await bob.ok("LIST \"\" \"*\"").untagged + bob.ok("LSUB \"\" \"*\"").untagged
            #expect(!everything.contains { $0.lowercased().contains("support") }, "\(everything)")
            // Nothing was made, moved or saved by all that.
            let upstream = try await house.upstream("support")
            #expect(try await upstream.ok("STATUS INBOX (MESSAGES)").untagged.joined().contains("MESSAGES 1"))
        }
    }

    @Test func `Who has no grant at all sees an empty house`() async throws {
        try await House.with { house in
            let dave = try await house.imap("dave")
            let everything = try await dave.ok("LIST \"\" \"*\"").untagged.joined().lowercased()
            #expect(!everything.contains("support") && !everything.contains("sales"), "\(everything)")
            #expect(try await dave.command("SELECT Shared/support").status.hasPrefix("NO"))
            let sender = try await house.smtp("dave")
            #expect(try await sender.command("MAIL FROM:<support@example.test>").code / 100 == 5)
        }
    }

    @Test func `Who may only read changes nothing`() async throws {
        try await House.with(.sending) { house in
            try await house.arrive(Letters.plain("to be read"))
            let carol = try await house.imap("support*carol")
            let selected = try await carol.open("INBOX", messages: 1)
            #expect(selected.status.contains("[READ-ONLY]"), "\(selected)")
            #expect(try await carol.ok("UID FETCH 1 BODY[]").lines(containing: "to be read").count == 1)
            for command in [
                "UID STORE 1 +FLAGS (\\Deleted)", "UID COPY 1 Sent", "UID MOVE 1 Trash", "CREATE mine", "DELETE Trash",
                "RENAME Trash Bin", "UID EXPUNGE 1",
            ] {
                #expect(try await carol.command(command).status.hasPrefix("NO"), "\(command)")
            }
            #expect(try await carol.append("Subject: x\r\n\r\nx\r\n", to: "INBOX").status.hasPrefix("NO"))
            let sender = try await house.smtp("carol")
            #expect(try await sender.command("MAIL FROM:<support@example.test>").code / 100 == 5)

            // Not even \Seen, which a FETCH of the body sets for others.
            let upstream = try await house.upstream("support")
            try await upstream.ok("EXAMINE INBOX")
            let flags = try await upstream.ok("FETCH 1 FLAGS").untagged.joined()
            #expect(!flags.contains("\\Seen") && !flags.contains("\\Deleted"), "\(flags)")
        }
    }

    @Test func `Two accounts stand side by side in one tree`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.plain("for support"))
            try await house.arrive(Letters.plain("for sales"), for: "sales")
            let carol = try await house.imap("carol")
            let namespaces = try await carol.ok("NAMESPACE").untagged.joined()
            #expect(namespaces.contains("\"Shared/\""), "\(namespaces)")
            var seen: Set<String> = []
            let names = try await carol.ok("LIST \"\" \"*\"").untagged.compactMap(Self.mailboxName)
            // The provider tells of new mail in its own time.
            try await eventually("the mail of both accounts") {
                for name in names where name == "INBOX" || name.hasPrefix("Shared/") {
                    guard try await carol.command("EXAMINE \(IMAPClient.quoted(name))").isOK else { continue }
                    let answer = try await carol.command("UID FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]")
                    for subject in ["for support", "for sales"] where !answer.lines(containing: subject).isEmpty {
                        seen.insert(subject)
                    }
                }
                return seen == ["for support", "for sales"] ? seen : nil
            }
        }
    }

    @Test func `A grant that is taken away ends what it allowed`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.plain("secret"))
            let site = house.posthouse.directory.read("site.yaml")
            let alice = try await house.imap("alice")
            try await alice.open("INBOX", messages: 1)
            try house.posthouse.directory.write(
                site.replacing("  - {account: support, user: alice, rights: [all]}\n", with: ""), to: "site.yaml")
            house.posthouse.hangUp()
            try await eventually(
                "alice is shut out", within: .seconds(30),
                holds: {
                    // The session may be ended, or be told that there is nothing any more.
                    guard let answer = try? await alice.command("UID FETCH 1 BODY.PEEK[]") else { return true }
                    return answer.lines(containing: "secret").isEmpty
                })
            let again = try await house.imap("alice")
            #expect(try await again.ok("LIST \"\" \"*\"").untagged.allSatisfy { !$0.contains("Sent") })
        }
    }

    /// The name at the end of a LIST response.
    private static func mailboxName(_ line: String) -> String? {
        guard line.hasPrefix("LIST "), let range = line.firstRange(of: ") \"/\" ") else { return nil }
        let name = line[range.upperBound...]
        return name.hasPrefix("\"") ? String(name.dropFirst().dropLast()) : String(name)
    }
}
