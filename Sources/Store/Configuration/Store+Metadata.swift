package import MailTypes
internal import SQLite

/// What metadata is attached to (RFC 5464 §3.1).
package enum MetadataSubject: Hashable, Sendable {
    case server
    case mailbox(AccountID, MailboxName)
}

/// A piece of metadata as it stands in the store, but for its value.
package struct StoredMetadata: Hashable, Sendable {
    fileprivate let id: Int64
    package let entry: MetadataEntry
    /// Octets of the value.
    package let size: Int
}

/// Mailboxes' and the server's metadata (RFC 5464): of each entry under `/private` a user has her own, those under
/// `/shared` are the account's. No upstream is asked, so they are the same over every one.
extension StoreQueries {
    /// The entry and those below it that have a value, by name. At most `metadataPlaceLimit`.
    /// - Parameter user: whose private entries are meant.
    package func metadata(
        _ entry: MetadataEntry, _ depth: MetadataEntry.Depth = .entry, of subject: MetadataSubject, for user: UserID
    ) throws(StoreError) -> [StoredMetadata] {
        let place = MetadataPlace(subject, entry.scope, user)
        var values: [any Bindable] = [place.account, place.mailbox, place.user, entry.text]
        var condition = "entry = ?4"
        if depth != .entry {
            // What begins with the entry and a delimiter lies before what has the octet after the delimiter there.
            condition += " OR entry >= ?5 AND entry < ?6"
            values += [entry.text + "/", entry.text + "0"]
        }
        if depth == .children {
            condition += " AND instr(substr(entry, ?7), '/') = 0"
            values.append(entry.text.utf8.count + 2)
        }
        return try connection.list(
            """
            SELECT id, entry, size FROM metadata_entries WHERE \(MetadataPlace.condition) AND (\(condition))
            ORDER BY entry
            """, all: values
        ) { row throws(StoreError) in
            guard let entry = MetadataEntry(row.text(1)) else { throw .damaged("metadata_entries.entry") }
            return StoredMetadata(id: row.integer(0), entry: entry, size: row.int(2))
        }
    }

    /// The value of a piece that the same view or transaction has told of.
    package func value(of metadata: StoredMetadata) throws(StoreError) -> [UInt8] {
        let context = Self.metadataContext(metadata.id)
        let value = try connection.first("SELECT value FROM metadata_entries WHERE id = ?", metadata.id) {
            row throws(StoreError) in try sealing.octets(row, 0, context: context)
        }
        guard let value = value.flatMap({ $0 }) else { throw .noSuch(.metadata, metadata.entry.text) }
        return value
    }

    fileprivate static func metadataContext(_ id: Int64) -> String { "metadata_entries/\(id)/value" }
}

extension StoreTransaction {
    /// The most octets of a value that the store takes.
    package static let metadataValueLimit = 65_536
    /// Entries of one mailbox that are shared, entries of it that are one user's, and those of one user for the server.
    package static let metadataPlaceLimit = 100
    /// Shared entries of all mailboxes of an account, and private ones of a user wherever.
    package static let metadataEntryLimit = 10_000
    /// Octets of the values of the same.
    package static let metadataOctetLimit = 16 << 20

    /// Gives the entries these values, and removes those that have none.
    /// - Throws: `.tooMany` or `.tooLarge` when one of the limits is passed by it.
    package func set(
        metadata values: [(entry: MetadataEntry, value: [UInt8]?)], of subject: MetadataSubject, for user: UserID
    ) throws(StoreError) {
        var grown: Set<MetadataPlace> = []
        for (entry, value) in values {
            let place = MetadataPlace(subject, entry.scope, user)
            guard let value else {
                try connection.run(
                    "DELETE FROM metadata_entries WHERE \(MetadataPlace.condition) AND entry = ?4", place.account,
                    place.mailbox, place.user, entry.text)
                continue
            }
            guard value.count <= Self.metadataValueLimit else {
                throw .tooLarge(.metadata, limit: Self.metadataValueLimit)
            }
            try put(entry, value, at: place)
            grown.insert(place)
        }
        for place in grown { try checkLimits(of: place) }
    }

