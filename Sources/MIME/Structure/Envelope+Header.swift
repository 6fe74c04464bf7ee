internal import Bytes
package import MailTypes

extension Envelope {
    /// The envelope of the message whose header this is; Sender and Reply-To default to From (RFC 9051 §7.5.2).
    /// The first field of a name counts; addresses of repeated fields are joined.
    package init(header: MessageHeader, limits: ScanLimits = .standard) {
        self.init()
        for field in header.fields {
            switch String(lossy: field.name.asciiLowercased()) {
            case "date": date = date ?? field.value
            case "subject": subject = subject ?? field.value
            case "from": Self.add(field, to: &from, limits)
            case "sender": Self.add(field, to: &sender, limits)
            case "reply-to": Self.add(field, to: &replyTo, limits)
            case "to": Self.add(field, to: &to, limits)
            case "cc": Self.add(field, to: &cc, limits)
            case "bcc": Self.add(field, to: &bcc, limits)
            case "in-reply-to": inReplyTo = inReplyTo ?? field.value
            case "message-id": messageID = messageID ?? field.value
            default: break
            }
        }
        if sender.isEmpty { sender = from }
        if replyTo.isEmpty { replyTo = from }
    }

    private static func add(_ field: HeaderField, to list: inout [Address], _ limits: ScanLimits) {
        guard list.count < limits.addresses else { return }
        list += AddressList.envelopeAddresses(field.value, limit: limits.addresses - list.count)
    }

    /// Octets that are kept for it, for the bound on all values of a structure.
    var cost: Int {
        var sum = (date?.count ?? 0) + (subject?.count ?? 0) + (inReplyTo?.count ?? 0) + (messageID?.count ?? 0)
        for list in [from, sender, replyTo, to, cc, bcc] {
            for address in list {
                sum += (address.name?.count ?? 0) + (address.mailbox?.count ?? 0) + (address.host?.count ?? 0)
            }
        }
        return sum
    }
}
