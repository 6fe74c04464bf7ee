internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// Counts of a mailbox that need not be open.
extension Account {
    /// From the mirror when it is open and true, else from the upstream, else as last seen.
    func status(_ name: MailboxName, _ needs: StatusNeeds) async throws(EngineError) -> MailboxStatus {
        let folder = try await selectable(name)
        if let mailbox = live[folder.id], mailbox.wasSynchronised {
            await refresh(mailbox.id)
            return try await status(of: mailbox, needs)
        }
        if needs.isDisjoint(with: [.size, .deleted, .deletedStorage]), isOnline {
            let counts = try await onLine { (client) async throws(UpstreamError) in
                try await client.status(name, withModSeq: needs.contains(.modSeq))
            }
            if !needs.contains(.modSeq) { return MailboxStatus(counts, .zero) }
            if let known = try await cached(folder.id), known.isTold(by: counts) {
                return MailboxStatus(counts, known.highestModSeq)
            }
        }
        // The mirror has to be true for what only it knows: mod-sequences are given here.
        let mailbox = try await load(folder)
        defer { if mailbox.leftAt == nil { mailbox.leftAt = loop.now } }
        do { try await freshen(mailbox) } catch {
            guard case .unavailable = error, mailbox.wasSynchronised else { throw error }
        }
        return try await status(of: mailbox, needs)
    }

    /// What the mirror tells without a look at the messages.
    func counts(of mailbox: LiveMailbox) -> MailboxStatus {
        let mirror = mailbox.mirror
        return MailboxStatus(
            messages: mirror.exists, unseen: mirror.unseenCount, deleted: mirror.deletedCount, uidNext: mirror.uidNext,
            uidValidity: mirror.uidValidity, highestModSeq: mirror.highestModSeq, size: nil)
    }

    private func cached(_ id: CachedMailbox.ID) async throws(EngineError) -> CachedMailbox? {
        do { return try await services.cache.mailbox(id) } catch { throw EngineError(error) }
    }

    private func status(of mailbox: LiveMailbox, _ needs: StatusNeeds) async throws(EngineError) -> MailboxStatus {
        let mirror = mailbox.mirror
        var status = counts(of: mailbox)
        if needs.contains(.size) { status.size = try await size(of: mirror.uids(in: mirror.uidSet), in: mailbox) }
        if needs.contains(.deletedStorage) {
            let marked = mirror.uids(in: mirror.uidSet).filter { mirror.flags(of: $0)?.isDeleted == true }
            status.deletedSize = try await size(of: marked, in: mailbox)
        }
        return status
    }

    /// Octets of these messages together.
    private func size(of uids: [UID], in mailbox: LiveMailbox) async throws(EngineError) -> UInt64 {
        guard !uids.isEmpty else { return 0 }
        let found = try await messages(mailbox.id, uids, needs: .size)
        if let failure = found.failure { throw failure }
        return found.messages.reduce(0) { $0 + ($1.size ?? 0) }
    }
}

extension MailboxStatus {
    /// What the upstream has counted. It does not count what is marked `\Deleted`.
    init(_ counts: MailboxCounts, _ highestModSeq: ModSeq) {
        self.init(
            messages: counts.messages, unseen: counts.unseen, deleted: 0, uidNext: counts.uidNext,
            uidValidity: counts.uidValidity, highestModSeq: highestModSeq, size: nil)
    }
}

extension CachedMailbox {
    /// Whether nothing has happened upstream since the mailbox was last in step with it.
    fileprivate func isTold(by counts: MailboxCounts) -> Bool {
        upstreamModSeq != .zero && counts.highestModSeq == upstreamModSeq && uidValidity == counts.uidValidity
            && messageCount == counts.messages && uidNext == counts.uidNext
    }
}
