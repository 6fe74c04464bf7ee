internal import Bytes

/// A content transfer encoding (RFC 2045 §6).
package enum TransferEncoding: UInt8, Hashable, Sendable {
    /// `7bit`, `8bit`, `binary`, absent or unknown: the octets are the content.
    case identity
    case base64
    case quotedPrintable

    /// Any case; nil means absent.
    package init(_ label: [UInt8]?) {
        let label = label ?? []
        if label.equalsIgnoringASCIICase("base64".utf8) {
            self = .base64
        } else if label.equalsIgnoringASCIICase("quoted-printable".utf8) {
            self = .quotedPrintable
        } else {
            self = .identity
        }
    }
}
