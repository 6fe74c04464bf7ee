internal import Bytes
internal import Desk
internal import Loop
internal import MIME
package import MailTypes
internal import Rules
package import Store
internal import Synchronization
internal import Vault

/// Messages that clients send: decided before their upstream hears of them, carried out once it has accepted them.
extension PassageScanner {
    /// How long a copy that Posthouse has saved stands for one that a client saves.
    static let copyLifetime: Int64 = 24 * 3600

    /// Makes a message ready to be relayed, and notes durably that it is about to be.
    ///
    /// Message-ID and Date are added when they lack (RFC 6409 §8). When the message belongs to a ticket, References
    /// begin with an identifier that only we can have written, so that the customer's reply finds the ticket; our own
    /// mail is marked. Nothing else is changed.
    ///
    /// - Throws: `.storage` when the store can't take the note: then nothing may be sent. Also whatever keeps the actions
    ///   from being decided when the scanner says `hold`; with `deliver` the mail flows on and they are tried later.
    /// - Parameter isQueued: the message goes into the outbox next (`enqueue`) and not to the upstream.
    package func prepare(
        _ passage: SubmissionPassage, isQueued: Bool = false
    ) async throws(EngineError) -> PreparedSubmission {
        guard let context = context(of: passage.account) else { throw .unavailable("the account is gone") }
        let now = moment
        let range = passage.message.structure.root.header
        guard range.count <= GatheredMessage.headerLimit else { throw .tooLarge(limit: GatheredMessage.headerLimit) }
        var header = try await passage.message.read(range)
        complete(&header, context, now)
        var gathered = try await submitted(passage, header, context, now)
        let flight = await flights.take(passage.account, gathered.identity)
        let (messageID, identity) = (gathered.facts.messageID ?? "", gathered.identity)
        recentlySent.withLock { $0.note(messageID, identity: identity, of: passage.account) }

        let noted = try await begin(gathered, context, now, isSending: !isQueued)
        let effects = noted.decision?.effects ?? []
        if !context.rules.actions.isEmpty { mark(&header, noted.decision?.ticket, &gathered, context) }
        let message = passage.message.replacingHeader(header)
        let isLarge = message.inline == nil
        var recorded: RecordableMessage?
        if !effects.isEmpty, !isQueued {
            do throws(EngineError) {
                recorded = try await reading(isLarge: isLarge) { () async throws(EngineError) in
                    try await RecordableMessage(message, store: store, isWaiting: true)
                }
            } catch {
                if context.rules.scanFailure == .hold {
                    _ = await note(
                        gathered, noted.journal, context, .refused, .pending, "it can't be recorded: \(error)")
                    throw error
                }
                log.error("a sent message can't be recorded", ["account": context.accountName, "reason": "\(error)"])
            }
        }
        var owed = recorded.flatMap { OwedCopy($0) }
        if owed == nil, !isQueued, noted.copy == .missing || noted.copy == .saving {
            do throws(EngineError) {
                owed = try await reading(isLarge: isLarge) { () async throws(EngineError) in
                    try await OwedCopy(message, store: store)
                }
            } catch {
                log.error("a Sent copy can't be kept", ["account": context.accountName, "reason": "\(error)"])
            }
        }
        return PreparedSubmission(
            account: passage.account, message: message, messageID: messageID, identity: identity,
            wasAccepted: noted.wasAccepted, copy: noted.copy, passage: passage, gathered: gathered,
            recorded: recorded, owed: owed, journal: noted.journal, flight: flight)
    }

    /// Notes what the upstream said; when it has accepted the message, carries the actions out.
    /// - Parameter alongside: what else belongs into the transaction that notes it.
    /// - Returns: whether it could be noted.
    @discardableResult
    package func commit(
        _ prepared: PreparedSubmission, _ outcome: RelayOutcome, alongside: @escaping Alongside = { _ in }
    ) async -> Bool {
        guard let context = context(of: prepared.account) else { return false }
        switch outcome {
        case .accepted: return await accept(prepared, context, alongside)
        case .refused(let reason):
            return await note(
                prepared.gathered, prepared.journal, context, .refused, .pending,
                "the upstream refused it: \(reason)", alongside: alongside)
        case .unknown(let reason):
            return await note(
                prepared.gathered, prepared.journal, context, .unknown, .unknown,
                "the upstream's answer is lost: \(reason)", alongside: alongside)
        }
    }

