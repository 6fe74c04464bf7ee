internal import Bytes

/// What announces a literal at the end of a line: `{5}`, `{5+}` and `~{5}` (RFC 9051 §4.3, RFC 7888, RFC 3516).
struct LiteralHead: Equatable {
    /// No line can hold a longer one that still means something: `~{`, twenty digits, `+}`.
    static let longest = 24

    /// Where it begins, the `~` included.
    var position: Int
    /// Nil when the number exceeds 64 bits.
    var size: UInt64?
    var isSynchronizing: Bool
    var isBinary: Bool

    /// The head that the line `bytes[start..<end]` (without its line end) ends with.
    /// - Parameters:
    ///   - looksAtQuotes: a brace within a quoted string is none: such a string has no end, and the line is for
    ///   the parser to refuse. Servers are trusted not to break a string, but not to balance their quotes.
    ///   - quotes: what has passed of the line before `start`.
    init?(
        endOf bytes: [UInt8], from start: Int, to end: Int, looksAtQuotes: Bool = true,
        after quotes: QuoteScan = .init()
    ) {
        var index = end - 1
        guard index > start, bytes[index] == UInt8(ascii: "}") else { return nil }
        index -= 1
        isSynchronizing = bytes[index] != UInt8(ascii: "+")
        if !isSynchronizing { index -= 1 }
        let digitsEnd = index + 1
        while index >= start, ASCII.isDigit(bytes[index]) { index -= 1 }
        guard index >= start, digitsEnd > index + 1, bytes[index] == UInt8(ascii: "{") else { return nil }
        size = bytes[index + 1..<digitsEnd].decimalValue
        isBinary = index > start && bytes[index - 1] == UInt8(ascii: "~")
        position = isBinary ? index - 1 : index
        guard looksAtQuotes else { return }
        var quotes = quotes
        quotes.pass(bytes[start..<position])
        guard !quotes.isQuoted else { return nil }
    }
}

/// Whether the octets after those that it has passed lie within a quoted string.
struct QuoteScan: Equatable, Sendable {
    private(set) var isQuoted = false
    private var isEscaped = false

    mutating func pass(_ octets: ArraySlice<UInt8>) {
        for byte in octets {
            if isEscaped {
                isEscaped = false
            } else if byte == ASCII.quote {
                isQuoted.toggle()
            } else if isQuoted, byte == ASCII.backslash {
                isEscaped = true
            }
        }
    }
}
