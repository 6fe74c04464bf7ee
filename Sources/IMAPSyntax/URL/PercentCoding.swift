internal import Bytes

/// The escapes of URLs (RFC 3986 §2.1) and the octets that need none in an IMAP URL (RFC 5092 §11).
enum PercentCoding {
    /// `achar`: what a user's name is made of.
    static func isUserOctet(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "!"),
            UInt8(ascii: "$"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"),
            UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: "&"), UInt8(ascii: "="):
            true
        default: ASCII.isLetter(byte) || ASCII.isDigit(byte)
        }
    }

    /// `bchar`: what a mailbox, a section or a search is made of.
    static func isPathOctet(_ byte: UInt8) -> Bool {
        isUserOctet(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "/")
    }

    /// The octets meant; nil for a broken escape and for a NUL, which IMAP can't say.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var cursor = ByteCursor(Array(text))
        var octets: [UInt8] = []
        while let byte = cursor.next() {
            guard byte == UInt8(ascii: "%") else {
                octets.append(byte)
                continue
            }
            guard let high = cursor.next().flatMap(ASCII.hexValue), let low = cursor.next().flatMap(ASCII.hexValue),
                high << 4 | low != ASCII.nul
            else { return nil }
            octets.append(high << 4 | low)
        }
        return octets
    }

    /// As `decode`, for what must be UTF-8 and not empty.
    static func decodeText(_ text: some Collection<UInt8>) -> String? {
        decode(text).flatMap { $0.isEmpty ? nil : String(strictUTF8: $0) }
    }
}

extension [UInt8] {
    /// Appends octets, those escaped for which `isPlain` does not hold.
    mutating func append(escaped octets: some Sequence<UInt8>, _ isPlain: (UInt8) -> Bool) {
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in octets {
            if isPlain(byte) {
                append(byte)
            } else {
                append(UInt8(ascii: "%"))
                append(digits[Int(byte >> 4)])
                append(digits[Int(byte & 15)])
            }
        }
    }
}