    /// What somebody else has to write in a transaction of the scanner.
    package typealias Alongside = @Sendable (StoreTransaction) throws(StoreError) -> Void

    /// Notes where Posthouse has saved the Sent copy.
    /// - Parameter place: nil when the upstream did not say where.
    package func noteCopy(_ prepared: PreparedSubmission, at place: JournalPlace?) async {
        await noteCopy(
            .savedByPosthouse, of: prepared.identity, in: prepared.account, at: place)
    }

    /// Notes who has saved the Sent copy, so that a client that saves its own is given the one of Posthouse.
    /// - Parameter place: nil when the upstream did not say where.
    func noteCopy(
        _ copy: SentMark.Copy, of identity: [UInt8], in account: AccountID, at place: JournalPlace?
    ) async {
        do {
            // Lost with a power cut, it would be looked for in the mailbox.
            try await store.transaction(surviving: .crash) { transaction throws(StoreError) in
                if let mark = try transaction.sentMark(account: account, identity: identity) {
                    try transaction.noteCopy(copy, of: mark)
                }
                guard let place, let row = try transaction.journalRow(account: account, identity: identity) else {
                    return
                }
                try transaction.add(place, to: row.id)
            }
        } catch {
            log.error("a Sent copy can't be noted", ["account": account, "reason": "\(error)"])
        }
    }

    /// The copy that somebody else than its sender has saved of a message.
    package enum SentPlace: Hashable, Sendable {
        case nowhere
        case here(SavedMessage)
        /// The upstream saves it by itself, and it has not been seen yet.
        case expected(identity: [UInt8], messageID: String)
    }

    /// The copy of this message that Posthouse itself, or the upstream, saved in the mailbox for the sender a short while
    /// ago. While one is being saved, or waited for, so is this.
    package func savedCopy(of message: MessageBody, in mailbox: MailboxName, of account: AccountID) async -> SentPlace {
        let oldest = moment.seconds - Self.copyLifetime
        do throws(EngineError) {
            let gathered = try await GatheredMessage(message)
            let messageID = gathered.facts.messageID ?? ""
            let identity =
                recentlySent.withLock { $0.identity(of: messageID, in: account) } ?? gathered.identity
            let flight = await flights.take(account, identity)
            defer { withExtendedLifetime(flight) {} }
            do throws(StoreError) {
                return try await store.read { reader throws(StoreError) in
                    guard let mark = try reader.sentMark(account: account, identity: identity),
                        mark.copy == .savedByPosthouse || mark.copy == .savedByUpstream, mark.moment.seconds >= oldest,
                        let row = try reader.journalRow(account: account, identity: identity)
                    else { return .nowhere }
                    if let place = row.places.last(where: { $0.mailbox == mailbox }) {
                        return .here(SavedMessage(uidValidity: place.uidValidity, uid: place.uid))
                    }
                    return mark.copy == .savedByUpstream
                        ? .expected(identity: identity, messageID: mark.messageID) : .nowhere
                }
            } catch { throw EngineError(error) }
        } catch {
            log.warning("a Sent copy can't be looked up", ["reason": "\(error)"])
            return .nowhere
        }
    }

    // MARK: Before the upstream

    /// Adds Message-ID and Date when they lack.
    private func complete(_ header: inout [UInt8], _ context: ScannerContext, _ now: Moment) {
        let fields = MessageHeader(header)
        var added = HeaderWriter()
        if fields.messageID == nil { added.append("Message-ID", messageIDs: [newMessageID(header, context)]) }
        if !fields.contains("Date") { added.append("Date", date: now) }
        guard !added.bytes.isEmpty else { return }
        var editor = HeaderEditor(header)
        if fields.messageID == nil { editor.remove("Message-ID") }
        editor.append(added)
        header = editor.bytes
    }

