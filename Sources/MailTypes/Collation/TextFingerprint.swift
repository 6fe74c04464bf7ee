internal import Bytes

/// Which characters stand beside each other in a text, as marks in a field of bits (a Bloom filter): it tells at once of
/// most texts that they do not contain another one, and of none that does.
///
/// A mark is made of three characters in a row, as the collation prepares them. Characters behind U+07FF, those of
/// scripts with few letters a word, have marks alone and by twos as well.
package struct TextFingerprint: Hashable, Sendable {
    /// Bits of the largest field. A text too varied for it has none.
    static let widthLimit = 1 << 19
    /// Bits of the smallest.
    static let leastWidth = 512

    /// The field, a power of two of octets; none when nothing is known of the text.
    package let octets: [UInt8]

    /// Of a text of which nothing is known: it may contain anything.
    package static let unknown = TextFingerprint(field: [])

    /// Nil unless these are the octets of a fingerprint.
    package init?(octets: [UInt8]) {
        let width = octets.count * 8
        guard width == 0 || (Self.leastWidth...Self.widthLimit).contains(width) && width & (width - 1) == 0 else {
            return nil
        }
        self.octets = octets
    }

    private init(field: [UInt8]) { octets = field }

    /// The fingerprint of all texts with these keys together, made by i;unicode-casemap.
    package init(of keys: some Sequence<CollationKey>) {
        var words = [UInt64](repeating: 0, count: Self.widthLimit / 64)
        for key in keys {
            TextMarks.forEach(in: key.octets) { mark in
                words[Int(mark.first / 64)] |= 1 << UInt64(mark.first % 64)
                words[Int(mark.second / 64)] |= 1 << UInt64(mark.second % 64)
            }
        }
        self.init(field: Self.folded(words))
    }

    /// False when no text with this fingerprint contains the text with these marks.
    package func mayContain(_ marks: TextMarks) -> Bool {
        guard !octets.isEmpty else { return true }
        let width = octets.count * 8
        func isSet(_ place: UInt32) -> Bool {
            let bit = Int(place) & (width - 1)
            return octets[bit / 8] & 1 << UInt8(bit % 8) != 0
        }
        return marks.all.allSatisfy { isSet($0.first) && isSet($0.second) }
    }

    /// The field laid half on half for as long as at most a third of its bits are set.
    private static func folded(_ words: [UInt64]) -> [UInt8] {
        func isSparse(_ words: [UInt64]) -> Bool {
            words.reduce(0) { $0 + $1.nonzeroBitCount } * 3 <= words.count * 64
        }
        var words = words
        guard isSparse(words) else { return [] }
        while words.count * 64 > leastWidth {
            let half = words.count / 2
            let halves = (0..<half).map { words[$0] | words[$0 + half] }
            guard isSparse(halves) else { break }
            words = halves
        }
        return words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) } }
    }
}

/// The marks of a text that is sought.
package struct TextMarks: Sendable {
    /// Two places in the largest field; in a smaller one they are what remains of them.
    struct Mark: Hashable, Sendable {
        let first: UInt32
        let second: UInt32
    }

    let all: [Mark]

    /// Of octets in UTF-8; of others there are none.
    package init(_ text: [UInt8]) {
        var marks: Set<Mark> = []
        if String(strictUTF8: text) != nil {
            Self.forEach(in: Collation.unicodeCasemap.key(of: text).octets) { marks.insert($0) }
        }
        all = Array(marks)
    }

    /// Whether fingerprints can't tell anything of it: it is too short.
    package var isEmpty: Bool { all.isEmpty }

    /// Calls `body` with each mark of a prepared text in UTF-8, as often as it occurs.
    static func forEach(in octets: [UInt8], _ body: (Mark) -> Void) {
        // The characters so far, 21 bits each, the last one lowest.
        var row: UInt64 = 0
        var count = 0
        for scalar in String(lossy: octets).unicodeScalars {
            row = (row << 21 | UInt64(scalar.value)) & (1 << 63 - 1)
            count += 1
            if count >= 3 { body(mark(row)) }
            guard scalar.value > 0x7FF else { continue }
            body(mark(row & (1 << 21 - 1)))
            if row >> 21 & (1 << 21 - 1) > 0x7FF { body(mark(row & (1 << 42 - 1))) }
        }
    }

    /// Spreads the bits of a row of characters (the finaliser of SplitMix64).
    private static func mark(_ row: UInt64) -> Mark {
        var value = row &+ 0x9E37_79B9_7F4A_7C15
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        value ^= value >> 31
        let limit = UInt64(TextFingerprint.widthLimit - 1)
        return Mark(first: UInt32(value & limit), second: UInt32(value >> 32 & limit))
    }
}
