internal import Loop
internal import MIME
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream
internal import Vault

/// Takes messages as they stream in from the upstream, and finds their parts on the way.
final class BodyCollector: BodySink {
    private let services: Account.Services
    private let hand: (KnownMessage) -> Void

    private var uid: UID?
    private var spool: Spool
    private var scanner = MessageScanner()
    /// Octets of the message that is coming in.
    private(set) var octets = 0

    /// - Parameter hand: is given each message when all of it has come in.
    init(_ services: Account.Services, hand: @escaping (KnownMessage) -> Void) {
        self.services = services
        self.hand = hand
        spool = Spool(services)
    }

    func begin(_ uid: UID, size: UInt64) async throws(UpstreamError) {
        let limit = services.configuration.messageLimit
        guard size <= UInt64(limit) else {
            throw .local("message \(uid) has \(size) octets; the limit is \(limit) (limits: message)")
        }
        self.uid = uid
        spool = Spool(services)
        scanner = MessageScanner()
        octets = 0
    }

    func take(_ bytes: [UInt8]) async throws(UpstreamError) {
        scanner.feed(bytes)
        octets += bytes.count
        do { try await spool.append(bytes) } catch { throw .local("\(error)") }
    }

    func end(internalDate: Moment?) async throws(UpstreamError) {
        guard let uid else { return }
        self.uid = nil
        let structure = scanner.finish()
        var metadata = MessageMetadata(uid: uid)
        metadata.internalDate = internalDate
        metadata.size = structure.size
        metadata.envelope = structure.envelope
        metadata.structure = structure.bodyStructure
        let body = await spool.body(structure)
        do throws(EngineError) {
            let header = structure.root.header
            if header.count <= Cache.chunkSize { metadata.header = try await body.read(header) }
        } catch { throw .local("\(error)") }
        hand(KnownMessage(metadata: metadata, body: body))
    }
}

/// Puts bodies into the cache under the digest of their octets.
struct CachedBodies {
    private let cache: Cache
    private let account: AccountID

    init(_ cache: Cache, _ account: AccountID) {
        self.cache = cache
        self.account = account
    }

    /// Stores the body once and gives it to a message of the mailbox.
    func save(
        _ body: MessageBody, of uid: UID, in mailbox: CachedMailbox.ID
    ) async throws(StoreError) -> BodyReference {
        let digest = try await digest(of: body)
        let reference = try await cache.saveBody(
            digest, size: body.size, parts: body.structure.encoded, of: uid, in: mailbox, account: account
        ) { (range) async throws(StoreError) in
            do { return try await body.read(range) } catch { throw .abandoned("\(error)") }
        }
        return reference
    }

    private func digest(of body: MessageBody) async throws(StoreError) -> ContentDigest {
        var digest = SHA256()
        var offset = 0
        while offset < body.size {
            let piece: [UInt8]
            do { piece = try await body.read(offset..<min(offset + MessageBody.pieceSize, body.size)) } catch {
                throw .abandoned("\(error)")
            }
            guard !piece.isEmpty else { break }
            digest.update(piece)
            offset += piece.count
        }
        guard let result = ContentDigest(digest.finish()) else { throw .abandoned("no digest") }
        return result
    }
}

extension Spool {
    convenience init(_ services: Account.Services) {
        self.init(
            directory: services.configuration.spoolDirectory, limit: services.configuration.messageLimit,
            pool: services.pool)
    }

    /// What was spooled, as a message with its parts found.
    func message() async throws(EngineError) -> MessageBody {
        var scanner = MessageScanner()
        var offset = 0
        while offset < count {
            let piece = try await read(offset..<(offset + MessageBody.pieceSize))
            guard !piece.isEmpty else { break }
            scanner.feed(piece)
            offset += piece.count
        }
        return await body(scanner.finish())
    }

    /// What was spooled, as a message with this structure; in memory when it is small.
    func body(_ structure: MessageStructure) async -> MessageBody {
        var inline: [UInt8]?
        if count <= Spool.memoryLimit { inline = try? await readAll() }
        return MessageBody(structure: structure, inline: inline) { (range) async throws(EngineError) in
            try await self.read(range)
        }
    }
}
