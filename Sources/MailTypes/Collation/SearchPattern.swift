internal import Bytes

/// A text to be looked for in others by a collation, as SEARCH looks for one (RFC 4790 §4.2.3).
package struct SearchPattern: Sendable {
    private let collation: Collation
    private let pattern: [UInt8]
    /// For each place the length of the longest proper prefix that ends there too, by which a search falls back
    /// instead of beginning again: it looks at each octet at most twice, whatever the pattern.
    private let fallback: [Int]

    package init(_ text: String, _ collation: Collation) { self.init(collation.key(of: text), collation) }

    /// - Parameter octets: UTF-8, or octets that only themselves are equal to.
    package init(_ octets: [UInt8], _ collation: Collation) { self.init(collation.key(of: octets), collation) }

    private init(_ key: CollationKey, _ collation: Collation) {
        self.collation = collation
        pattern = key.octets
        var fallback = [Int](repeating: 0, count: pattern.count)
        var length = 0
        for place in pattern.indices.dropFirst() {
            while length > 0, pattern[place] != pattern[length] { length = fallback[length - 1] }
            if pattern[place] == pattern[length] { length += 1 }
            fallback[place] = length
        }
        self.fallback = fallback
    }

    /// Whether the text contains what is looked for; every text contains the empty one.
    package func isFound(in text: String) -> Bool { isFound(in: collation.key(of: text)) }

    /// Whether the text with this key, made by the same collation, contains what is looked for.
    package func isFound(in key: CollationKey) -> Bool {
        guard let first = pattern.first else { return true }
        let octets = key.octets
        var position = 0
        var matched = 0
        while position < octets.count {
            if matched == 0 {
                guard let next = ByteSearch.first(first, in: octets, from: position) else { return false }
                position = next
            }
            if octets[position] == pattern[matched] {
                position += 1
                matched += 1
                if matched == pattern.count { return true }
            } else if matched > 0 {
                matched = fallback[matched - 1]
            }
        }
        return false
    }
}
