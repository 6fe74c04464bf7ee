internal import Bytes

extension EncodedWord {
    private static let prefixLength = "=?utf-8?Q?".utf8.count
    private static let room = maximumLength - prefixLength - "?=".utf8.count

    /// Unstructured text for a header: as it is when ASCII allows, else the words from the first to the last that need
    /// it in UTF-8 encoded words, separated by spaces. Control characters become spaces.
    package static func encode(_ text: String) -> String {
        let words = withoutControls(text).split(separator: " ", omittingEmptySubsequences: false)
        guard let first = words.firstIndex(where: needsEncoding), let last = words.lastIndex(where: needsEncoding)
        else {
            return words.joined(separator: " ")
        }
        let middle = encodedWords(words[first...last].joined(separator: " "), isPhrase: false)
        return (words[..<first].map(String.init) + middle + words[(last + 1)...].map(String.init))
            .joined(separator: " ")
    }

    /// A phrase before an address: atoms as they are, else a quoted string, else encoded words.
    package static func encodePhrase(_ text: String) -> String {
        let text = withoutControls(text)
        if text.utf8.contains(where: { $0 >= 0x80 }) || text.contains("=?") || text.utf8.count > 200 {
            return encodedWords(text, isPhrase: true).joined(separator: " ")
        }
        let isAtoms = text.utf8.allSatisfy { isAtom($0) || $0 == ASCII.space }
        let hasOddBlanks = text.hasPrefix(" ") || text.hasSuffix(" ") || text.contains("  ")
        return isAtoms && !hasOddBlanks ? text : QuotedString.text(text)
    }

    private static func needsEncoding(_ word: Substring) -> Bool {
        // A word that can't be folded is encoded too, so that lines stay within the 998 of RFC 5322 §2.1.1.
        word.utf8.count > 200 || word.contains("=?") || word.utf8.contains { $0 >= 0x80 }
    }

    /// `atext` (RFC 5322 §3.2.3).
    static func isAtom(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }

    /// The text in encoded words, by Q unless B is much shorter; no character is split between two.
    private static func encodedWords(_ text: String, isPhrase: Bool) -> [String] {
        let quotedLength = text.utf8.reduce(0) { $0 + quotedForm(of: $1, isPhrase: isPhrase).utf8.count }
        let usesBase64 = quotedLength > (text.utf8.count + 2) / 3 * 6
        var words: [String] = []
        var octets: [UInt8] = []
        var length = 0
        for scalar in text.unicodeScalars {
            let encoded = UTF8.encode(scalar).map(Array.init) ?? []
            let added = encoded.reduce(0) { $0 + quotedForm(of: $1, isPhrase: isPhrase).utf8.count }
            let full = usesBase64 ? (octets.count + encoded.count + 2) / 3 * 4 > room : length + added > room
            if full {
                words.append(word(octets, usesBase64, isPhrase))
                octets = []
                length = 0
            }
            octets += encoded
            length += added
        }
        if !octets.isEmpty { words.append(word(octets, usesBase64, isPhrase)) }
        return words
    }

    private static func word(_ octets: [UInt8], _ usesBase64: Bool, _ isPhrase: Bool) -> String {
        if usesBase64 { return "=?utf-8?B?\(String(lossy: Base64.encode(octets)))?=" }
        return "=?utf-8?Q?\(octets.map { quotedForm(of: $0, isPhrase: isPhrase) }.joined())?="
    }

    /// In phrases RFC 2047 §5 (3) leaves letters, digits and `!*+-/` alone.
    private static func quotedForm(of byte: UInt8, isPhrase: Bool) -> String {
        if byte == ASCII.space { return "_" }
        let stays =
            ASCII.isLetter(byte) || ASCII.isDigit(byte) || "!*+-/".utf8.contains(byte)
            || (!isPhrase && "#$%&',.:;@^`{|}~()<>[]\"\\".utf8.contains(byte))
        if stays { return String(UnicodeScalar(byte)) }
        return "=" + CollectionOfOne(byte).hexadecimal.uppercased()
    }
}
