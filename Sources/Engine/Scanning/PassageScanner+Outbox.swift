internal import Loop
internal import MIME
internal import MailTypes
internal import Rules
internal import SMTPSyntax
internal import Store

/// Messages that wait in the outbox between their client and their upstream.
extension PassageScanner {
    /// Puts a message that was prepared for it into the outbox. It is durable when this returns, and so is that it was
    /// sent by us: one transaction.
    /// - Returns: its number; nil when the account's queue is full.
    func enqueue(
        _ prepared: PreparedSubmission, trace: [UInt8], parameters: MailParameters,
        recipients: [OutboxEntry.Recipient], until held: Moment?, within limit: OutboxLoad
    ) async throws(EngineError) -> OutboxID? {
        let kept = try await reading(isLarge: prepared.message.inline == nil) { () async throws(EngineError) in
            try await OwedCopy(prepared.message, store: store)
        }
        var made = OutboxEntry(
            account: prepared.account, identity: prepared.identity, messageID: prepared.messageID,
            actor: prepared.passage.actor, sender: prepared.passage.sender, usesSMTPUTF8: parameters.smtpUTF8,
            isBinary: parameters.body == .binaryMIME, recipients: recipients.map(\.address), content: kept.content,
            size: prepared.message.size, trace: trace, created: moment, until: held)
        made.recipients = recipients
        (made.returns, made.envelopeID) = (parameters.returns, parameters.envelopeID)
        made.requiresTLS = parameters.requiresTLS
        let entry = made
        do throws(StoreError) {
            return try await store.transaction { transaction throws(StoreError) in
                let load = try transaction.outboxLoad(of: entry.account)
                guard load.count < limit.count, load.octets + entry.size <= limit.octets else { return nil }
                try kept.put(transaction)
                let id = try transaction.insert(entry)
                try transaction.markQueued(entry)
                return id
            }
        } catch { throw EngineError(error) }
    }

    /// A queued message as it was when it was put there, so that what came of it can be committed. While it is held
    /// every other sighting of it waits.
    func revive(_ entry: OutboxEntry, _ message: MessageBody) async throws(EngineError) -> PreparedSubmission {
        guard let context = context(of: entry.account) else { throw .unavailable("the account is gone") }
        let passage = SubmissionPassage(
            account: entry.account, actor: entry.actor, sender: entry.sender,
            recipients: entry.recipients.compactMap(\.address), message: message)
        let header = try await message.read(message.structure.root.header)
        var gathered = try await submitted(passage, header, context, entry.created)
        gathered.identity = entry.identity
        let pending = gathered.entry(entry.account, .pending, gathered.facts.direction.0, at: entry.created)
        let flight = await flights.take(entry.account, entry.identity)
        do throws(StoreError) {
            let (journal, mark) = try await store.transaction(surviving: .crash) { transaction throws(StoreError) in
                let journal = try transaction.insert(pending).id
                return (journal, try transaction.sentMark(account: entry.account, identity: entry.identity))
            }
            let copy = mark?.copy ?? .missing
            return PreparedSubmission(
                account: entry.account, message: message, messageID: entry.messageID, identity: entry.identity,
                wasAccepted: mark?.relay == .accepted, copy: copy, passage: passage, gathered: gathered, recorded: nil,
                owed: copy == .missing || copy == .saving ? OwedCopy(stored: entry.content) : nil, journal: journal,
                flight: flight)
        } catch { throw EngineError(error) }
    }
}

extension StoreTransaction {
    /// Notes that a message waits in the outbox. One that the upstream has accepted before stays accepted.
    fileprivate func markQueued(_ entry: OutboxEntry) throws(StoreError) {
        let fresh = SentMark(
            account: entry.account, identity: entry.identity, messageID: entry.messageID, relay: .queued,
            moment: entry.created)
        guard try !insert(fresh), var mark = try sentMark(account: entry.account, identity: entry.identity),
            mark.relay != .accepted
        else { return }
        mark.relay = .queued
        try update(mark)
    }

    /// Notes that nobody knows whether a message was sent, unless somebody is known to have got it.
    func noteUnknown(_ entry: OutboxEntry, because reason: String, at now: Moment) throws(StoreError) {
        guard var mark = try sentMark(account: entry.account, identity: entry.identity), mark.relay == .queued else {
            return
        }
        mark.relay = .unknown
        try update(mark)
        guard var row = try journalRow(account: entry.account, identity: entry.identity),
            row.entry.outcome == .pending
        else { return }
        row.entry.outcome = .unknown
        row.entry.failure = reason
        row.entry.updated = now
        try update(row.id, row.entry)
    }
}
