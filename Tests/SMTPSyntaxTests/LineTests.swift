import Bytes
import SMTPSyntax
import Testing

@Suite("Lines of a client")
struct LineTests {
    private func lines(_ pieces: [[UInt8]], limit: Int = 32) -> [SMTPLineFramer.Line] {
        var framer = SMTPLineFramer(limit: limit)
        var queue = ByteQueue()
        var lines: [SMTPLineFramer.Line] = []
        for piece in pieces {
            queue.append(contentsOf: piece)
            while let line = framer.next(from: &queue) { lines.append(line) }
            #expect(queue.count <= limit)
        }
        return lines
    }

    static let fixtures: [(sent: String, lines: [SMTPLineFramer.Line])] = [
        ("NOOP\r\n", [.complete(octets("NOOP"))]),
        ("\r\n", [.complete([])]),
        ("A\r\nB\r\nC", [.complete(octets("A")), .complete(octets("B"))]),
        ("A\nB\r\n", [.malformed(octets("A")), .complete(octets("B"))]),
        ("\nB\r\n", [.malformed([]), .complete(octets("B"))]),
        ("A\rB\r\nC\r\n", [.malformed(octets("A\rB")), .complete(octets("C"))]),
        ("A\r\r\n", [.malformed(octets("A\r"))]), ("A\0\r\n", [.malformed(octets("A\0"))]),
        (String(repeating: "x", count: 30) + "\r\n", [.complete([UInt8](repeating: 0x78, count: 30))]),
        (String(repeating: "x", count: 31) + "\r\nA\r\n", [.tooLong, .complete(octets("A"))]),
        (String(repeating: "x", count: 200) + "\r\nA\r\n", [.tooLong, .complete(octets("A"))]),
        (String(repeating: "x", count: 200) + "\nA\r\n", [.tooLong, .complete(octets("A"))]),
    ]

    @Test("Cut at CRLF, whatever the network does", arguments: fixtures)
    func cuts(_ fixture: (sent: String, lines: [SMTPLineFramer.Line])) {
        for pieces in Splitting.all(octets(fixture.sent)) { #expect(lines(pieces) == fixture.lines) }
    }

    @Test("An endless line costs no memory")
    func endless() {
        var framer = SMTPLineFramer()
        var queue = ByteQueue()
        for _ in 0..<1000 {
            queue.append(contentsOf: [UInt8](repeating: 0x61, count: 4096))
            #expect(framer.next(from: &queue) == nil)
            #expect(queue.count <= SMTPLineFramer.limit)
        }
        queue.append(contentsOf: octets("\r\nNOOP\r\n"))
        #expect(framer.next(from: &queue) == .tooLong)
        #expect(framer.next(from: &queue) == .complete(octets("NOOP")))
    }
}

@Suite("Replies")
struct ReplyTests {
    private func replies(_ pieces: [[UInt8]]) throws -> [SMTPReply] {
        var parser = SMTPReplyParser()
        var queue = ByteQueue()
        var replies: [SMTPReply] = []
        for piece in pieces {
            queue.append(contentsOf: piece)
            while let reply = try parser.next(from: &queue) { replies.append(reply) }
        }
        return replies
    }

    static let fixtures: [(sent: String, replies: [SMTPReply])] = [
        ("250 OK\r\n", [SMTPReply(250, nil, "OK")]),
        ("250\r\n", [SMTPReply(250, nil, "")]),
        ("250 \r\n354 go\n", [SMTPReply(250, nil, ""), SMTPReply(354, nil, "go")]),
        ("250 2.1.0 Ok\r\n", [SMTPReply(250, EnhancedStatus(2, 1, 0), "Ok")]),
        ("550-5.1.1 No\r\n550 5.1.1 such user\r\n", [SMTPReply(550, EnhancedStatus(5, 1, 1), ["No", "such user"])]),
        ("550-5.7.1 No\r\n550 plain\r\n", [SMTPReply(550, EnhancedStatus(5, 7, 1), ["No", "plain"])]),
        ("220-mx\r\n220-\r\n220\r\n", [SMTPReply(220, nil, ["mx", "", ""])]),
        ("220 2.4.6 is a version\r\n", [SMTPReply(220, EnhancedStatus(2, 4, 6), "is a version")]),
        ("450 5.1.1 at odds\r\n", [SMTPReply(450, nil, "5.1.1 at odds")]),
        ("450 4.1 short\r\n", [SMTPReply(450, nil, "4.1 short")]),
        ("450 4.7.1\r\n", [SMTPReply(450, EnhancedStatus(4, 7, 1), "")]),
        ("250\tTab\r\n", [SMTPReply(250, nil, "Tab")]),
    ]

