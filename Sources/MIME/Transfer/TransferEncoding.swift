/// A content transfer encoding (RFC 2045 §6).
package enum TransferEncoding: Hashable, Sendable {
    /// `7bit`, `8bit`, `binary`, absent or unknown: the octets are the content.
    case identity
    case base64
    case quotedPrintable

    /// Any case; nil means absent.
    package init(_ label: [UInt8]?) { fatalError("API") }
}

/// Undoes a transfer encoding in pieces. It never fails: what does not belong to the encoding is skipped (base 64) or
/// kept (quoted-printable).
package struct TransferDecoder: Sendable {
    package init(_ encoding: TransferEncoding) { fatalError("API") }

    /// Appends what the next octets decode to.
    package mutating func decode(_ bytes: ArraySlice<UInt8>, into output: inout [UInt8]) { fatalError("API") }
    /// Appends what was held back; call it once after the last octets.
    package mutating func finish(into output: inout [UInt8]) { fatalError("API") }

    /// Decodes octets that lie in memory as one.
    package static func decode(_ bytes: [UInt8], _ encoding: TransferEncoding) -> [UInt8] {
        var decoder = TransferDecoder(encoding)
        var output: [UInt8] = []
        decoder.decode(bytes[...], into: &output)
        decoder.finish(into: &output)
        return output
    }
}

/// Writes transfer encodings.
package enum TransferEncoder {
    /// Base 64 in lines of 76 characters that end in CRLF.
    package static func base64(_ bytes: [UInt8]) -> [UInt8] { fatalError("API") }
    /// Quoted-printable text; line ends (LF or CRLF) become CRLF, lines stay within 76 characters.
    package static func quotedPrintable(_ text: [UInt8]) -> [UInt8] { fatalError("API") }
}
