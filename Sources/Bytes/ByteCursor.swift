/// A place in complete bytes that a predictive parser reads from, one octet of look-ahead at a time.
///
/// It shares the array and copies none of it. Reading past `end` gives nil, never a trap.
package struct ByteCursor: Sendable {
    package let bytes: [UInt8]
    /// The index of the next octet, at most `end`.
    package var position: Int
    /// One past the last octet this cursor may read.
    package let end: Int

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    /// - Precondition: `range` lies within `bytes`.
    package init(_ bytes: [UInt8], in range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    package var isAtEnd: Bool { position >= end }
    /// How many octets are left.
    package var remaining: Int { end - position }
    /// The next octet, left in place.
    package var peek: UInt8? { position < end ? bytes[position] : nil }

    /// The octet `offset` places ahead, left in place.
    package func peek(at offset: Int) -> UInt8? {
        position + offset < end ? bytes[position + offset] : nil
    }

    /// Takes the next octet.
    package mutating func next() -> UInt8? {
        guard position < end else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    /// Takes the next octet when it is `byte`.
    package mutating func skip(_ byte: UInt8) -> Bool {
        guard position < end, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// Takes `word` when it comes next, ASCII letters compared without case.
    package mutating func skip(ignoringCase word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard remaining >= length else { return false }
        let start = position
        let matches = word.withUTF8Buffer { expected in
            expected.indices.allSatisfy {
                ASCII.lowercased(bytes[start + $0]) == ASCII.lowercased(unsafe expected[$0])
            }
        }
        if matches { position += length }
        return matches
    }

    /// Takes octets as long as `belongs` holds for them, and returns where they lie in `bytes`.
    package mutating func takeRange(while belongs: (UInt8) -> Bool) -> Range<Int> {
        let start = position
        while position < end, belongs(bytes[position]) { position += 1 }
        return start..<position
    }

    /// Takes octets as long as `belongs` holds for them.
    package mutating func take(while belongs: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        bytes[takeRange(while: belongs)]
    }

    /// Takes exactly `count` octets, or none and nil when fewer are left.
    package mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, remaining >= count else { return nil }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// Takes decimal digits as a number; nil (and nothing taken) when none come next or they exceed 64 bits.
    package mutating func takeNumber() -> UInt64? {
        let start = position
        let digits = take(while: ASCII.isDigit)
        guard let value = digits.decimalValue else {
            position = start
            return nil
        }
        return value
    }
}
