package import MailTypes
internal import SQLite

/// How often a user has reset the keys of her URLs (RFC 4467 §3): all of them, and one mailbox's. Both numbers are part of
/// what a URL is authorised with, so that one made before a reset is good no more.
package struct URLKeyCounts: Sendable, Hashable {
    package var all: UInt64
    package var mailbox: UInt64
}

extension StoreQueries {
    /// The counts that hold for the URLs of a user into a mailbox of an account.
    package func urlKeyCounts(
        of user: UserID, _ account: AccountID, _ mailbox: MailboxName
    ) throws(StoreError) -> URLKeyCounts {
        let counts = try urlKeyCounts(of: user)
        return URLKeyCounts(all: counts[""] ?? 0, mailbox: counts[Self.urlKeyName(account, mailbox)] ?? 0)
    }

    /// By mailbox; that of all has an empty name.
    fileprivate func urlKeyCounts(of user: UserID) throws(StoreError) -> [String: UInt64] {
        guard let text = try setting(Self.urlKeysKey(user)) else { return [:] }
        return try JSONText.decode([String: UInt64].self, text, "settings.url-keys")
    }

    fileprivate static func urlKeysKey(_ user: UserID) -> String { "url-keys/\(user)" }
    fileprivate static func urlKeyName(_ account: AccountID, _ mailbox: MailboxName) -> String {
        "\(account)/\(mailbox.text)"
    }
}

extension StoreTransaction {
    /// Mailboxes of one user that are counted apart; one more resets all of them.
    package static let urlKeyLimit = 1000

    /// Makes every URL of the user bad that was made before.
    package func resetURLKeys(of user: UserID) throws(StoreError) {
        let all = try urlKeyCounts(of: user)[""] ?? 0
        try set(Self.urlKeysKey(user), to: JSONText.encode(["": all + 1]))
    }

    /// Makes every URL of the user into this mailbox bad that was made before.
    package func resetURLKey(
        of user: UserID, _ account: AccountID, _ mailbox: MailboxName
    ) throws(StoreError) {
        var counts = try urlKeyCounts(of: user)
        counts[Self.urlKeyName(account, mailbox), default: 0] += 1
        guard counts.count <= Self.urlKeyLimit else { return try resetURLKeys(of: user) }
        try set(Self.urlKeysKey(user), to: JSONText.encode(counts))
    }
}
