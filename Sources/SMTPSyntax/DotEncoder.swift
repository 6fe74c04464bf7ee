internal import Bytes

/// Writes a message as it follows DATA (RFC 5321 §4.5.2): a dot that begins a line gets a second one, and the end is
/// marked. It normalises nothing.
package struct DotEncoder: Sendable {
    /// Whether every CR and LF so far stood in a CRLF; a message where one does not must not be sent.
    package var isStrict: Bool { lines.isStrict }

    private var lines = LineEndings()

    package init() {}

    /// Appends the next octets of the message, stuffed.
    package mutating func encode(_ chunk: some RandomAccessCollection<UInt8>, into output: inout [UInt8]) {
        let octets = Array(chunk)
        var index = 0
        output.reserveCapacity(output.count + octets.count + 64)
        while index < octets.count {
            if lines.isAtLineStart, octets[index] == 0x2E { output.append(0x2E) }
            let end = lines.takeLine(octets, from: index)
            output.append(contentsOf: octets[index..<end])
            index = end
        }
    }

    /// Appends the end of data. A message whose last line has no end gets one.
    package mutating func finish(into output: inout [UInt8]) {
        let isComplete = lines.isAtLineStart
        lines.finish()
        if !isComplete { output.append(contentsOf: [ASCII.cr, ASCII.lf]) }
        output.append(contentsOf: [0x2E, ASCII.cr, ASCII.lf])
    }
}
