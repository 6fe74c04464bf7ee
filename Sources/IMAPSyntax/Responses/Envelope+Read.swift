internal import Bytes
internal import MailTypes

extension ResponseReader {
    /// ENVELOPE from a value (RFC 9051 §7.5.2); a missing or odd field is empty. Nil where a string stands for addresses
    /// or a list for a string: that is no envelope, and what else it says would be taken for something that it is not.
    mutating func envelope(_ value: Value) -> Envelope? {
        guard case .list(let fields) = value else { return nil }
        for (index, field) in fields.prefix(10).enumerated() {
            switch field {
            case .list where !(2...7 ~= index), .string where 2...7 ~= index: return nil
            default: break
            }
        }
        if fields.count < 10 { quirks.insert(.shortEnvelope) }
        var envelope = Envelope()
        func field(_ index: Int) -> Value { index < fields.count ? fields[index] : .unread }
        envelope.date = nstring(field(0))
        envelope.subject = nstring(field(1))
        envelope.from = addresses(field(2))
        envelope.sender = addresses(field(3))
        envelope.replyTo = addresses(field(4))
        envelope.to = addresses(field(5))
        envelope.cc = addresses(field(6))
        envelope.bcc = addresses(field(7))
        envelope.inReplyTo = nstring(field(8))
        envelope.messageID = nstring(field(9))
        return envelope
    }

    private mutating func addresses(_ value: Value) -> [Envelope.Address] {
        guard case .list(let members) = value else { return [] }
        if members.isEmpty { quirks.insert(.emptyList) }
        var addresses: [Envelope.Address] = []
        for case .list(let fields) in members where fields.count >= 4 {
            addresses.append(
                Envelope.Address(
                    name: nstring(fields[0]), route: nstring(fields[1]), mailbox: nstring(fields[2]),
                    host: nstring(fields[3])))
        }
        return addresses
    }
}
