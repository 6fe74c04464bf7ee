internal import Bytes

/// Writes transfer encodings.
package enum TransferEncoder {
    /// Characters of one line (RFC 2045 §6.7 and §6.8).
    package static let lineLength = 76

    /// Base 64 in lines of 76 characters that end in CRLF.
    package static func base64(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Base64.encode(bytes)
        var text: [UInt8] = []
        text.reserveCapacity(digits.count + digits.count / lineLength * 2 + 2)
        var start = 0
        while start < digits.count {
            let end = min(start + lineLength, digits.count)
            text.append(contentsOf: digits[start..<end])
            text.append(contentsOf: [ASCII.cr, ASCII.lf])
            start = end
        }
        return text
    }

    /// Quoted-printable text; line ends (LF or CRLF) become CRLF, lines stay within 76 characters.
    package static func quotedPrintable(_ text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count + text.count / 8)
        var lineStart = 0
        for (place, byte) in text.enumerated() {
            let next = place + 1 < text.count ? text[place + 1] : ASCII.lf
            if byte == ASCII.cr, next == ASCII.lf, place + 1 < text.count { continue }
            if byte == ASCII.lf {
                output.append(contentsOf: [ASCII.cr, ASCII.lf])
                lineStart = output.count
                continue
            }
            let endsLine = next == ASCII.lf || next == ASCII.cr
            let isPlain =
                ASCII.isBlank(byte) ? !endsLine : byte > ASCII.space && byte < ASCII.delete && byte != ASCII.equals
            // One place is kept for the `=` of a soft line break.
            if output.count - lineStart + (isPlain ? 1 : 3) > lineLength - 1 {
                output.append(contentsOf: [ASCII.equals, ASCII.cr, ASCII.lf])
                lineStart = output.count
            }
            if isPlain, !isHazard(byte, atLineStart: output.count == lineStart) {
                output.append(byte)
            } else {
                output.append(ASCII.equals)
                output.append(contentsOf: CollectionOfOne(byte).hexadecimal.uppercased().utf8)
            }
        }
        return output
    }

    /// A dot that begins a line could meet careless SMTP software; `F` could become mbox's `From `.
    private static func isHazard(_ byte: UInt8, atLineStart: Bool) -> Bool {
        atLineStart && (byte == ASCII.dot || byte == UInt8(ascii: "F"))
    }
}
