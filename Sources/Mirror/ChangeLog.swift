package import MailTypes

/// One thing that happened to one message of a mailbox.
package struct Change: Hashable, Sendable {
    package enum Kind: UInt8, Hashable, Sendable { case added, flags, expunged }

    /// Greater than that of every earlier change of the mailbox.
    package let modSeq: ModSeq
    package let uid: UID
    package let kind: Kind

    package init(modSeq: ModSeq, uid: UID, kind: Kind) {
        self.modSeq = modSeq
        self.uid = uid
        self.kind = kind
    }
}

/// The last changes of a mailbox, oldest first: 16 bytes each, appended at the end and forgotten from the front.
package struct ChangeLog: Sendable {
    /// How many changes are kept at most: 256 KiB. Views further behind are brought up by a diff.
    package static let defaultLimit = 16_384

    package let limit: Int
    /// Changes up to this one are not in the log; every later one is.
    package private(set) var trimmedThrough: ModSeq
    private var changes: [Change] = []

    /// - Precondition: `limit` is at least 1.
    package init(startingAfter modSeq: ModSeq, limit: Int = defaultLimit) {
        precondition(limit >= 1)
        self.limit = limit
        trimmedThrough = modSeq
    }

    package var count: Int { changes.count }

    /// - Precondition: the change's modSeq is greater than that of the last one.
    mutating func append(_ change: Change) {
        precondition(change.modSeq > (changes.last?.modSeq ?? trimmedThrough), "changes come in order")
        if changes.count == limit { trim(keeping: limit / 2) }
        changes.append(change)
    }

    /// Forgets all but the newest `count` changes.
    mutating func trim(keeping count: Int) {
        guard changes.count > count else { return }
        let dropped = changes.count - count
        trimmedThrough = changes[dropped - 1].modSeq
        changes.removeFirst(dropped)
    }

    /// Every change after `modSeq`, oldest first; nil when some of them are no longer in the log.
    package func changes(after modSeq: ModSeq) -> ArraySlice<Change>? {
        guard modSeq >= trimmedThrough else { return nil }
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].modSeq <= modSeq { low = middle + 1 } else { high = middle }
        }
        return changes[low...]
    }
}
