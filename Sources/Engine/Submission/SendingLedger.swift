internal import Loop
internal import Store

/// What users have sent in the last hour, and what of it the store does not have yet. Shared by all loops and sessions.
///
/// An hour is the present minute and the 59 before it, so it moves on, and nobody sends two hours' worth around a full
/// hour.
final class SendingLedger: Sendable {
    private struct Key: Hashable {
        let user: UserID
        let minute: Int64
    }

    private typealias Counts = UnsavedCounts<Key, Sendings>

    /// What stands in the way of a message.
    enum Excess: Hashable, Sendable {
        /// So many messages an hour, and the seconds until one may be sent.
        case messages(limit: Int, wait: Int64)
        /// So many recipients an hour, and the seconds until one may be written to.
        case recipients(limit: Int, wait: Int64)
    }

    /// What somebody may send in an hour.
    struct Limits: Hashable, Sendable {
        var messages: HourlyLimit
        var recipients: HourlyLimit
    }

    private static let secondsPerMinute: Int64 = 60

    private let clock: WallClock
    private let entries = Locked(Counts())

    init(clock: WallClock) { self.clock = clock }

    private var minute: Int64 { clock.now.seconds / Self.secondsPerMinute }

    /// What stands in the way of one more message; nil for nothing.
    /// - Parameter recipients: those it has already.
    func excess(_ user: UserID, _ limits: Limits, recipients: Int) -> Excess? {
        entries.withLock { excess($0, user, limits, recipients: recipients) }
    }

    /// How many recipients one more message may have; nil for no limit.
    func room(_ user: UserID, _ limits: Limits) -> Int? {
        guard let limit = limits.recipients.count else { return nil }
        let minute = minute
        return entries.withLock { max(0, limit - sum($0, user, minute).recipients) }
    }

    /// Counts a message, unless something stands in its way.
    func take(_ user: UserID, _ limits: Limits, recipients: Int) -> Excess? {
        let key = Key(user: user, minute: minute)
        return entries.withLock { entries in
            if let excess = excess(entries, user, limits, recipients: recipients) { return excess }
            entries.add(Sendings(messages: 1, recipients: recipients), to: key)
            return nil
        }
    }

    /// Takes back what was counted for a message that was not sent after all.
    func giveBack(_ user: UserID, recipients: Int) {
        let minute = minute
        entries.withLock { entries in
            // It may have been counted some minutes ago; the newest that has it is right enough.
            let given = Sendings(messages: 1, recipients: recipients)
            let key = (0..<MinuteSendings.window).lazy.map { Key(user: user, minute: minute - $0) }.first {
                let total = entries[$0]
                return total.messages >= given.messages && total.recipients >= given.recipients
            }
            if let key { entries.add(.zero - given, to: key) }
        }
    }

    private func excess(
        _ entries: Counts, _ user: UserID, _ limits: Limits, recipients: Int
    ) -> Excess? {
        guard limits.messages != .unlimited || limits.recipients != .unlimited else { return nil }
        let minute = minute
        let sum = sum(entries, user, minute)
        if let limit = limits.messages.count, sum.messages >= limit {
            return .messages(limit: limit, wait: wait(entries, user, minute) { limit - $0.messages > 0 })
        }
        if let limit = limits.recipients.count, sum.recipients + max(recipients, 1) > limit {
            return .recipients(
                limit: limit, wait: wait(entries, user, minute) { $0.recipients + max(recipients, 1) <= limit })
        }
        return nil
    }

    private func sum(_ entries: Counts, _ user: UserID, _ minute: Int64) -> Sendings {
        (0..<MinuteSendings.window).reduce(.zero) { sum, age in
            sum + entries[Key(user: user, minute: minute - age)]
        }
    }

    /// Seconds until what still counts is as wanted; an hour when it never will be.
    private func wait(
        _ entries: Counts, _ user: UserID, _ minute: Int64, _ isFine: (Sendings) -> Bool
    ) -> Int64 {
        var left = sum(entries, user, minute)
        for age in (0..<MinuteSendings.window).reversed() {
            left = left - entries[Key(user: user, minute: minute - age)]
            guard isFine(left) else { continue }
            return (minute - age + MinuteSendings.window) * Self.secondsPerMinute - clock.now.seconds
        }
        return MinuteSendings.window * Self.secondsPerMinute
    }

    // MARK: The store

    /// Takes over what was counted before the program began. To be called before anything is counted.
    func load(from store: Store) async throws(StoreError) {
        let minute = minute
        let stored = try await store.read { reader throws(StoreError) in try reader.sendings(at: minute) }
        entries.withLock { entries in
            for row in stored {
                entries.load(row.sendings, for: Key(user: row.user, minute: row.minute))
            }
        }
    }

    /// Writes what was counted since the last time; nothing when there is nothing. What could not be written is written
    /// the next time.
    func save(to store: Store) async throws(StoreError) {
        let minute = minute
        let unsaved = entries.withLock { $0.takeUnsaved { $0.minute > minute - MinuteSendings.window } }
        guard !unsaved.isEmpty else { return }
        do throws(StoreError) {
            let counted = unsaved.map { MinuteSendings(user: $0.key.user, minute: $0.key.minute, sendings: $0.amount) }
            try await store.transaction { transaction throws(StoreError) in
                try transaction.add(counted, at: minute)
            }
        } catch {
            entries.withLock { $0.putBack(unsaved) }
            throw error
        }
    }
}
