internal import Bytes
internal import MailTypes

/// Some of a list by their places in it, counted from 1 at its beginning or at its end: the results of a search
/// (RFC 5267 §4.4, RFC 9394 §3.1), the messages of a FETCH (RFC 9394 §3.3).
package struct ResultRange: Hashable, Sendable, CustomStringConvertible {
    /// At least 1; may be greater than `second`.
    package var first: UInt32
    /// At least 1.
    package var second: UInt32
    /// `-1:-100`: place 1 is the last.
    package var isFromEnd: Bool

    package init(_ first: UInt32, _ second: UInt32, isFromEnd: Bool = false) {
        self.first = first
        self.second = second
        self.isFromEnd = isFromEnd
    }

    /// The indices meant of a list of `count`; empty when it has no such places.
    package func indices(of count: Int) -> Range<Int> {
        let lower = Swift.min(Int(Swift.min(first, second)) - 1, count)
        let upper = Swift.min(Int(Swift.max(first, second)), count)
        return isFromEnd ? count - upper..<count - lower : lower..<upper
    }

    /// As it stands on the wire.
    package var description: String { isFromEnd ? "-\(first):-\(second)" : "\(first):\(second)" }
}

extension CommandReader {
    /// `partial-range`; both ends are counted from the same side.
    mutating func resultRange() throws(IMAPSyntaxError) -> ResultRange {
        let isFromEnd = skip(UInt8(ascii: "-"))
        let first = try positiveNumber()
        try expect(UInt8(ascii: ":"), "a colon")
        if isFromEnd { try expect(UInt8(ascii: "-"), "a minus") }
        return ResultRange(first, try positiveNumber(), isFromEnd: isFromEnd)
    }
}

extension ResponseReader {
    /// `partial-range`, nil when it is none.
    mutating func resultRange() -> ResultRange? {
        let isFromEnd = skip(UInt8(ascii: "-"))
        guard let first = number32(), first > 0, skip(UInt8(ascii: ":")) else { return nil }
        if isFromEnd, !skip(UInt8(ascii: "-")) { return nil }
        guard let second = number32(), second > 0 else { return nil }
        return ResultRange(first, second, isFromEnd: isFromEnd)
    }
}
