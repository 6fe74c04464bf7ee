internal import MIME
internal import MailTypes
internal import Store

/// What mail programs ask of every message when they open a mailbox: some fields of its header, as they were chosen, with
/// its size and date. Kept in memory for whoever opens the mailbox next, so that it costs no look into the cache's file.
///
/// It is bounded: when it is full, what was asked for longest ago is forgotten, a mailbox and selection at a time; but
/// never the one that is being filled, of which then the messages that come first are remembered.
struct HeaderMemory {
    /// Octets that are remembered in all.
    static let limit = 16 << 20
    /// Octets that a message takes besides its fields, about.
    static let overhead = 128

    /// What is remembered together: one selection of fields of one mailbox.
    struct Shelf: Hashable, Sendable {
        let mailbox: CachedMailbox.ID
        let uidValidity: UIDValidity
        let selection: HeaderSelection
    }

    struct Entry: Hashable, Sendable {
        var fields: [UInt8]
        /// RFC822.SIZE in octets.
        var size: UInt64
        var internalDate: Moment
    }

    private struct Content {
        var entries: [UID: Entry] = [:]
        var octets = 0
        /// The greater, the later it was asked for.
        var lastUse: UInt64 = 0
    }

    private let limit: Int
    private var shelves: [Shelf: Content] = [:]
    private var uses: UInt64 = 0
    /// Octets that are remembered.
    private(set) var octets = 0

    init(limit: Int = Self.limit) { self.limit = limit }

    /// For each message what is remembered of it.
    mutating func entries(of uids: [UID], on shelf: Shelf) -> [Entry?] {
        use(shelf)
        guard let content = shelves[shelf] else { return uids.map { _ in nil } }
        return uids.map { content.entries[$0] }
    }

    /// Remembers messages, as many as there is room for.
    mutating func note(_ entries: [(uid: UID, entry: Entry)], on shelf: Shelf) {
        var content = shelves.removeValue(forKey: shelf) ?? Content()
        for (uid, entry) in entries where content.entries[uid] == nil {
            let size = entry.fields.count + Self.overhead
            while octets + size > limit, forgetOldest() {}
            guard octets + size <= limit else { break }
            content.entries[uid] = entry
            content.octets += size
            octets += size
        }
        guard !content.entries.isEmpty else { return }
        shelves[shelf] = content
        use(shelf)
    }

    /// Forgets a mailbox: its UIDs mean other messages from now on.
    mutating func forget(_ mailbox: CachedMailbox.ID) {
        for shelf in shelves.keys where shelf.mailbox == mailbox { forget(shelf) }
    }

    private mutating func use(_ shelf: Shelf) {
        uses += 1
        shelves[shelf]?.lastUse = uses
    }

    private mutating func forget(_ shelf: Shelf) { octets -= shelves.removeValue(forKey: shelf)?.octets ?? 0 }

    private mutating func forgetOldest() -> Bool {
        guard let oldest = shelves.min(by: { $0.value.lastUse < $1.value.lastUse })?.key else { return false }
        forget(oldest)
        return true
    }
}
