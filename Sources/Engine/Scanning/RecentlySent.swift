internal import Store

/// The messages that were sent a short while ago, by account and Message-ID.
///
/// Some clients write the copy that they save with a new Date (mutt does), so it has another identity; what it is a copy
/// of is told by its Message-ID.
struct RecentlySent: Sendable {
    /// How many are remembered; beyond that the older half is forgotten.
    static let limit = 8192

    private struct Key: Hashable, Sendable {
        let account: AccountID
        let messageID: String
    }

    private var identities: [Key: (identity: [UInt8], turn: UInt64)] = [:]
    private var turn: UInt64 = 0

    mutating func note(_ messageID: String, identity: [UInt8], of account: AccountID) {
        guard !messageID.isEmpty else { return }
        turn += 1
        if identities.count >= Self.limit {
            let oldest = turn - UInt64(Self.limit / 2)
            identities = identities.filter { $0.value.turn > oldest }
        }
        identities[Key(account: account, messageID: messageID)] = (identity, turn)
    }

    /// The identity under which the message with this Message-ID was sent.
    func identity(of messageID: String, in account: AccountID) -> [UInt8]? {
        identities[Key(account: account, messageID: messageID)]?.identity
    }
}
