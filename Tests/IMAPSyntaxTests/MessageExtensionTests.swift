import Bytes
import IMAPSyntax
import MailTypes
import Testing

/// OBJECTID, PREVIEW, SAVEDATE and what LIST returns beside mailboxes.
@Suite struct MessageExtensionTests {
    private static let one = MessageSet.numbers(SequenceSet([.init(.number(1), .number(1))]))
    private static let day = CalendarDate(year: 2023, month: 7, day: 8)

    private static func id(_ text: String) throws -> ObjectID { try #require(ObjectID(text.octets)) }

    private static func fetch(_ attributes: FetchAttribute..., changedSince: ModSeq? = nil) -> Command {
        .fetch(FetchCommand(messages: one, attributes: attributes, changedSince: changedSince))
    }

    static let rows: [CommandRow] = [
        CommandRow("FETCH 1 (EMAILID threadid SAVEDATE)", fetch(.emailID, .threadID, .saveDate)),
        CommandRow("FETCH 1 PREVIEW", fetch(.preview(isLazy: false))),
        CommandRow("FETCH 1 preview (lazy)", fetch(.preview(isLazy: true))),
        CommandRow("FETCH 1 (PREVIEW (LAZY) UID)", fetch(.preview(isLazy: true), .uid)),
        CommandRow(
            "FETCH 1 PREVIEW (CHANGEDSINCE 5)", fetch(.preview(isLazy: false), changedSince: ModSeq(rawValue: 5))),
        CommandRow(
            "FETCH 1 PREVIEW (LAZY) (CHANGEDSINCE 5)",
            fetch(.preview(isLazy: true), changedSince: ModSeq(rawValue: 5))),
        CommandRow(
            "SEARCH SAVEDBEFORE 8-Jul-2023 SAVEDON 8-Jul-2023 SAVEDSINCE \"8-Jul-2023\" NOT SAVEDATESUPPORTED",
            .search(
                SearchCommand(
                    key: .and([.savedBefore(day), .savedOn(day), .savedSince(day), .not(.saveDateSupported)])))),
        CommandRow("STATUS box (MAILBOXID)", .status(MailboxName("box"), [.mailboxID])),
        CommandRow(
            "LIST \"\" * RETURN (MYRIGHTS CHILDREN)",
            .list(ListCommand(patterns: ["*"], returns: [.myRights, .children], isExtended: true))),
        CommandRow(
            "LIST \"\" % RETURN (METADATA (\"/shared/vendor/x/color\" /private/comment) SUBSCRIBED)",
            .list(
                ListCommand(
                    patterns: ["%"], returns: .subscribed, metadata: ["/shared/vendor/x/color", "/private/comment"],
                    isExtended: true))),
        CommandRow(
            "LIST \"\" % RETURN (METADATA /private/comment)",
            .list(ListCommand(patterns: ["%"], metadata: ["/private/comment"], isExtended: true))),
    ]

    @Test(arguments: rows.indices)
    func readsAndWrites(_ index: Int) throws { #expect(try Self.rows[index].holds(), "\(Self.rows[index].text)") }

    @Test func searchesByIdentifiers() throws {
        #expect(
            try CommandRow("SEARCH EMAILID M-1_x", .search(SearchCommand(key: .emailID(Self.id("M-1_x"))))).holds())
        #expect(try CommandRow("SEARCH THREADID \"T1\"", .search(SearchCommand(key: .threadID(Self.id("T1"))))).holds())
    }

    @Test(arguments: [
        "FETCH 1 PREVIEW (FUZZY)", "FETCH 1 PREVIEW ()", "FETCH 1 (PREVIEW (LAZY", "FETCH 1 EMAILID (x)",
        "SEARCH EMAILID", "SEARCH EMAILID \"\"", "SEARCH THREADID a.b", "SEARCH SAVEDON 31-Jun-2023",
        "LIST \"\" * RETURN (METADATA ())", "LIST \"\" * RETURN (METADATA)", "LIST \"\" * RETURN (METADATA comment)",
        "STATUS box (MAILBOXID (x))",
    ])
    func refuses(_ text: String) { #expect(isRefused(text)) }

    @Test func boundsIdentifiers() {
        #expect(ObjectID([UInt8](repeating: 0x61, count: 255)) != nil)
        for bad in ["", String(repeating: "a", count: 256), "a b", "ü", "a.b"] { #expect(ObjectID(bad.octets) == nil) }
    }

    @Test func readsItemsAsTheyWereWritten() throws {
        let date = Moment(seconds: 1_000_000_000, zone: 60)
        var none = FetchResponse(sequenceNumber: 1)
        none.threadID = .nil
        none.preview = .nil
        none.saveDate = .nil
        var all = FetchResponse(sequenceNumber: 2)
        all.emailID = try Self.id("M1")
        all.threadID = .value(try Self.id("T1"))
        all.preview = .value("Grüße, \"you\"".octets)
        all.saveDate = .value(date)
        var wire: [UInt8] = []
        wire.appendFetchStart(1, uid: nil)
        wire.appendFetchThreadID(nil)
        wire.appendFetchPreview(nil)
        wire.appendFetchSaveDate(nil)
        wire.appendFetchEnd()
        wire.appendFetchStart(2, uid: nil)
        wire.appendFetchEmailID(try Self.id("M1"))
        wire.appendFetchThreadID(try Self.id("T1"))
        wire.appendFetchPreview("Grüße, \"you\"".octets)
        wire.appendFetchSaveDate(date)
        wire.appendFetchEnd()
        #expect(try readBack(wire) == [.untagged(.fetch(none)), .untagged(.fetch(all))])
        #expect(
            String(lossy: wire).hasPrefix(
                "* 1 FETCH (THREADID NIL PREVIEW NIL SAVEDATE NIL)\r\n* 2 FETCH (EMAILID (M1) "))
    }

    @Test func passesOverOddItems() throws {
        let line = "3 FETCH (EMAILID NIL THREADID () PREVIEW (x) SAVEDATE \"soon\" UID 4)"
        guard case .fetch(let fetch)? = try untagged(line) else { return #expect(Bool(false)) }
        #expect(fetch.unread == ["EMAILID", "THREADID", "PREVIEW", "SAVEDATE"])
        #expect(fetch.uid == UID(4))
        #expect(fetch.threadID == nil && fetch.preview == nil && fetch.saveDate == nil)
    }

    @Test func readsMailboxIdentifiers() throws {
        let id = try Self.id("F123")
        #expect(try untagged("OK [MAILBOXID (F123)] x") == .condition(.ok, ResponseText(.mailboxID(id), "x")))
        #expect(
            try untagged("OK [MAILBOXID F123] x")
                == .condition(.ok, ResponseText(.other("MAILBOXID", "F123".octets), "x")))
        let values = [StatusValue(.messages, 3), StatusValue(mailboxID: id)]
        var wire: [UInt8] = []
        wire.appendStatus(MailboxName("box"), values, utf8: false)
        #expect(String(lossy: wire) == "* STATUS \"box\" (MESSAGES 3 MAILBOXID (F123))\r\n")
        #expect(try readBack(wire) == [.untagged(.status(StatusResponse(name: "box", values: values)))])
        #expect(
            try untagged("STATUS box (MAILBOXID x MESSAGES 3)")
                == .status(StatusResponse(name: "box", values: [StatusValue(.messages, 3)])))
    }
}
