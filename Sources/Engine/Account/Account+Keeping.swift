internal import Loop
internal import MIME
internal import MailTypes
internal import Store
internal import Vault

/// Scanning and caching what clients fetched, behind their backs: nobody waits for the disk.
///
/// The scanner comes before the cache: a message that the cache has was seen by the scanner, so one that was lost on
/// the way, by a crash, is fetched and scanned when it is next read.
extension Account {
    /// Messages kept in one commit, and octets.
    static let keepingBatch = 64
    static let keepingOctets = 4 << 20
    /// Clients that read come first; keeping waits so long for them to pause, unless much waits already.
    static let keepingPause = Duration.milliseconds(20)

    /// Takes messages that a client is about to be given.
    /// - Parameter isUnscanned: whether the scanner is still to see the message.
    func keepSoon(_ messages: [KnownMessage], of mailbox: LiveMailbox, isUnscanned: (UID) -> Bool) {
        guard !messages.isEmpty else { return }
        for message in messages {
            keeping.append(
                .init(mailbox: mailbox, message: message, isUnscanned: isUnscanned(message.metadata.uid)))
        }
        keepingSignal.raise(.work)
    }

    /// Waits while too much is on its way.
    func makeRoom() async {
        while keeping.isFull, !isRetired {
            // Room may have been made on the way here: the call itself may be a suspension.
            await withUnsafeContinuation { if keeping.isFull { keeping.wait($0) } else { $0.resume() } }
        }
    }

    /// Keeps what comes, for as long as the account lives.
    func runKeeping() async {
        while !isRetired {
            if keeping.isEmpty { _ = await keepingSignal.next() }
            while !keeping.isPressing, !isRetired, isReading {
                if await keepingSignal.next(of: .shutdown, until: loop.now + Self.keepingPause) == .shutdown { break }
            }
            await keepNext()
        }
    }

    /// Whether somebody reads from the upstream, or did a moment ago.
    private var isReading: Bool {
        loop.now < bodiesAskedAt + Self.keepingPause
            || lines.contains { $0.watched?.awaited.isEmpty == false }
    }

    /// Keeps everything that waits: before the account ends.
    func drainKeeping() async {
        while !keeping.isEmpty { await keepNext() }
    }

    private func keepNext() async {
        await keepingTurn.enter()
        defer { keepingTurn.leave() }
        let batch = keeping.first(Self.keepingBatch, octets: Self.keepingOctets)
        guard !batch.isEmpty else { return }
        for entry in batch where entry.isUnscanned {
            guard let body = entry.message.body else { continue }
            await pass(
                entry.message.metadata.uid, entry.message.metadata.internalDate, body, of: entry.mailbox, way: .read)
        }
        do throws(StoreError) {
            try await cache(batch)
        } catch { noteCacheFailure(error) }
        keeping.remove(batch.count)
        markingSignal.raise(.work)
    }

    /// Small messages go into the cache together, large ones one by one and piece by piece.
    private func cache(_ batch: [KeepingQueue.Entry]) async throws(StoreError) {
        var together: [CachedMailbox.ID: [KeptMessage]] = [:]
        for entry in batch {
            guard let body = entry.message.body else { continue }
            let uid = entry.message.metadata.uid
            guard let octets = body.inline, let digest = ContentDigest(SHA256.digest(of: octets)) else {
                var metadata = entry.message.metadata
                metadata.body = try await CachedBodies(services.cache, id).save(body, of: uid, in: entry.mailbox.id)
                try await services.cache.save([metadata], in: entry.mailbox.id)
                continue
            }
            together[entry.mailbox.id, default: []].append(
                KeptMessage(
                    metadata: entry.message.metadata, digest: digest, octets: octets, parts: body.structure.encoded))
        }
        for (mailbox, messages) in together {
            try await services.cache.save(messages, in: mailbox, of: id)
        }
    }
}
