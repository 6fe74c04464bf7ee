package import MailTypes

/// The version of every compact form; a change of any of them raises it.
let compactVersion = 1

extension Envelope {
    /// A compact form to store; begins with its version.
    package var encoded: [UInt8] {
        var writer = CompactWriter()
        writer.write(compactVersion)
        writer.write(self)
        return writer.bytes
    }

    /// Reads what `encoded` wrote; nil when it is damaged or of another version.
    package init?(encoded: [UInt8]) {
        var reader = CompactReader(encoded)
        guard (try? reader.number()) == compactVersion, let envelope = try? reader.envelope(), reader.isAtEnd else {
            return nil
        }
        self = envelope
    }
}

extension CompactWriter {
    mutating func write(_ envelope: Envelope) {
        write(envelope.date)
        write(envelope.subject)
        let lists = [envelope.from, envelope.sender, envelope.replyTo, envelope.to, envelope.cc, envelope.bcc]
        for list in lists {
            write(list) { writer, address in
                writer.write(address.name)
                writer.write(address.route)
                writer.write(address.mailbox)
                writer.write(address.host)
            }
        }
        write(envelope.inReplyTo)
        write(envelope.messageID)
    }
}

extension CompactReader {
    mutating func envelope() throws(CompactDamage) -> Envelope {
        var envelope = Envelope()
        envelope.date = try optionalOctets()
        envelope.subject = try optionalOctets()
        envelope.from = try addresses()
        envelope.sender = try addresses()
        envelope.replyTo = try addresses()
        envelope.to = try addresses()
        envelope.cc = try addresses()
        envelope.bcc = try addresses()
        envelope.inReplyTo = try optionalOctets()
        envelope.messageID = try optionalOctets()
        return envelope
    }

    private mutating func addresses() throws(CompactDamage) -> [Envelope.Address] {
        try list { (reader) throws(CompactDamage) in
            let name = try reader.optionalOctets()
            let route = try reader.optionalOctets()
            let mailbox = try reader.optionalOctets()
            return Envelope.Address(name: name, route: route, mailbox: mailbox, host: try reader.optionalOctets())
        }
    }
}
