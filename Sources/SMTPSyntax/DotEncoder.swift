internal import Bytes

/// Writes a message as it follows DATA (RFC 5321 §4.5.2): a dot that begins a line gets a second one, and the end is
/// marked. It normalises nothing.
package struct DotEncoder: Sendable {
    /// Whether every CR and LF so far stood in a CRLF. A message where one does not must not be sent: some servers
    /// would see lines, and so an end of data, where this encoder saw none.
    package private(set) var isStrict = true

    private var isAtLineStart = true
    private var isAfterReturn = false

    package init() {}

    /// Appends the next octets of the message, stuffed.
    package mutating func encode(_ chunk: some RandomAccessCollection<UInt8>, into output: inout [UInt8]) {
        let octets = Array(chunk)
        var index = 0
        output.reserveCapacity(output.count + octets.count + 64)
        while index < octets.count {
            if isAtLineStart, octets[index] == 0x2E { output.append(0x2E) }
            let feed = ByteSearch.first(ASCII.lf, in: octets, from: index)
            let end = feed.map { $0 + 1 } ?? octets.count
            note(octets, index..<(feed ?? octets.count), endsWithFeed: feed != nil)
            output.append(contentsOf: octets[index..<end])
            index = end
        }
    }

    /// Appends the end of data. A message whose last line has no end gets one.
    package mutating func finish(into output: inout [UInt8]) {
        if isAfterReturn { isStrict = false }
        if !isAtLineStart { output.append(contentsOf: [ASCII.cr, ASCII.lf]) }
        output.append(contentsOf: [0x2E, ASCII.cr, ASCII.lf])
        isAtLineStart = true
        isAfterReturn = false
    }

    /// Follows the line ends: `text` is what stands before the next LF, or before the end of the chunk.
    private mutating func note(_ octets: [UInt8], _ text: Range<Int>, endsWithFeed: Bool) {
        if isAfterReturn, !text.isEmpty { isStrict = false }
        let first = ByteSearch.first(ASCII.cr, in: octets, from: text.lowerBound, to: text.upperBound)
        if let first, first != text.upperBound - 1 { isStrict = false }
        let endsWithReturn = text.isEmpty ? isAfterReturn : octets[text.upperBound - 1] == ASCII.cr
        if endsWithFeed {
            if !endsWithReturn { isStrict = false }
            isAtLineStart = endsWithReturn
            isAfterReturn = false
        } else {
            if !text.isEmpty { isAtLineStart = false }
            isAfterReturn = endsWithReturn
        }
    }
}
