package import MailTypes
internal import SQLite

/// What an account's mailboxes were made for (RFC 6154 §3) where the upstream can't keep it. It is not in the cache:
/// nobody could be asked for it again.
extension StoreQueries {
    package func specialUses(of account: AccountID) throws(StoreError) -> [MailboxName: SpecialUse] {
        guard let text = try setting(Self.specialUsesKey(account)) else { return [:] }
        var uses: [MailboxName: SpecialUse] = [:]
        for (use, name) in try JSONText.decode([String: String].self, text, "settings.special-uses") {
            if let use = SpecialUse(rawValue: use) { uses[MailboxName(name)] = use }
        }
        return uses
    }

    static func specialUsesKey(_ account: AccountID) -> String { "special-uses/\(account)" }
}

extension StoreTransaction {
    /// Replaces them. Each use is that of one mailbox: of two the one whose name comes last counts.
    package func set(specialUses uses: [MailboxName: SpecialUse], of account: AccountID) throws(StoreError) {
        let names = Dictionary(uses.sorted { $0.key < $1.key }.map { ($0.value.rawValue, $0.key.text) }) { $1 }
        try set(Self.specialUsesKey(account), to: names.isEmpty ? nil : JSONText.encode(names))
    }
}
