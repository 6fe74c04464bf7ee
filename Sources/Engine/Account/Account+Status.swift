internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// Counts of a mailbox that need not be open.
extension Account {
    /// From the mirror when it is open and true, else from the upstream, else as last seen.
    func status(_ name: MailboxName, withSize: Bool) async throws(EngineError) -> MailboxStatus {
        let folder = try await selectable(name)
        if let mailbox = live[folder.id], mailbox.wasSynchronised {
            await refresh(mailbox.id)
            return try await status(of: mailbox, withSize)
        }
        if withSize || !isOnline {
            let mailbox = try await load(folder)
            defer { if mailbox.leftAt == nil { mailbox.leftAt = loop.now } }
            do { try await freshen(mailbox) } catch {
                guard case .unavailable = error, mailbox.wasSynchronised else { throw error }
            }
            return try await status(of: mailbox, withSize)
        }
        let counts = try await onLine { (client) async throws(UpstreamError) in try await client.status(name) }
        return MailboxStatus(
            messages: counts.messages, unseen: counts.unseen, deleted: 0, uidNext: counts.uidNext,
            uidValidity: counts.uidValidity, highestModSeq: folder.highestModSeq, size: nil)
    }

    private func status(of mailbox: LiveMailbox, _ withSize: Bool) async throws(EngineError) -> MailboxStatus {
        let mirror = mailbox.mirror
        var size: UInt64?
        if withSize {
            let all = try await messages(mailbox.id, mirror.uids(in: mirror.uidSet), needs: .size)
            if let failure = all.failure { throw failure }
            size = all.messages.reduce(0) { $0 + ($1.size ?? 0) }
        }
        return MailboxStatus(
            messages: mirror.exists, unseen: mirror.unseenCount, deleted: mirror.deletedCount, uidNext: mirror.uidNext,
            uidValidity: mirror.uidValidity, highestModSeq: mirror.highestModSeq, size: size)
    }
}
