internal import Bytes

/// How a number is written in a subject: digits between a prefix and a postfix, `[T-123]`. Both may hold `{YYYY}`
/// and `{MM}`, which stand for four and two digits. ASCII letters compare without case.
package struct NumberPattern: Hashable, Sendable, Codable {
    /// How many digits a number has at most.
    package static let digitLimit = 12
    /// How many numbers are read from one subject at most.
    package static let matchLimit = 16

    package var prefix: String
    package var postfix: String

    package init(prefix: String, postfix: String = "") {
        self.prefix = prefix
        self.postfix = postfix
    }

    /// A number found in a text.
    package struct Match: Hashable, Sendable, Codable {
        package let number: Int64
        /// The whole match without brackets and blanks around it: `T-123`, `2026/05-123`.
        package let label: String
    }

    /// The numbers in `text`, from the left, each once.
    package func matches(in text: String) -> [Match] {
        let before = Self.parts(prefix)
        let after = Self.parts(postfix)
        let bytes = Array(text.utf8)
        var found: [Match] = []
        var start = 0
        while start < bytes.count, found.count < Self.matchLimit {
            defer { start += 1 }
            guard let digitsStart = Self.skip(before, bytes, from: start) else { continue }
            // Without a prefix a number must not be the tail of a longer one.
            if before.isEmpty, digitsStart > 0, ASCII.isDigit(bytes[digitsStart - 1]) { continue }
            var digitsEnd = digitsStart
            while digitsEnd < bytes.count, ASCII.isDigit(bytes[digitsEnd]) { digitsEnd += 1 }
            let digits = bytes[digitsStart..<digitsEnd]
            guard digits.count <= Self.digitLimit, let number = digits.decimalValue,
                let end = Self.skip(after, bytes, from: digitsEnd)
            else { continue }
            let match = Match(number: Int64(number), label: Self.trimmed(bytes[start..<end]))
            if !found.contains(match) { found.append(match) }
            start = end - 1
        }
        return found
    }

    private enum Part {
        case byte(UInt8)
        case digit
    }

    private static func parts(_ text: String) -> [Part] {
        var parts: [Part] = []
        var rest = text.lowercased()[...]
        while let first = rest.first {
            if rest.hasPrefix("{yyyy}") {
                parts += [.digit, .digit, .digit, .digit]
                rest = rest.dropFirst(6)
            } else if rest.hasPrefix("{mm}") {
                parts += [.digit, .digit]
                rest = rest.dropFirst(4)
            } else {
                parts += first.utf8.map { .byte($0) }
                rest = rest.dropFirst()
            }
        }
        return parts
    }

    private static func skip(_ parts: [Part], _ bytes: [UInt8], from start: Int) -> Int? {
        guard start + parts.count <= bytes.count else { return nil }
        for (offset, part) in parts.enumerated() {
            let byte = bytes[start + offset]
            switch part {
            case .byte(let expected): guard ASCII.lowercased(byte) == expected else { return nil }
            case .digit: guard ASCII.isDigit(byte) else { return nil }
            }
        }
        return start + parts.count
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        let around = Set("[](){}<># \t".utf8)
        let text = bytes.drop { around.contains($0) }
        let end = text.lastIndex { !around.contains($0) }.map { $0 + 1 } ?? text.startIndex
        return String(lossy: text[..<end])
    }
}
