import Bytes
import SMTPSyntax
import Testing

@Suite("The message after DATA")
struct DotStreamTests {
    struct Fixture: Sendable, CustomTestStringConvertible {
        let sent: String
        var message = ""
        var verdict: MessageVerdict = .acceptable
        /// What has to be left for the command parser.
        var rest = ""
        var testDescription: String { sent.debugDescription }
    }

    static let fixtures: [Fixture] = [
        Fixture(sent: ".\r\n"),
        Fixture(sent: "\r\n.\r\n", message: "\r\n"),
        Fixture(sent: "a\r\n.\r\n", message: "a\r\n"),
        Fixture(sent: "a\r\n..\r\n.\r\n", message: "a\r\n.\r\n"),
        Fixture(sent: "..a\r\n...\r\n.\r\n", message: ".a\r\n..\r\n"),
        Fixture(sent: ".a\r\n.\r\n", message: "a\r\n"),
        Fixture(sent: "a.\r\n.b.\r\n.\r\n", message: "a.\r\nb.\r\n"),
        Fixture(
            sent: "Subject: x\r\n\r\nbody\r\n.\r\nMAIL FROM:<>\r\n", message: "Subject: x\r\n\r\nbody\r\n",
            rest: "MAIL FROM:<>\r\n"),
        Fixture(sent: "a\r\n.\r\n.\r\n", message: "a\r\n", rest: ".\r\n"),
        Fixture(sent: "żółw\r\n.\r\nQUIT\r\n", message: "żółw\r\n", rest: "QUIT\r\n"),
    ]

    /// Every mixture that some server somewhere takes for the end of data. The envelope hidden behind each must come
    /// out neither as a command nor as an accepted message.
    static let smuggling: [(end: String, verdict: MessageVerdict)] = [
        ("\n.\n", .bareLineFeed), ("\n.\r\n", .bareLineFeed), ("\r\n.\n", .bareLineFeed),
        ("\r.\r", .bareCarriageReturn), ("\r.\r\n", .bareCarriageReturn), ("\r\n.\r", .bareCarriageReturn),
        ("\r.\n", .bareCarriageReturn), ("\n.\r", .bareLineFeed), ("\n\n.\r\n", .bareLineFeed),
        ("\r\r.\r\r", .bareCarriageReturn), ("\r\r\n.\r\r\n", .bareCarriageReturn),
        ("\r\n.\r\r\n", .bareCarriageReturn), ("\n\r.\n\r", .bareLineFeed),
        ("\r\n\0.\r\n", .nul), ("\r\n.\0\r\n", .nul), ("\r\0\n.\r\n", .nul), ("\r\n\n.\r\n", .bareLineFeed),
        ("\r\n.\r.\r\n", .bareCarriageReturn), ("\r\n.\n.\r\n", .bareLineFeed), ("\0\r\n", .nul),
    ]

    private func decode(
        _ pieces: [[UInt8]], limit: UInt64 = 1 << 20
    ) -> (message: [UInt8], stream: DotStream, ended: Bool, rest: [UInt8]) {
        var stream = DotStream(sizeLimit: limit)
        var queue = ByteQueue()
        var message: [UInt8] = []
        var ended = false
        for piece in pieces {
            queue.append(contentsOf: piece)
            if !ended { ended = stream.decode(&queue, into: &message) }
            #expect(ended || queue.isEmpty)
        }
        return (message, stream, ended, queue.takeAll())
    }

    @Test("Stuffing is taken away, the end is found, the rest is left", arguments: fixtures)
    func decodes(_ fixture: Fixture) {
        for pieces in Splitting.all(octets(fixture.sent)) {
            let result = decode(pieces)
            #expect(result.ended)
            #expect(result.stream.verdict == fixture.verdict)
            #expect(result.message == octets(fixture.message))
            #expect(result.stream.length == UInt64(fixture.message.utf8.count))
            #expect(result.rest == octets(fixture.rest))
            #expect(Int(result.stream.consumed) == fixture.sent.utf8.count - fixture.rest.utf8.count)
        }
    }

    @Test("A smuggled end is no end", arguments: smuggling)
    func smuggled(_ trick: (end: String, verdict: MessageVerdict)) {
        let hidden = "MAIL FROM:<ceo@example.com>\r\nRCPT TO:<all@example.com>\r\nDATA\r\nFrom: ceo\r\n\r\npay"
        let sent = octets("Subject: harmless\r\n\r\nhello\(trick.end)\(hidden)\r\n.\r\nQUIT\r\n")
        for pieces in Splitting.all(sent) {
            let result = decode(pieces)
            #expect(result.ended)
            #expect(result.stream.verdict == trick.verdict)
            #expect(result.rest == octets("QUIT\r\n"))
        }
    }

    @Test("Behind a true end stand commands, and a bad message before it is refused all the same")
    func refusedBeforeTrueEnd() {
        for pieces in Splitting.all(octets("hello\r\r\n.\r\nRSET\r\n")) {
            let result = decode(pieces)
            #expect(result.ended && result.stream.verdict == .bareCarriageReturn)
            #expect(result.rest == octets("RSET\r\n"))
        }
    }