    /// Adds the ticket's keyed identifier to References, and the mark of our own mail.
    private func mark(
        _ header: inout [UInt8], _ ticket: Int64?, _ gathered: inout GatheredMessage, _ context: ScannerContext
    ) {
        let unique = String(gathered.identity.hexadecimal.prefix(20))
        var editor = HeaderEditor(header)
        var added = HeaderWriter()
        if let ticket {
            if context.rules.tagsSubjects { tag(&editor, &added, MessageHeader(header), ticket) }
            let keyed = tokens.messageID(ticket: ticket, message: unique, domain: context.domain)
            // First, for clients drop identifiers from the middle of a long thread (RFC 5322 §3.6.4 asks for all).
            let others = gathered.facts.references.filter { tokens.ticket(ofMessageID: $0) != ticket }
            let parents = others.isEmpty ? gathered.facts.inReplyTo : others
            editor.remove("References")
            added.append("References", messageIDs: [keyed] + parents)
            gathered.facts.references = [keyed] + parents
        }
        editor.remove(TokenKey.markField)
        added.append("X-Posthouse-Mark", raw: tokens.mark(unique: unique))
        editor.append(added)
        header = editor.bytes
    }

    /// Puts the ticket's token into the subject, unless it is there.
    private func tag(
        _ editor: inout HeaderEditor, _ added: inout HeaderWriter, _ header: MessageHeader, _ ticket: Int64
    ) {
        let isThere = tokens.subjectTokens(in: header.subject).contains { $0.ticket == ticket && $0.isGenuine }
        guard !isThere else { return }
        let token = tokens.subjectToken(ticket: ticket)
        if let value = header.first("Subject")?.rawValue {
            editor.setRawValue(SubjectTag.inserting(token, into: Array(value)), of: "Subject")
        } else {
            added.append("Subject", raw: token)
        }
    }

    /// A Message-ID nobody else has: a MAC over the header, the time and a running number.
    private func newMessageID(_ header: [UInt8], _ context: ScannerContext) -> String {
        let time = clock.now
        let number = submissionCount.wrappingAdd(1, ordering: .relaxed).newValue
        let seed = header + Array("\(time.seconds) \(time.nanoseconds) \(number)".utf8)
        return MessageIDWriter.text(
            unique: vault.mac("message id", seed).prefix(16).hexadecimal,
            domain: context.domain.isEmpty ? hostName : context.domain)
    }

    func submitted(
        _ passage: SubmissionPassage, _ header: [UInt8], _ context: ScannerContext, _ now: Moment
    ) async throws(EngineError) -> GatheredMessage {
        var gathered = try await GatheredMessage(passage.message.replacingHeader(header))
        gathered.facts.way = .sent
        gathered.facts.arrival = now.seconds
        gathered.facts.ours = context.ours
        gathered.facts.actor = passage.actor
        gathered.facts.envelopeRecipients = passage.recipients
        gathered.facts.returnPath = passage.sender.map { .address($0) } ?? .null
        return gathered
    }

    private struct Noted: Sendable {
        var journal: JournalID
        /// What would be done about the message as things stand; nil when the journal has settled it.
        var decision: Decision?
        var wasAccepted: Bool
        var copy: SentMark.Copy
    }

    /// One transaction before the first octet goes out: after a crash it shows that the message may have been sent. The
    /// disk is not waited for, since the client has been promised nothing yet.
    /// - Parameter isSending: whether the upstream hears of it next.
    private func begin(
        _ gathered: GatheredMessage, _ context: ScannerContext, _ now: Moment, isSending: Bool
    ) async throws(EngineError) -> Noted {
        let (account, identity) = (context.account, gathered.identity)
        let pending = gathered.entry(account, .pending, gathered.facts.direction.0, at: now)
        let judge = judge(gathered, context)
        do throws(StoreError) {
            return try await store.transaction(surviving: .crash) { transaction throws(StoreError) in
                let fresh = SentMark(
                    account: account, identity: identity, messageID: pending.messageID, relay: .sending, moment: now)
                let inserted = try transaction.insert(pending)
                var noted = Noted(journal: inserted.id, wasAccepted: false, copy: fresh.copy)
                let known = inserted.isNew ? nil : try transaction.journalRow(inserted.id)
                if known?.entry.isSettled != true { noted.decision = try judge.decide(transaction) }
                if isSending, try transaction.insert(fresh) { return noted }
                guard let known = try transaction.sentMark(account: account, identity: identity) else { return noted }
                noted.wasAccepted = known.relay == .accepted
                noted.copy = known.copy
                guard isSending else { return noted }
                var again = fresh
                again.copy = known.copy
                again.content = known.content
                try transaction.update(again)
                return noted
            }
        } catch { throw EngineError(error) }
    }

