import IMAPSyntax
import MailTypes
import Testing

private func set(_ elements: (UInt32?, UInt32?)...) -> SequenceSet {
    func bound(_ number: UInt32?) -> SequenceSet.Bound { number.map { .number($0) } ?? .last }
    return SequenceSet(elements.map { SequenceSet.Element(bound($0.0), bound($0.1)) })
}

private func date(_ year: Int, _ month: Int, _ day: Int) -> CalendarDate {
    CalendarDate(year: year, month: month, day: day)
}

@Suite struct CommandParserTests {
    private static let one = MessageSet.numbers(set((1, 1)))
    private static let all = MessageSet.numbers(set((1, nil)))

    struct Row: Sendable {
        var text: String
        var command: Command
        init(_ text: String, _ command: Command) {
            self.text = text
            self.command = command
        }
    }

    static let plain: [Row] = [
        Row("CAPABILITY", .capability), Row("noop", .noop), Row("LogOut", .logout), Row("STARTTLS", .startTLS),
        Row("NAMESPACE", .namespace), Row("IDLE", .idle), Row("CHECK", .check), Row("CLOSE", .close),
        Row("UNSELECT", .unselect),
        Row("EXPUNGE", .expunge(uids: nil)), Row("UID EXPUNGE 3,5:*", .expunge(uids: .numbers(set((3, 3), (5, nil))))),
        Row("UID EXPUNGE $", .expunge(uids: .saved)),
        Row("ID NIL", .id(nil)), Row("ID ()", .id([])),
        Row(
            "ID (\"name\" \"x \\\"y\\\\\" \"os\" NIL)",
            .id([
                IDField(name: "name".octets, value: "x \"y\\".octets), IDField(name: "os".octets, value: nil),
            ])),
        Row("AUTHENTICATE plain", .authenticate(mechanism: "PLAIN", initialResponse: nil)),
        Row("AUTHENTICATE EXTERNAL =", .authenticate(mechanism: "EXTERNAL", initialResponse: [])),
        Row(
            "AUTHENTICATE SCRAM-SHA-256 AGEAYg==",
            .authenticate(mechanism: "SCRAM-SHA-256", initialResponse: [0, 0x61, 0, 0x62])),
        Row("LOGIN alice secret", .login(name: "alice".octets, password: "secret".octets)),
        Row("LOGIN \"al ice\" \"\"", .login(name: "al ice".octets, password: [])),
        Row("LOGIN {5+}\nalice {2+}\n\n", .login(name: "alice".octets, password: [13, 10])),
        Row("LOGIN \"support*alice\" x", .login(name: "support*alice".octets, password: "x".octets)),
        Row("ENABLE CONDSTORE x-y utf8=accept", .enable(["CONDSTORE", "X-Y", "UTF8=ACCEPT"])),
        Row("SELECT inbox", .select(SelectCommand(mailbox: .inbox))),
        Row("EXAMINE \"a b\"", .select(SelectCommand(mailbox: MailboxName("a b"), isReadOnly: true))),
        Row("SELECT box (CONDSTORE)", .select(SelectCommand(mailbox: MailboxName("box"), condStore: true))),
        Row(
            "SELECT box (QRESYNC (67890007 20050715194045000 41,43:211 (1,5 41,43)))",
            .select(
                SelectCommand(
                    mailbox: MailboxName("box"),
                    quickResync: .init(
                        uidValidity: UIDValidity(rawValue: 67_890_007),
                        modSeq: ModSeq(rawValue: 20_050_715_194_045_000),
                        knownUIDs: set((41, 41), (43, 211)),
                        match: .init(numbers: set((1, 1), (5, 5)), uids: set((41, 41), (43, 43))))))),
        Row("CREATE box", .create(MailboxName("box"), uses: [])),
        Row("CREATE box (USE (\\Drafts \\sent))", .create(MailboxName("box"), uses: [.drafts, .sent])),
        Row("DELETE \"Entw&APw-rfe\"", .delete(MailboxName("Entwürfe"))),
        Row("DELETE &-", .delete(MailboxName("&"))),
        Row("DELETE \"Entwürfe\"", .delete(MailboxName("Entwürfe"))),
        Row("RENAME a b", .rename(MailboxName("a"), to: MailboxName("b"))),
        Row("SUBSCRIBE a]", .subscribe(MailboxName("a]"))), Row("UNSUBSCRIBE a", .unsubscribe(MailboxName("a"))),
        Row("LIST \"\" *", .list(ListCommand(patterns: ["*"]))),
        Row("LIST \"\" \"\"", .list(ListCommand(patterns: [""]))),
        Row("LIST ref/ %", .list(ListCommand(reference: "ref/", patterns: ["%"]))),
        Row("LIST \"\" &APw-*", .list(ListCommand(patterns: ["ü*"]))),
        Row("LIST () \"\" %", .list(ListCommand(patterns: ["%"], isExtended: true))),
        Row(
            "list (subscribed) \"\" \"*\" return (special-use)",
            .list(ListCommand(selection: .subscribed, patterns: ["*"], returns: .specialUse, isExtended: true))),
        Row(
            "LIST (SUBSCRIBED RECURSIVEMATCH REMOTE) \"\" (a% b*) RETURN (CHILDREN SUBSCRIBED STATUS (MESSAGES SIZE))",
            .list(
                ListCommand(
                    selection: [.subscribed, .recursiveMatch, .remote], patterns: ["a%", "b*"],
                    returns: [.children, .subscribed], status: [.messages, .size], isExtended: true))),
        Row("LIST \"\" % RETURN ()", .list(ListCommand(patterns: ["%"], isExtended: true))),
        Row("LSUB \"\" %", .lsub(reference: "", pattern: "%")),
        Row(
            "STATUS box (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN DELETED DELETED-STORAGE SIZE HIGHESTMODSEQ APPENDLIMIT "
                + "MAILBOXID)",
            .status(MailboxName("box"), StatusItem.allCases)),
        Row("FETCH 1 FLAGS", .fetch(FetchCommand(messages: one, attributes: [.flags]))),
        Row("UID FETCH 1:* (FLAGS)", .fetch(FetchCommand(isUID: true, messages: all, attributes: [.flags]))),
        Row(
            "FETCH 1 FULL",
            .fetch(FetchCommand(messages: one, attributes: [.flags, .internalDate, .size, .envelope, .body]))),
        Row(
            "FETCH $ (UID RFC822.SIZE BODYSTRUCTURE MODSEQ RFC822 RFC822.HEADER RFC822.TEXT)",
            .fetch(
                FetchCommand(
                    messages: .saved,
                    attributes: [.uid, .size, .bodyStructure, .modSeq, .rfc822, .rfc822Header, .rfc822Text]))),
        Row(
            "FETCH 1 (BODY[] BODY.PEEK[HEADER]<5.10> BODY[1.2.MIME] BODY[3] BODY[3.HEADER] BODY.PEEK[TEXT])",
            .fetch(
                FetchCommand(
                    messages: one,
                    attributes: [
                        .section(.whole, partial: nil, peek: false),
                        .section(BodySection(text: .header), partial: Partial(offset: 5, count: 10), peek: true),
                        .section(BodySection(part: [1, 2], text: .mime), partial: nil, peek: false),
                        .section(BodySection(part: [3]), partial: nil, peek: false),
                        .section(BodySection(part: [3], text: .header), partial: nil, peek: false),
                        .section(BodySection(text: .text), partial: nil, peek: true),
                    ]))),
        Row(
            "FETCH 1 BODY.PEEK[HEADER.FIELDS (From \"To\" {2}\nCc)]",
            .fetch(
                FetchCommand(
                    messages: one,
                    attributes: [
                        .section(
                            BodySection(text: .headerFields(["From".octets, "To".octets, "Cc".octets])), partial: nil,
                            peek: true)
                    ]))),
        Row(
            "FETCH 1 BODY[2.HEADER.FIELDS.NOT (x)]",
            .fetch(
                FetchCommand(
                    messages: one,
                    attributes: [
                        .section(
                            BodySection(part: [2], text: .headerFieldsNot(["x".octets])), partial: nil, peek: false)
                    ]))),
        Row(
            "FETCH 1 (BINARY[1.2] BINARY.PEEK[1]<0.9> BINARY.SIZE[2])",
            .fetch(
                FetchCommand(
                    messages: one,
                    attributes: [
                        .binary(part: [1, 2], partial: nil, peek: false),
                        .binary(part: [1], partial: Partial(offset: 0, count: 9), peek: true), .binarySize(part: [2]),
                    ]))),
        Row(
            "UID FETCH 1:* FLAGS (CHANGEDSINCE 12345 VANISHED)",
            .fetch(
                FetchCommand(
                    isUID: true, messages: all, attributes: [.flags], changedSince: ModSeq(rawValue: 12345),
                    vanished: true))),
        Row(
            "STORE 1 +FLAGS.SILENT (\\Seen $Junk)",
            .store(StoreCommand(messages: one, change: .add, isSilent: true, flags: [.seen, Flag("$Junk")]))),
        Row("STORE 1 FLAGS ()", .store(StoreCommand(messages: one, change: .replace, flags: []))),
        Row(
            "UID STORE 1 (UNCHANGEDSINCE 7) -FLAGS \\Deleted \\Seen",
            .store(
                StoreCommand(
                    isUID: true, messages: one, change: .remove, flags: [.deleted, .seen],
                    unchangedSince: ModSeq(rawValue: 7)))),
        Row("COPY 1 box", .copy(CopyCommand(messages: one, mailbox: MailboxName("box")))),
        Row("UID MOVE 1 box", .move(CopyCommand(isUID: true, messages: one, mailbox: MailboxName("box")))),
        Row("SEARCH ALL", .search(SearchCommand(key: .all))),
        Row("SEARCH 1 UNSEEN", .search(SearchCommand(key: .and([.numbers(set((1, 1))), .notFlag(.seen)])))),
        Row(
            "UID SEARCH RETURN (MIN MAX COUNT SAVE) CHARSET utf-8 SUBJECT \"é\"",
            .search(
                SearchCommand(
                    isUID: true, returns: [.min, .max, .count, .save], charset: "utf-8".octets,
                    key: .subject("é".octets)))),
        Row("SEARCH RETURN () NEW", .search(SearchCommand(returns: .all, key: .and([.recent, .notFlag(.seen)])))),
        Row(
            "SEARCH OR (FROM a TO b) NOT (OLD)",
            .search(SearchCommand(key: .or(.and([.from("a".octets), .to("b".octets)]), .not(.not(.recent)))))),
        Row(
            "SEARCH BEFORE 1-Feb-1994 SENTSINCE \"28-FEB-2000\" ON 31-Dec-2001",
            .search(
                SearchCommand(
                    key: .and([.before(date(1994, 2, 1)), .sentSince(date(2000, 2, 28)), .on(date(2001, 12, 31))])))),
        Row(
            "SEARCH KEYWORD $x UNKEYWORD y LARGER 99999999999 SMALLER 0 OLDER 1 YOUNGER 2",
            .search(
                SearchCommand(
                    key: .and([
                        .flag(Flag("$x")), .notFlag(Flag("y")), .larger(99_999_999_999), .smaller(0), .older(1),
                        .younger(2),
                    ])))),
        Row(
            "SEARCH HEADER Message-ID <a@b> BODY \"\" TEXT {3}\na b BCC c CC d UID 1:* $",
            .search(
                SearchCommand(
                    key: .and([
                        .header(name: "Message-ID".octets, value: "<a@b>".octets), .body([]), .text("a b".octets),
                        .bcc("c".octets), .cc("d".octets), .uids(set((1, nil))), .saved,
                    ])))),
        Row(
            "SEARCH MODSEQ \"/flags/\\\\draft\" all 620162338",
            .search(SearchCommand(key: .modSeq(ModSeq(rawValue: 620_162_338))))),
        Row("SEARCH CHARSET US-ASCII DRAFT", .search(SearchCommand(charset: "US-ASCII".octets, key: .flag(.draft)))),
    ]

