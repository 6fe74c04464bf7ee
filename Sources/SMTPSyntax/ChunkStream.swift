internal import Bytes

/// Takes a message out of the chunks that follow BDAT (RFC 3030 §2).
///
/// Its end is told by the command, so nothing is stuffed and no octet ends it. But what is text has to be text as after
/// DATA, also where a line end or a line is cut by a chunk's end: the message may leave by DATA, and who reads it behind us
/// takes it for lines. Of a binary message (BODY=BINARYMIME, RFC 3030 §3) the header alone is text.
package struct ChunkStream: Sendable {
    /// The first thing found wrong, or `.acceptable`. Final once `finish` was called.
    package private(set) var verdict: MessageVerdict = .acceptable
    /// Octets taken so far, those of a message found wrong included.
    package private(set) var consumed: UInt64 = 0
    /// Octets of the message so far.
    package private(set) var length: UInt64 = 0

    private let sizeLimit: UInt64
    private let isBinary: Bool
    /// Whether what comes is text.
    private var isText = true
    private var lines = LineEndings()
    private var lineLength = 0

    /// - Parameters:
    ///   - sizeLimit: the most octets of a message, over all chunks.
    ///   - isBinary: whether the body may hold any octets.
    package init(sizeLimit: UInt64, isBinary: Bool) {
        self.sizeLimit = sizeLimit
        self.isBinary = isBinary
    }

    /// Takes the next octets of the message; false when they, or some before them, are wrong, and are not to be kept.
    package mutating func take(_ octets: [UInt8]) -> Bool {
        consumed += UInt64(octets.count)
        guard verdict == .acceptable else { return false }
        guard length + UInt64(octets.count) <= sizeLimit else {
            verdict = .tooLarge
            return false
        }
        length += UInt64(octets.count)
        var index = 0
        while isText, verdict == .acceptable, index < octets.count { index = takeLine(octets, from: index) }
        return verdict == .acceptable
    }

    /// The message has ended.
    package mutating func finish() {
        guard isText, verdict == .acceptable else { return }
        lines.finish()
        if let fault = lines.fault { verdict = fault }
    }

    private mutating func takeLine(_ octets: [UInt8], from start: Int) -> Int {
        let end = lines.takeLine(octets, from: start)
        lineLength += end - start
        if let fault = lines.fault {
            verdict = fault
        } else if ByteSearch.first(ASCII.nul, in: octets, from: start, to: end) != nil {
            verdict = .nul
        } else if lineLength > MessageVerdict.lineLimit {
            verdict = .lineTooLong
        } else if lines.isAtLineStart {
            // The empty line ends the header.
            if isBinary, lineLength == 2 { isText = false }
            lineLength = 0
        }
        return end
    }
}
