internal import IMAPSyntax
internal import MailTypes
internal import Mirror

/// The searches of a selected mailbox that are kept up to date, by their tags (RFC 5267 §4.3).
struct SearchContexts {
    /// One search, its sets of messages turned into UIDs as they were when it was made. What only time changes, as
    /// OLDER, is looked at with the message's next change.
    struct Context {
        let tag: [UInt8]
        let isUID: Bool
        let key: SearchKey
        /// What the results are sorted by; empty for those of a SEARCH.
        let criteria: [SortCriterion]
        /// What is told of each message that comes and matches (RFC 5465 §7).
        let attributes: [FetchAttribute]
        /// The messages that the client knows to match, in the order of the results.
        var uids: [UInt32]
        /// Changes up to here were looked at.
        var seen: ModSeq
        /// The greatest UID there was then: a message with a greater one has come since.
        var newest: UInt32
    }

    /// Results that come next to each other and come or go together.
    struct Change {
        let kind: ESearchResponse.Update.Kind
        /// Counted from 1, all changes before this one made; 0 where the results are in the order of the mailbox.
        let position: UInt32
        let uids: [UInt32]
    }

    private(set) var all: [Context] = []

    var isEmpty: Bool { all.isEmpty }

    func isKnown(_ tag: [UInt8]) -> Bool { all.contains { $0.tag == tag } }

    /// Keeps a search up to date from now on; false when there are as many as may be.
    mutating func add(_ context: Context, limit: Int) -> Bool {
        guard all.count < limit else { return false }
        all.append(context)
        return true
    }

    /// Lets go of the search with this tag; false when there is none.
    mutating func remove(_ tag: [UInt8]) -> Bool {
        guard let place = all.firstIndex(where: { $0.tag == tag }) else { return false }
        all.remove(at: place)
        return true
    }

    /// Takes expunged messages out; gives for each search that had some of them what goes.
    mutating func remove(expunged: NumberSet) -> [(Context, [Change])] {
        all.indices.compactMap { place in
            let context = all[place]
            let uids = context.uids.filter { !expunged.contains($0) }
            let changes = update(place, to: uids, seen: context.seen, newest: context.newest)
            return changes.isEmpty ? nil : (context, changes)
        }
    }

    /// Makes these the results of the search at `place`; gives what goes and, after that, what comes. Results that stay
    /// keep their order.
    mutating func update(_ place: Int, to uids: [UInt32], seen: ModSeq, newest: UInt32) -> [Change] {
        let context = all[place]
        all[place].uids = uids
        all[place].seen = seen
        all[place].newest = newest
        let before = NumberSet(context.uids)
        let after = NumberSet(uids)
        let isSorted = !context.criteria.isEmpty
        return Self.changes(.remove, before.subtracting(after), among: context.uids, isSorted)
            + Self.changes(.add, after.subtracting(before), among: uids, isSorted)
    }

    private static func changes(
        _ kind: ESearchResponse.Update.Kind, _ picked: NumberSet, among order: [UInt32], _ isSorted: Bool
    ) -> [Change] {
        guard !picked.isEmpty else { return [] }
        guard isSorted else { return [Change(kind: kind, position: 0, uids: Array(picked.numbers))] }
        var changes: [Change] = []
        var run: [UInt32] = []
        var removed = 0
        func end(at index: Int) {
            guard !run.isEmpty else { return }
            changes.append(Change(kind: kind, position: UInt32(index - run.count - removed + 1), uids: run))
            if kind == .remove { removed += run.count }
            run = []
        }
        for (index, uid) in order.enumerated() {
            if picked.contains(uid) { run.append(uid) } else { end(at: index) }
        }
        end(at: order.count)
        return changes
    }
}
