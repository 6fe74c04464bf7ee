internal import Bytes

/// A way to compare text (RFC 4790), by keys that are made once and then compared octet by octet.
package enum Collation: String, CaseIterable, Sendable {
    /// ASCII letters without case, everything else as it is (RFC 4790 §9.2).
    case asciiCasemap = "i;ascii-casemap"
    /// Letters of every script without case, and each mark apart from the letter that bears it (RFC 5051).
    case unicodeCasemap = "i;unicode-casemap"

    /// The key of a text.
    package func key(of text: String) -> CollationKey { key(valid: Array(text.utf8)) }

    /// The key of octets in UTF-8. Where they are none, they are their own key (RFC 5051 §2).
    package func key(of octets: [UInt8]) -> CollationKey {
        if self == .unicodeCasemap, octets.contains(where: { $0 >= 0x80 }), String(strictUTF8: octets) == nil {
            return CollationKey(octets: octets)
        }
        return key(valid: octets)
    }

    private func key(valid octets: [UInt8]) -> CollationKey {
        switch self {
        case .asciiCasemap: CollationKey(octets: octets.map(ASCII.uppercased))
        case .unicodeCasemap: CollationKey(octets: UnicodeCasemap.prepared(octets))
        }
    }
}

/// What a collation compares in place of a text. Keys of two collations have nothing to do with each other.
package struct CollationKey: Sendable {
    /// The text as its collation sees it.
    package let octets: [UInt8]

    /// The key of the empty text, before every other.
    package static let empty = CollationKey(octets: [])

    init(octets: [UInt8]) { self.octets = octets }

    package var isEmpty: Bool { octets.isEmpty }

    /// The first eight octets as one number, zeroes behind a shorter key: of two keys whose numbers differ, the one
    /// with the smaller number comes first.
    package var head: UInt64 {
        var head: UInt64 = 0
        for place in 0..<8 { head = head << 8 | (place < octets.count ? UInt64(octets[place]) : 0) }
        return head
    }
}

extension CollationKey: Hashable, Comparable {
    package static func < (left: CollationKey, right: CollationKey) -> Bool {
        left.octets.lexicographicallyPrecedes(right.octets)
    }

    package func hash(into hasher: inout Hasher) {
        unsafe octets.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
}
