internal import Bytes

/// The preparation of text for i;unicode-casemap (RFC 5051 §2): each character is replaced by its titlecase, that by
/// its decomposition, and so on until nothing changes.
///
/// RFC 5051 means the simple mappings of UnicodeData.txt. The standard library offers titlecase with the longer ones of
/// SpecialCasing.txt among them; those are told by their length and passed over, so that `ß` stays what it is. It
/// offers no decomposition; that is in `Decompositions`. Syllables of Hangul stay whole, and marks are not put in
/// order: UnicodeData.txt says neither, so RFC 5051 does neither.
enum UnicodeCasemap {
    /// The prepared form of well-formed UTF-8. It is at most some eighteen times as long.
    static func prepared(_ octets: [UInt8]) -> [UInt8] {
        guard octets.contains(where: { $0 >= 0x80 }) else { return octets.map(ASCII.uppercased) }
        var output: [UInt8] = []
        output.reserveCapacity(octets.count + octets.count / 2)
        for scalar in String(lossy: octets).unicodeScalars {
            let value = Int(scalar.value)
            if value < 0x80 {
                output.append(ASCII.uppercased(UInt8(truncatingIfNeeded: value)))
            } else if value < Self.frequentEnd {
                let start = frequent.starts[value]
                output.append(contentsOf: frequent.octets[start..<frequent.starts[value + 1]])
            } else {
                append(scalar, to: &output)
            }
        }
        return output
    }

    /// Characters below this, those of UTF-8 in two octets, are prepared once: Latin, Greek, Cyrillic and others whose
    /// letters have case.
    private static let frequentEnd = 0x800

    private static let frequent: (starts: [Int], octets: [UInt8]) = {
        var starts = [0]
        var octets: [UInt8] = []
        for value in 0..<UInt32(frequentEnd) {
            if let scalar = Unicode.Scalar(value) { append(scalar, to: &octets) }
            starts.append(octets.count)
        }
        return (starts, octets)
    }()

    /// Appends what a character is prepared to. What it is replaced by is looked at again; no mapping leads back to
    /// where it came from, so this ends, for every character of Unicode, after four steps at the most.
    private static func append(_ scalar: Unicode.Scalar, to output: inout [UInt8]) {
        var pending = [scalar]
        while let next = pending.popLast() {
            let title = titlecase(next)
            if let parts = Decompositions.of(title) {
                for part in parts.reversed() { pending.append(part) }
            } else {
                output.append(contentsOf: UTF8.encode(title) ?? UTF8.encodedReplacementCharacter)
            }
        }
    }

    /// The simple titlecase mapping.
    private static func titlecase(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let properties = scalar.properties
        guard properties.changesWhenTitlecased else { return scalar }
        let mapping = properties.titlecaseMapping.unicodeScalars
        guard let only = mapping.first, mapping.dropFirst().isEmpty else { return scalar }
        return only
    }
}
