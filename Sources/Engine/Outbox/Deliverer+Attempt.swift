internal import Loop
internal import MailTypes
internal import SMTPSyntax
internal import Store
internal import Upstream

/// Putting a queued message before the upstream.
extension Deliverer {
    /// One attempt for those who wait. Before the first octet of the message goes out it is durable that it does; what
    /// is found in that state at a start is not sent again.
    func attempt(_ row: OutboxRow, _ record: AccountRecord) async {
        let entry = row.entry
        let message: MessageBody
        let wire: MessageBody
        do {
            message = try await MessageBody(stored: entry.content, in: engine.store)
            wire = try await message.onTheWire(of: record, trace: entry.trace)
        } catch {
            return await postpone(row, "the message can't be read: \(error)")
        }
        let relay = engine.relays.relay(of: account, named: record.name)
        let mail = SMTPClient.Mail(
            sender: entry.senderPath, size: UInt64(wire.size), smtpUTF8: entry.usesSMTPUTF8,
            isBinary: entry.isBinary, returns: entry.returns, envelopeID: entry.envelopeID, withoutDSN: .leaveOut,
            requiresTLS: entry.requiresTLS)
        let places = entry.placesToAsk
        do throws(SMTPFailure) {
            let (id, answer) = try await relay.tryOpen(mail, entry.envelope(places))
            await notePresence()
            let begun = await begin(row, answer, for: places, message)
            guard let id else { return }
            guard let begun else { return await relay.abandon(id) }
            let result = await relay.send(id, size: wire.size) { (range) async throws(EngineError) in
                try await wire.read(range)
            }
            await conclude(begun, result, message)
        } catch {
            await noteAbsence(row, error)
        }
    }

    private func postpone(_ row: OutboxRow, _ reason: String) async {
        log.error("a queued message can't be sent", ["queue": row.id, "reason": reason])
        let now = now
        await change(row.id, from: .waiting) { _, entry in
            for place in entry.places(.waiting) { entry.recipients[place].answer = reason }
            entry.settle(at: now)
        }
    }

    /// Notes what the upstream says to the envelope; when nobody is accepted, that is the end of the attempt.
    /// - Returns: the message as it stands then; nil when it is not to be sent now.
    private func begin(
        _ row: OutboxRow, _ answer: SMTPClient.EnvelopeAnswer, for places: [Int], _ message: MessageBody
    ) async -> OutboxRow? {
        var asked = row
        let (answers, isPassedOn) = (answer.recipients, answer.passesNotification)
        asked.entry.note(answers, for: places, isPassedOn: isPassedOn)
        guard asked.entry.places(.sending).isEmpty else {
            return await change(row.id, from: .waiting) { _, entry in
                entry.note(answers, for: places, isPassedOn: isPassedOn)
                entry.state = .sending
            }
        }
        if let last = answers.last { tell(asked, .answered(last)) }
        asked.entry.settle(at: now)
        await commit(asked, from: row.entry, message)
        return nil
    }

    /// Notes what came of the message.
    private func conclude(_ begun: OutboxRow, _ result: Relay.Result, _ message: MessageBody) async {
        var row = begun
        row.entry.conclude(result)
        row.entry.settle(at: now, hasProgressed: result.isPositive)
        tell(row, result)
        await commit(row, from: begun.entry, message)
    }

    /// Writes what a message has come to, and goes on until it is written: together with journal and mark when the
    /// first has got it, or nobody will.
    func commit(_ row: OutboxRow, from old: OutboxEntry, _ message: MessageBody?) async {
        let write: PassageScanner.Alongside = { transaction throws(StoreError) in
            guard let current = try transaction.outboxRow(row.id), current.entry.state == old.state else { return }
            try transaction.replace(row)
        }
        repeat {
            if let outcome = row.entry.outcome(after: old), let message, engine.scanner.context(of: account) != nil {
                if await settle(row.entry, outcome, message, write) { return }
            } else {
                do { return try await engine.store.transaction(write) } catch {
                    log.error("what came of a queued message can't be noted", ["queue": row.id, "reason": "\(error)"])
                }
            }
        } while await loop.sleep(until: loop.now + Self.storeRetry)
    }

    /// Journals what came of a message; once the upstream has it, runs its actions and saves its copy.
    /// - Returns: whether it could be written.
    private func settle(
        _ entry: OutboxEntry, _ outcome: RelayOutcome, _ message: MessageBody,
        _ write: @escaping PassageScanner.Alongside
    ) async -> Bool {
        do throws(EngineError) {
            let prepared = try await engine.scanner.revive(entry, message)
            guard await engine.scanner.commit(prepared, outcome, alongside: write) else { return false }
            if outcome == .accepted { SentCopy.begin(prepared, engine) }
            return true
        } catch {
            log.error("what came of a queued message can't be journalled", ["reason": "\(error)"])
            return false
        }
    }

    private func tell(_ row: OutboxRow, _ result: Relay.Result) {
        let entry = row.entry
        switch result {
        case .answered(let reply) where reply.isPositive:
            log.info(
                "queued message relayed",
                [
                    "queue": row.id, "message": entry.messageID, "recipients": entry.places(.delivered).count,
                    "waiting": entry.places(.waiting).count, "size": entry.size, "reply": reply,
                ])
        case .answered(let reply):
            log.notice("queued message not accepted", ["queue": row.id, "message": entry.messageID, "reply": reply])
        case .failed(let reason):
            log.notice("queued message not relayed", ["queue": row.id, "message": entry.messageID, "reason": reason])
        case .unknown(let reason):
            log.error(
                "queued message relayed without an answer",
                ["queue": row.id, "message": entry.messageID, "reason": reason])
        }
    }
}

extension Relay.Result {
    /// Whether the upstream has taken the message.
    var isPositive: Bool {
        if case .answered(let reply) = self { reply.isPositive } else { false }
    }
}
