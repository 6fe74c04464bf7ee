import TestKit
import Testing

/// The same commands to Dovecot and through Posthouse have the same answers, on messages as strange as they come.
@Suite("Dovecot and Posthouse compared", .timeLimit(.minutes(20)))
struct DifferentialTests {
    private static let items =
        ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY", "BODYSTRUCTURE", "FAST", "ALL", "FULL"]
        + [
            "", "HEADER", "TEXT", "1", "1.MIME", "1.HEADER", "1.TEXT", "1.1", "1.1.MIME", "1.1.1", "1.2", "1.2.MIME",
            "1.2.1", "2", "2.MIME", "2.HEADER", "2.TEXT", "2.1", "2.1.MIME", "2.2", "3", "4", "7",
            "HEADER.FIELDS (SUBJECT FROM X-LINE-7 NOT-THERE)", "HEADER.FIELDS.NOT (SUBJECT FROM)",
            "2.HEADER.FIELDS (SUBJECT)", "1.HEADER.FIELDS.NOT (SUBJECT)",
        ].map { "BODY.PEEK[\($0)]" }
        + [
            "[]<0.100>", "[]<50.1000000>", "[]<10000000.10>", "[]<0.1>", "[TEXT]<3.7>", "[HEADER]<0.5>", "[1]<2.9>",
            "[1.MIME]<5.5>", "[HEADER.FIELDS (SUBJECT)]<4.8>",
        ].map { "BODY.PEEK\($0)" } + ["RFC822", "RFC822.HEADER", "RFC822.TEXT"]

    private static let searches = [
        "ALL", "1:5", "*", "UID 3:7", "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN", "UNANSWERED", "UNDELETED",
        "UNDRAFT", "UNFLAGGED", "UNSEEN", "KEYWORD $work", "UNKEYWORD $work", "BEFORE 1-Jan-2030",
        "ON 1-Jan-2020", "SINCE 1-Jan-2020", "SENTBEFORE 22-Nov-2026", "SENTON 21-Nov-2026", "SENTSINCE 21-Nov-2026",
        "FROM jan", "TO support", "CC b", "BCC x", "SUBJECT strange", "SUBJECT \"\"", "BODY beside", "TEXT innermost",
        "TEXT \"X-Line-7\"", "HEADER Message-ID \"\"", "HEADER X-Line-3 yyy", "LARGER 1000", "SMALLER 100",
        "NOT SUBJECT strange", "OR SUBJECT nest FROM c@d", "(SUBJECT strange BODY x)", "NOT (OR LARGER 500 SMALLER 90)",
        "BODY \"inner two\"", "BODY \"Subject: inside\"", "BODY level", "BODY one", "TEXT cid", "BODY Za",
        "BODY hidden", "NOT BODY e", "BODY \"\"",
        "TEXT boundary=never", "TEXT jan", "BODY \"body one\"", "BODY \"the in\"", "TEXT \"Subject: inside\"",
        "SUBJECT \"one two\"",
        "CHARSET UTF-8 SUBJECT \"Za\u{17c}\u{f3}\"", "CHARSET UTF-8 FROM Ja\u{144}",
    ]

    /// - Parameter isRead: whether Posthouse has the messages already, so that it tells what it has found in them itself;
    ///   otherwise it passes on what the provider has found.
    @Test(arguments: [false, true])
    func `Everything about strange messages is the provider's`(isRead: Bool) async throws {
        try await House.with { house in
            let direct = try await house.upstream("support")
            try await direct.make("Strange")
            for letter in StrangeLetters.all {
                let answer = try await direct.append(letter.text, to: "Strange")
                #expect(answer.isOK, "\(letter.name): \(answer.status)")
            }
            let through = try await house.imap("support*alice")
            let count = StrangeLetters.all.count
            for client in [direct, through] { try await client.open("Strange", messages: count, readOnly: true) }
            if isRead { try await through.ok("UID FETCH 1:* BODY.PEEK[]") }
            for item in Self.items {
                let theirs = try await direct.command("UID FETCH 1:* \(item)")
                let mine = try await through.command("UID FETCH 1:* \(item)")
                #expect(mine.isOK == theirs.isOK, "\(item): \(mine.status) for \(theirs.status)")
                #expect(mine.fetched.count == theirs.fetched.count, "\(item)")
                for (mine, theirs) in zip(mine.fetched, theirs.fetched) {
                    let name = StrangeLetters.all[Int(theirs.uid ?? 1) - 1].name
                    guard !Comparison.differs(item, of: name) else { continue }
                    guard !isRead || !Comparison.differsWhenRead(item, of: name) else { continue }
                    let isSection =
                        item.contains("BODY.PEEK") || ["RFC822", "RFC822.HEADER", "RFC822.TEXT"].contains(item)
                    let normal = isSection ? Comparison.normal : Comparison.structured
                    #expect(normal(mine.text) == normal(theirs.text), "\(item) of “\(name)”")
                }
            }
            for key in Self.searches {
                let theirs = try await direct.command("UID SEARCH \(key)")
                let mine = try await through.command("UID SEARCH \(key)")
                // Dovecot also tells of keywords that it has met.
                let (a, b) = (found(mine, by: key), found(theirs, by: key))
                #expect(a == b && mine.isOK == theirs.isOK, "\(key): \(mine) for \(theirs)")
            }
        }
    }

