import Bytes
import IMAPSyntax
import MailTypes
import Testing

/// CATENATE and URLAUTH.
@Suite struct URLExtensionTests {
    private static let box = MailboxName("Drafts")

    private static func append(_ parts: CatenatePart..., flags: [Flag] = []) -> Command {
        .append(AppendCommand(mailbox: box, messages: [.init(flags: flags, content: .catenated(parts))]))
    }

    static let rows: [CommandRow] = [
        CommandRow(
            "APPEND Drafts (\\Seen) CATENATE (URL \"/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER\" "
                + "TEXT {5+}\nhello URL /x)",
            append(
                .url("/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER".octets), .text(size: 5), .url("/x".octets),
                flags: [.seen])),
        CommandRow("append Drafts catenate (text {0+}\n)", append(.text(size: 0))),
        CommandRow(
            "APPEND Drafts CATENATE (URL {6+}\nURL {5 TEXT {2+}\nhi)", append(.url("URL {5".octets), .text(size: 2))),
        CommandRow(
            "APPEND Drafts CATENATE (UTF8 (~{2+}\nhi) TEXT {1+}\nx)", append(.utf8(size: 2), .text(size: 1))),
        CommandRow(
            "APPEND Drafts CATENATE (URL a) {2+}\nhi",
            .append(
                AppendCommand(
                    mailbox: box, messages: [.init(content: .catenated([.url("a".octets)])), .init(size: 2)]))),
        CommandRow(
            "UID REPLACE 5 Drafts CATENATE (TEXT {1+}\nx URL y)",
            .replace(
                ReplaceCommand(
                    isUID: true, replaced: .number(5), mailbox: box,
                    message: .init(content: .catenated([.text(size: 1), .url("y".octets)]))))),
        CommandRow(
            "GENURLAUTH \"imap://joe@example.com/INBOX/;uid=20/;urlauth=submit+fred\" internal x INTERNAL",
            .generateURLs([
                URLRequest(
                    rump: "imap://joe@example.com/INBOX/;uid=20/;urlauth=submit+fred".octets, mechanism: "INTERNAL"),
                URLRequest(rump: "x".octets, mechanism: "INTERNAL"),
            ])),
        CommandRow("RESETKEY", .resetKey(nil, mechanisms: [])),
        CommandRow("RESETKEY Drafts internal X-Y", .resetKey(box, mechanisms: ["INTERNAL", "X-Y"])),
        CommandRow("URLFETCH \"imap://x/y\" {1+}\nz", .fetchURLs(["imap://x/y".octets, "z".octets])),
    ]

