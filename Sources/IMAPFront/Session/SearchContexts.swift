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
        /// The messages that the client knows to match.
        var uids: NumberSet
        /// Changes up to here were looked at.
        var seen: ModSeq
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

    /// Takes expunged messages out; gives for each search that had some of them which ones.
    mutating func remove(expunged: NumberSet) -> [(Context, NumberSet)] {
        var removed: [(Context, NumberSet)] = []
        for place in all.indices {
            let gone = all[place].uids.intersection(expunged)
            guard !gone.isEmpty else { continue }
            removed.append((all[place], gone))
            all[place].uids = all[place].uids.subtracting(gone)
        }
        return removed
    }

    /// Notes which of the messages looked at match now; gives those that are new among them, and those that are no
    /// longer.
    mutating func note(
        _ matching: NumberSet, among looked: NumberSet, seen: ModSeq, at place: Int
    ) -> (added: NumberSet, removed: NumberSet) {
        let before = all[place].uids
        let added = matching.subtracting(before)
        let removed = before.intersection(looked).subtracting(matching)
        all[place].uids = NumberSet(ranges: before.subtracting(removed).ranges + added.ranges)
        all[place].seen = seen
        return (added, removed)
    }
}
