internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// Large messages are fetched piece by piece, so that between the pieces the connection is free for what others want of
/// it: a flag does not wait for an attachment. What a lost connection has brought is not fetched again.
extension Account {
    /// Octets of a message, above which it comes in pieces.
    static let largeBody = 1 << 20
    /// Octets of a piece.
    static let bodyPiece = 512 << 10

    /// What came of asking for a piece.
    private enum Piece {
        case more
        case last
        /// The message is gone.
        case gone
        /// The upstream does not give what it is asked for.
        case wrong(UpstreamError)
    }

    /// Fetches one message in pieces, unless another session has fetched it meanwhile.
    /// - Parameter size: RFC822.SIZE, which some servers get wrong; then the message is fetched as a whole, and so are
    ///   all others from then on.
    /// - Returns: nil when the upstream does not have it.
    func fetchLarge(
        _ uid: UID, size: Int, of mailbox: LiveMailbox, in epoch: MailboxMirror.Epoch, _ needs: MessageNeeds,
        _ way: Passage.Way
    ) async throws(EngineError) -> KnownMessage? {
        // Whoever asks for it meanwhile waits, and finds it.
        await mailbox.reading.enter()
        defer { mailbox.reading.leave() }
        if let found = passing([uid], in: mailbox, needs)[uid] { return found }
        if let found = try await cached([uid], in: mailbox, needs).first, found.satisfies(needs) { return found }
        guard !avoidsPieces else { return try await fetchBodies([uid], of: mailbox, in: epoch, needs, way).known[uid] }
        var taken: KnownMessage?
        let collector = BodyCollector(services) { taken = $0 }
        fetching: while true {
            guard standing(.download) < .spent else { throw .overBudget(.download) }
            switch try await nextPiece(of: uid, of: mailbox, in: epoch, into: collector) {
            case .more: continue
            case .last: break fetching
            case .gone: return nil
            case .wrong(let error): return try await instead(uid, "\(error)", of: mailbox, in: epoch, needs, way)
            }
        }
        guard let message = taken else { return nil }
        guard message.metadata.size == size else {
            let reason =
                "the pieces of a message have \(message.metadata.size ?? 0) octets, not the \(size) it is told to have"
            return try await instead(uid, reason, of: mailbox, in: epoch, needs, way)
        }
        return await hand(message, of: mailbox, way)
    }

    private func nextPiece(
        of uid: UID, of mailbox: LiveMailbox, in epoch: MailboxMirror.Epoch, into collector: BodyCollector
    ) async throws(EngineError) -> Piece {
        try await onLine(mailbox, in: epoch) { (client) async throws(UpstreamError) -> Piece in
            do throws(UpstreamError) {
                // Where a lost connection has left off.
                let isLast = try await client.fetchPiece(
                    of: uid, at: collector.octets, count: Self.bodyPiece, into: collector)
                return switch isLast {
                case true?: .last
                case false?: .more
                case nil: .gone
                }
            } catch {
                guard case .refused = error else { throw error }
                return .wrong(error)
            }
        }
    }

    /// Fetches the message as a whole, from a server that makes nothing good of pieces.
    private func instead(
        _ uid: UID, _ reason: String, of mailbox: LiveMailbox, in epoch: MailboxMirror.Epoch, _ needs: MessageNeeds,
        _ way: Passage.Way
    ) async throws(EngineError) -> KnownMessage? {
        log.notice("large messages are fetched as a whole from now on", ["uid": uid, "reason": reason])
        avoidsPieces = true
        return try await fetchBodies([uid], of: mailbox, in: epoch, needs, way).known[uid]
    }

    /// Has the message scanned and kept. Nil when it is held back.
    private func hand(_ message: KnownMessage, of mailbox: LiveMailbox, _ way: Passage.Way) async -> KnownMessage? {
        let mustWait = way == .read && services.scanner.holdsBack(id)
        // What arrived is shown to the scanner by who asked for it.
        keepSoon([message], of: mailbox) { _ in way == .read && !mustWait }
        await makeRoom()
        guard mustWait, let body = message.body else { return message }
        let (uid, date) = (message.metadata.uid, message.metadata.internalDate)
        return await pass(uid, date, body, of: mailbox, way: way) ? message : nil
    }
}
