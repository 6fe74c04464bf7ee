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
        var pending: [Unicode.Scalar] = []
        for scalar in String(lossy: octets).unicodeScalars {
            if scalar.value < 0x80 {
                output.append(ASCII.uppercased(UInt8(truncatingIfNeeded: scalar.value)))
                continue
            }
            // What a character is replaced by is looked at again. No mapping leads back to where it came from, so
            // this ends, for every character of Unicode, after four steps at the most.
            pending.append(scalar)
            while let next = pending.popLast() {
                let title = titlecase(next)
                if let parts = Decompositions.of(title) {
                    for part in parts.reversed() { pending.append(part) }
                } else {
                    append(title, to: &output)
                }
            }
        }
        return output
    }

    /// The simple titlecase mapping.
    private static func titlecase(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let properties = scalar.properties
        guard properties.changesWhenTitlecased else { return scalar }
        let mapping = properties.titlecaseMapping.unicodeScalars
        guard let only = mapping.first, mapping.dropFirst().isEmpty else { return scalar }
        return only
    }

    private static func append(_ scalar: Unicode.Scalar, to output: inout [UInt8]) {
        output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
}
