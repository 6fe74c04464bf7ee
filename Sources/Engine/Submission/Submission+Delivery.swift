internal import Loop
internal import MIME
internal import MailTypes
package import SMTPSyntax
internal import Store

/// The message itself: checked, made ready, scanned, relayed, and its copy saved.
extension Submission {
    /// Sends the message to the recipients that were accepted. Positive only when the upstream has said so.
    package func deliver(_ content: Spool) async -> SMTPReply {
        let accepted = state.withLock { $0.accepted }
        return await counting(accepted) { await hand(content) }
    }

    private func hand(_ content: Spool) async -> SMTPReply {
        let taken = state.withLock { state in
            defer { state = State() }
            return state
        }
        if isQueued { return await enqueue(content, taken.accepted) }
        guard let id = taken.transaction else { return .connectionLost }
        let prepared: PreparedSubmission
        let wire: MessageBody
        do throws(SubmissionRefusal) {
            let message = try await checked(content)
            prepared = try await prepare(message, recipients: taken.accepted)
            wire = try await onTheWire(prepared.message)
        } catch {
            log.notice("message refused", ["reply": error.reply])
            await relay.abandon(id)
            return error.reply
        }
        let result = await relay.send(id, size: wire.size) { (range) async throws(EngineError) in
            try await wire.read(range)
        }
        return await conclude(prepared, result, recipientCount: taken.accepted.count)
    }

    var log: Log { engine.log.with(["account": account.name, "user": principal.userName]) }

    // MARK: Before

    /// The message with its parts found and its author checked.
    func checked(_ content: Spool) async throws(SubmissionRefusal) -> MessageBody {
        let message: MessageBody
        let header: [UInt8]
        do throws(EngineError) {
            message = try await engine.scanner.reading(isLarge: content.count > Spool.memoryLimit) {
                () async throws(EngineError) in try await content.message()
            }
            let range = message.structure.root.header
            guard range.count <= GatheredMessage.headerLimit else {
                throw .tooLarge(limit: GatheredMessage.headerLimit)
            }
            header = try await message.read(range)
        } catch {
            throw SubmissionRefusal(SMTPReply(unprepared: error))
        }
        let fields = MessageHeader(header)
        guard fields.all("Received").count <= Trace.hopLimit else { throw SubmissionRefusal(.tooManyHops) }
        guard fields.contains("From") else { return try withAuthor(message, header) }
        try Authorship(account: account.value, userAddresses: userAddresses).check(fields)
        return message
    }

    private var userAddresses: [EmailAddress] { engine.directory.user(principal.userID)?.addresses ?? [] }

    /// A message that names no author is by its envelope's sender (RFC 6409 §8 lets us repair it).
    private func withAuthor(_ message: MessageBody, _ header: [UInt8]) throws(SubmissionRefusal) -> MessageBody {
        guard let address = sender.mailbox else { throw SubmissionRefusal(.noAuthor) }
        var field = HeaderWriter()
        field.append("From", addresses: [NamedAddress(name: "", address: address)])
        var editor = HeaderEditor(header)
        editor.append(field)
        return message.replacingHeader(editor.bytes)
    }

    func prepare(
        _ message: MessageBody, recipients: [EnvelopeRecipient]
    ) async throws(SubmissionRefusal) -> PreparedSubmission {
        do throws(EngineError) {
            return try await engine.scanner.prepare(
                SubmissionPassage(
                    account: account.id, actor: principal.userName, sender: sender.mailbox,
                    recipients: recipients.compactMap(\.path.mailbox), message: message), isQueued: isQueued)
        } catch {
            throw SubmissionRefusal(SMTPReply(unprepared: error))
        }
    }

    /// The message as the upstream gets it.
    private func onTheWire(_ message: MessageBody) async throws(SubmissionRefusal) -> MessageBody {
        do throws(EngineError) {
            return try await message.onTheWire(of: account.value, trace: trace)
        } catch {
            throw SubmissionRefusal(SMTPReply(unprepared: error))
        }
    }

    /// The Received field; empty for none.
    var trace: [UInt8] { Trace(origin, by: engine.configuration, at: engine.clock).field?.bytes ?? [] }

    // MARK: After

    private func conclude(
        _ prepared: PreparedSubmission, _ result: Relay.Result, recipientCount: Int
    ) async -> SMTPReply {
        switch result {
        case .answered(let reply) where reply.isPositive:
            await engine.scanner.commit(prepared, .accepted)
            log.info(
                "message relayed",
                [
                    "message": prepared.messageID, "recipients": recipientCount, "size": prepared.message.size,
                    "reply": reply,
                ])
            SentCopy.begin(prepared, engine)
            return reply
        case .answered(let reply):
            await engine.scanner.commit(prepared, .refused(reply.description))
            log.notice("message refused upstream", ["message": prepared.messageID, "reply": reply])
            return reply
        case .failed(let reason):
            await engine.scanner.commit(prepared, .refused(reason))
            log.warning("message not relayed", ["message": prepared.messageID, "reason": reason])
            return .notRelayed
        case .unknown(let reason):
            await engine.scanner.commit(prepared, .unknown(reason))
            log.error("message relayed without an answer", ["message": prepared.messageID, "reason": reason])
            return .answerLost
        }
    }
}

extension MessageBody {
    /// The message as the upstream gets it: with our trace, with the sender that the account shows, without Bcc.
    func onTheWire(of account: AccountRecord, trace: [UInt8]) async throws(EngineError) -> MessageBody {
        let header = try await read(structure.root.header)
        var editor = HeaderEditor(header)
        editor.remove("Bcc")
        if let shown = Authorship(account: account, userAddresses: []).shown(MessageHeader(header)) {
            editor.remove("From")
            var field = HeaderWriter()
            field.append("From", addresses: [shown])
            editor.append(field)
        }
        return replacingHeader(trace + editor.bytes)
    }
}
