package import Bytes

/// Cuts a client's octets into command lines.
///
/// A line ends with CRLF and nothing else. Where LF stands alone the line ends for the framing's sake and is reported
/// as wrong, so that no octets are ever read as a command by one side and as text by the other.
package struct SMTPLineFramer: Sendable {
    /// The longest line, CRLF included: what RFC 4954 §4 asks for a response to a challenge.
    package static let limit = 12_290

    package enum Line: Hashable, Sendable {
        /// Without its CRLF.
        case complete([UInt8])
        /// Longer than the limit; read over to its end.
        case tooLong
        /// It ended with LF alone, or has a CR or NUL in it. Without its end.
        case malformed([UInt8])
    }

    /// How much of the queue is known to hold no line end.
    private var scanned = 0
    private var isDraining = false
    private let limit: Int

    package init(limit: Int = SMTPLineFramer.limit) { self.limit = limit }

    /// Takes the next line from the queue; nil when its end has not come yet. Above the limit the queue does not
    /// grow: what cannot become a line is dropped as it comes.
    ///
    /// Between nil and the next call nobody else may take from the queue.
    package mutating func next(from queue: inout ByteQueue) -> Line? {
        guard let end = queue.firstOffset(of: ASCII.lf, from: scanned) else {
            scanned = queue.count
            if queue.count >= limit {
                isDraining = true
                queue.removeAll()
            }
            if isDraining {
                queue.removeAll()
                scanned = 0
            }
            return nil
        }
        scanned = 0
        guard !isDraining, end < limit else {
            isDraining = false
            queue.drop(end + 1)
            return .tooLong
        }
        let line = queue.take(end + 1)
        guard end > 0, line[end - 1] == ASCII.cr else { return .malformed(Array(line.dropLast())) }
        let text = Array(line[..<(end - 1)])
        return text.contains { $0 == ASCII.cr || $0 == ASCII.nul } ? .malformed(text) : .complete(text)
    }
}
