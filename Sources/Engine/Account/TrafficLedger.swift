internal import Loop
internal import Store

/// Octets that accounts have exchanged with their upstreams today, and what of them the store does not have yet.
/// Shared by all loops; it outlives an account that is ended and begun anew.
final class TrafficLedger: Sendable {
    private struct Key: Hashable {
        let account: AccountID
        let day: UTCDay
    }

    private struct Entry {
        var total = Traffic.zero
        var saved = Traffic.zero
    }

    private let clock: WallClock
    private let entries = Locked<[Key: Entry]>([:])

    init(clock: WallClock) { self.clock = clock }

    /// The present day.
    var today: UTCDay { UTCDay(of: clock.now.seconds) }

    /// What this account has exchanged today.
    func traffic(of account: AccountID, on day: UTCDay) -> Traffic {
        entries.withLock { $0[Key(account: account, day: day)]?.total ?? .zero }
    }

    func count(_ octets: Traffic, of account: AccountID) {
        guard octets != .zero else { return }
        let key = Key(account: account, day: today)
        entries.withLock { entries in
            entries[key, default: Entry()].total = entries[key, default: Entry()].total + octets
        }
    }

    /// Takes over what was counted today before the program began. To be called before anything is counted.
    func load(from store: Store) async throws(StoreError) {
        let day = today
        let stored = try await store.read { reader throws(StoreError) in try reader.traffic(on: day) }
        entries.withLock { entries in
            for (account, traffic) in stored {
                entries[Key(account: account, day: day)] = Entry(total: traffic, saved: traffic)
            }
        }
    }

    /// Writes what was counted since the last time, of all accounts together; nothing when there is nothing. What could
    /// not be written is written the next time.
    func save(to store: Store) async throws(StoreError) {
        let today = today
        // Taken out at once, so that two who save at a time write nothing twice.
        let counted = entries.withLock { entries in
            let counted = entries.filter { $0.value.total != $0.value.saved }.map { key, entry in
                DayTraffic(account: key.account, day: key.day, traffic: entry.total - entry.saved)
            }
            entries = entries.filter { $0.key.day == today }.mapValues { Entry(total: $0.total, saved: $0.total) }
            return counted
        }
        guard !counted.isEmpty else { return }
        do throws(StoreError) {
            try await store.transaction { transaction throws(StoreError) in
                try transaction.add(counted, today: today)
            }
        } catch {
            entries.withLock { entries in
                for entry in counted {
                    let key = Key(account: entry.account, day: entry.day)
                    let kept = entries[key, default: Entry()]
                    entries[key] = Entry(total: kept.total, saved: kept.saved - entry.traffic)
                }
            }
            throw error
        }
    }
}
