internal import Desk
package import Loop
internal import MailTypes
internal import Rules
package import Store
internal import Synchronization
package import Vault

/// Runs an account's scanner actions on each message that passes, exactly once (product §3, D10).
///
/// A sighting costs nothing when the scanner has no actions or the message is older than its start; one read of the
/// journal when the message is known; and one transaction the first time.
package final class PassageScanner: Sendable {
    /// The first wait before failed actions are tried again; it doubles with each attempt.
    static let firstRetry = Duration.seconds(60)
    static let longestRetry = Duration.seconds(3600)
    /// After so many attempts a message goes to the mailbox for failures.
    static let patience = 5
    /// Messages of clients beyond `Spool.memoryLimit` that are read from their files at a time. Each takes a few hundred
    /// kilobytes then, and a few tens otherwise.
    static let largeMessages = 2
    /// How many places are remembered as dealt with, to spare the journal.
    static let rememberedPlaces = 65_536

    let store: Store
    let vault: Vault
    let clock: WallClock
    let hostName: String
    let log: Log
    let tokens: TokenKey
    let flights = Flights()
    let recentlySent = Locked(RecentlySent())
    let contexts = Locked(ScannerContexts())
    let scannedCount: Counter
    let failedCount: Counter
    /// Makes new Message-IDs differ within one instant.
    let submissionCount = Atomic<UInt64>(0)
    private let remembered = Locked<Set<RememberedPlace>>([])
    private let largeMessages = TaskSemaphore(places: PassageScanner.largeMessages)

    package init(
        store: Store, vault: Vault, clock: WallClock, hostName: String, log: Log, counters: Counters
    ) {
        self.store = store
        self.vault = vault
        self.clock = clock
        self.hostName = hostName
        self.log = log.with(["part": "scanner"])
        tokens = TokenKey { vault.mac("ticket token", $0) }
        scannedCount = counters.counter("posthouse_messages_scanned")
        failedCount = counters.counter("posthouse_scans_failed")
    }

    /// Reads a client's message from where it was spooled; of large ones only a few at a time.
    /// - Parameter body: waits for nobody but the disk and the store, and for no message in flight.
    func reading<Value>(
        isLarge: Bool, isolation: isolated (any Actor)? = #isolation, _ body: () async throws(EngineError) -> Value
    ) async throws(EngineError) -> Value {
        isLarge ? try await largeMessages.run(body) : try await body()
    }

    /// Deals with a sighting. Never throws: what fails is journalled, logged and tried again.
    package func pass(_ passage: Passage) async -> PassageOutcome {
        let now = moment
        guard let context = context(of: passage.account), !passage.isExempt,
            context.isInScope(arrival: passage.internalDate?.seconds ?? now.seconds, now: now.seconds),
            !isRemembered(passage)
        else { return .passed }
        var gathered: GatheredMessage
        do {
            gathered = try await GatheredMessage(passage.message).with(passage, context, now)
            // In Sent it is the copy of what was sent, though somebody has written it anew on the way there.
            if passage.use == .sent, let messageID = gathered.facts.messageID,
                let sent = recentlySent.withLock({ $0.identity(of: messageID, in: passage.account) })
            {
                gathered.identity = sent
            }
        } catch {
            log.warning("a message can't be read for scanning", ["account": context.accountName, "reason": "\(error)"])
            return failure(context, attempts: 1)
        }
        let flight = await flights.take(passage.account, gathered.identity)
        let outcome = await settle(passage, gathered, context)
        withExtendedLifetime(flight) {}
        if case .failed = outcome { failedCount.add() } else { remember(passage) }
        return outcome
    }

    /// With the message in flight: looks it up, and deals with it when nobody has.
    private func settle(
        _ passage: Passage, _ gathered: GatheredMessage, _ context: ScannerContext
    ) async -> PassageOutcome {
        do throws(StoreError) {
            let preview = try await preview(gathered, context)
            if let row = preview.row {
                if row.entry.isSettled || preview.isQueued {
                    try await noteSighting(passage, row)
                    return .passed
                }
                if let retryAt = row.entry.retryAt, retryAt.seconds > moment.seconds {
                    return failure(context, attempts: row.entry.attempts)
                }
            }
            do throws(EngineError) {
                let recorded =
                    preview.decision.effects.isEmpty
                    ? nil : try await RecordableMessage(passage.message, store: store)
                let result = try await decide(gathered, passage.message, recorded, context, place: passage.place) {
                    transaction throws(StoreError) in
                    try transaction.noteCopy(passage, gathered.identity)
                }
                return finish(result, context)
            } catch {
                return await quarantine(gathered, context, passage.place, reason: "\(error)")
            }
        } catch {
            log.error("the journal can't be read", ["account": context.accountName, "reason": "\(error)"])
            return failure(context, attempts: 1)
        }
    }

    private func finish(_ result: Verdict, _ context: ScannerContext) -> PassageOutcome {
        guard result.isNew else { return .passed }
        scannedCount.add()
        log.info(
            "scanned",
            [
                "account": context.accountName, "outcome": result.decision.outcome.rawValue,
                "direction": result.decision.direction.rawValue, "journal": result.journal,
                "ticket": result.effects.ticket.map(\.description) ?? "",
            ])
        guard result.decision.outcome == .processed else { return .passed }
        return .scanned(moveTo: MailboxName(context.rules.onSuccess), marksSeen: context.rules.marksSeen)
    }

    // MARK: Failures

    /// Notes in the journal that the actions failed. Mail flows on; the next passage after the wait tries again.
    func quarantine(
        _ gathered: GatheredMessage, _ context: ScannerContext, _ place: JournalPlace?, reason: String
    ) async -> PassageOutcome {
        log.error("scanner actions failed", ["account": context.accountName, "reason": reason])
        let now = moment
        do {
            let attempts = try await store.transaction { transaction throws(StoreError) in
                var entry = gathered.entry(context.account, .quarantined, gathered.facts.direction.0, at: now)
                entry.failure = reason
                entry.retryAt = now.advanced(by: Self.wait(1))
                let inserted = try transaction.insert(entry)
                if !inserted.isNew, let row = try transaction.journalRow(inserted.id) {
                    guard !row.entry.isSettled else { return row.entry.attempts }
                    entry.attempts = row.entry.attempts + 1
                    entry.decision = row.entry.decision
                    entry.retryAt = now.advanced(by: Self.wait(entry.attempts))
                    try transaction.update(inserted.id, entry)
                }
                if let place { try transaction.add(place, to: inserted.id) }
                return entry.attempts
            }
            return failure(context, attempts: attempts)
        } catch {
            log.error("a failure can't be journalled", ["account": context.accountName, "reason": "\(error)"])
            return failure(context, attempts: 1)
        }
    }

    private func failure(_ context: ScannerContext, attempts: Int) -> PassageOutcome {
        .failed(
            moveTo: attempts < Self.patience ? nil : MailboxName(context.rules.onFailure),
            isHeld: context.rules.scanFailure == .hold,
            retryAfter: Self.wait(attempts))
    }

    static func wait(_ attempts: Int) -> Duration {
        min(firstRetry * (1 << min(max(attempts - 1, 0), 10)), longestRetry)
    }

    // MARK: Context

    /// Now, as rows keep it.
    var moment: Moment { Moment(seconds: clock.now.seconds) }

    func context(of account: AccountID) -> ScannerContext? {
        let directory = store.directory
        return contexts.withLock { $0.context(of: account, in: directory) }
    }

    /// Whether a message of the account may be withheld from clients until its actions have succeeded.
    func holdsBack(_ account: AccountID) -> Bool { context(of: account)?.rules.scanFailure == .hold }

    // MARK: Memory

    private struct RememberedPlace: Hashable, Sendable {
        let account: AccountID
        let place: JournalPlace
    }

    private func isRemembered(_ passage: Passage) -> Bool {
        guard let place = passage.place else { return false }
        return remembered.withLock { $0.contains(RememberedPlace(account: passage.account, place: place)) }
    }

    private func remember(_ passage: Passage) {
        guard let place = passage.place else { return }
        remembered.withLock { remembered in
            if remembered.count >= Self.rememberedPlaces { remembered.removeAll() }
            remembered.insert(RememberedPlace(account: passage.account, place: place))
        }
    }
}

extension MailboxName {
    fileprivate init?(_ after: ScannerRules.AfterProcessing) {
        guard case .move(let name) = after, !name.isEmpty else { return nil }
        self.init(name)
    }
}

extension Moment {
    func advanced(by duration: Duration) -> Moment {
        Moment(seconds: seconds + duration.components.seconds, zone: zone)
    }
}
