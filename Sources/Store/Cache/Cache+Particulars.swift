internal import Bytes
package import MailTypes
internal import SQLite

/// What extensions of IMAP tell of a message: its identifiers, its beginning, and when it came into the mailbox.
package struct CachedParticulars: Hashable, Sendable {
    package var uid: UID
    /// The upstream was asked for its own: what is nil of them it does not have.
    package var isTold = false
    /// EMAILID (RFC 8474 §5.1), the upstream's or ours; nil until it is known.
    package var emailID: String?
    /// The upstream's THREADID (RFC 8474 §5.2).
    package var threadID: String?
    /// The upstream's SAVEDATE (RFC 8514 §4.2), in seconds.
    package var saveDate: Moment?
    /// The beginning of the text (RFC 8970); nil until it is known.
    package var preview: String?
    /// When the message was first seen in this mailbox, in seconds; read, never saved.
    package var firstSeen: Moment?

    package init(uid: UID) { self.uid = uid }
}

extension Cache {
    /// What is remembered of those of these messages that the mailbox has, ascending.
    /// - Parameter withPreview: whether previews are read; without it they are nil.
    package func particulars(
        of uids: [UID], in id: CachedMailbox.ID, withPreview: Bool
    ) async throws(StoreError) -> [CachedParticulars] {
        try await read { [self] connection throws(StoreError) in
            var found: [CachedParticulars] = []
            for range in NumberSet(uids).ranges {
                found += try connection.list(
                    """
                    SELECT m.id, m.first_seen, p.told, p.email_id, p.thread_id, p.save_date,
                        \(withPreview ? "p.preview" : "NULL")
                    FROM messages m LEFT JOIN particulars p ON p.id = m.id WHERE m.id BETWEEN ? AND ? ORDER BY m.id
                    """, id.message(range.lowerBound), id.message(range.upperBound)
                ) { row throws(StoreError) in try particulars(row) }.compactMap { $0 }
            }
            return found
        }
    }

    private func particulars(_ row: borrowing Row) throws(StoreError) -> CachedParticulars? {
        let id = row.integer(0)
        guard let uid = UID(rawValue: UInt32(truncatingIfNeeded: id)) else { return nil }
        var particulars = CachedParticulars(uid: uid)
        particulars.firstSeen = row.moment(1)
        particulars.isTold = row.integerOrNil(2) == 1
        particulars.emailID = row.textOrNil(3)
        particulars.threadID = row.textOrNil(4)
        particulars.saveDate = row.momentOrNil(5)
        particulars.preview = try open(row, 6, "particulars", id, "preview").map { String(lossy: $0) }
        return particulars
    }

    /// Remembers what is not nil, of messages that the mailbox has.
    package func save(_ particulars: [CachedParticulars], in id: CachedMailbox.ID) async throws(StoreError) {
        try await write { [self] connection throws(StoreError) in
            for message in particulars {
                let row = id.message(message.uid.rawValue)
                var preview: [UInt8]?
                if let text = message.preview { preview = try seal(Array(text.utf8), "particulars", row, "preview") }
                try connection.run(
                    """
                    INSERT INTO particulars (id, told, email_id, thread_id, save_date, preview)
                    SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM messages WHERE id = ?1)
                    ON CONFLICT (id) DO UPDATE SET told = max(told, excluded.told),
                        email_id = coalesce(email_id, excluded.email_id),
                        thread_id = coalesce(excluded.thread_id, thread_id),
                        save_date = coalesce(excluded.save_date, save_date),
                        preview = coalesce(excluded.preview, preview)
                    """, row, message.isTold, message.emailID, message.threadID, message.saveDate, preview)
            }
        }
    }

    /// A mailbox's MAILBOXID (RFC 8474 §4), and the UIDVALIDITY for which it stands; nil until it has one.
    package func objectID(
        of id: CachedMailbox.ID
    ) async throws(StoreError) -> (id: String, uidValidity: UIDValidity)? {
        try await read { connection throws(StoreError) in
            try connection.first(
                "SELECT object_id, object_validity FROM mailboxes WHERE id = ? AND object_id IS NOT NULL", id
            ) { row throws(StoreError) in
                (row.text(0), UIDValidity(rawValue: UInt32(truncatingIfNeeded: row.integer(1))))
            }
        }
    }

    /// Gives a mailbox the first of these identifiers that no other mailbox of its account has; it stays with the
    /// mailbox under another name.
    /// - Returns: which; nil when all are taken.
    package func claimObjectID(
        _ candidates: [String], _ uidValidity: UIDValidity, for id: CachedMailbox.ID
    ) async throws(StoreError) -> String? {
        try await write { connection throws(StoreError) in
            for candidate in candidates {
                let owner = try connection.integer(
                    """
                    SELECT o.id FROM mailboxes m JOIN mailboxes o ON o.account = m.account AND o.object_id = ?
                    WHERE m.id = ? AND o.id <> m.id
                    """, candidate, id)
                guard owner == nil else { continue }
                try connection.run(
                    "UPDATE mailboxes SET object_id = ?, object_validity = ? WHERE id = ?", candidate,
                    uidValidity.rawValue, id)
                return candidate
            }
            return nil
        }
    }
}