    @Test(arguments: plain.indices)
    func reads(_ index: Int) throws {
        let row = Self.plain[index]
        #expect(try commands("t " + row.text + "\n") == [TaggedCommand(tag: "t".octets, command: row.command)])
    }

    @Test(arguments: [
        "", "t", "t ", "+ NOOP", "t  NOOP", "t NOOP ", "t NOOPX", "t FOO", "t UID NOOP", "t LOGIN a", "t LOGIN a b c",
        "t LOGIN \"a b", "t LOGIN \"a\\", "t LOGIN support*alice x", "t AUTHENTICATE", "t AUTHENTICATE PLAIN x",
        "t SELECT", "t SELECT \"\"", "t SELECT &", "t SELECT &AGE-", "t SELECT box (FOO)", "t SELECT box ()",
        "t SELECT box (QRESYNC)", "t SELECT box (QRESYNC (1))", "t SELECT box (QRESYNC (0 5))",
        "t SELECT box (QRESYNC (1 5 1:*))", "t SELECT box (QRESYNC (1 5 1:9 (1:* 5)))",
        "t SELECT box (QRESYNC (1 5 1:9 (1 *)))", "t SELECT box (QRESYNC (1 5 1:9 (1)))",
        "t SELECT box (QRESYNC (1 9223372036854775808))", "t SELECT box (CONDSTORE",
        "t FETCH 1 FLAGS (CHANGEDSINCE)", "t FETCH 1 FLAGS (CHANGEDSINCE x)", "t FETCH 1 FLAGS (VANISHED 1)",
        "t STORE 1 (UNCHANGEDSINCE) FLAGS ()", "t STORE 1 (UNCHANGEDSINCE -1) FLAGS ()",
        "t STORE 1 (UNCHANGEDSINCE 5)", "t SEARCH MODSEQ", "t SEARCH MODSEQ \"/flags/\\\\seen\" 5",
        "t CREATE a (USE (\\Foo))", "t LIST (RECURSIVEMATCH) \"\" *", "t LIST (RECURSIVEMATCH REMOTE) \"\" *",
        "t LIST \"\"", "t LIST \"\" ()", "t LIST \"\" * RETURN", "t STATUS box ()", "t STATUS box MESSAGES",
        "t FETCH 0 FLAGS", "t FETCH 1: FLAGS", "t FETCH 1,,2 FLAGS", "t FETCH 4294967296 FLAGS", "t FETCH 1 ()",
        "t FETCH 1 (FLAGS", "t FETCH 1 (FLAGS) ", "t FETCH 1 BODY[", "t FETCH 1 BODY[MIME]", "t FETCH 1 BODY[0]",
        "t FETCH 1 BODY[1.]", "t FETCH 1 BODY[]<0>", "t FETCH 1 BODY[]<0.0>", "t FETCH 1 BODY[HEADER.FIELDS ()]",
        "t FETCH 1 FOO", "t STORE 1 (\\Seen)", "t STORE 1 *FLAGS (\\Seen)", "t STORE 1 FLAGS (\\)", "t COPY 1",
        "t COPY 1 \"\"", "t SEARCH", "t SEARCH ", "t SEARCH FOO", "t SEARCH CHARSET koi8-r ALL", "t SEARCH ()",
        "t SEARCH OR ALL", "t SEARCH BEFORE 30-Feb-2000", "t SEARCH BEFORE 1-Foo-2000", "t SEARCH RETURN (FOO) ALL",
        "t SEARCH LARGER -1", "t SEARCH OLDER 0", "t APPEND box (\\Seen) x", "t APPEND box \"1-Jan-2000\" {0+}\n",
        "t ID (\"a\")", "t ENABLE", "t NOOP\rx", "t EXPUNGE 1", "t IDLE x", "t \u{e9}",
    ])
    func refuses(_ text: String) throws {
        #expect(throws: IMAPSyntaxError.self) {
            _ = try CommandParser.parse(FramedCommand(bytes: text.wire))
        }
    }

    @Test func saysWhatItExpectedAndWhere() {
        #expect(throws: IMAPSyntaxError.unexpected(position: 10, expected: "a fetch attribute")) {
            try commands("t FETCH 1 \n")
        }
        #expect(throws: IMAPSyntaxError.unknownCommand(position: 2)) { try commands("t FOO\n") }
        #expect(throws: IMAPSyntaxError.invalidMailboxName(position: 9)) { try commands("t SELECT &x\n") }
        #expect(throws: IMAPSyntaxError.unknownCharset(position: 17)) { try commands("t SEARCH CHARSET koi8-r ALL\n") }
    }

    @Test func refusesTextThatIsNoUTF8() {
        #expect(throws: IMAPSyntaxError.invalidUTF8(position: 17)) {
            _ = try CommandParser.parse(FramedCommand(bytes: "t SEARCH SUBJECT \"".octets + [0xFF] + "\"".octets))
        }
        #expect(throws: IMAPSyntaxError.invalidMailboxName(position: 9)) {
            _ = try CommandParser.parse(FramedCommand(bytes: "t SELECT \"".octets + [0xFF] + "\"".octets))
        }
    }

    @Test func readsNamesAsTheClientHasEnabled() throws {
        let name = "t DELETE \"&APw-\"\n"
        #expect(try commands(name)[0].command == .delete(MailboxName("ü")))
        #expect(try commands(name, utf8: true)[0].command == .delete(MailboxName("&APw-")))
    }

    @Test func readsAppendWithItsMessagesGoneBy() throws {
        let text = """
            t APPEND box (\\Seen) " 1-Feb-2003 04:05:06 +0100" {5+}
            hello ~{2+}
            hi

            """
        var starts: [AppendCommand] = []
        var whole: Command?
        for event in commandEvents([text.wire]) {
            switch event {
            case .literalStarted(let literal):
                let start = try CommandParser.parseMessageStart(literal.start)
                #expect(start.tag == "t".octets)
                if case .append(let append) = start.command { starts.append(append) }
            case .command(let framed): whole = try CommandParser.parse(framed).command
            default: break
            }
        }
        let moment = try #require(
            Moment(.init(year: 2003, month: 2, day: 1, hour: 4, minute: 5, second: 6), zone: 60))
        let first = AppendCommand.Message(flags: [.seen], internalDate: moment, size: 5)
        let second = AppendCommand.Message(size: 2, isBinary: true)
        #expect(
            starts == [
                AppendCommand(mailbox: MailboxName("box"), messages: [first]),
                AppendCommand(mailbox: MailboxName("box"), messages: [first, second]),
            ])
        #expect(whole == .append(AppendCommand(mailbox: MailboxName("box"), messages: [first, second])))
    }

    @Test func boundsNestingAndLists() {
        let deep = "t SEARCH " + String(repeating: "(", count: 10_000)
        #expect(throws: IMAPSyntaxError.tooDeep(position: 41)) { try commands(deep + "\n") }
        let nots = "t SEARCH " + String(repeating: "NOT ", count: 10_000) + "ALL"
        #expect(throws: IMAPSyntaxError.tooDeep(position: 137)) { try commands(nots + "\n") }
        var limits = CommandParser.Limits()
        limits.listLength = 3
        limits.setLength = 3
        func parse(_ text: String) throws {
            _ = try CommandParser.parse(FramedCommand(bytes: text.octets), limits: limits)
        }
        #expect(throws: Never.self) { try parse("t FETCH 1,2,3 (UID FLAGS BODY)") }
        #expect(throws: IMAPSyntaxError.tooMany(position: 25)) { try parse("t FETCH 1 (UID FLAGS BODY ENVELOPE)") }
        #expect(throws: IMAPSyntaxError.self) { try parse("t FETCH 1,2,3,4 UID") }
        #expect(throws: IMAPSyntaxError.self) { try parse("t SEARCH ALL ALL ALL ALL") }
        #expect(throws: IMAPSyntaxError.self) { try parse("t STORE 1 FLAGS a b c d") }
    }

    @Test func resolvesEverySetOfASearch() {
        let key = SearchKey.or(
            .not(.numbers(set((1, nil)))), .and([.uids(set((7, nil))), .saved, .flag(.seen)]))
        let resolved = key.resolved(
            numbers: { $0.resolved(largest: 3) }, uids: { $0.resolved(largest: 9) }, saved: NumberSet(4...4))
        #expect(
            resolved
                == .or(
                    .not(.among(NumberSet(1...3))),
                    .and([.among(NumberSet(7...9)), .among(NumberSet(4...4)), .flag(.seen)])))
        #expect(key.contains { $0 == .saved })
        #expect(!key.contains { $0 == .recent })
    }
}
