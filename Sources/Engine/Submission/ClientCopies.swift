internal import Loop

/// The messages that clients have themselves saved in Sent lately: some save before they send, and then no second copy
/// is wanted.
struct ClientCopies {
    /// How long one is remembered.
    static let lifetime: Duration = .seconds(900)
    /// How many are; beyond that the oldest are forgotten.
    static let limit = 512

    private struct Copy {
        let identity: [UInt8]
        let messageID: String
        let since: MonotonicTime
    }

    private var seen: [Copy] = []

    mutating func note(_ identity: [UInt8], messageID: String, at now: MonotonicTime) {
        seen.removeAll { $0.since + Self.lifetime <= now }
        if seen.count >= Self.limit { seen.removeFirst() }
        seen.append(Copy(identity: identity, messageID: messageID, since: now))
    }

    /// Whether it was saved: the same message, or one with its Message-ID, since some clients write another Date.
    func contains(_ identity: [UInt8], messageID: String, at now: MonotonicTime) -> Bool {
        seen.contains {
            $0.since + Self.lifetime > now
                && ($0.identity == identity || !messageID.isEmpty && $0.messageID == messageID)
        }
    }
}
