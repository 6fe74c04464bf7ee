internal import MIME
internal import MailTypes
internal import Rules
internal import Store
internal import Vault

/// A message made ready to be recorded: its text read, its attachments decoded and digested. Large contents are in the
/// store already, small ones come along for the transaction that records the message.
struct RecordableMessage: Sendable {
    private(set) var text = ""
    private(set) var html: String?
    private(set) var attachments: [Email.Attachment] = []
    private(set) var source: ContentDigest?
    private(set) var size: Int
    /// Its source and its attachments.
    private(set) var intake = ContentIntake()
    /// Its text is to be read again before it is recorded.
    private(set) var lacksText = false

    /// Reads the message and puts its large contents into the store.
    /// - Parameter isWaiting: it will be long until the message is recorded, if it ever is. Of a large one nothing is kept
    ///   in memory until then.
    init(_ message: MessageBody, store: Store, isWaiting: Bool = false) async throws(EngineError) {
        size = message.size
        let found: [Attachment]
        if isWaiting, message.inline == nil {
            lacksText = true
            intake = ContentIntake(room: Self.waitingRoom)
            found = message.structure.attachments()
        } else {
            let content = try await Self.content(of: message)
            (text, html, found) = (content.text, content.html, content.attachments)
        }
        source = try await intake.keep(message, store)
        for attachment in found {
            let measured = SequentialContent(message, attachment.range, attachment.encoding)
            let (octets, size) = try await measured.digest()
            let digest = try await intake.keep(octets, size, store) {
                SequentialContent(message, attachment.range, attachment.encoding)
            }
            attachments.append(
                Email.Attachment(
                    name: attachment.name, mediaType: attachment.type, size: size, contentID: attachment.contentID,
                    content: digest))
        }
    }

    /// Octets of contents that a large message takes along while it waits.
    private static let waitingRoom = 16 << 10

    private static func content(of message: MessageBody) async throws(EngineError) -> MessageContent {
        try await message.structure.content { (range) async throws(EngineError) in try await message.read(range) }
    }

    /// With its text, which is read from the same message again where it was not kept.
    func complete(_ message: MessageBody) async throws(EngineError) -> RecordableMessage {
        guard lacksText else { return self }
        let content = try await Self.content(of: message)
        var complete = self
        (complete.text, complete.html, complete.lacksText) = (content.text, content.html, false)
        return complete
    }

    /// The e-mail to record.
    func email(
        _ gathered: GatheredMessage, _ decision: Decision, account: AccountID, at moment: Moment
    ) -> Email {
        let facts = gathered.facts
        return Email(
            account: account, identity: gathered.identity, direction: Email.Direction(decision.direction),
            messageID: facts.messageID ?? "", inReplyTo: facts.inReplyTo, references: facts.references,
            subject: facts.subject, date: gathered.date, from: facts.from, replyTo: facts.replyTo, to: facts.to,
            cc: facts.cc, bcc: facts.bcc, text: text, html: html, isAutomatic: decision.automatic != nil, size: size,
            source: source, attachments: attachments, recorded: moment)
    }
}

/// The octets of a part of a message, decoded and given out from the first to the last.
final class SequentialContent {
    private let message: MessageBody
    private let range: Range<Int>
    private var offset: Int
    private var decoder: TransferDecoder
    private var buffer: [UInt8] = []
    private var isFinished = false

    init(_ message: MessageBody, _ range: Range<Int>, _ encoding: TransferEncoding) {
        self.message = message
        self.range = range
        offset = range.lowerBound
        decoder = TransferDecoder(encoding)
    }

    /// The next octets: `count` of them, fewer only at the end.
    func next(_ count: Int) async throws(EngineError) -> [UInt8] {
        while buffer.count < count, !isFinished { try await readMore() }
        let taken = Array(buffer.prefix(count))
        buffer.removeFirst(taken.count)
        return taken
    }

    /// SHA-256 and number of all octets.
    func digest() async throws(EngineError) -> ([UInt8], Int) {
        var digest = SHA256()
        var size = 0
        while !isFinished {
            try await readMore()
            digest.update(buffer)
            size += buffer.count
            buffer = []
        }
        return (digest.finish(), size)
    }

    private func readMore() async throws(EngineError) {
        let end = min(offset + MessageBody.pieceSize, range.upperBound)
        let piece = offset < end ? try await message.read(offset..<end) : []
        offset += piece.count
        decoder.decode(piece[...], into: &buffer)
        guard piece.isEmpty || offset >= range.upperBound else { return }
        decoder.finish(into: &buffer)
        isFinished = true
    }
}

extension Email.Direction {
    init(_ direction: Direction) {
        self =
            switch direction {
            case .sent: .sent
            case .received: .received
            case .internal: .internal
            }
    }
}
