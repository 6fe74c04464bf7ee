internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// What sessions change besides flags: expunges, copies. The upstream comes first; the mirror follows what it accepted.
extension Account {
    /// Messages in one command to the upstream; a longer list of UIDs makes a line that some servers refuse.
    static let changeBatch = 1000

    /// Removes those of `uids` (all when nil) that are marked `\Deleted`.
    func expunge(_ id: CachedMailbox.ID, _ uids: NumberSet?) async throws(EngineError) {
        let mailbox = try opened(id)
        let mirror = mailbox.mirror
        guard mirror.deletedCount > 0 else { return }
        let marked = mirror.uids(in: uids ?? mirror.uidSet).filter { mirror.flags(of: $0)?.isDeleted == true }
        try await remove(marked, from: mailbox)
    }

    /// Expunges messages at the upstream that are marked `\Deleted` there.
    private func remove(_ uids: [UID], from mailbox: LiveMailbox) async throws(EngineError) {
        let epoch = mailbox.mirror.epoch
        for batch in uids.batches(of: Self.changeBatch) {
            try await onLine(mailbox, in: epoch) { (client) async throws(UpstreamError) in
                try await client.expunge(NumberSet(batch))
            }
        }
    }

    func copy(
        _ id: CachedMailbox.ID, _ uids: NumberSet, to target: Engine.Place
    ) async throws(EngineError) -> CopyOutcome {
        let mailbox = try opened(id)
        let present = mailbox.mirror.uids(in: uids)
        guard !present.isEmpty else { return CopyOutcome(uidValidity: nil, source: [], copies: []) }
        guard target.account === self else { return try await copy(present, of: mailbox, across: target).outcome }
        try await checkExists(target.mailbox)
        return try await transfer(present, of: mailbox, to: target.mailbox, isMove: false)
    }

    func move(
        _ id: CachedMailbox.ID, _ uids: NumberSet, to target: Engine.Place
    ) async throws(EngineError) -> CopyOutcome {
        let mailbox = try opened(id)
        let present = mailbox.mirror.uids(in: uids)
        guard !present.isEmpty else { return CopyOutcome(uidValidity: nil, source: [], copies: []) }
        guard target.account !== self else {
            try await checkExists(target.mailbox)
            return try await transfer(present, of: mailbox, to: target.mailbox, isMove: true)
        }
        // Between accounts: nothing is removed before every copy is accepted.
        let (outcome, copied) = try await copy(present, of: mailbox, across: target)
        guard !copied.isEmpty else { return outcome }
        _ = try await store(id, NumberSet(copied), FlagRequest(change: .add, flags: [.deleted]))
        try await remove(copied, from: mailbox)
        return outcome
    }

    /// Copies or moves within the account. When part of it is refused a COPY takes the rest back (RFC 9051 §6.4.7); what
    /// was moved by then stays moved (RFC 6851 §3.3).
    private func transfer(
        _ uids: [UID], of mailbox: LiveMailbox, to name: MailboxName, isMove: Bool
    ) async throws(EngineError) -> CopyOutcome {
        var outcome = CopyOutcome(uidValidity: nil, source: [], copies: [])
        var made: [SavedMessage?] = []
        let epoch = mailbox.mirror.epoch
        do throws(EngineError) {
            for batch in uids.batches(of: Self.changeBatch) {
                // Not repeated after a lost connection: whether the copies were made is then unknown.
                let copied = try await onLine(mailbox, in: epoch, isRepeatable: false) {
                    (client) async throws(UpstreamError) in
                    if isMove { return try await client.move(NumberSet(batch), to: name) }
                    return try await client.copy(NumberSet(batch), to: name) { copies in
                        made += copies?.places ?? [nil]
                    }
                }
                guard let copied else { continue }
                outcome.uidValidity = copied.uidValidity
                outcome.source += copied.source
                outcome.copies += copied.copies
            }
        } catch {
            await takeBack(made, from: name)
            await noteAdditions(in: name)
            throw error
        }
        await noteAdditions(in: name)
        return outcome
    }

    /// Copies through this house: read from here, saved there with flags and date. All or none: what was saved before one
    /// is refused is removed again.
    /// - Returns: also which were copied; one that is gone is left out.
    private func copy(
        _ uids: [UID], of mailbox: LiveMailbox, across target: Engine.Place
    ) async throws(EngineError) -> (outcome: CopyOutcome, copied: [UID]) {
        var outcome = CopyOutcome(uidValidity: nil, source: [], copies: [])
        var made: [SavedMessage?] = []
        var copied: [UID] = []
        do throws(EngineError) {
            for uid in uids {
                guard let message = try await message(uid, of: mailbox) else { continue }
                let saved = try await target.account.append([message], to: target.mailbox)
                made += saved.made
                copied.append(uid)
                guard let validity = saved.uidValidity, let copy = saved.uids.first else { continue }
                outcome.uidValidity = validity
                outcome.source.append(uid)
                outcome.copies.append(copy)
            }
        } catch {
            await target.account.takeBack(made, from: target.mailbox)
            throw error
        }
        return (outcome, copied)
    }

    /// A message as it is saved elsewhere; nil when it is gone.
    private func message(_ uid: UID, of mailbox: LiveMailbox) async throws(EngineError) -> AppendMessage? {
        let found = try await messages(mailbox.id, [uid], needs: [.body, .internalDate])
        // One that can't be had must not be taken for copied: MOVE would remove it.
        if let failure = found.failure { throw failure }
        guard let message = found.messages.first, let body = message.body else { return nil }
        let spool = Spool(
            directory: services.configuration.spoolDirectory, limit: services.configuration.messageLimit,
            pool: services.pool)
        var offset = 0
        while offset < body.size {
            let piece = try await body.read(offset..<(offset + MessageBody.pieceSize))
            guard !piece.isEmpty else { break }
            try await spool.append(piece)
            offset += piece.count
        }
        guard offset >= body.size else { throw .unavailable("a message could not be read to its end") }
        return AppendMessage(flags: message.flags, internalDate: message.internalDate, content: spool)
    }

    /// Messages were put into a mailbox: if it is open, its sessions are to see them.
    func noteAdditions(in name: MailboxName) async {
        let open = known[name].flatMap { live[$0.id] }
        guard let mailbox = open, mailbox.isWanted else {
            // Nobody watches it: who asks for its counts next is not answered from the mirror as it was.
            open?.checkedAt = nil
            return note(.messages(name))
        }
        do {
            try await onLine(mailbox) { (client) async throws(UpstreamError) in try await client.poll() }
        } catch {
            log.debug("additions not looked at", ["mailbox": name, "reason": "\(error)"])
        }
    }
}

extension Array {
    /// The elements in order, at most `size` together.
    package func batches(of size: Int) -> some Sequence<ArraySlice<Element>> {
        stride(from: 0, to: count, by: size).lazy.map { self[$0..<Swift.min($0 + size, count)] }
    }
}

extension CopiedUIDs {
    /// Where the copies are.
    fileprivate var places: [SavedMessage?] {
        copies.map { SavedMessage(uidValidity: uidValidity, uid: $0) }
    }
}
