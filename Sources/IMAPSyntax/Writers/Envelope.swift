internal import Bytes
package import MailTypes

extension [UInt8] {
    /// `envelope` (RFC 9051 §7.5.2), parentheses included.
    package mutating func appendEnvelope(_ envelope: Envelope) {
        append(UInt8(ascii: "("))
        appendNString(envelope.date)
        append(ASCII.space)
        appendNString(envelope.subject)
        for addresses in [
            envelope.from, envelope.sender, envelope.replyTo, envelope.to, envelope.cc, envelope.bcc,
        ] {
            append(ASCII.space)
            append(addresses: addresses)
        }
        append(ASCII.space)
        appendNString(envelope.inReplyTo)
        append(ASCII.space)
        appendNString(envelope.messageID)
        append(UInt8(ascii: ")"))
    }

    private mutating func append(addresses: [Envelope.Address]) {
        guard !addresses.isEmpty else { return append(text: "NIL") }
        append(UInt8(ascii: "("))
        for address in addresses {
            append(UInt8(ascii: "("))
            appendNString(address.name)
            append(ASCII.space)
            appendNString(address.route)
            append(ASCII.space)
            appendNString(address.mailbox)
            append(ASCII.space)
            appendNString(address.host)
            append(UInt8(ascii: ")"))
        }
        append(UInt8(ascii: ")"))
    }
}
