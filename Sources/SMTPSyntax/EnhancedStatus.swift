internal import Bytes

/// An enhanced status code (RFC 3463 §2): `class.subject.detail`.
package struct EnhancedStatus: Hashable, Sendable, CustomStringConvertible {
    /// 2 for success, 4 for a failure that may pass, 5 for one that will not.
    package let kind: Int
    /// 0 to 999.
    package let subject: Int
    /// 0 to 999.
    package let detail: Int

    package init(_ kind: Int, _ subject: Int, _ detail: Int) {
        self.kind = kind
        self.subject = subject
        self.detail = detail
    }

    /// Reads the code that a text begins with, followed by a space or the end; nil when it begins with none.
    /// Takes it, and the space, from the text.
    package init?(takenFrom text: inout ArraySlice<UInt8>) {
        let word = text.prefix { $0 != ASCII.space }
        guard word.count <= 9 else { return nil }
        let numbers = word.split(separator: 0x2E, omittingEmptySubsequences: false).compactMap(\.decimalValue)
        guard numbers.count == 3, word.count(where: { $0 == 0x2E }) == 2, [2, 4, 5].contains(numbers[0]),
            numbers[1] <= 999, numbers[2] <= 999
        else { return nil }
        self.init(Int(numbers[0]), Int(numbers[1]), Int(numbers[2]))
        text = text.dropFirst(word.count)
        if text.first == ASCII.space { text = text.dropFirst() }
    }

    package var description: String { "\(kind).\(subject).\(detail)" }

    /// X.0.0: nothing more is known than the class.
    package static func undefined(_ kind: Int) -> EnhancedStatus { EnhancedStatus(kind, 0, 0) }
}
