package import MailTypes

/// The order of SORT (RFC 5256 §3).
package enum MessageSort {
    /// The numbers of the messages in the order of these criteria, the first deciding first; messages that are equal by
    /// all of them in the order of their numbers. The order in which the rows come plays no part.
    ///
    /// - Parameter criteria: a key that comes again decides nothing, so however long the list, it costs at most one
    ///   sort a key and one more.
    package static func numbers(of rows: [SortRow], by criteria: [SortCriterion]) -> [UInt32] {
        var seen: Set<SortCriterion.Key> = []
        let columns = criteria.filter { seen.insert($0.key).inserted }.map { column($0, of: rows) }
        struct Entry {
            let first: Int64
            let number: UInt32
            let place: Int
        }
        var entries = rows.indices.map { place in
            Entry(first: columns.first?[place] ?? 0, number: rows[place].number, place: place)
        }
        let others = columns.dropFirst()
        entries.sort { left, right in
            if left.first != right.first { return left.first < right.first }
            for column in others where column[left.place] != column[right.place] {
                return column[left.place] < column[right.place]
            }
            return left.number < right.number
        }
        return entries.map(\.number)
    }

    /// For each row a number that is compared in place of what the criterion means.
    private static func column(_ criterion: SortCriterion, of rows: [SortRow]) -> [Int64] {
        let values = column(criterion.key, of: rows)
        // Unlike a minus, this has no number without an opposite.
        return criterion.isReversed ? values.map { ~$0 } : values
    }

    private static func column(_ key: SortCriterion.Key, of rows: [SortRow]) -> [Int64] {
        switch key {
        case .arrival: rows.map(\.arrival)
        case .date: rows.map(\.sent)
        case .size: rows.map { Int64(clamping: $0.size) }
        case .cc: TextRanks.of(rows.map(\.cc))
        case .from: TextRanks.of(rows.map(\.from))
        case .to: TextRanks.of(rows.map(\.to))
        case .subject: TextRanks.of(rows.map(\.subject))
        case .displayFrom: TextRanks.of(rows.map(\.displayFrom))
        case .displayTo: TextRanks.of(rows.map(\.displayTo))
        }
    }
}
