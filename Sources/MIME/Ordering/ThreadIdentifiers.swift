internal import Bytes
package import MailTypes

/// By which identifiers a message is threaded (RFC 5256 §3, REFERENCES). All are normalised, so that those that mean
/// the same are the same text; case counts.
package struct ThreadIdentifiers: Hashable, Sendable {
    /// The message's own; nil when it has none that can be read.
    package let messageID: String?
    /// Those of References, the oldest first; without any, the first of In-Reply-To.
    package let references: [String]

    package init(header: MessageHeader) {
        self.init(messageID: header.messageID, references: header.references, inReplyTo: header.inReplyTo)
    }

    /// - Parameter references: the values of the message's References fields, unfolded; ENVELOPE does not have them.
    package init(envelope: Envelope, references: [[UInt8]]) {
        self.init(
            messageID: envelope.messageID.flatMap { MessageIDList.parse($0).first },
            references: references.flatMap(MessageIDList.parse).suffix(MessageIDList.maximum),
            inReplyTo: envelope.inReplyTo.map(MessageIDList.parse) ?? [])
    }

    private init(messageID: String?, references: some Sequence<String>, inReplyTo: [String]) {
        self.messageID = messageID.map(MessageIDList.normalised)
        let references = references.map(MessageIDList.normalised)
        self.references = references.isEmpty ? inReplyTo.prefix(1).map(MessageIDList.normalised) : references
    }
}

extension MessageIDList {
    /// The identifier without the quotation marks and escapes that its left side may be written with (RFC 5322
    /// §3.2.4): `"a\b"@c` is `ab@c`. One that is not well-formed is left as it is.
    package static func normalised(_ id: String) -> String {
        guard id.utf8.contains(ASCII.quote), let at = id.utf8.lastIndex(of: ASCII.at) else { return id }
        var left: [UInt8] = []
        var isQuoted = false
        var isEscaped = false
        for byte in id.utf8[..<at] {
            if isEscaped {
                left.append(byte)
                isEscaped = false
            } else if isQuoted, byte == ASCII.backslash {
                isEscaped = true
            } else if byte == ASCII.quote {
                isQuoted.toggle()
            } else {
                left.append(byte)
            }
        }
        return isQuoted || left.isEmpty ? id : String(lossy: left + id.utf8[at...])
    }
}