    @Test("A message that is too large is read over to its end")
    func tooLarge() {
        let sent = octets("12345\r\n67890\r\n.\r\nNOOP\r\n")
        for (limit, verdict) in [(14, .acceptable), (13, .tooLarge), (7, .tooLarge), (0, .tooLarge)]
            as [(UInt64, MessageVerdict)]
        {
            for pieces in Splitting.all(sent) {
                let result = decode(pieces, limit: limit)
                #expect(result.ended && result.stream.verdict == verdict)
                #expect(UInt64(result.message.count) <= limit)
                #expect(result.rest == octets("NOOP\r\n"))
            }
        }
    }

    @Test("Whatever is encoded comes back, however it is cut", arguments: 0..<300)
    func roundTrip(_ seed: Int) {
        var dice = Dice(UInt64(seed))
        let lines = (0..<Int.random(in: 0..<8, using: &dice)).map { _ in
            String(
                (0..<Int.random(in: 0..<6, using: &dice)).map { _ in "..ab\u{FC}".randomElement(using: &dice) ?? "." })
        }
        let message = octets(lines.map { $0 + "\r\n" }.joined())
        var encoder = DotEncoder()
        var wire: [UInt8] = []
        for piece in cut(message, &dice) { encoder.encode(piece, into: &wire) }
        encoder.finish(into: &wire)
        #expect(encoder.isStrict)
        let result = decode(cut(wire + octets("RSET\r\n"), &dice))
        #expect(result.ended && result.stream.verdict == .acceptable)
        #expect(result.message == message)
        #expect(result.rest == octets("RSET\r\n"))
    }

    @Test("Random octets: one end for every way of cutting, and it is the first CRLF . CRLF", arguments: 0..<400)
    func randomOctets(_ seed: Int) {
        var dice = Dice(UInt64(seed) &+ 7777)
        let alphabet: [UInt8] = [0x0D, 0x0A, 0x2E, 0x61, 0x0D, 0x0A, 0x2E, 0x00]
        let sent =
            (0..<24).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &dice)] } + octets("\r\n.\r\n")
        // A dot line at the very start ends an empty message; elsewhere the end is five octets.
        let all = octets("\r\n") + sent
        let end = (0...(all.count - 5)).first { Array(all[$0..<$0 + 5]) == octets("\r\n.\r\n") }.map { $0 + 3 }
        let whole = decode([sent])
        #expect(whole.ended)
        #expect(Int(whole.stream.consumed) == end)
        for _ in 0..<5 {
            let other = decode(cut(sent, &dice))
            #expect(other.stream.verdict == whole.stream.verdict)
            #expect(other.stream.consumed == whole.stream.consumed)
            #expect(other.rest == whole.rest)
            if whole.stream.verdict == .acceptable { #expect(other.message == whole.message) }
        }
        let body = sent[..<(Int(whole.stream.consumed) - 3)]
        #expect((whole.stream.verdict == .acceptable) == isStrict(Array(body)))
    }

    /// Whether each CR is followed by LF, each LF follows CR, and there is no NUL: said as plainly as possible.
    private func isStrict(_ octets: [UInt8]) -> Bool {
        octets.indices.allSatisfy { index in
            switch octets[index] {
            case 0: false
            case 0x0D: index + 1 < octets.count && octets[index + 1] == 0x0A
            case 0x0A: index > 0 && octets[index - 1] == 0x0D
            default: true
            }
        }
    }

    private func cut(_ octets: [UInt8], _ dice: inout Dice) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = octets[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...min(rest.count, 7), using: &dice)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }
}

@Suite("The message on its way out")
struct DotEncoderTests {
    @Test(
        "Stuffed and ended",
        arguments: [
            ("", ".\r\n"), (".", "..\r\n.\r\n"), ("a", "a\r\n.\r\n"), ("a\r\n", "a\r\n.\r\n"),
            (".\r\n.\r\n", "..\r\n..\r\n.\r\n"), ("a.b\r\n.c", "a.b\r\n..c\r\n.\r\n"), ("..\r\n", "...\r\n.\r\n"),
        ])
    func encodes(_ message: String, _ wire: String) {
        for pieces in Splitting.all(octets(message)) {
            var encoder = DotEncoder()
            var output: [UInt8] = []
            for piece in pieces { encoder.encode(piece, into: &output) }
            encoder.finish(into: &output)
            #expect(output == octets(wire))
            #expect(encoder.isStrict)
        }
    }

    @Test(
        "A line end that is none is noticed",
        arguments: ["a\n", "a\r", "\n.\n", "\r.\r\n", "a\r\r\n", "\n", "\r", "a\r\nb\n", "\rb", "a\r\n\n"])
    func notices(_ message: String) {
        for pieces in Splitting.all(octets(message)) {
            var encoder = DotEncoder()
            var output: [UInt8] = []
            for piece in pieces { encoder.encode(piece, into: &output) }
            encoder.finish(into: &output)
            #expect(!encoder.isStrict)
        }
    }
}
