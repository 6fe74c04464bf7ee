internal import Loop
internal import MailTypes
internal import SMTPSyntax
internal import Store
internal import Upstream

/// Messages of accounts with a queue: taken here, and put before the upstream later.
extension Submission {
    /// Nobody can be asked yet, so every recipient that can be written is fine.
    func openQueue(_ recipients: [EnvelopeRecipient]) async -> Answer {
        // Where nobody knows, the server is asked when the message is sent, and the sender gets a report.
        if isBinary, let server = engine.directory.server(named: account.value.server)?.value,
            engine.upstreamOffers.offer(of: server)?.binaryMIME == false
        {
            return refused(SMTPClient.noBinaryMIME, recipients)
        }
        let size = parameters.size.map { Int(clamping: $0) } ?? 0
        let limit = engine.configuration.outboxLimit
        do throws(StoreError) {
            let account = account.id
            let load = try await engine.store.read { reader throws(StoreError) in try reader.outboxLoad(of: account) }
            guard load.count < limit.count, size <= limit.octets, load.octets <= limit.octets - size else {
                return refused(.queueFull, recipients)
            }
        } catch {
            log.error("the outbox can't be read", ["reason": "\(error)"])
            return refused(SMTPReply(unprepared: EngineError(error)), recipients)
        }
        return Answer(mail: .senderFine, recipients: take(recipients))
    }

    private func refused(_ reply: SMTPReply, _ recipients: [EnvelopeRecipient]) -> Answer {
        Answer(mail: reply, recipients: recipients.map { _ in reply })
    }

    /// Takes recipients.
    func take(_ recipients: [EnvelopeRecipient]) -> [SMTPReply] {
        let answers = recipients.map { _ in SMTPReply.recipientFine }
        note(recipients, answers)
        return answers
    }

    /// Queues the message for the recipients that were accepted. Positive only when it is durable.
    func enqueue(_ content: Spool, _ recipients: [EnvelopeRecipient]) async -> SMTPReply {
        do throws(SubmissionRefusal) {
            let message = try await checked(content)
            let prepared = try await prepare(message, recipients: recipients)
            let queued: OutboxID?
            do throws(EngineError) {
                queued = try await engine.scanner.enqueue(
                    prepared, trace: trace, parameters: parameters,
                    recipients: recipients.map(OutboxEntry.Recipient.init), until: release,
                    within: engine.configuration.outboxLimit)
            } catch {
                log.error("a message can't be queued", ["reason": "\(error)"])
                throw SubmissionRefusal(SMTPReply(unprepared: error))
            }
            guard let queued else { throw SubmissionRefusal(.queueFull) }
            log.info(
                "message queued",
                [
                    "queue": queued, "message": prepared.messageID, "recipients": recipients.count,
                    "size": prepared.message.size,
                ])
            engine.outbox.wake(account.id, engine)
            return .queued(queued)
        } catch {
            log.notice("message refused", ["reply": error.reply])
            return error.reply
        }
    }
}
