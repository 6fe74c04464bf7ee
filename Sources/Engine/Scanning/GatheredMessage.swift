internal import Bytes
internal import MIME
internal import MailTypes
internal import Rules
internal import Store
internal import Vault

/// A message read as far as a decision needs it.
struct GatheredMessage: Sendable {
    /// Octets of a header that are read; what is beyond is not looked at.
    static let headerLimit = 1 << 20
    /// Header fields that patterns are compared with.
    static let fieldLimit = 1000
    /// Octets read of the header that a bounce quotes.
    static let quotedHeaderLimit = 1 << 16
    /// Parts of a report that are looked at.
    static let reportPartLimit = 32

    var facts: MessageFacts
    /// SHA-256 of what identifies the message.
    var identity: [UInt8]
    /// The message's own date.
    var date: Moment?

    /// Reads the header, and of a report what it reports on.
    init(_ message: MessageBody) async throws(EngineError) {
        let range = message.structure.root.header
        let header = MessageHeader(try await message.read(range.prefix(Self.headerLimit)))
        facts = MessageFacts(header)
        date = header.date
        identity = try await Self.identity(of: message, header)
        if facts.contentType == "multipart/report" {
            facts.reportedMessageIDs = try await Self.reported(in: message)
        }
    }

    /// The identity of a message: of its Message-ID, Date, From and Subject, or of its whole content.
    static func identity(of message: MessageBody, _ header: MessageHeader) async throws(EngineError) -> [UInt8] {
        func raw(_ name: String) -> [UInt8] { header.first(name).map { Array($0.rawValue) } ?? [] }
        guard header.messageID != nil else {
            let digest = try await message.digest()
            return SHA256.digest(of: MessageIdentity.canonicalBytes(contentDigest: digest))
        }
        return SHA256.digest(
            of: MessageIdentity.canonicalBytes(
                messageID: raw("Message-ID"), date: raw("Date"), from: raw("From"), subject: raw("Subject")))
    }

    /// The Message-IDs of the messages that a report encloses, whole or their headers alone (RFC 6522 §3).
    private static func reported(in message: MessageBody) async throws(EngineError) -> [String] {
        var found: [String] = []
        for part in message.structure.parts.prefix(reportPartLimit).dropFirst() {
            if let identifier = part.envelope?.messageID {
                found += MessageIDList.parse(identifier)
            } else if part.fields.isHeaderText {
                let octets = try await message.read(part.body.prefix(quotedHeaderLimit))
                let plain = TransferDecoder.decode(octets, TransferEncoding(part.fields.encoding))
                found += MessageHeader(plain).messageID.map { [$0] } ?? []
            }
        }
        return found
    }
}

extension MessageBody {
    /// SHA-256 of all octets, read in pieces.
    func digest() async throws(EngineError) -> [UInt8] {
        if let inline { return SHA256.digest(of: inline) }
        var digest = SHA256()
        var offset = 0
        while offset < size {
            let piece = try await read(offset..<min(offset + Self.pieceSize, size))
            guard !piece.isEmpty else { throw .unavailable("the message is cut short") }
            digest.update(piece)
            offset += piece.count
        }
        return digest.finish()
    }
}

extension ContentFields {
    /// `text/rfc822-headers` and `message/global-headers` (RFC 6522 §3, RFC 6533 §4).
    fileprivate var isHeaderText: Bool {
        subtype.equalsIgnoringASCIICase("rfc822-headers".utf8) || subtype.equalsIgnoringASCIICase("global-headers".utf8)
    }
}

extension MessageFacts {
    /// What a header says; where and how the message passed is filled in by whoever knows.
    init(_ header: MessageHeader) {
        self.init()
        from = header.from
        replyTo = header.replyTo
        to = header.to
        cc = header.cc
        bcc = header.bcc
        subject = header.subject
        messageID = header.messageID
        inReplyTo = header.inReplyTo
        references = header.references
        headers = header.fields.prefix(GatheredMessage.fieldLimit).map {
            HeaderText(name: String(lossy: $0.name), value: $0.text)
        }
        if let type = header.contentType {
            contentType = type.essence
            reportType = type.parameter("report-type")?.lowercased()
        }
        if let path = header.first("Return-Path")?.value {
            let text = String(lossy: path).filter { $0 != "<" && $0 != ">" && !$0.isWhitespace }
            returnPath = text.isEmpty ? .null : EmailAddress(text).map { .address($0) } ?? .unknown
        }
    }
}
