package import Bytes

/// Reads a server's replies (RFC 5321 §4.2) as leniently as they are written: lines may end with LF alone, and the
/// blank after the code may be missing.
package struct SMTPReplyParser: Sendable {
    /// The longest line, its end included.
    package static let lineLimit = 4096
    /// The most lines of one reply.
    package static let countLimit = 256

    private var framed = 0
    private var lines: [(code: Int, text: ArraySlice<UInt8>)] = []

    package init() {}

    /// Takes the next reply from the queue; nil when it is not complete yet. After an error the stream is of no use.
    package mutating func next(from queue: inout ByteQueue) throws(SMTPSyntaxError) -> SMTPReply? {
        while true {
            guard let end = queue.firstOffset(of: ASCII.lf, from: framed) else {
                framed = queue.count
                guard framed <= Self.lineLimit else { throw .replyTooLong }
                return nil
            }
            framed = 0
            guard end < Self.lineLimit, lines.count < Self.countLimit else { throw .replyTooLong }
            var line = queue.take(end + 1)[...]
            line = line.dropLast()
            if line.last == ASCII.cr { line = line.dropLast() }
            if try take(line) { return finish() }
        }
    }

    /// Takes one line; true when it was the last one.
    private mutating func take(_ line: ArraySlice<UInt8>) throws(SMTPSyntaxError) -> Bool {
        guard line.count >= 3, let code = line.prefix(3).decimalValue, (200...599).contains(code) else {
            throw .badReply
        }
        if let first = lines.first, first.code != Int(code) { throw .badReply }
        let rest = line.dropFirst(3)
        guard let separator = rest.first else {
            lines.append((Int(code), rest))
            return true
        }
        guard separator == ASCII.space || separator == 0x2D || separator == ASCII.tab else { throw .badReply }
        lines.append((Int(code), rest.dropFirst()))
        return separator != 0x2D
    }

    private mutating func finish() -> SMTPReply {
        defer { lines = [] }
        let code = lines.first?.code ?? 0
        var enhanced: EnhancedStatus?
        let texts = lines.map { line in
            var text = line.text
            // Each line repeats the enhanced code (RFC 2034 §4); the class has to agree with the reply's.
            if let status = EnhancedStatus(takenFrom: &text), status.kind == code / 100 {
                enhanced = enhanced ?? status
                return String(lossy: text)
            }
            return String(lossy: line.text)
        }
        return SMTPReply(code, enhanced, texts)
    }
}
