package import MailTypes
internal import SQLite

extension StoreQueries {
    package func journalRow(_ id: JournalID) throws(StoreError) -> JournalRow? {
        let row = try connection.first("SELECT \(journalColumns) FROM journal WHERE id = ?", id) {
            row throws(StoreError) in try readEntry(row)
        }
        return try row.map { row throws(StoreError) in try withPlaces(row) }
    }

    package func journalRow(account: AccountID, identity: [UInt8]) throws(StoreError) -> JournalRow? {
        let row = try connection.first(
            "SELECT \(journalColumns) FROM journal WHERE account = ? AND identity = ?", account, identity
        ) { row throws(StoreError) in try readEntry(row) }
        return try row.map { row throws(StoreError) in try withPlaces(row) }
    }

    /// Newest first.
    package func journal(_ filter: JournalFilter = JournalFilter()) throws(StoreError) -> [JournalRow] {
        let rows = try connection.list(
            """
            SELECT \(journalColumns) FROM journal
            WHERE (?1 IS NULL OR account = ?1) AND (?2 IS NULL OR outcome = ?2) AND (?3 IS NULL OR message_id = ?3)
                AND (?4 IS NULL OR ticket = ?4) AND (?5 IS NULL OR (outcome = 'quarantined' AND retry_at <= ?5))
            ORDER BY id DESC LIMIT ?6
            """, filter.account, filter.outcome?.rawValue, filter.messageID, filter.ticket, filter.dueAt, filter.limit
        ) { row throws(StoreError) in try readEntry(row) }
        var complete: [JournalRow] = []
        for row in rows { complete.append(try withPlaces(row)) }
        return complete
    }

    /// Which of these UIDs the journal knows in this mailbox; they need not be looked at again.
    package func journaled(
        account: AccountID, mailbox: MailboxName, uidValidity: UIDValidity, uids: NumberSet
    ) throws(StoreError) -> NumberSet {
        var known = NumberSet()
        for range in uids.ranges {
            let found = try connection.list(
                """
                SELECT uid FROM journal_places
                WHERE account = ? AND mailbox = ? AND uid_validity = ? AND uid BETWEEN ? AND ? ORDER BY uid
                """, account, mailbox.text, uidValidity.rawValue, range.lowerBound, range.upperBound
            ) { row throws(StoreError) in UInt32(truncatingIfNeeded: row.integer(0)) }
            for uid in found { known.insert(uid...uid) }
        }
        return known
    }

    package func sentMark(account: AccountID, identity: [UInt8]) throws(StoreError) -> SentMark? {
        try connection.first(
            """
            SELECT account, identity, message_id, relay, copy, moment, content FROM sent_marks
            WHERE account = ? AND identity = ?
            """, account, identity
        ) { row throws(StoreError) in try readMark(row) }
    }

    /// Marks whose relay was never answered, or was and has no copy saved; oldest first.
    package func openSentMarks() throws(StoreError) -> [SentMark] {
        try connection.list(
            """
            SELECT account, identity, message_id, relay, copy, moment, content FROM sent_marks
            WHERE (relay = 'sending' OR copy IN ('missing', 'saving')) AND relay <> 'refused' ORDER BY moment
            """
        ) { row throws(StoreError) in try readMark(row) }
    }

    private var journalColumns: String {
        """
        id, account, identity, direction, message_id, subject, outcome, decision, failure, attempts, retry_at, email, \
        ticket, first_seen, updated
        """
    }

    private func readEntry(_ row: borrowing Row) throws(StoreError) -> JournalRow {
        var entry = JournalEntry(
            account: row.identifier(1), identity: row.blob(2), direction: try row.word(Email.Direction.self, 3),
            messageID: row.text(4), subject: row.text(5), outcome: try row.word(JournalEntry.Outcome.self, 6),
            decision: Array(row.text(7).utf8), failure: row.textOrNil(8), attempts: row.int(9),
            retryAt: row.momentOrNil(10), email: row.identifierOrNil(11), ticket: row.identifierOrNil(12),
            firstSeen: row.moment(13))
        entry.updated = row.moment(14)
        return JournalRow(id: row.identifier(0), entry: entry, places: [])
    }

    private func withPlaces(_ row: JournalRow) throws(StoreError) -> JournalRow {
        let places = try connection.list(
            "SELECT mailbox, uid_validity, uid FROM journal_places WHERE journal = ? ORDER BY mailbox, uid", row.id
        ) { place throws(StoreError) in
            guard let uid = UID(rawValue: UInt32(truncatingIfNeeded: place.integer(2))) else {
                throw .damaged("journal_places.uid")
            }
            return JournalPlace(
                mailbox: MailboxName(place.text(0)),
                uidValidity: UIDValidity(rawValue: UInt32(truncatingIfNeeded: place.integer(1))), uid: uid)
        }
        return JournalRow(id: row.id, entry: row.entry, places: places)
    }

    private func readMark(_ row: borrowing Row) throws(StoreError) -> SentMark {
        SentMark(
            account: row.identifier(0), identity: row.blob(1), messageID: row.text(2),
            relay: try row.word(SentMark.Relay.self, 3), copy: try row.word(SentMark.Copy.self, 4),
            moment: row.moment(5), content: row.digestOrNil(6))
    }
}
