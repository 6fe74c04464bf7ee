internal import Bytes
internal import IMAPSyntax
internal import Loop
internal import MIME
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// Searching: flags and UIDs from the mirror, texts from what is cached and indexed; for the rest the upstream, which has
/// every message; without it, what is cached.
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
        guard key.needs.contains(.body), !key.isGmails else { return try await askUpstream(uids, by: key, in: mailbox) }
        guard let findings = try await searchTexts(uids, by: key, in: mailbox, isAlone: false) else {
            return try await askUpstream(uids, by: key, in: mailbox)
        }
        guard !findings.open.isEmpty else { return findings.matching }
        return findings.matching + (try await askUpstream(findings.open, by: key, in: mailbox, isRest: true))
    }

    /// - Parameter isRest: these messages are what is left of those that were searched: the upstream need not look at
    ///   the others again.
    private func askUpstream(
        _ uids: [UID], by key: SearchKey, in mailbox: LiveMailbox, isRest: Bool = false
    ) async throws(EngineError) -> [UID] {
        do {
            let epoch = mailbox.mirror.epoch
            var matching: [UID] = []
            for (key, uids) in key.withoutModSeqs(for: uids, in: mailbox.mirror) {
                let isNarrow = isRest && uids.count <= Self.strayLimit
                let asked = isNarrow ? .and([.among(NumberSet(uids)), key]) : key
                let found = try await onLine(mailbox, in: epoch) {
                    (client) async throws(UpstreamError) -> NumberSet? in
                    // Only what it compares as is done here (RFC 5255 §4.3); bodies are not fetched for it.
                    guard !key.needsUnicode || key.needs.contains(.body) || client.comparesUnicode else { return nil }
                    return try await client.search(asked)
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
            guard key.needs.contains(.body) else { return try await searchCache(uids, by: key, in: mailbox) }
            return try await searchTexts(uids, by: key, in: mailbox, isAlone: true)?.matching ?? []
        }
    }

    /// Looks at what is remembered of each message. What is not cached while the upstream is away can't match.
    private func searchCache(
        _ uids: [UID], by key: SearchKey, in mailbox: LiveMailbox
    ) async throws(EngineError) -> [UID] {
        var needs = key.needs
        if needs.contains(.header) { needs.insert(.internalDate) }
        var matching: [UID] = []
        for batch in uids.batches(of: Self.searchBatch) {
            for message in try await messages(mailbox.id, Array(batch), needs: needs).messages {
                guard let row = mailbox.mirror.row(of: message.uid) else { continue }
                var subject = subject(row)
                subject.take(message)
                if case .yes = key.simplified(subject.decide) { matching.append(message.uid) }
            }
        }
        return matching
    }

    func subject(_ row: MailboxMirror.Row) -> SearchSubject {
        SearchSubject(
            uid: row.uid, flags: Set(row.flags), modSeq: row.modSeq, now: services.clock.now.seconds)
    }
}