    private func put(_ entry: MetadataEntry, _ value: [UInt8], at place: MetadataPlace) throws(StoreError) {
        let known = try connection.integer(
            "SELECT id FROM metadata_entries WHERE \(MetadataPlace.condition) AND entry = ?4", place.account,
            place.mailbox, place.user, entry.text)
        let id: Int64
        if let known {
            id = known
        } else {
            // The number is part of what the value is sealed under, so the row comes first.
            try connection.run(
                """
                INSERT INTO metadata_entries (account, mailbox, user, entry, value, size)
                VALUES (nullif(?, 0), ?, nullif(?, 0), ?, x'', 0)
                """, place.account, place.mailbox, place.user, entry.text)
            id = connection.lastInsertedRow
        }
        try connection.run(
            "UPDATE metadata_entries SET value = ?, size = ? WHERE id = ?",
            try sealing.seal(octets: value, context: Self.metadataContext(id)), value.count, id)
    }

    private func checkLimits(of place: MetadataPlace) throws(StoreError) {
        let here = try connection.integer(
            "SELECT count(*) FROM metadata_entries WHERE \(MetadataPlace.condition)", place.account, place.mailbox,
            place.user)
        guard here ?? 0 <= Self.metadataPlaceLimit else {
            throw .tooMany(.metadata, limit: Self.metadataPlaceLimit)
        }
        let owned = try connection.first(
            "SELECT count(*), ifnull(sum(size), 0) FROM metadata_entries WHERE \(place.isShared ? "account" : "user") = ?"
                + (place.isShared ? " AND user IS NULL" : ""), place.isShared ? place.account : place.user
        ) { row throws(StoreError) in (row.int(0), row.int(1)) }
        guard let owned else { return }
        guard owned.0 <= Self.metadataEntryLimit, owned.1 <= Self.metadataOctetLimit else {
            throw .tooMany(.metadata, limit: Self.metadataEntryLimit)
        }
    }

    /// A mailbox is gone, or one of its name is new: nothing is known of it.
    package func removeMetadata(of account: AccountID, _ mailbox: MailboxName) throws(StoreError) {
        try connection.run("DELETE FROM metadata_entries WHERE account = ? AND mailbox = ?", account, mailbox.text)
    }

    /// A mailbox has another name, and those below it have too. What was left under the new names is dropped.
    package func renameMetadata(
        of account: AccountID, _ mailbox: MailboxName, to newName: MailboxName
    ) throws(StoreError) {
        try connection.run(
            "DELETE FROM metadata_entries WHERE account = ?1 AND \(Self.isInTree)", account, newName.text,
            newName.text + "/", newName.text + "0")
        try connection.run(
            """
            UPDATE metadata_entries SET mailbox = ?5 || substr(mailbox, length(?2) + 1)
            WHERE account = ?1 AND \(Self.isInTree)
            """, account, mailbox.text, mailbox.text + "/", mailbox.text + "0", newName.text)
    }

    private static let isInTree = "(mailbox = ?2 OR mailbox >= ?3 AND mailbox < ?4)"
}

/// The rows of one subject that one user has, or that are shared: 0 for none, since no account or user has that number.
private struct MetadataPlace: Hashable {
    let account: Int64
    let mailbox: String
    let user: Int64

    init(_ subject: MetadataSubject, _ scope: MetadataEntry.Scope, _ user: UserID) {
        switch subject {
        case .server: (account, mailbox) = (0, "")
        case .mailbox(let id, let name): (account, mailbox) = (id.rawValue, name.text)
        }
        self.user = scope == .shared ? 0 : user.rawValue
    }

    var isShared: Bool { user == 0 }

    /// Account, mailbox and user are the first three values of the statement.
    static let condition = "ifnull(account, 0) = ?1 AND mailbox = ?2 AND ifnull(user, 0) = ?3"
}
