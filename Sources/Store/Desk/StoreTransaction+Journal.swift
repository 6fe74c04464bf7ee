internal import MailTypes
internal import Rules
internal import SQLite

extension StoreTransaction {
    /// Begins the passage of a message. When the account has an entry for this identity nothing changes, and the
    /// effects must not be made again.
    package func insert(_ entry: JournalEntry) throws(StoreError) -> JournalInsertion {
        let added = try connection.run(
            """
            INSERT INTO journal (account, identity, direction, message_id, subject, outcome, decision, failure, attempts,
                retry_at, email, ticket, first_seen, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (account, identity) DO NOTHING
            """, entry.account, entry.identity, entry.direction.rawValue, entry.messageID, entry.subject,
            entry.outcome.rawValue, String(decoding: entry.decision, as: UTF8.self), entry.failure, entry.attempts,
            entry.retryAt, entry.email, entry.ticket, entry.firstSeen, entry.updated)
        if added > 0 { return JournalInsertion(id: JournalID(rawValue: connection.lastInsertedRow), isNew: true) }
        let id = try connection.integer(
            "SELECT id FROM journal WHERE account = ? AND identity = ?", entry.account, entry.identity)
        guard let id else { throw .noSuch(.journalEntry, entry.messageID) }
        return JournalInsertion(id: JournalID(rawValue: id), isNew: false)
    }

    /// Replaces outcome, decision, failure, attempts, retry time, e-mail, ticket and the time of the change.
    package func update(_ id: JournalID, _ entry: JournalEntry) throws(StoreError) {
        let count = try connection.run(
            """
            UPDATE journal SET outcome = ?, decision = ?, failure = ?, attempts = ?, retry_at = ?, email = ?, ticket = ?,
                updated = ? WHERE id = ?
            """, entry.outcome.rawValue, String(decoding: entry.decision, as: UTF8.self), entry.failure, entry.attempts,
            entry.retryAt, entry.email, entry.ticket, entry.updated, id)
        guard count == 1 else { throw .noSuch(.journalEntry, id.description) }
    }

    /// Notes where the message was seen; a place seen before changes nothing.
    package func add(_ place: JournalPlace, to id: JournalID) throws(StoreError) {
        let account = try connection.integer("SELECT account FROM journal WHERE id = ?", id)
        guard let account else { throw .noSuch(.journalEntry, id.description) }
        try connection.run(
            """
            INSERT OR IGNORE INTO journal_places (account, mailbox, uid_validity, uid, journal) VALUES (?, ?, ?, ?, ?)
            """, account, place.mailbox.text, place.uidValidity.rawValue, place.uid.rawValue, id)
    }

    /// Begins the relay of a message. False when the account has a mark for this identity already.
    package func insert(_ mark: SentMark) throws(StoreError) -> Bool {
        try connection.run(
            """
            INSERT INTO sent_marks (account, identity, message_id, relay, copy, moment, content)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, identity) DO NOTHING
            """, mark.account, mark.identity, mark.messageID, mark.relay.rawValue, mark.copy.rawValue, mark.moment,
            mark.content) > 0
    }

    /// Replaces all but the Message-ID of the mark of this account and identity.
    package func update(_ mark: SentMark) throws(StoreError) {
        let count = try connection.run(
            "UPDATE sent_marks SET relay = ?, copy = ?, moment = ?, content = ? WHERE account = ? AND identity = ?",
            mark.relay.rawValue, mark.copy.rawValue, mark.moment, mark.content, mark.account, mark.identity)
        guard count == 1 else { throw .noSuch(.message, mark.messageID) }
    }

    /// Notes who has saved the copy. The message that was kept for it goes, unless something else refers to it.
    package func noteCopy(_ copy: SentMark.Copy, of known: SentMark) throws(StoreError) {
        var mark = known
        mark.copy = copy
        mark.content = nil
        try update(mark)
        if let content = known.content { try dropContent(content) }
    }
}
