package import Loop

/// Connections of one account that wait for their next message. Lives where its connections live.
package struct SMTPClientPool {
    /// How long a connection waits at most. Servers drop idle clients after 5 minutes (RFC 5321 §4.5.3.2.7), and some
    /// count the connections meanwhile.
    package static let idleLimit: Duration = .seconds(20)
    /// How many wait at most.
    package static let countLimit = 4
    /// Transactions after which a connection is not used again: some servers refuse after a hundred.
    package static let transactionLimit = 90

    private var waiting: [(client: SMTPClient, since: MonotonicTime)] = []

    package init() {}

    package var count: Int { waiting.count }

    /// The connection that was used last and still works; nil when there is none. Those found dead are closed.
    package mutating func take(at now: MonotonicTime) -> SMTPClient? {
        while let entry = waiting.popLast() {
            if entry.since + Self.idleLimit > now, entry.client.isQuiet() { return entry.client }
            entry.client.close()
        }
        return nil
    }

    /// Gives a connection back after its transaction; false when it is not to be used again, and the caller ends it.
    package mutating func give(_ client: SMTPClient, at now: MonotonicTime) -> Bool {
        guard client.isUsable, client.hasTransactionLeft, client.transactionCount < Self.transactionLimit,
            waiting.count < Self.countLimit
        else {
            return false
        }
        waiting.append((client, now))
        return true
    }

    /// Takes out those that have waited too long, for the caller to end.
    package mutating func expired(at now: MonotonicTime) -> [SMTPClient] {
        let expired = waiting.filter { $0.since + Self.idleLimit <= now || !$0.client.isUsable }
        waiting.removeAll { $0.since + Self.idleLimit <= now || !$0.client.isUsable }
        return expired.map(\.client)
    }

    /// Takes out all, for the caller to end.
    package mutating func drain() -> [SMTPClient] {
        defer { waiting = [] }
        return waiting.map(\.client)
    }

    /// When the next one will have waited too long; nil when none waits.
    package var nextExpiry: MonotonicTime? { waiting.map(\.since).min().map { $0 + Self.idleLimit } }
}
