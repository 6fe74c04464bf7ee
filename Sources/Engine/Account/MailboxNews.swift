internal import MailTypes

/// What has happened to an account's mailboxes, for sessions that want to hear of more than the one they have open.
///
/// Of messages and flags the last change of each mailbox is kept, of names and metadata a log with an end: so it has a bound, however
/// many sessions follow it and however far behind they are.
struct MailboxNews {
    /// A place in the news: all that was noted before is known.
    typealias Place = UInt64

    /// Changes of names and metadata that are remembered. Who is further behind learns that he has missed something.
    static let logLimit = 1_000

    /// Where the news end.
    private(set) var end: Place = 0
    private var messages: [MailboxName: Place] = [:]
    private var flags: [MailboxName: Place] = [:]
    private var log: [(place: Place, change: MailboxChange)] = []
    /// What was noted up to here may be gone from the log.
    private var forgotten: Place = 0

    mutating func note(_ change: MailboxChange) {
        end += 1
        switch change {
        case .messages(let name): messages[name] = end
        case .flags(let name): flags[name] = end
        case .made, .subscription, .metadata: log.append((end, change))
        case .removed(let name):
            forget(name)
            log.append((end, change))
        case .renamed(_, let old):
            forget(old)
            log.append((end, change))
        }
        if log.count > Self.logLimit { forgotten = log.removeFirst().place }
    }

    private mutating func forget(_ name: MailboxName) {
        messages[name] = nil
        flags[name] = nil
    }

    /// What was noted after a place: names in the order in which they changed, then messages and flags by name.
    /// - Returns: nil when some of it is forgotten.
    func changes(since place: Place) -> [MailboxChange]? {
        guard place >= forgotten else { return nil }
        func recent(_ places: [MailboxName: Place]) -> [MailboxName] {
            places.filter { $0.value > place }.keys.sorted()
        }
        return log.filter { $0.place > place }.map(\.change) + recent(messages).map { .messages($0) }
            + recent(flags).map { .flags($0) }
    }
}
