internal import Loop
internal import MailTypes
internal import Mirror
internal import Store

/// Sessions beginning with a mailbox, and what those that were there before have missed (RFC 7162).
extension Account {
    func begin(
        _ id: CachedMailbox.ID, _ hold: HoldID, _ memory: OpenMailbox.Memory?
    ) throws(EngineError) -> (SequenceView, MailboxSummary, MissedMessages?) {
        let mailbox = try opened(id)
        let mirror = mailbox.mirror
        mailbox.epochs[hold] = mirror.epoch
        let view = SequenceView(mirror)
        let summary = MailboxSummary(
            exists: mirror.exists, uidValidity: mirror.uidValidity, uidNext: mirror.uidNext,
            flags: Flag.system + mirror.keywords, permanentFlags: mailbox.permanentFlags,
            takesNewKeywords: mailbox.takesNewKeywords, highestModSeq: mirror.highestModSeq,
            firstUnseen: mirror.firstUnseen)
        // RFC 7162 §3.2.5.1: what is remembered of another UIDVALIDITY is of no use.
        guard let memory, memory.uidValidity == mirror.uidValidity else { return (view, summary, nil) }
        let missed = mirror.missed(memory.client)
        let changed = missed.changed.compactMap { uid -> ViewUpdate? in
            guard let number = view.sequenceNumber(of: uid), let row = mirror.row(of: uid) else { return nil }
            return .flags(sequenceNumber: number, uid: uid, flags: row.flags, modSeq: row.modSeq)
        }
        return (view, summary, MissedMessages(vanished: missed.vanished, changed: changed))
    }

    /// Those of these messages that changed after `modSeq` (CHANGEDSINCE, RFC 7162 §3.1.4.1); all when the
    /// mod-sequence is of a past that was lost here.
    func changed(_ id: CachedMailbox.ID, _ uids: [UID], since modSeq: ModSeq) throws(EngineError) -> [UID] {
        let mirror = try opened(id).mirror
        guard mirror.remembers(modSeq) else { return uids }
        return uids.filter { uid in mirror.row(of: uid).map { $0.modSeq > modSeq } ?? false }
    }

    /// Those UIDs that were expunged after `modSeq`, or, when that is no longer known, all that are not there.
    func vanished(_ id: CachedMailbox.ID, _ uids: SequenceSet, since modSeq: ModSeq) throws(EngineError) -> NumberSet {
        let mirror = try opened(id).mirror
        return mirror.vanished(after: modSeq, among: uids.resolved(largest: mirror.uidNext - 1))
    }

    /// The greatest mod-sequence among these messages; nil when none is there.
    func modSeq(_ id: CachedMailbox.ID, of uids: NumberSet) throws(EngineError) -> ModSeq? {
        let mirror = try opened(id).mirror
        return mirror.uids(in: uids).compactMap { mirror.row(of: $0)?.modSeq }.max()
    }
}
