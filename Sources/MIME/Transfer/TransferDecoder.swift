internal import Bytes

/// Undoes a transfer encoding in pieces. It never fails: what does not belong to the encoding is skipped (base 64) or
/// kept (quoted-printable).
package struct TransferDecoder: Sendable {
    /// Blanks that may be held back to see whether a quoted-printable line ends after them; from there on they are kept.
    package static let maximumHeldBlanks = 998

    private let encoding: TransferEncoding
    /// Base 64: the bits of the group at hand.
    private var bits: UInt32 = 0
    private var digitCount = 0
    /// Quoted-printable: blanks that go if the line ends, or an escape that is not complete.
    private var held: [UInt8] = []

    package init(_ encoding: TransferEncoding) { self.encoding = encoding }

    /// Appends what the next octets decode to.
    package mutating func decode(_ bytes: ArraySlice<UInt8>, into output: inout [UInt8]) {
        switch encoding {
        case .identity: output.append(contentsOf: bytes)
        case .base64: decodeBase64(bytes, into: &output)
        case .quotedPrintable: decodeQuotedPrintable(bytes, into: &output)
        }
    }

    /// Appends what was held back; call it once after the last octets.
    package mutating func finish(into output: inout [UInt8]) {
        switch encoding {
        case .identity: break
        case .base64: finishGroup(into: &output)
        case .quotedPrintable:
            // Blanks at the end are at the end of a line; `=` there is a soft line break.
            if held.first == ASCII.equals, held.count == 2, !HeaderLexer.isBlank(held[1]) {
                output.append(contentsOf: held)
            }
            held = []
        }
    }

    /// Decodes octets that lie in memory as one.
    package static func decode(_ bytes: [UInt8], _ encoding: TransferEncoding) -> [UInt8] {
        var decoder = TransferDecoder(encoding)
        var output: [UInt8] = []
        decoder.decode(bytes[...], into: &output)
        decoder.finish(into: &output)
        return output
    }

    // MARK: Base 64 (RFC 2045 §6.8)

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, digit) in digits.utf8.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    static func isBase64(_ byte: UInt8) -> Bool { values[Int(byte)] < 64 }

    /// Whether an incomplete group of digits holds bits that make no whole octet and are not zero.
    static func leavesBits(_ group: ArraySlice<UInt8>) -> Bool {
        guard let last = group.last else { return false }
        switch group.count {
        case 1: return true
        case 2: return values[Int(last)] & 0x0F != 0
        default: return values[Int(last)] & 0x03 != 0
        }
    }

    private mutating func decodeBase64(_ bytes: ArraySlice<UInt8>, into output: inout [UInt8]) {
        output.reserveCapacity(output.count + bytes.count / 4 * 3 + 3)
        let values = Self.values
        for byte in bytes {
            let value = values[Int(byte)]
            if value < 64 {
                bits = bits << 6 | UInt32(value)
                digitCount += 1
                if digitCount == 4 {
                    output.append(UInt8(truncatingIfNeeded: bits >> 16))
                    output.append(UInt8(truncatingIfNeeded: bits >> 8))
                    output.append(UInt8(truncatingIfNeeded: bits))
                    digitCount = 0
                    bits = 0
                }
            } else if byte == ASCII.equals {
                // Padding ends a group; another stretch may follow where somebody joined two encoded texts.
                finishGroup(into: &output)
            }
        }
    }

    private mutating func finishGroup(into output: inout [UInt8]) {
        if digitCount == 2 {
            output.append(UInt8(truncatingIfNeeded: bits >> 4))
        } else if digitCount == 3 {
            output.append(UInt8(truncatingIfNeeded: bits >> 10))
            output.append(UInt8(truncatingIfNeeded: bits >> 2))
        }
        digitCount = 0
        bits = 0
    }

    // MARK: Quoted-printable (RFC 2045 §6.7)

    private mutating func decodeQuotedPrintable(_ bytes: ArraySlice<UInt8>, into output: inout [UInt8]) {
        output.reserveCapacity(output.count + bytes.count)
        var position = bytes.startIndex
        while position < bytes.endIndex {
            if held.isEmpty { position = takeEvident(bytes, from: position, into: &output) }
            guard position < bytes.endIndex else { return }
            decodeQuotedPrintable(bytes[position], into: &output)
            position += 1
        }
    }

    /// Takes what needs no waiting, and returns where it ends: octets that stand for themselves, blanks between them,
    /// and whole escapes.
    private func takeEvident(_ bytes: ArraySlice<UInt8>, from start: Int, into output: inout [UInt8]) -> Int {
        var position = start
        while position < bytes.endIndex {
            let byte = bytes[position]
            if byte == ASCII.equals {
                guard position + 2 < bytes.endIndex, let high = ASCII.hexValue(bytes[position + 1]),
                    let low = ASCII.hexValue(bytes[position + 2])
                else { break }
                output.append(high << 4 | low)
                position += 3
                continue
            }
            if ASCII.isBlank(byte) {
                guard position + 1 < bytes.endIndex, bytes[position + 1] > ASCII.space else { break }
            }
            output.append(byte)
            position += 1
        }
        return position
    }

    private mutating func decodeQuotedPrintable(_ byte: UInt8, into output: inout [UInt8]) {
        guard let first = held.first else { return start(byte, into: &output) }
        if first == ASCII.equals {
            decodeEscape(byte, into: &output)
        } else if byte == ASCII.lf || byte == ASCII.cr {
            // RFC 2045 §6.7 (3): blanks at the end of a line were added on the way.
            held = []
            output.append(byte)
        } else if ASCII.isBlank(byte), held.count < Self.maximumHeldBlanks {
            held.append(byte)
        } else {
            output.append(contentsOf: held)
            held = []
            start(byte, into: &output)
        }
    }

    private mutating func start(_ byte: UInt8, into output: inout [UInt8]) {
        if byte == ASCII.equals || ASCII.isBlank(byte) {
            held.append(byte)
        } else {
            output.append(byte)
        }
    }

    /// `held` begins with `=`: a soft line break, perhaps with blanks before it, or two hexadecimal digits.
    private mutating func decodeEscape(_ byte: UInt8, into output: inout [UInt8]) {
        if byte == ASCII.lf, held.count == 1 || HeaderLexer.isBlank(held[1]) {
            held = []
        } else if held.count == 1, ASCII.hexValue(byte) != nil || HeaderLexer.isBlank(byte) {
            held.append(byte)
        } else if held.count == 2, let high = ASCII.hexValue(held[1]), let low = ASCII.hexValue(byte) {
            held = []
            output.append(high << 4 | low)
        } else if held.count >= 2, held.count < Self.maximumHeldBlanks, ASCII.isBlank(held[1]),
            ASCII.isBlank(byte) || byte == ASCII.cr
        {
            held.append(byte)
        } else {
            // No escape: it stands as it is (RFC 2045 §6.7, note on robustness).
            let literal = held
            held = []
            output.append(literal[0])
            for byte in literal.dropFirst() { decodeQuotedPrintable(byte, into: &output) }
            decodeQuotedPrintable(byte, into: &output)
        }
    }
}
