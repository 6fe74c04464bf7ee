internal import Bytes
package import MailTypes

/// Chooses header fields as `HEADER.FIELDS` and `HEADER.FIELDS.NOT` do (RFC 9051 §6.4.5.1). Made once, it serves any
/// number of headers.
package struct HeaderSelection: Hashable, Sendable {
    /// In lower case.
    private let names: [[UInt8]]
    /// A bit for each length that a name has, those above 63 taken for 63: most fields are told apart by it.
    private let lengths: UInt64
    private let isWanted: Bool

    /// - Parameter names: of fields, in either case.
    /// - Parameter isWanted: whether these are chosen, or all others.
    package init(_ names: [[UInt8]], isWanted: Bool) {
        self.names = names.map { $0.asciiLowercased() }
        lengths = names.reduce(0) { $0 | Self.bit(of: $1.count) }
        self.isWanted = isWanted
    }

    /// Nil where a section is not a selection of fields.
    package init?(_ text: BodySection.Text?) {
        switch text {
        case .headerFields(let names): self.init(names, isWanted: true)
        case .headerFieldsNot(let names): self.init(names, isWanted: false)
        case nil, .header, .text, .mime: return nil
        }
    }

    /// The chosen fields as they stand, and the empty line if there is one. A header without an empty line gives none.
    package func fields(of header: [UInt8]) -> [UInt8] {
        var chosen: [UInt8] = []
        chosen.reserveCapacity(header.count)
        var position = 0
        while position < header.count {
            let start = position
            guard let first = HeaderLine.end(in: header, from: start) else {
                // The empty line belongs to every selection.
                chosen.append(contentsOf: header[start...])
                return chosen
            }
            position = HeaderLine.fieldEnd(in: header, firstLineEnd: first)
            let colon = ByteSearch.first(ASCII.colon, in: header, from: start, to: first)
            let end = colon ?? HeaderLine.contentEnd(in: header, to: first)
            if isNamed(header, start..<end) == isWanted { chosen.append(contentsOf: header[start..<position]) }
        }
        return chosen
    }

    private static func bit(of length: Int) -> UInt64 { 1 << UInt64(min(length, 63)) }

    /// Whether these octets, less the blanks around them, are one of the names.
    private func isNamed(_ header: [UInt8], _ range: Range<Int>) -> Bool {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, ASCII.isBlank(header[start]) { start += 1 }
        while start < end, ASCII.isBlank(header[end - 1]) { end -= 1 }
        guard lengths & Self.bit(of: end - start) != 0 else { return false }
        return names.contains { name in
            guard name.count == end - start else { return false }
            for index in 0..<name.count where ASCII.lowercased(header[start + index]) != name[index] { return false }
            return true
        }
    }
}
