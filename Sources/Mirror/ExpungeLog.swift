package import MailTypes

/// The last expunges of a mailbox, oldest first: what tells a client that was away which messages are gone
/// (RFC 7162 §3.2.5.1). It outlives the views that `ChangeLog` serves, and is kept in the cache too.
package struct ExpungeLog: Sendable {
    package struct Entry: Hashable, Sendable {
        package let modSeq: ModSeq
        package let uid: UID

        package init(modSeq: ModSeq, uid: UID) {
            self.modSeq = modSeq
            self.uid = uid
        }
    }

    /// How many expunges are kept at least, 16 bytes each; up to a tenth more at times.
    package static let defaultLimit = 10_000

    package let limit: Int
    /// Expunges up to this one may be missing; every later one is here.
    package private(set) var completeAfter: ModSeq
    private var entries: [Entry]

    /// - Parameters:
    ///   - modSeq: the log tells everything after it.
    ///   - entries: ascending; those up to `modSeq` are left out.
    /// - Precondition: `limit` is at least 1.
    package init(completeAfter modSeq: ModSeq, entries: [Entry] = [], limit: Int = defaultLimit) {
        precondition(limit >= 1)
        self.limit = limit
        completeAfter = modSeq
        self.entries = entries.filter { $0.modSeq > modSeq }
        trim()
    }

    package var count: Int { entries.count }
    /// The last expunge's mod-sequence, or where the log begins.
    package var last: ModSeq { entries.last?.modSeq ?? completeAfter }

    /// - Precondition: the entry's modSeq is greater than that of the last one.
    mutating func append(_ entry: Entry) {
        precondition(entry.modSeq > last, "expunges come in order")
        entries.append(entry)
        trim()
    }

    /// Forgets the oldest once the log is a tenth too long.
    private mutating func trim() {
        guard entries.count > limit + limit / 10 else { return }
        let dropped = entries.count - limit
        completeAfter = entries[dropped - 1].modSeq
        entries.removeFirst(dropped)
    }

    /// What was expunged after `modSeq`; nil when the log no longer reaches back so far.
    package func uids(after modSeq: ModSeq) -> NumberSet? {
        guard modSeq >= completeAfter else { return nil }
        return NumberSet(entries.reversed().prefix { $0.modSeq > modSeq }.map(\.uid))
    }
}
