internal import Bytes

/// A character set by its MIME label, with the substitutions that senders need: a label often names less than what
/// was used.
package struct Charset: Hashable, Sendable {
    /// Octets of a label that are looked at.
    package static let maximumLabelLength = 64

    enum Method: Hashable, Sendable {
        /// UTF-8 where the octets are, else windows-1252.
        case guess
        case utf8
        case windows1252
        /// By glibc's iconv, under this name.
        case converter(String)
    }

    let method: Method

    /// Any case; quotation marks and blanks around it are ignored. A label that is not known, or is ASCII's, means
    /// that the charset is guessed.
    package init(label: some Collection<UInt8>) {
        let plain = label.prefix(Self.maximumLabelLength).filter {
            ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == ASCII.colon || $0 == ASCII.dash || $0 == ASCII.underscore
        }
        var key = String(lossy: plain.asciiLowercased().map { $0 == ASCII.underscore ? ASCII.dash : $0 })
        if key.hasPrefix("x-") { key.removeFirst(2) }
        method = CharsetLabels.methods[key] ?? .guess
    }

    package init(label: String) { self.init(label: Array(label.utf8)) }

    package static let utf8 = Charset(label: "utf-8")
    /// No label: UTF-8 where the octets are, else windows-1252.
    package static let unknown = Charset(label: "")

    /// Whether the label named a charset that is converted by its own rules.
    package var isKnown: Bool { method != .guess }

    /// The text; what cannot be converted becomes U+FFFD. It never fails.
    package func decode(_ bytes: some Collection<UInt8>) -> String {
        switch method {
        case .guess: String(strictUTF8: bytes) ?? Windows1252.decode(bytes)
        case .utf8: withoutByteOrderMark(String(lossy: bytes))
        case .windows1252: Windows1252.decode(bytes)
        case .converter(let name):
            CharsetConverter.utf8(from: Array(bytes), charset: name).map { withoutByteOrderMark(String(lossy: $0)) }
                ?? Charset.unknown.decode(bytes)
        }
    }

    private func withoutByteOrderMark(_ text: String) -> String {
        text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    }
}

/// Windows-1252, whose five unassigned octets stand for the control characters of the same number, as browsers do it.
enum Windows1252 {
    private static let high: [UInt16] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
        0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
        0x0153, 0x9D, 0x017E, 0x0178,
    ]

    static func decode(_ bytes: some Collection<UInt8>) -> String {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count)
        for byte in bytes {
            units.append((0x80..<0xA0).contains(byte) ? high[Int(byte) - 0x80] : UInt16(byte))
        }
        return String(decoding: units, as: UTF16.self)
    }
}
