internal import Bytes

/// One field of a header, where it stands (RFC 5322 §2.2).
package struct HeaderField: Sendable {
    /// The whole field in the header: name, colon, folded lines and the line break that ends it.
    package let range: Range<Int>
    /// The name as written, without the blanks before the colon.
    package let name: ArraySlice<UInt8>
    /// What follows the colon as written, without the line break that ends the field.
    package let rawValue: ArraySlice<UInt8>

    /// The value with folding undone (RFC 5322 §2.2.3), each fold with the blanks around it one space, and the blanks
    /// at both ends removed.
    package var value: [UInt8] {
        var unfolded: [UInt8] = []
        unfolded.reserveCapacity(rawValue.count)
        var start = rawValue.startIndex
        // Inside a field each LF is followed by a blank, or it would have ended the field.
        while let end = ByteSearch.first(ASCII.lf, in: rawValue, from: start) {
            let line = rawValue[start..<end]
            unfolded.append(contentsOf: (line.last == ASCII.cr ? line.dropLast() : line).trimmingBlanks)
            unfolded.append(ASCII.space)
            start = end + 1
        }
        unfolded.append(contentsOf: rawValue[start...].trimmingBlanks)
        return Array(unfolded.trimmingBlanks)
    }

    /// The value as unstructured text for people: unfolded, encoded words decoded.
    package var text: String { EncodedWord.decode(value) }

    /// Compares the name without case.
    package func isNamed(_ name: String) -> Bool { self.name.equalsIgnoringASCIICase(name.utf8) }
}

/// The fields of a header block in order, found lazily; lines that are no field are passed over.
package struct HeaderFields: Sequence, Sendable {
    private let header: [UInt8]

    /// Reads up to the empty line, or to the end when there is none.
    package init(_ header: [UInt8]) { self.header = header }

    package func makeIterator() -> Iterator { Iterator(header) }

    package struct Iterator: IteratorProtocol {
        private let header: [UInt8]
        private var position = 0

        fileprivate init(_ header: [UInt8]) { self.header = header }

        package mutating func next() -> HeaderField? {
            while position < header.count {
                let start = position
                guard let first = HeaderLine.end(in: header, from: start) else { return nil }
                position = HeaderLine.fieldEnd(in: header, firstLineEnd: first)
                if let field = Self.field(in: header, from: start, firstLineEnd: first, to: position) { return field }
            }
            return nil
        }

        private static func field(in header: [UInt8], from start: Int, firstLineEnd: Int, to end: Int) -> HeaderField? {
            guard let colon = ByteSearch.first(ASCII.colon, in: header, from: start, to: firstLineEnd) else {
                return nil
            }
            var nameEnd = colon
            while nameEnd > start, ASCII.isBlank(header[nameEnd - 1]) { nameEnd -= 1 }
            let name = header[start..<nameEnd]
            // RFC 5322 §2.2 allows 33 to 126; octets above are let through, for they harm nobody.
            guard !name.isEmpty, name.allSatisfy({ $0 > ASCII.space && $0 != 0x7F }) else { return nil }
            return HeaderField(
                range: start..<end, name: name, rawValue: header[colon + 1..<HeaderLine.contentEnd(in: header, to: end)]
            )
        }
    }
}

/// Where lines of a header end.
enum HeaderLine {
    /// The index behind the line that begins at `start`; nil when the line is the empty one that ends the header.
    static func end(in header: [UInt8], from start: Int) -> Int? {
        let end = ByteSearch.first(ASCII.lf, in: header, from: start).map { $0 + 1 } ?? header.count
        let isEmpty =
            header[start] == ASCII.lf
            || (end == start + 2 && header[start] == ASCII.cr && header[start + 1] == ASCII.lf)
        return isEmpty ? nil : end
    }

    /// The index behind the last folded line of the field whose first line ends at `firstLineEnd`.
    static func fieldEnd(in header: [UInt8], firstLineEnd: Int) -> Int {
        var end = firstLineEnd
        while end < header.count, ASCII.isBlank(header[end]), header[end - 1] == ASCII.lf {
            end = ByteSearch.first(ASCII.lf, in: header, from: end).map { $0 + 1 } ?? header.count
        }
        return end
    }

    /// `end` without the line break before it.
    static func contentEnd(in header: [UInt8], to end: Int) -> Int {
        guard end > 0, header[end - 1] == ASCII.lf else { return end }
        return end > 1 && header[end - 2] == ASCII.cr ? end - 2 : end - 1
    }
}
