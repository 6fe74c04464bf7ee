internal import Bytes

/// A word of the grammar, at most 24 letters, digits, `.` and `-`, packed so that a comparison is three integers.
struct Keyword: Equatable {
    /// Longer words are none that the grammar has.
    static let longest = 24

    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private var third: UInt64 = 0

    init() {}

    init(_ word: StaticString) {
        word.withUTF8Buffer { letters in
            for index in letters.indices { append(unsafe letters[index], at: index) }
        }
    }

    /// Adds an octet, letters in upper case. Past `longest` the word no longer equals any other.
    @inline(__always)
    mutating func append(_ byte: UInt8, at index: Int) {
        let upper = UInt64(ASCII.uppercased(byte))
        switch index >> 3 {
        case 0: first = first << 8 | upper
        case 1: second = second << 8 | upper
        case 2: third = third << 8 | upper
        default: third = .max
        }
    }

    var isEmpty: Bool { first == 0 }
}

/// Character classes of RFC 9051 §9 as bit masks, so that a test is a shift.
enum CharacterClass {
    // Bits 33 to 63 without `"` `%` `(` `)` `*`; bits 64 to 126 without `\` `]` `{` (in the second half: 28, 29, 59).
    private static let atomLow: UInt64 = 0xFFFF_F8DA_0000_0000
    private static let atomHigh: UInt64 = 0x77FF_FFFF_CFFF_FFFF
    private static let bracket: UInt64 = 1 << 29
    private static let wildcards: UInt64 = 1 << 0x25 | 1 << 0x2A
    private static let plus: UInt64 = 1 << 0x2B

    @inline(__always)
    private static func test(_ byte: UInt8, _ low: UInt64, _ high: UInt64) -> Bool {
        byte < 0x80 && ((byte < 64 ? low : high) &>> UInt64(byte & 63)) & 1 == 1
    }

    /// `ATOM-CHAR`.
    static func isAtom(_ byte: UInt8) -> Bool { test(byte, atomLow, atomHigh) }
    /// `ASTRING-CHAR`.
    static func isAString(_ byte: UInt8) -> Bool { test(byte, atomLow, atomHigh | bracket) }
    /// What a tag is made of: `ASTRING-CHAR` but no `+`.
    static func isTag(_ byte: UInt8) -> Bool { test(byte, atomLow & ~plus, atomHigh | bracket) }
    /// `list-char`.
    static func isList(_ byte: UInt8) -> Bool { test(byte, atomLow | wildcards, atomHigh | bracket) }
    /// What the grammar's own words are made of.
    static func isWord(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
    }
}
