import Bytes
import IMAPSyntax
import MailTypes
import Testing

/// COMPRESS, UNAUTHENTICATE, REPLACE, UIDONLY, INPROGRESS and the UTF8 literal of APPEND.
@Suite struct SessionExtensionTests {
    private static let box = MailboxName("box")

    static let rows: [CommandRow] = [
        CommandRow("compress deflate", .compress("DEFLATE")), CommandRow("UNAUTHENTICATE", .unauthenticate),
        CommandRow("ENABLE UIDONLY", .enable(["UIDONLY"])),
        CommandRow(
            "REPLACE 4 box {2+}\nhi",
            .replace(ReplaceCommand(replaced: .number(4), mailbox: box, message: .init(size: 2)))
        ),
        CommandRow(
            "UID REPLACE * box (\\Seen) ~{2+}\nhi",
            .replace(
                ReplaceCommand(
                    isUID: true, replaced: .last, mailbox: box,
                    message: .init(flags: [.seen], size: 2, isBinary: true)))),
        CommandRow(
            "replace 1 {3+}\nbox UTF8 (~{2+}\nhi)",
            .replace(
                ReplaceCommand(replaced: .number(1), mailbox: box, message: .init(content: .utf8(size: 2))))),
        CommandRow(
            "APPEND box UTF8 (~{2+}\nhi) {1+}\nx",
            .append(AppendCommand(mailbox: box, messages: [.init(content: .utf8(size: 2)), .init(size: 1)]))),
        CommandRow(
            "APPEND URL {2+}\nhi", .append(AppendCommand(mailbox: MailboxName("URL"), messages: [.init(size: 2)]))),
        CommandRow(
            "APPEND {5+}\nx URL {2+}\nhi",
            .append(AppendCommand(mailbox: MailboxName("x URL"), messages: [.init(size: 2)]))),
    ]

    @Test(arguments: rows.indices)
    func readsAndWrites(_ index: Int) throws { #expect(try Self.rows[index].holds(), "\(Self.rows[index].text)") }

    @Test(arguments: [
        "COMPRESS", "COMPRESS (x)", "UNAUTHENTICATE x", "REPLACE", "REPLACE 0 box {0+}\n", "REPLACE 1:2 box {0+}\n",
        "REPLACE 1 box", "REPLACE 1 box x", "REPLACE 1 box {0+}\n {0+}\n", "APPEND box UTF8 {0+}\n",
        "APPEND box UTF8 ({0+}\n)", "APPEND box UTF8 (~{0+}\n", "APPEND box FOO (~{0+}\n)", "UID COMPRESS DEFLATE",
    ])
    func refuses(_ text: String) { #expect(isRefused(text)) }

    @Test func streamsTheMessageOfReplace() throws {
        for start in [
            "a REPLACE 3 box (\\Seen) ", "a uid replace * box (\\Seen) ", "a UID REPLACE 3 {3+}\nbox (\\Seen) ",
        ] {
            for way in portions(of: "\(start){5+}\nhello\nb NOOP\n".wire) {
                let events = commandEvents(way)
                guard events.count == 5, case .literalStarted(let literal) = events[0] else {
                    Issue.record("\(start) gives \(events)")
                    return
                }
                #expect(events[1...2] == [.literalBytes("hello".octets), .literalEnded])
                guard case .replace(let replace) = try CommandParser.parseMessageStart(literal.start).command else {
                    Issue.record("no REPLACE")
                    return
                }
                #expect(replace.mailbox == Self.box)
                #expect(replace.message == .init(flags: [.seen], size: 5))
            }
        }
    }

    @Test func readsTheStartOfAMessageInUTF8() throws {
        let start = FramedCommand(bytes: "t APPEND box UTF8 (~{5}\n".wire, streamed: [19])
        #expect(
            try CommandParser.parseMessageStart(start).command
                == .append(AppendCommand(mailbox: Self.box, messages: [.init(content: .utf8(size: 5))])))
        #expect(throws: IMAPSyntaxError.self) {
            try CommandParser.parseMessageStart(FramedCommand(bytes: "t UID APPEND box {5}\n".wire, streamed: [17]))
        }
    }

    /// What is no message is an argument, whatever the mailbox is called.
    @Test func tellsMessagesFromArguments() {
        for (text, isMessage) in [
            ("a APPEND {5}", false), ("a APPEND box {5}", true), ("a APPEND URL {5}", true),
            ("a APPEND box CATENATE (URL {5}", false), ("a APPEND box CATENATE (TEXT {5}", true),
            ("a APPEND box CATENATE (URL x URL {5}", false), ("a APPEND box CATENATE (TEXTURL {5}", true),
            ("a REPLACE 1 {5}", false), ("a REPLACE 1 URL {5}", true), ("a REPLACE {5}", false),
            ("a UID REPLACE 1 box CATENATE (url {5}", false), ("a UID APPEND box {5}", false),
            ("a APPENDX box {5}", false), ("a {5}", false),
        ] {
            let events = commandEvents(["\(text)\n".wire])
            if case .literalStarted? = events.first {
                #expect(isMessage, "\(text)")
            } else {
                #expect(!isMessage && events == [.continuation], "\(text)")
            }
        }
    }

    @Test func readsCodes() throws {
        let rows: [(String, ResponseCode)] = [
            ("INPROGRESS", .inProgress(nil)),
            ("INPROGRESS (\"A001\" 454 1000)", .inProgress(Progress(tag: "A001".octets, done: 454, goal: 1000))),
            ("INPROGRESS (NIL 454 NIL)", .inProgress(Progress(tag: nil, done: 454))),
            ("INPROGRESS (\"A\" NIL NIL)", .inProgress(Progress(tag: "A".octets))),
            ("INPROGRESS (1)", .other("INPROGRESS", "(1)".octets)),
            ("COMPRESSIONACTIVE", .compressionActive), ("uidrequired", .uidRequired),
        ]
        for (text, code) in rows {
            #expect(try untagged("OK [\(text)] x") == .condition(.ok, ResponseText(code, "x")), "\(text)")
        }
    }

    @Test func readsFetchWithoutNumbers() throws {
        var expected = FetchResponse(sequenceNumber: 0)
        expected.uid = UID(25997)
        expected.flags = [.seen]
        var wire: [UInt8] = []
        wire.appendUIDFetchStart(UID(25997))
        wire.appendFetchFlags([.seen])
        wire.appendFetchEnd()
        #expect(String(lossy: wire) == "* 25997 UIDFETCH (FLAGS (\\Seen))\r\n")
        #expect(try readBack(wire) == [.untagged(.uidFetch(expected))])
        #expect(try untagged("0 UIDFETCH (FLAGS ())") == .other("UIDFETCH"))
        var limits = ResponseFramer.Limits()
        limits.inlineBody = 2
        let events = responseEvents(["* 7 UIDFETCH (BODY[] {3}\nabc)\n".wire], limits: limits)
        #expect(
            events.first
                == .bodyStarted(
                    .init(sequenceNumber: 0, uid: UID(7), section: .whole, isBinary: false, origin: nil, size: 3)))
    }
}
