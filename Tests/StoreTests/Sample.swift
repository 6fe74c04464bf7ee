import MailTypes

/// Values with something in every field.
enum Sample {
    static func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

    static let envelope: Envelope = {
        var envelope = Envelope()
        envelope.date = octets("Mon, 1 Jan 2024 00:00:00 +0000")
        envelope.subject = octets("=?utf-8?q?Dzie=C5=84?=")
        envelope.from = [Envelope.Address(name: octets("Carol"), mailbox: octets("carol"), host: octets("example.com"))]
        envelope.sender = envelope.from
        envelope.replyTo = [Envelope.Address(name: nil, route: octets("@a,@b"), mailbox: [], host: nil)]
        envelope.to = [
            Envelope.Address(name: nil, mailbox: octets("group"), host: nil),
            Envelope.Address(name: nil, mailbox: nil, host: nil),
        ]
        envelope.bcc = [Envelope.Address(name: [0, 255], mailbox: octets("x"), host: octets("y"))]
        envelope.inReplyTo = []
        envelope.messageID = octets("<a@b>")
        return envelope
    }()

    static let leaf: BodyStructure.Single = {
        var leaf = BodyStructure.Single(
            type: octets("text"), subtype: octets("plain"), encoding: octets("8bit"), size: 7)
        leaf.parameters = [BodyStructure.Parameter(name: octets("charset"), value: octets("utf-8"))]
        leaf.lines = UInt64.max
        leaf.id = octets("<id>")
        leaf.description = []
        leaf.md5 = octets("md5")
        leaf.extra.disposition = BodyStructure.Disposition(
            kind: octets("attachment"),
            parameters: [BodyStructure.Parameter(name: octets("filename"), value: octets("a.txt"))])
        leaf.extra.languages = [octets("pl"), octets("en")]
        leaf.extra.location = octets("here")
        return leaf
    }()

    static let structure: BodyStructure = {
        var message = BodyStructure.Single(
            type: octets("message"), subtype: octets("rfc822"), encoding: octets("7bit"), size: UInt64.max)
        message.message = BodyStructure.Enclosed(envelope: envelope, structure: .single(leaf))
        message.lines = 0
        var whole = BodyStructure.Multipart(subtype: octets("mixed"), parts: [.single(leaf), .single(message)])
        whole.parameters = leaf.parameters
        whole.extra = leaf.extra
        return .multipart(BodyStructure.Multipart(subtype: octets("related"), parts: [.multipart(whole)]))
    }()

    /// Multiparts within multiparts.
    static func nested(_ depth: Int) -> BodyStructure {
        var structure = BodyStructure.single(leaf)
        for _ in 0..<depth {
            structure = .multipart(BodyStructure.Multipart(subtype: octets("mixed"), parts: [structure]))
        }
        return structure
    }
}
