/// The distinct flag sets of a mailbox, each under a small number that a message holds instead of the set.
///
/// A set that no message holds any more is forgotten and its number used again, so the table never outgrows the
/// mailbox, whatever keywords clients invent.
struct FlagTable: Sendable {
    private struct Entry: Sendable {
        var set: FlagSet
        var holders: Int
    }

    private var entries: [Entry] = []
    private var numbers: [FlagSet: UInt32] = [:]
    private var free: [UInt32] = []

    /// How many distinct sets are held.
    var count: Int { numbers.count }

    subscript(number: UInt32) -> FlagSet { entries[Int(number)].set }

    /// The distinct sets that messages hold now, in no particular order.
    var sets: some Sequence<FlagSet> { numbers.keys }

    /// The number of `set`, with one holder more.
    mutating func hold(_ set: FlagSet) -> UInt32 {
        if let number = numbers[set] {
            entries[Int(number)].holders += 1
            return number
        }
        let number: UInt32
        if let reused = free.popLast() {
            number = reused
            entries[Int(number)] = Entry(set: set, holders: 1)
        } else {
            number = UInt32(entries.count)
            entries.append(Entry(set: set, holders: 1))
        }
        numbers[set] = number
        return number
    }

    /// Gives one hold on `number` back.
    mutating func release(_ number: UInt32) {
        entries[Int(number)].holders -= 1
        guard entries[Int(number)].holders == 0 else { return }
        numbers[entries[Int(number)].set] = nil
        entries[Int(number)].set = .empty
        free.append(number)
    }
}
