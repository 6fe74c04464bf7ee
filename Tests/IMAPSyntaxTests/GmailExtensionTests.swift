import Bytes
import IMAPSyntax
import MailTypes
import Testing

/// Gmail's own words, and what is kept of items that nobody knows.
@Suite struct GmailExtensionTests {
    private static let one = MessageSet.numbers(SequenceSet([.init(.number(1), .number(1))]))

    private static func store(
        _ change: StoreCommand.Change, _ labels: String..., isSilent: Bool = false, since modSeq: ModSeq? = nil
    ) -> Command {
        .store(
            StoreCommand(
                messages: one, change: change, isSilent: isSilent, flags: [], gmailLabels: labels,
                unchangedSince: modSeq))
    }

    static let rows: [CommandRow] = [
        CommandRow(
            "FETCH 1 (X-GM-MSGID x-gm-thrid X-GM-LABELS)",
            .fetch(FetchCommand(messages: one, attributes: [.gmailMessageID, .gmailThreadID, .gmailLabels]))),
        CommandRow(
            "FETCH 1 (x-colour FLAGS X-A.B-C)",
            .fetch(FetchCommand(messages: one, attributes: [.unknown("X-COLOUR"), .flags, .unknown("X-A.B-C")]))),
        CommandRow("STORE 1 +X-GM-LABELS (foo)", store(.add, "foo")),
        CommandRow("STORE 1 -X-GM-LABELS.SILENT \\Inbox", store(.remove, "\\Inbox", isSilent: true)),
        CommandRow(
            "STORE 1 (UNCHANGEDSINCE 5) X-GM-LABELS (\\Sent \"Muy Importante\" \"\\\\Inbox\" {4+}\na\"&-)",
            store(.replace, "\\Sent", "Muy Importante", "\\Inbox", "a\"&", since: ModSeq(rawValue: 5))),
        CommandRow("STORE 1 X-GM-LABELS ()", store(.replace)),
        CommandRow(
            "SEARCH X-GM-RAW \"has:attachment in:unread\" X-GM-MSGID 1278455344230334865 X-GM-THRID 5 "
                + "X-GM-LABELS \"&AUE-\" NOT X-GM-LABELS \\Starred",
            .search(
                SearchCommand(
                    key: .and([
                        .gmailRaw("has:attachment in:unread".octets), .gmailMessageID(1_278_455_344_230_334_865),
                        .gmailThreadID(5), .gmailLabel("Ł"), .not(.gmailLabel("\\Starred")),
                    ])))),
    ]

    @Test(arguments: rows.indices)
    func readsAndWrites(_ index: Int) throws { #expect(try Self.rows[index].holds(), "\(Self.rows[index].text)") }

    @Test(arguments: [
        "STORE 1 X-GM-LABELS", "STORE 1 X-GM-LABELS a b", "STORE 1 X-GM-LABELS (a (b))", "STORE 1 X-GM-LABELS (\\)",
        "STORE 1 X-GM-LABELS (&x)", "SEARCH X-GM-RAW", "SEARCH X-GM-MSGID x", "SEARCH X-GM-THRID -1",
        "SEARCH X-GM-LABELS", "FETCH 1 X-", "FETCH 1 Y-COLOUR", "FETCH 1 X-COLOUR[1]",
        "FETCH 1 X-\(String(repeating: "A", count: 63))",
    ])
    func refuses(_ text: String) { #expect(isRefused(text)) }

    @Test func namesTheCharsetOfRawSearches() {
        let key = SearchKey.not(.gmailRaw("é".octets))
        let command = TaggedCommand(tag: "a".octets, command: .search(SearchCommand(key: key)))
        #expect(
            encoded(command, CommandEncoder(literals: .plus))
                == "a SEARCH CHARSET UTF-8 NOT X-GM-RAW {2+}\r\né\r\n".octets)
    }

    @Test(arguments: [false, true])
    func readsItemsAsTheyWereWritten(_ utf8: Bool) throws {
        var expected = FetchResponse(sequenceNumber: 4)
        expected.gmailMessageID = .max
        expected.gmailThreadID = 1_266_894_439_832_287_888
        expected.gmailLabels = ["\\Inbox", "Muy Importante", "Łódź & \"R\"", ""]
        expected.unreadItems = [
            UnreadItem(name: "X-ODD", value: "(a \"b)\" {2}\n)))".wire),
            UnreadItem(name: "X-NEW[1]", value: "NIL".octets),
        ]
        var wire: [UInt8] = []
        wire.appendFetchStart(4, uid: nil)
        wire.appendFetchGmailMessageID(.max)
        wire.appendFetchGmailThreadID(1_266_894_439_832_287_888)
        wire.appendFetchGmailLabels(expected.gmailLabels ?? [], utf8: utf8)
        for item in expected.unreadItems { wire.appendFetchUnread(item) }
        wire.appendFetchUnread(UnreadItem(name: "X-GONE", value: nil))
        wire.appendFetchEnd()
        #expect(try readBack(wire, utf8: utf8) == [.untagged(.fetch(expected))])
    }

    @Test func readsWhatGmailSends() throws {
        let line =
            "1 FETCH (X-GM-LABELS (\"\\\\Inbox\" \\Sent Important \"Muy Importante\" \"&AUE-\") X-GM-THRID x UID 3)"
        guard case .fetch(let fetch)? = try untagged(line) else { return #expect(Bool(false)) }
        #expect(fetch.gmailLabels == ["\\Inbox", "\\Sent", "Important", "Muy Importante", "Ł"])
        #expect(fetch.gmailThreadID == nil)
        #expect(fetch.unreadItems == [UnreadItem(name: "X-GM-THRID", value: "x".octets)])
        #expect(fetch.uid == UID(3))
    }

    @Test func boundsWhatIsKept() throws {
        var limits = ResponseParser.Limits()
        limits.unreadItems = 2
        limits.unreadItem = 4
        var parser = ResponseParser(limits: limits)
        let text = "* 1 FETCH (X-A abcd X-B abcde X-C c UID 5)"
        guard case .untagged(.fetch(let fetch)) = try parser.parse(FramedResponse(bytes: text.octets)) else {
            return #expect(Bool(false))
        }
        #expect(
            fetch.unreadItems == [UnreadItem(name: "X-A", value: "abcd".octets), UnreadItem(name: "X-B", value: nil)])
        #expect(fetch.uid == UID(5))
        // A literal that has gone by is no value that could be passed on.
        let streamed = FramedResponse(bytes: "* 1 FETCH (X-A {9}\n X-B b UID 5)".wire, streamed: [15])
        guard case .untagged(.fetch(let other)) = try parser.parse(streamed) else { return #expect(Bool(false)) }
        #expect(other.unreadItems == [UnreadItem(name: "X-A", value: nil), UnreadItem(name: "X-B", value: "b".octets)])
    }
}
