/// Counts that grow in memory, and what of them the store does not have yet.
struct UnsavedCounts<Key: Hashable & Sendable, Amount: AdditiveArithmetic & Sendable>: Sendable {
    private struct Entry: Sendable {
        var total = Amount.zero
        var saved = Amount.zero
    }

    private var entries: [Key: Entry] = [:]

    /// All that was counted.
    subscript(_ key: Key) -> Amount { entries[key]?.total ?? .zero }

    /// Counts; what is taken back is counted with a minus.
    mutating func add(_ amount: Amount, to key: Key) { entries[key, default: Entry()].total += amount }

    /// Takes over what the store has.
    mutating func load(_ amount: Amount, for key: Key) { entries[key] = Entry(total: amount, saved: amount) }

    /// What was counted since the last time, which counts as saved from now on, so that two who save at a time write
    /// nothing twice.
    /// - Parameter isKept: which counts are still of use; the others are given once more and forgotten.
    mutating func takeUnsaved(keeping isKept: (Key) -> Bool) -> [(key: Key, amount: Amount)] {
        let unsaved = entries.filter { $0.value.total != $0.value.saved }
        entries = entries.filter { isKept($0.key) }.mapValues { Entry(total: $0.total, saved: $0.total) }
        return unsaved.map { ($0.key, $0.value.total - $0.value.saved) }
    }

    /// What was taken could not be saved: it is taken again the next time.
    mutating func putBack(_ unsaved: [(key: Key, amount: Amount)]) {
        for (key, amount) in unsaved { entries[key, default: Entry()].saved -= amount }
    }
}
