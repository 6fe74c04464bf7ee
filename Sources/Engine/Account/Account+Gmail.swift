internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// What only Gmail has: its identifiers, labels and search pass through, and nothing of them is kept.
extension Account {
    /// Reaches the upstream once, so that it is known what it has; one that is away stays unknown.
    func meetUpstream() async {
        guard abilities.withLock({ $0 == nil }) else { return }
        do { try await onLine { (_) async throws(UpstreamError) in } } catch {
            log.debug("upstream not met", ["reason": "\(error)"])
        }
    }

    /// Gmail's own items of these messages, and those that are not known here.
    func addGmailItems(
        _ items: [FetchAttribute], of uids: [UID], in mailbox: LiveMailbox, to found: inout [UID: MessageParticulars]
    ) async throws(EngineError) {
        for batch in uids.batches(of: Self.metadataBatch) {
            let fetched = try await onLine(mailbox) { (client) async throws(UpstreamError) in
                guard client.hasGmailItems else { throw UpstreamError.refused(code: nil, text: Self.isNoGmail) }
                return try await client.fetchGmailItems(NumberSet(batch), items)
            }
            for (uid, items) in fetched {
                found[uid, default: MessageParticulars()].gmailMessageID = items.messageID
                found[uid]?.gmailThreadID = items.threadID
                found[uid]?.gmailLabels = items.labels
                found[uid]?.others = items.others
            }
        }
    }

    /// STORE of labels. What becomes of flags and messages by it, the upstream reports.
    func storeGmailLabels(
        _ id: CachedMailbox.ID, _ uids: NumberSet, _ change: FlagChange, _ labels: [String]
    ) async throws(EngineError) {
        let mailbox = try opened(id)
        let epoch = mailbox.mirror.epoch
        let request = FlagRequest(change: change, flags: [])
        for batch in mailbox.mirror.uids(in: uids).batches(of: Self.changeBatch) {
            try await onLine(mailbox, in: epoch) { (client) async throws(UpstreamError) in
                guard client.hasGmailItems else { throw UpstreamError.refused(code: nil, text: Self.isNoGmail) }
                try await client.storeGmailLabels(NumberSet(batch), request.upstream, labels)
            }
        }
    }

    private static let isNoGmail = "the upstream has no X-GM-EXT-1 any more"
}

extension SearchKey {
    /// Whether only Gmail can decide it.
    package var isGmails: Bool {
        contains { key in
            switch key {
            case .gmailRaw, .gmailMessageID, .gmailThreadID, .gmailLabel: true
            default: false
            }
        }
    }
}

extension Engine {
    /// Whether the upstream of the principal's default account is Gmail, as far as is known.
    package func isGmail(for principal: Principal) -> Bool {
        branches(of: principal).first.flatMap { account($0.account.id) }?.abilities.withLock { $0?.isGmail } ?? false
    }

    /// Reaches that upstream once, unless it was reached before.
    package func meetUpstream(of principal: Principal) async {
        guard let branch = branches(of: principal).first else { return }
        await account(branch.account.id)?.meetUpstream()
    }
}

extension OpenMailbox {
    /// Whether the mailbox is one of Gmail's.
    package var isGmail: Bool { place.account.abilities.withLock { $0?.isGmail ?? false } }
}
