package import MailTypes
internal import SMTPSyntax
internal import SQLite

/// The outbox.
extension StoreTransaction {
    package func insert(_ entry: OutboxEntry) throws(StoreError) -> OutboxID {
        try demandContent(entry.content)
        try connection.run(
            """
            INSERT INTO outbox (account, identity, message_id, actor, sender, smtp_utf8, content, size, trace, state, due,
                attempts, next_attempt, warn_at, give_up_at, report_at, last_error, created, recipients, is_binary, returns,
                envelope_id, requires_tls)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, entry.account, entry.identity, entry.messageID, entry.actor, entry.sender?.description,
            entry.usesSMTPUTF8, entry.content, entry.size, entry.trace, entry.state.rawValue, entry.due, entry.attempts,
            entry.nextAttempt, entry.warnAt, entry.giveUpAt, entry.reportAt, entry.lastError, entry.created,
            try entry.recipientList(), entry.isBinary, entry.returns?.rawValue, entry.envelopeID, entry.requiresTLS)
        return OutboxID(rawValue: connection.lastInsertedRow)
    }

    /// Replaces what changes on the way: recipients, state, attempts, times and the last error.
    package func update(_ id: OutboxID, _ entry: OutboxEntry) throws(StoreError) {
        let count = try connection.run(
            """
            UPDATE outbox SET state = ?, due = ?, attempts = ?, next_attempt = ?, warn_at = ?, give_up_at = ?,
                report_at = ?, last_error = ?, recipients = ? WHERE id = ?
            """, entry.state.rawValue, entry.due, entry.attempts, entry.nextAttempt, entry.warnAt, entry.giveUpAt,
            entry.reportAt, entry.lastError, try entry.recipientList(), id)
        guard count == 1 else { throw .noSuch(.outboxEntry, id.description) }
    }

    /// Removes an entry, with its message unless something else refers to it. One that is not there is no error.
    package func removeOutboxEntry(_ id: OutboxID) throws(StoreError) {
        guard let row = try outboxRow(id) else { return }
        try connection.run("DELETE FROM outbox WHERE id = ?", id)
        try dropContent(row.entry.content)
    }

    /// Puts off everything of an account that would be tried by now: its upstream is away.
    package func postponeOutbox(
        of account: AccountID, from now: Moment, to later: Moment, because reason: String
    ) throws(StoreError) {
        try connection.run(
            """
            UPDATE outbox SET next_attempt = ?3, last_error = ?4,
                due = min(?3, coalesce(warn_at, ?3), give_up_at, coalesce(report_at, ?3))
            WHERE account = ?1 AND state = 'waiting' AND next_attempt <= ?2
            """, account, now, later, reason)
    }

    /// Makes everything due that was put off to `later`: the upstream is back.
    package func resumeOutbox(of account: AccountID, from later: Moment, at now: Moment) throws(StoreError) {
        try connection.run(
            """
            UPDATE outbox SET next_attempt = ?3, due = min(?3, coalesce(warn_at, ?3), give_up_at, coalesce(report_at, ?3))
            WHERE account = ?1 AND state = 'waiting' AND next_attempt = ?2
            """, account, later, now)
    }

    // MARK: What an administrator asks for

    /// Keeps a waiting message back.
    package func hold(_ id: OutboxID) throws(StoreError) -> OutboxRow {
        var row = try resting(id)
        guard row.entry.isLive else {
            throw .abandoned("the queued message `\(id)` is finished and waits for nothing")
        }
        row.entry.state = .held
        try update(id, row.entry)
        return row
    }

    /// Has a message tried at once: one that waits or is held, and one that is finished, for those who did not get it
    /// or may not have got it.
    package func release(_ id: OutboxID) throws(StoreError) -> OutboxRow {
        var row = try resting(id)
        for index in row.entry.recipients.indices {
            switch row.entry.recipients[index].state {
            case .failed, .unknown:
                // What others of the message wait for is no reason to try these again.
                guard !row.entry.isLive else { continue }
                row.entry.recipients[index].state = .waiting
                row.entry.recipients[index].isReported = false
            case .waiting, .sending, .delivered: break
            }
        }
        if !row.entry.isLive { row.entry.reportAt = nil }
        row.entry.wait(from: Moment(seconds: now))
        try update(id, row.entry)
        return row
    }

    /// Takes a message out of the queue. Nobody is told; the journal says that it was not sent, if nobody got it.
    package func discard(_ id: OutboxID) throws(StoreError) -> OutboxRow {
        let row = try resting(id)
        try removeOutboxEntry(id)
        let (account, identity) = (row.entry.account, row.entry.identity)
        guard var mark = try sentMark(account: account, identity: identity), mark.relay == .queued else { return row }
        mark.relay = .refused
        try update(mark)
        if var found = try journalRow(account: account, identity: identity), found.entry.outcome == .pending {
            found.entry.failure = "it was deleted from the queue"
            found.entry.updated = Moment(seconds: now)
            try update(found.id, found.entry)
        }
        return row
    }

    /// An entry that is not being sent.
    private func resting(_ id: OutboxID) throws(StoreError) -> OutboxRow {
        guard let row = try outboxRow(id) else { throw .noSuch(.outboxEntry, id.description) }
        guard row.entry.state != .sending else {
            throw .abandoned("the queued message `\(id)` is being sent right now")
        }
        return row
    }
}
