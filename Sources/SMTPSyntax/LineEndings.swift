internal import Bytes

/// Follows the line ends of a message, to find out whether every CR and LF stands in a CRLF (RFC 5321 §2.3.8).
///
/// A message where one does not must not be sent: some servers would see lines, and so an end of data, where others saw
/// none.
package struct LineEndings: Sendable {
    /// The first CR or LF that stands alone. Final once `finish` was called.
    package private(set) var fault: MessageVerdict?
    /// Whether every CR and LF so far stood in a CRLF. Final once `finish` was called.
    package var isStrict: Bool { fault == nil }
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
        if isAfterReturn, end > start { note(.bareCarriageReturn) }
        let first = ByteSearch.first(ASCII.cr, in: octets, from: start, to: end)
        if let first, first != end - 1 { note(.bareCarriageReturn) }
        let endsWithReturn = end > start ? octets[end - 1] == ASCII.cr : isAfterReturn
        guard feed != nil else {
            if end > start { isAtLineStart = false }
            isAfterReturn = endsWithReturn
            return end
        }
        if !endsWithReturn { note(.bareLineFeed) }
        isAtLineStart = endsWithReturn
        isAfterReturn = false
        return end + 1
    }

    /// The message has ended.
    package mutating func finish() {
        if isAfterReturn { note(.bareCarriageReturn) }
        isAfterReturn = false
    }

    private mutating func note(_ found: MessageVerdict) {
        if fault == nil { fault = found }
    }
}
