internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// Sessions taking hold of mailboxes, looking at them, and letting go.
extension Account {
    /// How long a mirror stays in memory after its last session has left.
    static let linger = Duration.seconds(300)
    /// A mailbox that no connection watches is asked for news at most this often.
    static let pollInterval = Duration.seconds(10)

    /// Opens a mailbox: its mirror is in memory and has been compared with the upstream once, unless that is away.
    /// - Throws: `.unavailable` when the upstream is away and the mailbox was never read.
    func open(_ name: MailboxName) async throws(EngineError) -> (CachedMailbox.ID, HoldID) {
        let folder = try await selectable(name)
        let mailbox = try await load(folder)
        lastHold += 1
        let hold = HoldID(number: lastHold)
        mailbox.holds[hold] = .some(nil)
        mailbox.leftAt = nil
        do {
            try await freshen(mailbox)
        } catch {
            guard case .unavailable = error, mailbox.wasSynchronised else {
                close(mailbox.id, hold)
                throw error
            }
        }
        return (mailbox.id, hold)
    }

    /// The mailbox's mirror, read from the cache when it is not in memory.
    func load(_ folder: CachedMailbox) async throws(EngineError) -> LiveMailbox {
        if let mailbox = live[folder.id] { return mailbox }
        await opening.enter()
        defer { opening.leave() }
        if let mailbox = live[folder.id] { return mailbox }
        let state: MailboxState
        do { state = try await services.cache.state(of: folder.id) } catch { throw EngineError(error) }
        let folder = state.mailbox
        let index = state.index
        let sets = index.flagSets.map { FlagSet($0) }
        let rows = index.uids.indices.map { place in
            MailboxMirror.Row(
                uid: UID(index.uids[place]), flags: sets[Int(index.flags[place])],
                modSeq: ModSeq(rawValue: index.modSeqs[place]))
        }
        let expunges = ExpungeLog(
            completeAfter: state.expungesKnownAfter,
            entries: state.expunged.map { ExpungeLog.Entry(modSeq: $0.modSeq, uid: $0.uid) },
            limit: services.cache.expungeLogLimit)
        var mirror = MailboxMirror(
            uidValidity: folder.uidValidity ?? UIDValidity(rawValue: 0), uidNext: folder.uidNext,
            highestModSeq: folder.highestModSeq, rows: rows, expunges: expunges,
            lost: LostNumbers(state.lost.map { LostNumbers.Stretch(after: $0.after, through: $0.through) }))
        let isFaithful = faithful.contains(folder.id)
        // A run before this one may have told of changes that a power cut, or a full disk, kept from the cache.
        if !isFaithful { mirror.noteLost(through: modSeqFloor) }
        faithful.insert(folder.id)
        let mailbox = LiveMailbox(
            id: folder.id, name: folder.listing.name, mirror: mirror, wasSynchronised: folder.uidValidity != nil)
        mailbox.hasSavedLost = isFaithful
        mailbox.upstreamModSeq = folder.upstreamModSeq == .zero ? nil : folder.upstreamModSeq
        mailbox.isMonitored = isMonitored(folder.listing.name)
        live[folder.id] = mailbox
        return mailbox
    }

    /// Compares with the upstream unless a connection that has the mailbox selected keeps it true anyway.
    func freshen(_ mailbox: LiveMailbox) async throws(EngineError) {
        if let line = mailbox.line, line.client?.isUsable == true, line.watched === mailbox { return }
        try await onLine(mailbox) { (client) async throws(UpstreamError) in
            if let checked = mailbox.checkedAt, self.loop.now < checked + .seconds(1) { return }
            try await client.poll()
            mailbox.checkedAt = self.loop.now
        }
    }

    func step(
        _ id: CachedMailbox.ID, _ view: SequenceView, _ policy: ViewSync.Policy
    ) throws(EngineError) -> (SequenceView, [ViewUpdate]) {
        let mailbox = try opened(id)
        let (stepped, updates) = ViewSync.step(view, mirror: mailbox.mirror, policy: policy)
        return (stepped, updates)
    }

    func watch(_ id: CachedMailbox.ID, _ hold: HoldID, _ signal: Signal) {
        guard let mailbox = live[id], mailbox.holds[hold] != nil else { return }
        mailbox.holds[hold] = .some(signal)
    }

    func unwatch(_ id: CachedMailbox.ID, _ hold: HoldID) {
        guard let mailbox = live[id], mailbox.holds[hold] != nil else { return }
        mailbox.holds[hold] = .some(nil)
    }

    /// Lets the upstream report, unless it did so a moment ago.
    /// - Parameter isAsked: whether a client wants to know. Otherwise a connection that waits for reports anyway is left
    ///   in peace; but there are servers that take a minute to report during IDLE, or forget to.
    func refresh(_ id: CachedMailbox.ID, isAsked: Bool = false) async {
        guard let mailbox = live[id] else { return }
        if !isAsked, mailbox.isWanted, mailbox.line?.watched === mailbox, mailbox.line?.client?.isUsable == true {
            return
        }
        if let checked = mailbox.checkedAt, loop.now < checked + Self.pollInterval { return }
        mailbox.checkedAt = loop.now
        do {
            try await onLine(mailbox) { (client) async throws(UpstreamError) in try await client.poll() }
        } catch {
            log.debug("mailbox not refreshed", ["mailbox": mailbox.name, "reason": "\(error)"])
        }
    }

    func close(_ id: CachedMailbox.ID, _ hold: HoldID) {
        guard let mailbox = live[id] else { return }
        mailbox.holds[hold] = nil
        mailbox.epochs[hold] = nil
        if mailbox.holds.isEmpty { mailbox.leftAt = loop.now }
    }

    /// Does what a session asks of messages it knows of.
    /// - Throws: `.newEpoch` when the mailbox has become another one since the session began: its UIDs would mean other
    ///   messages.
    func held<Value: Sendable>(
        _ id: CachedMailbox.ID, _ hold: HoldID,
        _ body: @Sendable (isolated Account) async throws(EngineError) -> Value
    ) async throws(EngineError) -> Value {
        let mailbox = try opened(id)
        if let epoch = mailbox.epochs[hold], epoch != mailbox.mirror.epoch { throw .newEpoch }
        return try await body(self)
    }

    /// The mailbox behind a session's hold.
    func opened(_ id: CachedMailbox.ID) throws(EngineError) -> LiveMailbox {
        guard let mailbox = live[id] else { throw .noSuchMailbox }
        return mailbox
    }

    /// Forgets mirrors that nobody has wanted for a while. Called now and then by the account's upkeep.
    func forgetUnused() {
        for mailbox in live.values where !mailbox.isWanted {
            guard let leftAt = mailbox.leftAt, loop.now >= leftAt + Self.linger else { continue }
            if let line = mailbox.line, !line.isFree { continue }
            retire(mailbox)
        }
    }

    /// Takes a mailbox out of memory; sessions that still hold it find it gone.
    func retire(_ mailbox: LiveMailbox) {
        live[mailbox.id] = nil
        unread[mailbox.id] = nil
        for line in lines where line.watched === mailbox || line.selected === mailbox {
            line.watched = nil
            line.drop()
            line.wake.raise(.work)
        }
        mailbox.announce()
    }

    /// Lets go of the connection that has the mailbox selected, so that it can be renamed or deleted.
    func release(_ mailbox: LiveMailbox) async {
        guard let line = mailbox.line else { return }
        await line.turnstile.enter { line.client?.interrupt() }
        line.watched = nil
        line.drop()
        line.turnstile.leave()
    }
}
