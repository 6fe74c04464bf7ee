internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// What a STORE asks for.
struct FlagRequest: Sendable {
    let change: FlagChange
    /// Without `\Recent`, which nobody can set.
    let flags: [Flag]

    init(change: FlagChange, flags: [Flag]) {
        self.change = change
        self.flags = flags.filter { $0 != .recent }
    }

    /// What becomes of a message's flags.
    func applied(to old: FlagSet) -> FlagSet {
        switch change {
        case .add: old.union(FlagSet(flags))
        case .remove: old.subtracting(FlagSet(flags))
        case .replace: FlagSet(flags)
        }
    }

    var upstream: StoreChange {
        switch change {
        case .add: .add
        case .remove: .remove
        case .replace: .replace
        }
    }
}

/// Changing flags. The upstream comes first; the mirror follows what it accepted.
extension Account {
    /// STORE (RFC 9051 §6.4.6), one at a time in a mailbox.
    /// - Parameter limit: messages that changed after it are left alone (RFC 7162 §3.1.3). The mirror knows that of the
    ///   clients of this house; of others the upstream is asked first, and where it has CONDSTORE the change itself is
    ///   conditional there as well.
    func store(
        _ id: CachedMailbox.ID, _ uids: NumberSet, _ request: FlagRequest, unchangedSince limit: ModSeq? = nil
    ) async throws(EngineError) -> StoreOutcome {
        let mailbox = try opened(id)
        let epoch = mailbox.mirror.epoch
        await mailbox.storing.enter()
        defer { mailbox.storing.leave() }
        guard epoch == mailbox.mirror.epoch else { throw .newEpoch }
        var outcome = StoreOutcome()
        for batch in mailbox.mirror.uids(in: uids).batches(of: Self.changeBatch) {
            var wanted = Array(batch)
            var bound: ModSeq?
            if let limit {
                bound = try await look(at: wanted, of: mailbox, in: epoch)
                outcome.modified += wanted.filter { mailbox.mirror.isUnchanged($0, since: limit) == false }
                wanted = wanted.filter { mailbox.mirror.isUnchanged($0, since: limit) == true }
            }
            guard !wanted.isEmpty else { continue }
            let before = mailbox.mirror
            let set = NumberSet(wanted)
            // A conditional change is not repeated after a lost connection: it would fail for having succeeded.
            let refused = try await onLine(mailbox, in: epoch, isRepeatable: limit == nil) {
                (client) async throws(UpstreamError) in
                try await client.store(set, request.upstream, request.flags, unchangedSince: bound)
            }
            if !refused.isEmpty {
                // Somebody came between the look and the change; what they did is what the client is to hear.
                let others = wanted.filter(refused.contains)
                _ = try await look(at: others, of: mailbox, in: epoch)
                outcome.modified += others.filter(mailbox.mirror.contains)
                wanted = wanted.filter { !refused.contains($0) }
            }
            await follow(request, of: wanted, from: before, in: mailbox, &outcome)
        }
        outcome.modified.sort()
        return outcome
    }

    /// Makes the mirror what the upstream has accepted, and finds which changes the client made.
    private func follow(
        _ request: FlagRequest, of uids: [UID], from before: MailboxMirror, in mailbox: LiveMailbox,
        _ outcome: inout StoreOutcome
    ) async {
        // What the upstream has reported is applied already; this covers servers that keep silent about it.
        let updates = uids.compactMap { uid -> MailboxMirror.Update? in
            guard let row = mailbox.mirror.row(of: uid), row.modSeq <= before.highestModSeq else { return nil }
            return .flags(uid, request.applied(to: row.flags))
        }
        await apply(updates, to: mailbox)
        let mirror = mailbox.mirror
        let stored = uids.filter(mirror.contains)
        // Where the flags are not what the request alone makes, somebody else changed them too, and the client has to
        // hear of that.
        let own = NumberSet(
            stored.filter { uid in mirror.flags(of: uid) == before.flags(of: uid).map(request.applied(to:)) })
        let changes = mirror.log.changes(after: before.highestModSeq)
        outcome.changes += changes?.filter { $0.kind == .flags && own.contains($0.uid) }.map(\.modSeq) ?? []
        outcome.uids += stored
    }

    /// Asks the upstream how these messages' flags are, so that the mirror is true of them.
    /// - Returns: the greatest of the upstream's own mod-sequences among them: nothing that happens later is below it.
    ///   Nil when it has none.
    private func look(
        at uids: [UID], of mailbox: LiveMailbox, in epoch: MailboxMirror.Epoch
    ) async throws(EngineError) -> ModSeq? {
        let set = NumberSet(uids)
        let found = try await onLine(mailbox, in: epoch) { (client) async throws(UpstreamError) in
            // What was reported before is older than the answer; what is reported after it is applied after.
            if let line = mailbox.line { await self.applyEvents(of: line) }
            let found = try await client.fetchFlags(of: set, withModSeq: mailbox.upstreamModSeq != nil)
            await self.apply(found.map { .flags($0.uid, FlagSet($0.flags)) }, to: mailbox)
            return found
        }
        return found.compactMap(\.modSeq).max()
    }
}

extension MailboxMirror {
    /// Nil when the message is gone. What a client knows from a past that was lost here may have changed since.
    fileprivate func isUnchanged(_ uid: UID, since modSeq: ModSeq) -> Bool? {
        row(of: uid).map { $0.modSeq <= modSeq && !lost.contains(modSeq) }
    }
}
