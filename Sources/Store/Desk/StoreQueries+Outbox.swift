package import MailTypes
internal import SMTPSyntax
internal import SQLite

/// The outbox.
extension StoreQueries {
    package func outboxRow(_ id: OutboxID) throws(StoreError) -> OutboxRow? {
        try connection.first("SELECT \(outboxColumns) FROM outbox WHERE id = ?", id) {
            row throws(StoreError) in try readOutbox(row)
        }
    }

    /// Oldest first.
    package func outbox(
        account: AccountID? = nil, state: OutboxEntry.State? = nil, limit: Int = 1000
    ) throws(StoreError) -> [OutboxRow] {
        try connection.list(
            """
            SELECT \(outboxColumns) FROM outbox WHERE (?1 IS NULL OR account = ?1) AND (?2 IS NULL OR state = ?2)
            ORDER BY id LIMIT ?3
            """, account, state?.rawValue, limit
        ) { row throws(StoreError) in try readOutbox(row) }
    }

    /// Entries of an account with which something is to be done, the earliest first.
    package func dueOutbox(
        of account: AccountID, at moment: Moment, limit: Int
    ) throws(StoreError) -> [OutboxRow] {
        try connection.list(
            "SELECT \(outboxColumns) FROM outbox WHERE account = ? AND due <= ? ORDER BY due, id LIMIT ?", account,
            moment, limit
        ) { row throws(StoreError) in try readOutbox(row) }
    }

    /// The accounts with entries with which something is to be done.
    package func accountsWithDueOutbox(at moment: Moment) throws(StoreError) -> [AccountID] {
        try connection.list("SELECT DISTINCT account FROM outbox WHERE due <= ?", moment) {
            row throws(StoreError) in row.identifier(0)
        }
    }

    /// What of an account is queued and not finished.
    package func outboxLoad(of account: AccountID) throws(StoreError) -> OutboxLoad {
        let load = try connection.first(
            "SELECT messages, octets FROM outbox_loads WHERE account = ?", account
        ) { row throws(StoreError) in OutboxLoad(count: row.int(0), octets: row.int(1)) }
        return load ?? OutboxLoad(count: 0, octets: 0)
    }

    private var outboxColumns: String {
        """
        id, account, identity, message_id, actor, sender, smtp_utf8, content, size, trace, state, attempts, \
        next_attempt, warn_at, give_up_at, report_at, last_error, created, recipients, is_binary, returns, \
        envelope_id, requires_tls
        """
    }

    private func readOutbox(_ row: borrowing Row) throws(StoreError) -> OutboxRow {
        guard let content = row.digestOrNil(7) else { throw .damaged("outbox.content") }
        var entry = OutboxEntry(
            account: row.identifier(1), identity: row.blob(2), messageID: row.text(3), actor: row.text(4),
            sender: row.textOrNil(5).flatMap { EmailAddress($0) }, usesSMTPUTF8: row.integer(6) != 0,
            isBinary: row.integer(19) != 0, recipients: [], content: content, size: row.int(8), trace: row.blob(9),
            created: row.moment(17))
        entry.state = try row.word(OutboxEntry.State.self, 10)
        entry.attempts = row.int(11)
        entry.nextAttempt = row.moment(12)
        entry.warnAt = row.momentOrNil(13)
        entry.giveUpAt = row.moment(14)
        entry.reportAt = row.momentOrNil(15)
        entry.lastError = row.textOrNil(16)
        entry.recipients = try OutboxEntry.recipients(row.text(18))
        if row.textOrNil(20) != nil { entry.returns = try row.word(MailParameters.Return.self, 20) }
        entry.envelopeID = row.textOrNil(21)
        entry.requiresTLS = row.bool(22)
        return OutboxRow(id: row.identifier(0), entry: entry)
    }
}

extension OutboxEntry {
    /// A recipient as it stands in the row's list.
    private struct Listed: Codable {
        let address: String
        let state: String
        let answer: String?
        let reported: Bool
        /// What a list from before there were notifications lacks.
        let notify: UInt8?
        let originalKind: String?
        let original: String?
        let passedOn: Bool?
    }

    fileprivate static func recipients(_ text: String) throws(StoreError) -> [Recipient] {
        let listed = try JSONText.decode([Listed].self, text, "outbox.recipients")
        var recipients: [Recipient] = []
        for one in listed {
            guard let state = Recipient.State(rawValue: one.state) else { throw .damaged("outbox.recipients") }
            var recipient = Recipient(EmailAddress(one.address))
            (recipient.state, recipient.answer, recipient.isReported) = (state, one.answer, one.reported)
            recipient.notify = one.notify.map { RecipientParameters.Notify(rawValue: $0) }
            if let kind = one.originalKind, let address = one.original {
                recipient.original = OriginalRecipient(kind: kind, address: address)
            }
            recipient.isPassedOn = one.passedOn ?? false
            recipients.append(recipient)
        }
        return recipients
    }

    /// The recipients as JSON.
    func recipientList() throws(StoreError) -> String {
        try JSONText.encode(
            recipients.map {
                Listed(
                    address: $0.name, state: $0.state.rawValue, answer: $0.answer, reported: $0.isReported,
                    notify: $0.notify?.rawValue, originalKind: $0.original?.kind, original: $0.original?.address,
                    passedOn: $0.isPassedOn ? true : nil)
            })
    }
}
