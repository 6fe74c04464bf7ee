import Bytes
import SMTPSyntax
import Testing

@Suite("The message after BDAT")
struct ChunkStreamTests {
    private func judge(_ pieces: [[UInt8]], limit: UInt64 = 1 << 22, isBinary: Bool = false) -> ChunkStream {
        var stream = ChunkStream(sizeLimit: limit, isBinary: isBinary)
        var kept = true
        for piece in pieces {
            let isKept = stream.take(piece)
            #expect(kept || !isKept)
            kept = isKept
        }
        stream.finish()
        return stream
    }

    @Test(
        "Text ends its lines by CRLF and has no NUL, however it is cut",
        arguments: [
            ("", .acceptable), ("a", .acceptable), ("a\r\n", .acceptable), (".\r\n..\r\n\r\n", .acceptable),
            ("\r\n.\r\nQUIT\r\n", .acceptable), ("żółw\r\n", .acceptable), ("a\n", .bareLineFeed),
            ("\n", .bareLineFeed), ("a\r", .bareCarriageReturn), ("\r", .bareCarriageReturn),
            ("a\rb\r\n", .bareCarriageReturn), ("a\r\r\n", .bareCarriageReturn), ("a\r\n\n", .bareLineFeed),
            ("a\0b", .nul), ("\0", .nul), ("a\r\n\0\r\n", .nul), ("\r\n\n.\r\n", .bareLineFeed),
        ] as [(String, MessageVerdict)])
    func text(_ message: String, _ verdict: MessageVerdict) {
        for pieces in Splitting.all(octets(message)) {
            let stream = judge(pieces)
            #expect(stream.verdict == verdict)
            #expect(stream.consumed == UInt64(message.utf8.count))
        }
    }

    @Test(
        "Of a binary message the header alone is text",
        arguments: [
            ("A: b\r\n\r\n\0\n\r\u{1}", .acceptable), ("\r\n\n\r\0", .acceptable), ("A: b\r\n\r\n", .acceptable),
            ("A: b", .acceptable), ("A: b\nC: d\r\n\r\n", .bareLineFeed), ("A: \0\r\n\r\n", .nul),
            ("A\rB: c\r\n\r\n", .bareCarriageReturn), ("A: b\n\nx", .bareLineFeed), ("A: b\r", .bareCarriageReturn),
            ("A: b\r\n \r\n\0\r\n\r\n", .nul),
        ] as [(String, MessageVerdict)])
    func binary(_ message: String, _ verdict: MessageVerdict) {
        for pieces in Splitting.all(octets(message)) {
            #expect(judge(pieces, isBinary: true).verdict == verdict, "\(message.debugDescription)")
        }
    }

    @Test("The limit counts over all chunks")
    func tooLarge() {
        for pieces in Splitting.all(octets("12345\r\n67890\r\n")) {
            #expect(judge(pieces, limit: 14).verdict == .acceptable)
            let stream = judge(pieces, limit: 13)
            #expect(stream.verdict == .tooLarge && stream.length <= 13 && stream.consumed == 14)
        }
    }

    @Test("A line may be long, but not longer than its limit, by BDAT and by DATA", arguments: [0, 1])
    func longLine(_ excess: Int) {
        let line = [UInt8](repeating: 0x61, count: MessageVerdict.lineLimit - 2 + excess) + [0x0D, 0x0A]
        let message = octets("Subject: x\r\n\r\n") + line + line
        let verdict: MessageVerdict = excess == 0 ? .acceptable : .lineTooLong
        for size in [message.count, 65_536, 1000] {
            let pieces = stride(from: 0, to: message.count, by: size).map {
                Array(message[$0..<min($0 + size, message.count)])
            }
            #expect(judge(pieces).verdict == verdict)
            var stream = DotStream(sizeLimit: 1 << 22)
            var queue = ByteQueue()
            var output: [UInt8] = []
            for piece in pieces + [octets(".\r\n")] {
                queue.append(contentsOf: piece)
                _ = stream.decode(&queue, into: &output)
            }
            #expect(stream.verdict == verdict)
            #expect(excess == 1 || output == message)
        }
        #expect(excess == 1 || judge([message], isBinary: true).verdict == .acceptable)
    }
}
