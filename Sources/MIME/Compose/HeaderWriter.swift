internal import Bytes
package import MailTypes

/// Writes header fields: encodes what is not ASCII, folds at 78 characters, ends lines in CRLF. No text can add a field
/// or end the header, for control characters become spaces.
package struct HeaderWriter: Sendable {
    /// Where lines are folded when there is a blank to do it at (RFC 5322 §2.1.1).
    package static let lineLength = 78

    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Unstructured text.
    package mutating func append(_ name: String, text: String) { fold(name, words(EncodedWord.encode(text))) }

    /// An address list; nothing when the list is empty.
    package mutating func append(_ name: String, addresses: [NamedAddress]) {
        guard !addresses.isEmpty else { return }
        var all: [String] = []
        for (place, address) in addresses.enumerated() {
            var one = address.name.isEmpty ? [] : phraseWords(EncodedWord.encodePhrase(address.name))
            let spec = Self.text(of: address.address)
            one.append(one.isEmpty ? spec : "<\(spec)>")
            if place + 1 < addresses.count { one[one.count - 1] += "," }
            all += one
        }
        fold(name, all)
    }

    package mutating func append(_ name: String, date: Moment) { fold(name, words(MessageDate.text(date))) }

    /// Identifiers without angle brackets; nothing when there are none.
    package mutating func append(_ name: String, messageIDs: [String]) {
        let ids = messageIDs.map { id in "<\(String(String.UnicodeScalarView(id.unicodeScalars.filter(Self.isInID))))>"
        }
        if !ids.isEmpty { fold(name, ids) }
    }

    /// `value; name=value …`, as in Content-Type.
    package mutating func append(_ name: String, value: String, parameters: [DecodedParameter]) {
        var pieces = words(value)
        for parameter in parameters {
            for piece in ParameterList.encode(name: parameter.name, value: parameter.value) {
                pieces[pieces.count - 1] += ";"
                pieces.append(piece)
            }
        }
        fold(name, pieces)
    }

    /// A value that is already in its wire form; only folded where it is too long.
    package mutating func append(_ name: String, raw: String) { fold(name, words(EncodedWord.withoutControls(raw))) }

    /// The empty line that ends a header.
    package mutating func finish() { bytes.append(contentsOf: [ASCII.cr, ASCII.lf]) }

    /// `local@domain` in its wire form, the local part quoted where it needs it (RFC 5322 §3.4.1).
    package static func text(of address: EmailAddress) -> String {
        let isDotAtom =
            !address.local.isEmpty && !address.local.hasPrefix(".") && !address.local.hasSuffix(".")
            && !address.local.contains("..")
            && address.local.utf8.allSatisfy { EncodedWord.isAtom($0) || $0 == ASCII.dot || $0 >= 0x80 }
        let domain = String(address.domain.unicodeScalars.filter(isInID).map(Character.init))
        return "\(isDotAtom ? address.local : QuotedString.text(address.local))@\(domain)"
    }

    // MARK: Folding

    private static func isInID(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value > 0x20 && scalar.value != 0x7F && scalar != "<" && scalar != ">" && scalar != ","
    }

    private func words(_ text: String) -> [String] {
        text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    }

    /// A quoted string stays whole, for a blank inside it is its own.
    private func phraseWords(_ phrase: String) -> [String] { phrase.hasPrefix("\"") ? [phrase] : words(phrase) }

    private mutating func fold(_ name: String, _ words: [String]) {
        precondition(
            !name.isEmpty && name.utf8.allSatisfy { $0 > ASCII.space && $0 < ASCII.delete && $0 != ASCII.colon },
            "a field name is printable ASCII without a colon")
        bytes.append(contentsOf: name.utf8)
        bytes.append(ASCII.colon)
        var length = name.utf8.count + 1
        // A line of blanks alone would be obsolete folding (RFC 5322 §4.2); so no line is broken before the first word
        // or before an empty one.
        var hasWord = false
        for word in words {
            let added = word.utf8.count + 1
            if hasWord, !word.isEmpty, length + added > Self.lineLength {
                bytes.append(contentsOf: [ASCII.cr, ASCII.lf])
                length = 0
            }
            bytes.append(ASCII.space)
            // Whatever comes here, it does not get out of its field.
            bytes.append(contentsOf: word.utf8.lazy.map { ASCII.isControl($0) ? ASCII.space : $0 })
            length += added
            hasWord = hasWord || !word.isEmpty
        }
        bytes.append(contentsOf: [ASCII.cr, ASCII.lf])
    }
}

/// A new message identifier (RFC 5322 §3.6.4).
package enum MessageIDWriter {
    /// `unique@domain`, without angle brackets; characters that an atom does not allow are left out of both sides.
    package static func text(unique: String, domain: String) -> String {
        "\(atom(unique))@\(atom(domain))"
    }

    private static func atom(_ text: String) -> String {
        String(lossy: text.utf8.filter { EncodedWord.isAtom($0) || $0 == ASCII.dot })
    }
}