    @Test("Read leniently, whatever the network does", arguments: fixtures)
    func reads(_ fixture: (sent: String, replies: [SMTPReply])) throws {
        for pieces in Splitting.all(octets(fixture.sent)) { #expect(try replies(pieces) == fixture.replies) }
    }

    @Test(
        "What is no reply ends the stream",
        arguments: ["", "25 x", "abc def", "250-a\r\n550 b", "100 x", "600 x", "250x", "* OK IMAP4rev1 ready"])
    func refuses(_ text: String) {
        #expect(throws: SMTPSyntaxError.badReply) { _ = try replies([octets(text + "\r\n")]) }
    }

    @Test("Bounded in lines and length")
    func bounded() {
        #expect(throws: SMTPSyntaxError.replyTooLong) {
            _ = try replies([octets(String(repeating: "250-x\r\n", count: 1000))])
        }
        #expect(throws: SMTPSyntaxError.replyTooLong) {
            _ = try replies([octets("250 "), [UInt8](repeating: 0x61, count: 5000)])
        }
    }

    @Test("Written in lines of at most 512 octets, and read back")
    func writes() throws {
        let long = String(repeating: "words and ", count: 200)
        let reply = SMTPReply(550, EnhancedStatus(5, 7, 1), ["first", long, "last"])
        var wire: [UInt8] = []
        reply.append(to: &wire)
        for line in String(lossy: wire).split(separator: "\r\n") { #expect(line.utf8.count <= 510) }
        let again = try #require(try replies([wire]).first)
        #expect(again.code == 550 && again.enhanced == reply.enhanced)
        #expect(again.lines.joined() == reply.lines.joined())
    }

    @Test("Nothing in a text breaks out of its line")
    func hostileText() {
        var wire: [UInt8] = []
        SMTPReply(550, nil, "a\r\n250 ok\0\u{1B}[31mż").append(to: &wire)
        #expect(wire == octets("550 a  250 ok  [31m \r\n"))
        wire = []
        SMTPReply(250, nil, "ż\u{85}").append(to: &wire, allowsUTF8: true)
        #expect(wire == octets("250 ż \r\n"))
    }

    @Test("What a server can do")
    func capabilities() {
        let reply = SMTPReply(
            250, nil,
            [
                "mx.example greets you", "PIPELINING", "SIZE 10240000", "8bitmime", "AUTH PLAIN LOGIN",
                "AUTH=PLAIN SCRAM-SHA-256", "STARTTLS", "ENHANCEDSTATUSCODES", "SMTPUTF8", "X-FOO a b", "",
            ])
        let capabilities = SMTPCapabilities(reply)
        #expect(capabilities.serverName == "mx.example")
        #expect(capabilities.pipelining && capabilities.eightBitMIME && capabilities.startTLS)
        #expect(capabilities.enhancedStatusCodes && capabilities.smtpUTF8 && !capabilities.deliveryStatus)
        #expect(capabilities.sizeLimit == 10_240_000 && capabilities.takesSize)
        #expect(Set(capabilities.mechanisms) == ["PLAIN", "LOGIN", "SCRAM-SHA-256"])
        #expect(capabilities.keywords["X-FOO"] == ["a", "b"])
        #expect(SMTPCapabilities(SMTPReply(250, nil, ["x", "SIZE 0"])).sizeLimit == nil)
        #expect(SMTPCapabilities(SMTPReply(250, nil, "x")).mechanisms.isEmpty)
    }
}
