internal import MailTypes

/// Texts as numbers that compare as the texts do.
enum TextRanks {
    /// For each key how many different keys come before it. Costs one sort, in which most pairs are told apart by
    /// their heads.
    static func of(_ keys: [CollationKey]) -> [Int64] {
        struct Entry {
            let head: UInt64
            let place: Int
        }
        var entries = keys.indices.map { Entry(head: keys[$0].head, place: $0) }
        entries.sort { left, right in
            left.head == right.head ? keys[left.place] < keys[right.place] : left.head < right.head
        }
        var ranks = [Int64](repeating: 0, count: keys.count)
        var rank: Int64 = 0
        var previous: Entry?
        for entry in entries {
            if let previous, previous.head != entry.head || keys[previous.place] != keys[entry.place] { rank += 1 }
            ranks[entry.place] = rank
            previous = entry
        }
        return ranks
    }
}
