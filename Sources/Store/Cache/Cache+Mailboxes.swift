internal import MailTypes
internal import SQLite

extension Cache {
    /// By name.
    package func mailboxes(of account: AccountID) async throws(StoreError) -> [CachedMailbox] {
        try await read { connection throws(StoreError) in try connection.mailboxes(of: account) }
    }

    /// The mailbox as it is now; nil when it is gone.
    package func mailbox(_ id: CachedMailbox.ID) async throws(StoreError) -> CachedMailbox? {
        try await read { connection throws(StoreError) in try connection.mailbox(id) }
    }

    /// Makes the account's mailboxes those listed: adds, changes, and forgets the ones the upstream no longer has.
    package func setMailboxes(
        _ listings: [MailboxListing], of account: AccountID
    ) async throws(StoreError) -> [CachedMailbox] {
        try await write { connection throws(StoreError) in
            let current = try connection.mailboxes(of: account)
            let named = Set(listings.map(\.name))
            for mailbox in current where !named.contains(mailbox.listing.name) {
                try connection.removeMailbox(mailbox.id)
            }
            let known = Dictionary(current.map { ($0.listing.name, $0.listing) }) { first, _ in first }
            for listing in listings where known[listing.name] != listing { try connection.put(listing, of: account) }
            return try connection.mailboxes(of: account)
        }
    }

    /// Adds or changes one mailbox.
    @discardableResult
    package func put(
        _ listing: MailboxListing, of account: AccountID
    ) async throws(StoreError) -> CachedMailbox {
        try await write { connection throws(StoreError) in
            try connection.put(listing, of: account)
            guard let mailbox = try connection.mailboxes(of: account, named: listing.name).first else {
                throw .noSuch(.mailbox, listing.name.text)
            }
            return mailbox
        }
    }

    /// Gives a mailbox another name and keeps its messages. One that has the name already is forgotten.
    package func rename(_ id: CachedMailbox.ID, to listing: MailboxListing) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            let account = try connection.integer("SELECT account FROM mailboxes WHERE id = ?", id)
            guard let account else { throw .noSuch(.mailbox, id.description) }
            let taken = try connection.mailboxes(of: AccountID(rawValue: account), named: listing.name)
            for other in taken where other.id != id { try connection.removeMailbox(other.id) }
            try connection.run("UPDATE mailboxes SET name = ? WHERE id = ?", listing.name.text, id)
            try connection.put(listing, of: AccountID(rawValue: account))
        }
    }

    package func removeMailbox(_ id: CachedMailbox.ID) async throws(StoreError) {
        try await write { connection throws(StoreError) in try connection.removeMailbox(id) }
    }

    /// Forgets everything of an account.
    package func removeAccount(_ account: AccountID) async throws(StoreError) {
        let bodies = bodies
        try await write { connection throws(StoreError) in
            for mailbox in try connection.mailboxes(of: account) { try connection.removeMailbox(mailbox.id) }
            let owned = try connection.list("SELECT id FROM bodies WHERE account = ?", account) {
                row throws(StoreError) in row.integer(0)
            }
            for body in owned { try bodies.remove(body, on: connection) }
            try connection.run("DELETE FROM bodies WHERE account = ?", account)
        }
    }
}

extension Connection {
    fileprivate func mailboxes(
        of account: AccountID, named name: MailboxName? = nil
    ) throws(StoreError) -> [CachedMailbox] {
        try mailboxes("account = ?1 AND (?2 IS NULL OR name = ?2) ORDER BY name", [account, name?.text])
    }

    func mailbox(_ id: CachedMailbox.ID) throws(StoreError) -> CachedMailbox? {
        try mailboxes("id = ?", [id]).first
    }

    private func mailboxes(_ condition: String, _ values: [any Bindable]) throws(StoreError) -> [CachedMailbox] {
        try list(
            """
            SELECT id, name, upstream_name, delimiter, subscribed, special_use, selectable, has_children, uid_validity,
                uid_next, modseq, upstream_modseq,
                (SELECT count(*) FROM messages WHERE messages.id BETWEEN m.id << 32 AND m.id << 32 | 4294967295),
                account
            FROM mailboxes m WHERE \(condition)
            """, all: values
        ) { row throws(StoreError) in
            CachedMailbox(
                id: row.identifier(0), account: row.identifier(13),
                listing: MailboxListing(
                    name: MailboxName(row.text(1)), upstreamName: row.blob(2),
                    delimiter: row.integerOrNil(3).map { UInt8(truncatingIfNeeded: $0) }, isSubscribed: row.bool(4),
                    specialUse: row.textOrNil(5).flatMap { SpecialUse(rawValue: $0) }, isSelectable: row.bool(6),
                    hasChildren: row.integerOrNil(7).map { $0 != 0 }),
                uidValidity: row.integerOrNil(8).map { UIDValidity(rawValue: UInt32(truncatingIfNeeded: $0)) },
                uidNext: UInt32(truncatingIfNeeded: row.integer(9)),
                highestModSeq: ModSeq(rawValue: UInt64(bitPattern: row.integer(10))),
                upstreamModSeq: ModSeq(rawValue: UInt64(bitPattern: row.integer(11))), messageCount: row.int(12))
        }
    }

    fileprivate func put(_ listing: MailboxListing, of account: AccountID) throws(StoreError) {
        try run(
            """
            INSERT INTO mailboxes (account, name, upstream_name, delimiter, subscribed, special_use, selectable,
                has_children) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (account, name) DO UPDATE SET upstream_name = excluded.upstream_name,
                delimiter = excluded.delimiter, subscribed = excluded.subscribed, special_use = excluded.special_use,
                selectable = excluded.selectable, has_children = excluded.has_children
            """, account, listing.name.text, listing.upstreamName, listing.delimiter.map { Int($0) },
            listing.isSubscribed, listing.specialUse?.rawValue, listing.isSelectable, listing.hasChildren)
    }

    fileprivate func removeMailbox(_ id: CachedMailbox.ID) throws(StoreError) {
        try removeMessages(of: id)
        try run("DELETE FROM mailboxes WHERE id = ?", id)
    }

    /// Bodies stay until they are evicted: the messages may have moved to another mailbox.
    func removeMessages(of id: CachedMailbox.ID) throws(StoreError) {
        let ids = id.messages
        try run("DELETE FROM messages WHERE id BETWEEN ? AND ?", ids.lowerBound, ids.upperBound)
        try run("DELETE FROM metadata WHERE id BETWEEN ? AND ?", ids.lowerBound, ids.upperBound)
        try run("DELETE FROM particulars WHERE id BETWEEN ? AND ?", ids.lowerBound, ids.upperBound)
        try run("DELETE FROM expunged WHERE mailbox = ?", id)
        try run("DELETE FROM lost_modseqs WHERE mailbox = ?", id)
    }
}

extension CachedMailbox.ID {
    /// The ids of this mailbox's messages.
    var messages: ClosedRange<Int64> { rawValue << 32...(rawValue << 32 | 0xFFFF_FFFF) }
    /// The id of the message with this UID.
    func message(_ uid: UInt32) -> Int64 { rawValue << 32 | Int64(uid) }
}
