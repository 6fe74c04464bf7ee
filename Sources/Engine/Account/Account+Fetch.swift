internal import Loop
internal import MIME
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// Reading messages: flags from the mirror, the rest from the cache, and from the upstream what was never seen before.
extension Account {
    /// Messages whose metadata is asked for in one command.
    static let metadataBatch = 500

    /// What is needed of these messages. Those that are gone are left out; those that can't be had now are too, and
    /// the failure says why.
    func messages(
        _ id: CachedMailbox.ID, _ uids: [UID], needs: MessageNeeds, way: Passage.Way = .read
    ) async throws(EngineError) -> FetchedMessages {
        let mailbox = try opened(id)
        let epoch = mailbox.mirror.epoch
        var result = FetchedMessages(messages: [], failure: nil)
        let present = mailbox.mirror.present(uids)
        // One for each of those that are there, in their order.
        var known: [KnownMessage?] = []
        if !needs.isEmpty {
            known = try await atHand(present, in: mailbox, needs)
            let lacking = known.indices.filter { known[$0]?.satisfies(needs) != true }
            if !lacking.isEmpty {
                let sizes = needs.contains(.body) ? sizes(of: lacking.map { known[$0] }) : [:]
                let fetched = await fetch(lacking.map { present[$0] }, sizes, of: mailbox, in: epoch, needs, way)
                for index in lacking { known[index] = fetched.known[present[index]] ?? known[index] }
                result.failure = fetched.failure
            }
        }
        // What was found may be of the mailbox before, or of the one after.
        let mirror = mailbox.mirror
        guard epoch == mirror.epoch else { throw .newEpoch }
        result.messages.reserveCapacity(present.count)
        for (index, uid) in present.enumerated() {
            guard let row = mirror.row(of: uid) else { continue }
            var message = MessageData(uid: uid, flags: row.flags.flags, modSeq: row.modSeq)
            if !needs.isEmpty {
                guard let found = known[index], found.satisfies(needs) else {
                    result.failure =
                        result.failure ?? .refused(code: nil, text: "the upstream does not give UID \(uid)")
                    continue
                }
                found.fill(&message)
            }
            result.messages.append(message)
        }
        return result
    }

    /// What is on its way into the cache, or in it, for each of these messages.
    private func atHand(
        _ uids: [UID], in mailbox: LiveMailbox, _ needs: MessageNeeds
    ) async throws(EngineError) -> [KnownMessage?] {
        let passing = passing(uids, in: mailbox, needs)
        let rest = passing.isEmpty ? uids : uids.filter { passing[$0] == nil }
        var cached = try await cached(rest, in: mailbox, needs)[...]
        return uids.map { uid in
            // The cache answers in the order in which it was asked.
            if cached.first?.metadata.uid == uid { return cached.popFirst() }
            return passing[uid]
        }
    }

    /// Messages that were fetched a moment ago and are on their way into the cache.
    func passing(_ uids: [UID], in mailbox: LiveMailbox, _ needs: MessageNeeds) -> [UID: KnownMessage] {
        guard !keeping.isEmpty else { return [:] }
        var known: [UID: KnownMessage] = [:]
        for uid in uids {
            if let message = keeping.message(uid, in: mailbox.id), message.satisfies(needs) { known[uid] = message }
        }
        return known
    }

    /// What the cache knows of these messages, in their order.
    func cached(
        _ uids: [UID], in mailbox: LiveMailbox, _ needs: MessageNeeds
    ) async throws(EngineError) -> [KnownMessage] {
        guard !uids.isEmpty else { return [] }
        var wanted: MessageMetadata.Needs = []
        if needs.contains(.envelope) { wanted.insert(.envelope) }
        if needs.contains(.structure) { wanted.insert(.structure) }
        if needs.contains(.header) { wanted.insert(.header) }
        if needs.contains(.references) { wanted.insert(.references) }
        if needs.contains(.body) { wanted.formUnion([.smallBody, .parts]) }
        let found: [MessageMetadata]
        do { found = try await services.cache.metadata(of: uids, in: mailbox.id, needs: wanted) } catch {
            noteCacheFailure(error)
            found = []
        }
        return found.map { KnownMessage(metadata: $0, body: body($0.body, $0.parts, $0.smallBody)) }
    }

    /// A cached body.
    /// - Parameters:
    ///   - parts: MIME's structure of it, encoded.
    ///   - inline: all of it, when it is small.
    func body(_ body: BodyReference?, _ parts: [UInt8]?, _ inline: [UInt8]?) -> MessageBody? {
        guard let body = body?.id, let parts, let structure = MessageStructure(encoded: parts) else { return nil }
        let cache = services.cache
        return MessageBody(structure: structure, inline: inline) { (range) async throws(EngineError) in
            let octets: [UInt8]?
            do throws(StoreError) { octets = try await cache.read(body, in: range) } catch { throw EngineError(error) }
            if let octets { return octets }
            throw .unavailable("the message has left the cache; ask for it again")
        }
    }

