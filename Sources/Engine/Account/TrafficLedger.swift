internal import Loop
internal import Store

/// Octets that accounts have exchanged with their upstreams today, and what of them the store does not have yet.
/// Shared by all loops; it outlives an account that is ended and begun anew.
final class TrafficLedger: Sendable {
    private struct Key: Hashable {
        let account: AccountID
        let day: UTCDay
    }

    private let clock: WallClock
    private let entries = Locked(UnsavedCounts<Key, Traffic>())

    init(clock: WallClock) { self.clock = clock }

    /// The present day.
    var today: UTCDay { UTCDay(of: clock.now.seconds) }

    /// What this account has exchanged today.
    func traffic(of account: AccountID, on day: UTCDay) -> Traffic {
        entries.withLock { $0[Key(account: account, day: day)] }
    }

    func count(_ octets: Traffic, of account: AccountID) {
        guard octets != .zero else { return }
        let key = Key(account: account, day: today)
        entries.withLock { $0.add(octets, to: key) }
    }

    /// Takes over what was counted today before the program began. To be called before anything is counted.
    func load(from store: Store) async throws(StoreError) {
        let day = today
        let stored = try await store.read { reader throws(StoreError) in try reader.traffic(on: day) }
        entries.withLock { entries in
            for (account, traffic) in stored {
                entries.load(traffic, for: Key(account: account, day: day))
            }
        }
    }

    /// Writes what was counted since the last time, of all accounts together; nothing when there is nothing. What could
    /// not be written is written the next time.
    func save(to store: Store) async throws(StoreError) {
        let today = today
        let unsaved = entries.withLock { $0.takeUnsaved { $0.day == today } }
        guard !unsaved.isEmpty else { return }
        do throws(StoreError) {
            let counted = unsaved.map { DayTraffic(account: $0.key.account, day: $0.key.day, traffic: $0.amount) }
            try await store.transaction { transaction throws(StoreError) in
                try transaction.add(counted, today: today)
            }
        } catch {
            entries.withLock { $0.putBack(unsaved) }
            throw error
        }
    }
}
