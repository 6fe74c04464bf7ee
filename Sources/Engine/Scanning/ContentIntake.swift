internal import MIME
internal import MailTypes
internal import Store

/// Contents on their way into the store: large ones are there already, small ones come along for the transaction that
/// refers to them.
struct ContentIntake: Sendable {
    /// Octets of contents that one transaction takes.
    static let transactionLimit = 1 << 20

    /// Contents that the transaction has to store.
    private(set) var contents: [(digest: ContentDigest, octets: [UInt8])] = []
    private var room: Int

    /// - Parameter room: octets of contents that may come along.
    init(room: Int = Self.transactionLimit) { self.room = room }

    /// Takes a content in, with its SHA-256 and size.
    mutating func keep(
        _ digest: [UInt8], _ size: Int, _ store: Store, _ open: () -> SequentialContent
    ) async throws(EngineError) -> ContentDigest {
        guard let digest = ContentDigest(digest) else { throw .storage("a digest has \(digest.count) octets") }
        let content = open()
        if size <= room {
            room -= size
            if !contents.contains(where: { $0.digest == digest }) {
                contents.append((digest, try await content.next(size)))
            }
            return digest
        }
        do throws(StoreError) {
            try await store.putContent(digest, size: size) { (range) async throws(StoreError) in
                do throws(EngineError) { return try await content.next(range.count) } catch {
                    throw .abandoned("\(error)")
                }
            }
        } catch { throw EngineError(error) }
        return digest
    }

    /// Takes in a message's source.
    mutating func keep(_ message: MessageBody, _ store: Store) async throws(EngineError) -> ContentDigest {
        try await keep(try await message.digest(), message.size, store) {
            SequentialContent(message, 0..<message.size, .identity)
        }
    }

    /// Stores what came along.
    func put(_ transaction: StoreTransaction) throws(StoreError) {
        for (digest, octets) in contents { try transaction.putContent(digest, octets) }
    }
}

/// A message that is kept until its copy is saved in Sent.
struct OwedCopy: Sendable {
    let content: ContentDigest
    private let intake: ContentIntake

    init(_ message: MessageBody, store: Store) async throws(EngineError) {
        var intake = ContentIntake()
        content = try await intake.keep(message, store)
        self.intake = intake
    }

    /// The same for a message that is recorded; nil where its source is not.
    init?(_ recorded: RecordableMessage) {
        guard let source = recorded.source else { return nil }
        content = source
        intake = recorded.intake
    }

    /// A message that the store keeps already.
    init(stored content: ContentDigest) {
        self.content = content
        intake = ContentIntake()
    }

    /// Stores the message unless it is there already.
    func put(_ transaction: StoreTransaction) throws(StoreError) {
        if try transaction.contentSize(content) == nil { try intake.put(transaction) }
    }

    /// Notes that the copy of what this mark stands for is owed.
    func note(in mark: inout SentMark, _ transaction: StoreTransaction) throws(StoreError) {
        try put(transaction)
        mark.copy = .saving
        mark.content = content
    }
}
