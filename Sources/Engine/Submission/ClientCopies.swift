internal import Loop

/// The messages that clients have themselves saved in Sent lately: some save before they send, and then no second copy
/// is wanted.
struct ClientCopies {
    /// How long one is remembered.
    static let lifetime: Duration = .seconds(900)
    /// How many are; beyond that the oldest are forgotten.
    static let limit = 512

    private var seen: [(identity: [UInt8], since: MonotonicTime)] = []

    mutating func note(_ identity: [UInt8], at now: MonotonicTime) {
        seen.removeAll { $0.since + Self.lifetime <= now }
        if seen.count >= Self.limit { seen.removeFirst() }
        seen.append((identity, now))
    }

    func contains(_ identity: [UInt8], at now: MonotonicTime) -> Bool {
        seen.contains { $0.identity == identity && $0.since + Self.lifetime > now }
    }
}