    /// Asks the upstream for what is lacking. Another session may have asked for it meanwhile: what is on its way into
    /// the cache by the time the connection is ours is not fetched again.
    /// - Parameter sizes: of large messages among them, as far as they are known to be.
    private func fetch(
        _ uids: [UID], _ sizes: [UID: Int], of mailbox: LiveMailbox, in epoch: MailboxMirror.Epoch,
        _ needs: MessageNeeds,
        _ way: Passage.Way
    ) async -> (known: [UID: KnownMessage], failure: EngineError?) {
        let wantsBodies = needs.contains(.body)
        var known: [UID: KnownMessage] = [:]
        do throws(EngineError) {
            let together = sizes.isEmpty ? uids : uids.filter { sizes[$0] == nil }
            for batch in together.batches(of: wantsBodies ? Self.bodyBatch : Self.metadataBatch) {
                if wantsBodies {
                    let fetched = try await fetchBodies(Array(batch), of: mailbox, in: epoch, needs, way)
                    known.merge(fetched.known) { $1 }
                    if let failure = fetched.failure { throw failure }
                } else {
                    known.merge(try await fetchMetadata(Array(batch), of: mailbox, in: epoch, needs)) { $1 }
                }
            }
            for uid in uids where sizes[uid] != nil {
                let size = sizes[uid] ?? 0
                known[uid] = try await fetchLarge(uid, size: size, of: mailbox, in: epoch, needs, way)
            }
        } catch { return (known, error) }
        return (known, nil)
    }

    /// The sizes of those that are large.
    private func sizes(of messages: [KnownMessage?]) -> [UID: Int] {
        var sizes: [UID: Int] = [:]
        for case let message? in messages {
            if let size = message.metadata.size, size > Self.largeBody { sizes[message.metadata.uid] = size }
        }
        return sizes
    }

    private func fetchMetadata(
        _ uids: [UID], of mailbox: LiveMailbox, in epoch: MailboxMirror.Epoch, _ needs: MessageNeeds
    ) async throws(EngineError) -> [UID: KnownMessage] {
        let fetched = try await onLine(mailbox, in: epoch) { (client) async throws(UpstreamError) in
            // A whole mailbox is sorted: its headers are not fetched for one field of each.
            try await needs.contains(.references) && needs.isSubset(of: .order)
                ? client.fetchOrder(NumberSet(uids)).map(\.cached) : client.fetchMetadata(NumberSet(uids)).map(\.cached)
        }
        guard epoch == mailbox.mirror.epoch else { throw .newEpoch }
        do { try await services.cache.save(fetched, in: mailbox.id) } catch { noteCacheFailure(error) }
        return Dictionary(fetched.map { ($0.uid, KnownMessage(metadata: $0, body: nil)) }) { $1 }
    }
}

/// What a fetch brought, and why something is missing.
package struct FetchedMessages: Sendable {
    package var messages: [MessageData]
    /// Why messages that exist are not among them; nil when none is missing.
    package var failure: EngineError?
}

/// A message as far as it is known: from the cache, or just fetched.
struct KnownMessage: Sendable {
    var metadata: MessageMetadata
    var body: MessageBody?

    /// Whether everything needed is there.
    func satisfies(_ needs: MessageNeeds) -> Bool {
        (!needs.contains(.internalDate) || metadata.internalDate != nil)
            && (!needs.contains(.size) || metadata.size != nil)
            && (!needs.contains(.envelope) || metadata.envelope != nil)
            && (!needs.contains(.structure) || metadata.structure != nil)
            && (!needs.contains(.header) || metadata.header != nil) && (!needs.contains(.body) || body != nil)
            && (!needs.contains(.references) || metadata.references != nil)
    }

    func fill(_ message: inout MessageData) {
        message.internalDate = metadata.internalDate
        message.size = metadata.size.map(UInt64.init)
        message.envelope = metadata.envelope
        message.structure = metadata.structure
        message.header = metadata.header
        message.references = metadata.references
        message.body = body
    }
}

extension FetchedMetadata {
    var cached: MessageMetadata {
        var metadata = MessageMetadata(uid: uid)
        metadata.internalDate = internalDate
        metadata.size = size
        metadata.envelope = envelope
        metadata.structure = structure
        metadata.header = header
        metadata.references = (header ?? referenceFields).map { MessageHeader($0).all("References").map(\.value) }
        return metadata
    }
}

extension MessageNeeds {
    /// What mail programs list messages by.
    static let listing: MessageNeeds = [.internalDate, .size, .envelope, .structure, .header]

    /// What `fetchOrder` brings: all that messages are sorted and threaded by.
    static let order: MessageNeeds = [.internalDate, .size, .envelope, .references]
}