    // MARK: After the upstream

    private func accept(
        _ prepared: PreparedSubmission, _ context: ScannerContext, _ alongside: @escaping Alongside
    ) async -> Bool {
        let (account, identity) = (prepared.account, prepared.identity)
        do throws(EngineError) {
            let verdict = try await decide(
                prepared.gathered, prepared.message, prepared.recorded, context, place: nil
            ) {
                transaction throws(StoreError) in
                try transaction.note(.accepted, account, identity, prepared.owed)
                try alongside(transaction)
            }
            guard verdict.isNew else { return true }
            scannedCount.add()
            log.info(
                "sent",
                [
                    "account": context.accountName, "outcome": verdict.decision.outcome.rawValue,
                    "journal": verdict.journal, "ticket": verdict.effects.ticket.map(\.description) ?? "",
                ])
            return true
        } catch {
            // The upstream has it, so it counts as accepted even though its actions wait for a later sighting.
            log.error("a sent message's actions failed", ["account": context.accountName, "reason": "\(error)"])
            failedCount.add()
            return await note(
                prepared.gathered, prepared.journal, context, .accepted, .quarantined, "\(error)", prepared.owed,
                alongside: alongside)
        }
    }

    /// Notes what came of the relay, and of the actions when they are still to be done.
    private func note(
        _ gathered: GatheredMessage, _ journal: JournalID, _ context: ScannerContext, _ relay: SentMark.Relay,
        _ outcome: JournalEntry.Outcome, _ reason: String, _ owed: OwedCopy? = nil,
        alongside: @escaping Alongside = { _ in }
    ) async -> Bool {
        let (account, identity, now) = (context.account, gathered.identity, moment)
        let judge = judge(gathered, context)
        do {
            try await store.transaction { transaction throws(StoreError) in
                try transaction.note(relay, account, identity, owed)
                try alongside(transaction)
                guard var row = try transaction.journalRow(journal), !row.entry.isSettled else { return }
                row.entry.outcome = outcome
                row.entry.decision = try judge.decide(transaction).json
                row.entry.failure = reason
                row.entry.retryAt = outcome == .quarantined ? now.advanced(by: Self.wait(row.entry.attempts)) : nil
                row.entry.updated = now
                try transaction.update(journal, row.entry)
            }
            return true
        } catch {
            log.error("a relay's outcome can't be noted", ["journal": journal, "reason": "\(error)"])
            return false
        }
    }
}

extension StoreTransaction {
    fileprivate func note(
        _ relay: SentMark.Relay, _ account: AccountID, _ identity: [UInt8], _ owed: OwedCopy?
    ) throws(StoreError) {
        guard var mark = try sentMark(account: account, identity: identity) else { return }
        mark.relay = relay
        if let owed, mark.copy == .missing || mark.copy == .saving { try owed.note(in: &mark, self) }
        try update(mark)
    }
}

extension MessageBody {
    /// The same message with another header.
    func replacingHeader(_ header: [UInt8]) -> MessageBody {
        let old = structure.root.header.upperBound
        let read = source
        let inline = inline.map { header + $0[old...] }
        return MessageBody(structure: structure.replacingHeader(header), inline: inline) {
            (range) async throws(EngineError) in
            let front = range.clamped(to: 0..<header.count)
            guard range.upperBound > header.count else { return Array(header[front]) }
            let start = max(range.lowerBound, header.count)
            let offset = old - header.count
            return try await Array(header[front]) + read(start + offset..<range.upperBound + offset)
        }
    }
}
