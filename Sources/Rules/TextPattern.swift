/// Text that a rule looks for, compared without case.
///
/// Plain text is found anywhere. Text with `*` (any run) or `?` (any one character) must match from end to end.
/// Matching costs at most the product of both lengths; there is no backtracking to exploit.
package struct TextPattern: Hashable, Sendable, CustomStringConvertible {
    /// As the administrator wrote it.
    package let description: String
    private let folded: [Character]
    private let hasWildcards: Bool

    package init(_ text: String) {
        description = text
        folded = Array(text.lowercased())
        hasWildcards = text.contains { $0 == "*" || $0 == "?" }
    }

    package func matches(_ text: String) -> Bool {
        let folded = Array(text.lowercased())
        return hasWildcards ? Self.glob(self.folded, folded) : Self.contains(self.folded, folded)
    }

    private static func contains(_ pattern: [Character], _ text: [Character]) -> Bool {
        guard !pattern.isEmpty else { return true }
        guard text.count >= pattern.count else { return false }
        return (0...(text.count - pattern.count)).contains { start in
            pattern.indices.allSatisfy { text[start + $0] == pattern[$0] }
        }
    }

    // After the last `*` only that star's length is ever tried anew, so two indices are all the state there is.
    private static func glob(_ pattern: [Character], _ text: [Character]) -> Bool {
        var here = 0
        var there = 0
        var star: (pattern: Int, text: Int)?
        while there < text.count {
            if here < pattern.count, pattern[here] == "*" {
                star = (here, there)
                here += 1
            } else if here < pattern.count, pattern[here] == "?" || pattern[here] == text[there] {
                here += 1
                there += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                here = last.pattern + 1
                there = last.text + 1
            } else {
                return false
            }
        }
        return pattern[here...].allSatisfy { $0 == "*" }
    }
}

extension TextPattern: Codable {
    package init(from decoder: any Decoder) throws { self.init(try decoder.singleValueContainer().decode(String.self)) }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
