internal import Bytes
internal import MIME
internal import MailTypes

/// What a client is told that has not enabled UTF8=ACCEPT of a header in UTF-8 (RFC 6855 §7): words are encoded (RFC 2047),
/// and an address that has no other form becomes one that leads nowhere (RFC 6858 §2.1).
extension Envelope {
    /// The same with no UTF-8 in it. Octets that are no UTF-8 stay as they are: what they mean is not known.
    func withoutUTF8() -> Envelope {
        var plain = self
        plain.subject = Self.encoded(subject)
        for list in [\Envelope.from, \.sender, \.replyTo, \.to, \.cc, \.bcc] {
            plain[keyPath: list] = self[keyPath: list].map(\.withoutUTF8)
        }
        return plain
    }

    /// Text as encoded words where it is in UTF-8.
    static func encoded(_ octets: [UInt8]?) -> [UInt8]? {
        guard let octets, let text = utf8Text(octets) else { return octets }
        return Array(EncodedWord.encode(text).utf8)
    }

    /// Nil for ASCII, and for what is no UTF-8.
    static func utf8Text(_ octets: [UInt8]) -> String? {
        guard octets.contains(where: { $0 >= 0x80 }) else { return nil }
        return String(validating: octets, as: UTF8.self)
    }
}

extension Envelope.Address {
    fileprivate var withoutUTF8: Envelope.Address {
        var plain = self
        plain.name = Envelope.encoded(name)
        guard [mailbox, host].contains(where: { $0.flatMap(Envelope.utf8Text) != nil }) else { return plain }
        // A group has its name where an address has its mailbox.
        guard host != nil else {
            plain.mailbox = Envelope.encoded(mailbox)
            return plain
        }
        plain.mailbox = Array("invalid".utf8)
        plain.host = Array("internationalized-address.invalid".utf8)
        return plain
    }
}
