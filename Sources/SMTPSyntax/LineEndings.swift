internal import Bytes

/// Follows the line ends of a message, to find out whether every CR and LF stands in a CRLF (RFC 5321 §2.3.8).
///
/// A message where one does not must not be sent: some servers would see lines, and so an end of data, where others saw
/// none.
package struct LineEndings: Sendable {
    /// Whether every CR and LF so far stood in a CRLF. Final once `finish` was called.
    package private(set) var isStrict = true
    /// Whether the next octet begins a line.
    package private(set) var isAtLineStart = true
    private var isAfterReturn = false

    package init() {}

    /// Takes the next octets.
    package mutating func take(_ octets: [UInt8]) {
        var index = 0
        while index < octets.count { index = takeLine(octets, from: index) }
    }

    /// Takes octets up to and with the next LF, or to the end; returns the index behind them.
    mutating func takeLine(_ octets: [UInt8], from start: Int) -> Int {
        let feed = ByteSearch.first(ASCII.lf, in: octets, from: start)
        let end = feed ?? octets.count
        if isAfterReturn, end > start { isStrict = false }
        let first = ByteSearch.first(ASCII.cr, in: octets, from: start, to: end)
        if let first, first != end - 1 { isStrict = false }
        let endsWithReturn = end > start ? octets[end - 1] == ASCII.cr : isAfterReturn
        guard feed != nil else {
            if end > start { isAtLineStart = false }
            isAfterReturn = endsWithReturn
            return end
        }
        if !endsWithReturn { isStrict = false }
        isAtLineStart = endsWithReturn
        isAfterReturn = false
        return end + 1
    }

    /// The message has ended.
    package mutating func finish() {
        if isAfterReturn { isStrict = false }
        isAfterReturn = false
    }
}