    /// The UIDs in an answer to SEARCH, but for those that may differ; nil when there is none.
    private func found(_ answer: IMAPClient.Answer, by key: String) -> [Int]? {
        let line = answer.lines(containing: "SEARCH").first
        return line?.split(separator: " ").compactMap { Int($0) }.filter { uid in
            !Comparison.isFoundHere(by: key, StrangeLetters.all[uid - 1].name)
        }
    }

    private static let changes = [
        "STORE 1 +FLAGS (\\Seen)", "STORE 2:4 FLAGS (\\Flagged $work)", "STORE 3 -FLAGS (\\Flagged)",
        "STORE 2,4 +FLAGS.SILENT (\\Deleted)", "UID STORE 5 FLAGS (\\Draft)", "UID STORE 1:3 -FLAGS.SILENT (\\Seen)",
        "UID STORE 99 +FLAGS (\\Seen)", "UID FETCH 1:* (FLAGS)", "UID SEARCH DELETED", "UID SEARCH KEYWORD $work",
        "COPY 1:3 BOX-copy", "UID COPY 5 BOX-copy", "COPY 1 BOX-nowhere", "STATUS BOX-copy (MESSAGES UIDNEXT UNSEEN)",
        "EXPUNGE", "UID FETCH 1:* (FLAGS)", "STORE 1 +FLAGS (\\Deleted)", "UID EXPUNGE 99", "UID EXPUNGE 1",
        "UID MOVE 6 BOX-copy", "FETCH 1:* (UID FLAGS)", "STATUS BOX-copy (MESSAGES UIDNEXT UNSEEN)",
        "FETCH 1 BODY[TEXT]", "FETCH 1 FLAGS", "STORE 1 FLAGS (\\Answered \\Draft)", "CLOSE", "EXAMINE BOX",
        "UID FETCH 1:* FLAGS", "UNSELECT", "RENAME BOX-copy BOX-moved", "DELETE BOX-copy",
        "SUBSCRIBE BOX-moved", "LIST \"\" BOX*", "LIST \"\" %", "LIST BOX %", "LIST \"\" BOX-%", "LSUB \"\" BOX*",
        "LIST \"\" \"\"", "CREATE BOX/a/b", "LIST \"\" BOX/*", "LIST \"\" BOX/%", "LIST BOX/ a*", "CREATE BOX",
        "DELETE BOX/a/b", "UNSUBSCRIBE BOX-moved", "LSUB \"\" BOX*", "DELETE BOX-moved", "STATUS BOX-moved (MESSAGES)",
    ]

    @Test func `Changes are answered as the provider answers them`() async throws {
        try await House.with { house in
            let direct = try await house.upstream("support")
            let through = try await house.imap("support*alice")
            for (client, box) in [(direct, "Aa"), (through, "Bb")] {
                try await direct.make(box)
                try await direct.make("\(box)-copy")
                for letter in StrangeLetters.all.prefix(8) {
                    #expect(try await direct.append(letter.text, to: box).isOK)
                }
                try await client.open(box, messages: 8)
            }
            for command in Self.changes {
                let theirs = try await direct.command(command.replacing("BOX", with: "Aa"))
                let mine = try await through.command(command.replacing("BOX", with: "Bb"))
                let a = Comparison.change(mine, box: "Bb", other: "Aa")
                let b = Comparison.change(theirs, box: "Aa", other: "Bb")
                #expect(a == b, "\(command)")
            }
        }
    }
}
