internal import MailTypes
internal import Store

/// Messages just fetched for a client, on their way past the scanner and into the cache. The client has them already;
/// other clients are given them from here until the cache has them.
struct KeepingQueue {
    /// Octets that may wait; a fetch that would bring more waits for room.
    static let limit = 32 << 20

    struct Entry {
        let mailbox: LiveMailbox
        let message: KnownMessage
        /// The scanner has not seen it yet.
        let isUnscanned: Bool
    }

    private var entries: [Entry] = []
    private var waiting: [CachedMailbox.ID: [UID: KnownMessage]] = [:]
    private(set) var octets = 0
    private var room: [UnsafeContinuation<Void, Never>] = []

    var isEmpty: Bool { entries.isEmpty }
    /// So much waits that it has to be kept now, whoever else wants the processor.
    var isPressing: Bool { octets >= Self.limit / 4 * 3 }
    var isFull: Bool { octets >= Self.limit }

    /// The message, as long as it waits here.
    func message(_ uid: UID, in mailbox: CachedMailbox.ID) -> KnownMessage? { waiting[mailbox]?[uid] }

    mutating func append(_ entry: Entry) {
        entries.append(entry)
        octets += entry.message.body?.size ?? 0
        waiting[entry.mailbox.id, default: [:]][entry.message.metadata.uid] = entry.message
    }

    /// The oldest entries, at most `count` and not many more than `octets` octets; they stay until `remove`.
    func first(_ count: Int, octets: Int) -> [Entry] {
        var total = 0
        return Array(
            entries.prefix(count).prefix { entry in
                defer { total += entry.message.body?.size ?? 0 }
                return total < octets
            })
    }

    /// Lets go of the oldest entries, which are kept now, and of whoever waits for room.
    mutating func remove(_ count: Int) {
        for entry in entries.prefix(count) {
            octets -= entry.message.body?.size ?? 0
            waiting[entry.mailbox.id]?[entry.message.metadata.uid] = nil
            if waiting[entry.mailbox.id]?.isEmpty == true { waiting[entry.mailbox.id] = nil }
        }
        entries.removeFirst(count)
        guard !isFull else { return }
        for waiter in room { waiter.resume() }
        room = []
    }

    /// Puts somebody to sleep until there is room.
    mutating func wait(_ waiter: UnsafeContinuation<Void, Never>) { room.append(waiter) }
}
