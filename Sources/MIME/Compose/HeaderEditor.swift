internal import Bytes

/// Adds and removes fields of a header block; what stays is not rewritten.
package struct HeaderEditor: Sendable {
    private var fields: [UInt8]
    private let emptyLine: [UInt8]

    /// - Parameter header: the header, up to and with its empty line. Where there is none, the message is its header
    ///   alone (RFC 5322 §2.1), and none is added. What lies behind the empty line is dropped.
    package init(_ header: [UInt8]) {
        var position = 0
        var emptyLine: [UInt8] = []
        while position < header.count {
            guard let end = HeaderLine.end(in: header, from: position) else {
                emptyLine = header[position] == ASCII.lf ? [ASCII.lf] : [ASCII.cr, ASCII.lf]
                break
            }
            position = end
        }
        fields = Array(header[..<position])
        if let last = fields.last, last != ASCII.lf { fields.append(contentsOf: [ASCII.cr, ASCII.lf]) }
        self.emptyLine = emptyLine
    }

    /// Removes every field of this name, compared without case.
    package mutating func remove(_ name: String) {
        let ranges = HeaderFields(fields).filter { $0.isNamed(name) }.map(\.range)
        guard !ranges.isEmpty else { return }
        var kept: [UInt8] = []
        var position = 0
        for range in ranges {
            kept.append(contentsOf: fields[position..<range.lowerBound])
            position = range.upperBound
        }
        kept.append(contentsOf: fields[position...])
        fields = kept
    }

    /// Gives the first field of this name another raw value, which has no line end that is not followed by a blank;
    /// nothing when there is no such field.
    package mutating func setRawValue(_ value: [UInt8], of name: String) {
        guard let field = HeaderFields(fields).first(where: { $0.isNamed(name) }) else { return }
        fields.replaceSubrange(field.rawValue.startIndex..<field.rawValue.endIndex, with: value)
    }

    /// Whether a field of this name is there, compared without case.
    package func contains(_ name: String) -> Bool { HeaderFields(fields).contains { $0.isNamed(name) } }

    /// Puts fields before all others.
    package mutating func prepend(_ fields: HeaderWriter) { self.fields = fields.bytes + self.fields }

    /// Puts fields after all others.
    package mutating func append(_ fields: HeaderWriter) { self.fields += fields.bytes }

    /// The header, with its empty line if it had one.
    package var bytes: [UInt8] { fields + emptyLine }
}
