internal import Bytes
internal import IMAPSyntax
internal import Loop
internal import MIME
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// Searching: flags and UIDs from the mirror; for the rest the upstream, which has every message; without it, what is
/// cached.
extension Account {
    /// Messages looked at together when a search is answered from the cache.
    static let searchBatch = 200

    /// The messages of `view` that match, ascending. Sets of messages in the key are UIDs already.
    func search(
        _ id: CachedMailbox.ID, _ key: SearchKey, in view: SequenceView
    ) async throws(EngineError) -> [UID] {
        let mailbox = try opened(id)
        let mirror = mailbox.mirror
        var found: [UID] = []
        var open: [UID] = []
        for uid in mirror.uids(in: view.uidSet) {
            guard let row = mirror.row(of: uid) else { continue }
            switch key.simplified(subject(row).decide) {
            case .yes: found.append(uid)
            case .open: open.append(uid)
            case .no: break
            }
        }
        guard !open.isEmpty else { return found }
        let matching = try await decide(open, by: key, in: mailbox)
        return (found + matching).sorted()
    }

    private func decide(
        _ uids: [UID], by key: SearchKey, in mailbox: LiveMailbox
    ) async throws(EngineError) -> [UID] {
        let settled = try await settled(key, for: uids, in: mailbox)
        guard settled == key else {
            let verdicts = uids.compactMap { uid in
                mailbox.mirror.row(of: uid).map { (uid, settled.simplified(subject($0).decide)) }
            }
            let found = verdicts.filter { $0.1 == .yes }.map(\.0)
            let open = verdicts.filter { $0.1 == .open }.map(\.0)
            guard !open.isEmpty else { return found }
            return found + (try await decide(open, by: settled.withoutSets(holding: open), in: mailbox))
        }
        do {
            let epoch = mailbox.mirror.epoch
            var matching: [UID] = []
            for (key, uids) in key.withoutModSeqs(for: uids, in: mailbox.mirror) {
                let found = try await onLine(mailbox, in: epoch) {
                    (client) async throws(UpstreamError) -> NumberSet? in
                    // Only what it compares as is done here (RFC 5255 §4.3); bodies are not fetched for it.
                    guard !key.needsUnicode || key.needs.contains(.body) || client.comparesUnicode else { return nil }
                    return try await client.search(key)
                }
                if let found {
                    matching += uids.filter(found.contains)
                } else {
                    matching += try await searchCache(uids, by: key, in: mailbox)
                }
            }
            return matching
        } catch {
            guard case .unavailable = error, !key.isGmails else { throw error }
            return try await searchCache(uids, by: key, in: mailbox)
        }
    }

    /// Looks at each message. What is not cached while the upstream is away can't match.
    private func searchCache(
        _ uids: [UID], by key: SearchKey, in mailbox: LiveMailbox
    ) async throws(EngineError) -> [UID] {
        var needs = key.needs
        if needs.contains(.header) || needs.contains(.body) { needs.insert(.internalDate) }
        var matching: [UID] = []
        for batch in uids.batches(of: Self.searchBatch) {
            for message in try await messages(mailbox.id, Array(batch), needs: needs).messages {
                guard let row = mailbox.mirror.row(of: message.uid) else { continue }
                var subject = subject(row)
                subject.internalDate = message.internalDate
                subject.size = message.size
                subject.header = message.header.map { MessageHeader($0) }
                if let body = message.body, needs.contains(.body) { subject.text = try await body.foldedText() }
                if case .yes = key.simplified(subject.decide) { matching.append(message.uid) }
            }
        }
        return matching
    }

    private func subject(_ row: MailboxMirror.Row) -> SearchSubject {
        SearchSubject(
            uid: row.uid, flags: Set(row.flags), modSeq: row.modSeq, now: services.clock.now.seconds)
    }
}
