/// Base 64 (RFC 4648 §4), and the variant of modified UTF-7 (RFC 3501 §5.1.3).
package enum Base64 {
    package enum Alphabet: Sendable {
        /// `+` and `/`.
        case standard
        /// `+` and `,`, without padding.
        case mailbox
        /// `-` and `_`, without padding (RFC 4648 §5).
        case url
    }

    /// The encoding of `bytes`, padded only in the standard alphabet.
    package static func encode(_ bytes: some Collection<UInt8>, _ alphabet: Alphabet = .standard) -> [UInt8] {
        // One concrete array: over any collection each octet would go through its witnesses.
        let bytes = Array(bytes)
        let digits = encoding(alphabet)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var group: UInt32 = 0
        var filled = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            filled += 1
            if filled == 3 {
                for shift in [18, 12, 6, 0] as [UInt32] { text.append(digits[Int(group >> shift & 63)]) }
                group = 0
                filled = 0
            }
        }
        guard filled > 0 else { return text }
        group <<= UInt32(8 * (3 - filled))
        for place in 0...filled { text.append(digits[Int(group >> UInt32(18 - 6 * place) & 63)]) }
        if alphabet == .standard { for _ in filled..<3 { text.append(0x3D) } }
        return text
    }

    /// The octets that `text` encodes, or nil when it is not exactly what `encode` would write.
    package static func decode(_ text: some Collection<UInt8>, _ alphabet: Alphabet = .standard) -> [UInt8]? {
        let text = Array(text)
        let values = decoding(alphabet)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 3)
        var bits: UInt32 = 0
        var held = 0
        var digitCount = 0
        var padding = 0
        for character in text {
            if character == 0x3D, alphabet == .standard {
                padding += 1
                continue
            }
            let value = values[Int(character)]
            guard value < 64, padding == 0 else { return nil }
            bits = bits << 6 | UInt32(value)
            held += 6
            digitCount += 1
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
                bits &= (1 << UInt32(held)) - 1
            }
        }
        guard digitCount % 4 != 1, bits == 0 else { return nil }
        guard alphabet != .standard || padding == (4 - digitCount % 4) % 4 else { return nil }
        return bytes
    }

    private static func encoding(_ alphabet: Alphabet) -> [UInt8] {
        switch alphabet {
        case .standard: standardDigits
        case .mailbox: mailboxDigits
        case .url: urlDigits
        }
    }

    private static func decoding(_ alphabet: Alphabet) -> [UInt8] {
        switch alphabet {
        case .standard: standardValues
        case .mailbox: mailboxValues
        case .url: urlValues
        }
    }

    private static let common = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    private static let standardDigits = Array((common + "+/").utf8)
    private static let mailboxDigits = Array((common + "+,").utf8)
    private static let urlDigits = Array((common + "-_").utf8)
    private static let standardValues = inverse(standardDigits)
    private static let mailboxValues = inverse(mailboxDigits)
    private static let urlValues = inverse(urlDigits)

    private static func inverse(_ digits: [UInt8]) -> [UInt8] {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }
}
