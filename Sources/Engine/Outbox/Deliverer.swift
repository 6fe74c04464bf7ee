internal import Loop
internal import MailTypes
internal import Store
internal import Upstream

/// Works off the queue of one account: what is due, in order, several at a time. Everything it knows is in the store;
/// what it remembers is what it is at, and that its upstream is away.
actor Deliverer {
    /// Messages of one account that are under way at a time.
    static let concurrency = 4
    /// How long what is under way may take when the program ends.
    static let farewell = Duration.seconds(10)
    /// How often it is looked whether it has come to its end.
    static let glance = Duration.milliseconds(20)

    /// The upstream can't be reached.
    private struct Absence {
        /// Rounds of attempts that came to nothing.
        var rounds = 0
        var until = Moment(seconds: 0)
    }

    let account: AccountID
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    let engine: Engine

    private var underWay: Set<OutboxID> = []
    private var absence: Absence?
    private var isLooking = false
    private var mustLookAgain = false
    private(set) var isStopping = false

    init(account: AccountID, loop: EventLoop, engine: Engine) {
        self.account = account
        self.loop = loop
        self.engine = engine
    }

    var log: Log { engine.log.with(["account": engine.directory.account(account)?.name ?? "?"]) }
    var now: Moment { engine.moment }

    /// Looks for what is due.
    nonisolated func wake() { loop.spawn { _ in await self.look() } }

    /// Begins nothing more, and waits a while for what is under way.
    func stop() async {
        isStopping = true
        let deadline = loop.now + Self.farewell
        while !underWay.isEmpty, loop.now < deadline, await loop.sleep(until: loop.now + Self.glance) {}
    }

    private func look() async {
        mustLookAgain = true
        guard !isLooking else { return }
        isLooking = true
        defer { isLooking = false }
        while mustLookAgain, !isStopping {
            mustLookAgain = false
            await takeDue()
        }
    }

    private func takeDue() async {
        guard let record = engine.directory.account(account), record.isActive else { return }
        let room = Self.concurrency - underWay.count
        guard room > 0 else { return }
        let (account, now, limit) = (account, now, Self.concurrency)
        do {
            let due = try await engine.store.read { reader throws(StoreError) in
                try reader.dueOutbox(of: account, at: now, limit: limit + limit)
            }
            for row in due.filter({ !underWay.contains($0.id) }).prefix(room) where !isStopping {
                underWay.insert(row.id)
                loop.spawn { _ in await self.attend(row, record.value) }
            }
        } catch {
            log.error("the outbox can't be read", ["reason": "\(error)"])
        }
    }

    /// Does what is due with one message.
    private func attend(_ row: OutboxRow, _ record: AccountRecord) async {
        let entry = row.entry
        let now = now.seconds
        if let reportAt = entry.reportAt, reportAt.seconds <= now {
            await report(row)
        } else if entry.state == .finished {
            await remove(row.id)
        } else if entry.state == .waiting, entry.giveUpAt.seconds <= now {
            await giveUp(row)
        } else if entry.state == .waiting, let warnAt = entry.warnAt, warnAt.seconds <= now {
            await warn(row)
        } else if entry.state == .waiting, entry.nextAttempt.seconds <= now {
            await attempt(row, record)
        }
        underWay.remove(row.id)
        wake()
    }

    // MARK: The upstream's presence

    /// The upstream can't be reached: what would be tried now is put off, all at once. Told once at each end of it.
    func noteAbsence(_ row: OutboxRow, _ failure: SMTPFailure) async {
        let now = now
        var absence = absence ?? Absence()
        let isNews = absence.rounds == 0
        if absence.until.seconds <= now.seconds {
            absence.rounds += 1
            absence.until = now.advanced(by: OutboxEntry.wait(after: absence.rounds))
        }
        self.absence = absence
        let reason = failure.description
        if isNews {
            log.warning("queued mail waits: the submission server can't be used", ["reason": reason])
        } else {
            log.debug("the submission server can't be used yet", ["reason": reason])
        }
        let (account, until) = (account, absence.until)
        await change(row.id, from: .waiting) { transaction, entry throws(StoreError) in
            entry.attempts += 1
            entry.nextAttempt = until
            entry.lastError = reason
            try transaction.postponeOutbox(of: account, from: now, to: until, because: reason)
        }
    }

    /// The upstream has answered: what was put off is due.
    func notePresence() async {
        guard let absence else { return }
        self.absence = nil
        log.notice("the submission server is back: queued mail is sent")
        let (account, now) = (account, now)
        do {
            try await engine.store.transaction { transaction throws(StoreError) in
                try transaction.resumeOutbox(of: account, from: absence.until, at: now)
            }
        } catch {
            log.error("the outbox can't be changed", ["reason": "\(error)"])
        }
    }

    // MARK: The store

    /// How long a change that can't be written waits to be tried again.
    static let storeRetry = Duration.seconds(5)

    /// Changes a message in the queue, unless somebody else has changed its state or removed it meanwhile.
    /// - Returns: the message as it is then; nil when it was not changed.
    @discardableResult
    func change(
        _ id: OutboxID, from state: OutboxEntry.State,
        _ body: @escaping @Sendable (StoreTransaction, inout OutboxEntry) throws(StoreError) -> Void
    ) async -> OutboxRow? {
        do {
            return try await engine.store.transaction { transaction throws(StoreError) in
                guard var row = try transaction.outboxRow(id), row.entry.state == state else { return nil }
                try body(transaction, &row.entry)
                try transaction.replace(row)
                return row
            }
        } catch {
            log.error("a queued message can't be changed", ["queue": id, "reason": "\(error)"])
            // It stays due: without a pause it would be tried again and again.
            _ = await loop.sleep(until: loop.now + Self.storeRetry)
            return nil
        }
    }

    private func remove(_ id: OutboxID) async {
        do {
            try await engine.store.transaction { transaction throws(StoreError) in
                guard let row = try transaction.outboxRow(id), row.entry.state == .finished else { return }
                try transaction.removeOutboxEntry(id)
            }
        } catch {
            log.error("a queued message can't be removed", ["queue": id, "reason": "\(error)"])
            _ = await loop.sleep(until: loop.now + Self.storeRetry)
        }
    }
}

extension StoreTransaction {
    /// Writes what a message has come to, or removes it when everybody has got it.
    func replace(_ row: OutboxRow) throws(StoreError) {
        if row.entry.isKept { try update(row.id, row.entry) } else { try removeOutboxEntry(row.id) }
    }
}