    @Test(arguments: rows.indices)
    func readsAndWrites(_ index: Int) throws { #expect(try Self.rows[index].holds(), "\(Self.rows[index].text)") }

    @Test(arguments: [
        "APPEND box CATENATE", "APPEND box CATENATE ()", "APPEND box CATENATE (TEXT)", "APPEND box CATENATE (TEXT x)",
        "APPEND box CATENATE (URL)", "APPEND box CATENATE (FOO x)", "APPEND box CATENATE (URL x",
        "APPEND box CATENATE (URL x TEXT {0+}\n", "APPEND box CATENATE URL x", "GENURLAUTH", "GENURLAUTH x",
        "RESETKEY \"\"", "RESETKEY box (x)", "URLFETCH", "URLFETCH x ", "UID URLFETCH x",
    ])
    func refuses(_ text: String) { #expect(isRefused(text)) }

    /// Texts stream, URLs stand in the command; each way in which they arrive gives the same.
    @Test func streamsTexts() throws {
        let input = "a APPEND Drafts CATENATE (URL {2+}\n/x TEXT {5}\nhello TEXT {3+}\nfoo)\nb NOOP\n"
        let start = "a APPEND Drafts CATENATE (URL {2+}\n/x TEXT {5}\n"
        let whole = "a APPEND Drafts CATENATE (URL {2+}\n/x TEXT {5}\n TEXT {3+}\n)"
        let first = start.wire.count - 5
        let second = whole.wire.count - 7
        let parts: [CatenatePart] = [.url("/x".octets), .text(size: 5), .text(size: 3)]
        for way in portions(of: input.wire) {
            let events = commandEvents(way)
            #expect(
                events == [
                    .literalStarted(
                        .init(
                            start: FramedCommand(bytes: start.wire, streamed: [first]), size: 5, isSynchronizing: true,
                            isBinary: false)), .literalBytes("hello".octets), .literalEnded,
                    .literalStarted(
                        .init(
                            start: FramedCommand(bytes: Array(whole.wire.dropLast()), streamed: [first, second]),
                            size: 3, isSynchronizing: false, isBinary: false)), .literalBytes("foo".octets),
                    .literalEnded, .command(FramedCommand(bytes: whole.wire, streamed: [first, second])),
                    .command(FramedCommand(bytes: "b NOOP".octets)),
                ])
            for (index, event) in events.enumerated() {
                guard case .literalStarted(let literal) = event else { continue }
                let command = try CommandParser.parseMessageStart(literal.start).command
                let message = AppendCommand.Message(content: .catenated(Array(parts.prefix(index == 0 ? 2 : 3))))
                #expect(command == .append(AppendCommand(mailbox: Self.box, messages: [message])))
            }
        }
    }

    @Test func namesTheLiteralsOfItsSegments() {
        let command = Self.append(.text(size: 5), .url("/x".octets), .utf8(size: 3))
        #expect(command.literalSizes == [5, 3])
        #expect(
            CommandEncoder().encode(TaggedCommand(tag: "a".octets, command: command)) == [
                .bytes("a APPEND \"Drafts\" CATENATE (TEXT {5}\r\n".octets), .awaitContinuation, .message(0),
                .bytes(" URL \"/x\" UTF8 (~{3}\r\n".octets), .awaitContinuation, .message(1), .bytes("))\r\n".octets),
            ])
    }

    @Test func readsResponses() throws {
        let rows: [(String, UntaggedResponse)] = [
            ("GENURLAUTH \"imap://a\" b", .generatedURLs(["imap://a".octets, "b".octets])),
            ("GENURLAUTH", .generatedURLs([])),
            (
                "URLFETCH \"imap://a\" {5}\na b\" b NIL",
                .fetchedURLs([
                    FetchedURL(url: "imap://a".octets, content: .inline("a b\"".octets + [0x20])),
                    FetchedURL(url: "b".octets, content: .absent),
                ])
            ),
            ("NO [BADURL /box;x=\"1\"] x", .condition(.no, ResponseText(.badURL("/box;x=\"1\"".octets), "x"))),
            ("OK [URLMECH INTERNAL x-m] x", .condition(.ok, ResponseText(.urlMechanisms(["INTERNAL", "X-M"]), "x"))),
        ]
        for (text, response) in rows { #expect(try untagged(text) == response, "\(text)") }
        for bad in ["URLFETCH a", "URLFETCH a (b)", "URLFETCH a b"] {
            #expect(try untagged(bad) == .other("URLFETCH"))
        }
    }

    @Test func readsAnswersAsTheyWereWritten() throws {
        var random = RandomResponses(dice: Dice(seed: 4467))
        for _ in 0..<100 {
            let urls = random.list(1...3) { FetchedURL(url: $0.string(), content: .inline($0.string())) }
            var wire: [UInt8] = []
            wire.appendGeneratedURLs(urls.map(\.url))
            wire.appendURLFetchStart()
            for url in urls {
                wire.appendURLFetchName(url.url)
                if case .inline(let octets) = url.content { wire.appendNString(octets) }
            }
            wire.appendLineEnd()
            #expect(
                try readBack(wire) == [.untagged(.generatedURLs(urls.map(\.url))), .untagged(.fetchedURLs(urls))])
        }
        var wire: [UInt8] = []
        wire.append(responseCode: .badURL("/a]b\r\n".octets))
        #expect(String(lossy: wire) == "[BADURL /a%5Db%0D%0A]")
    }
}
