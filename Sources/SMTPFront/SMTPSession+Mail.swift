internal import Bytes
internal import Engine
internal import Loop
internal import SMTPSyntax
internal import TLS

/// MAIL, RCPT and DATA.
extension SMTPSession {
    /// Octets that a refused message may have beyond its limit before its end is no longer waited for.
    static let drainAllowance: UInt64 = 64 << 20

    // MARK: Envelope

    func mail(_ sender: SMTPPath, _ parameters: MailParameters) async {
        await settle()
        let principal: Principal
        switch state {
        case .greeted: return fault(Replies.helloFirst)
        case .introduced, .authenticating:
            return fault(mayAuthenticate ? Replies.signInFirst : Replies.tlsFirst)
        case .authenticated(let signedIn): principal = signedIn
        }
        guard transaction == nil else { return fault(Replies.nestedMail) }
        guard parameters.body != .binaryMIME else { return fault(Replies.unknownParameter) }
        if let size = parameters.size, size > limits.messageSize { return say(Replies.tooLarge(limits.messageSize)) }
        let origin = SubmissionOrigin(
            peer: connection.peer, clientName: clientName, isEncrypted: connection.isEncrypted,
            usesSMTPUTF8: parameters.smtpUTF8)
        do throws(SubmissionRefusal) {
            let submission = try engine.beginSubmission(
                from: sender, parameters: parameters, by: principal, origin: origin)
            transaction = SMTPTransaction(sender: sender, parameters: parameters, submission: submission)
        } catch {
            say(error.reply)
        }
    }

    func rcpt(_ recipient: EnvelopeRecipient) async {
        guard let transaction else { return fault(Replies.mailFirst) }
        if let refusal = refusal(of: recipient, transaction) {
            await settle()
            // MAIL may have been refused meanwhile.
            return say(self.transaction == nil ? Replies.mailFirst : refusal)
        }
        transaction.pending.append(recipient)
    }

    private func refusal(of recipient: EnvelopeRecipient, _ transaction: SMTPTransaction) -> SMTPReply? {
        if recipient.needsUTF8, !transaction.parameters.smtpUTF8 { return Replies.recipientNeedsUTF8 }
        let count = transaction.acceptedCount + transaction.pending.count
        return count >= limits.recipients ? Replies.tooManyRecipients : nil
    }

    /// Puts what waits of MAIL and RCPT before the upstream, and answers each with its answer.
    func settle() async {
        guard let transaction, !transaction.isAnswered || !transaction.pending.isEmpty else { return }
        let recipients = transaction.pending
        transaction.pending = []
        if transaction.isAnswered {
            for reply in await transaction.submission.add(recipients) { note(reply, transaction) }
            return
        }
        transaction.isAnswered = true
        let answer = await transaction.submission.open(recipients)
        say(answer.mail)
        guard answer.mail.isPositive else {
            for _ in recipients { say(Replies.mailFirst) }
            return await abandon()
        }
        for reply in answer.recipients { note(reply, transaction) }
    }

    private func note(_ reply: SMTPReply, _ transaction: SMTPTransaction) {
        if reply.isPositive { transaction.acceptedCount += 1 }
        say(reply)
    }

    /// Gives up the message that was begun, if one was.
    func abandon() async {
        await transaction?.abandon()
        transaction = nil
    }

    // MARK: Message

    func data() async throws(ConnectionError) {
        guard let transaction else { return fault(Replies.mailFirst) }
        guard transaction.acceptedCount > 0 else { return fault(Replies.noRecipients) }
        say(Replies.startMail)
        try await connection.flush(until: loop.now + limits.outputTime)
        let spool = engine.makeSpool()
        guard let refusal = try await receive(into: spool) else {
            let reply = await transaction.submission.deliver(spool)
            say(reply)
            self.transaction = nil
            return
        }
        guard !isEnding else { return }
        await abandon()
        say(refusal)
    }

    /// Takes the message up to its end. Returns why it is not to be sent, or nil when it is; with an end to the whole
    /// session when it does not end.
    private func receive(into spool: Spool) async throws(ConnectionError) -> SMTPReply? {
        var stream = DotStream(sizeLimit: limits.messageSize)
        var isStored = true
        var isLast = false
        defer { if isLast { connection.signal.raise(.shutdown) } }
        while true {
            var octets: [UInt8] = []
            let isComplete = stream.decode(&connection.input, into: &octets)
            if isStored, !octets.isEmpty { isStored = await store(octets, in: spool) }
            if isComplete { break }
            guard stream.consumed <= limits.messageSize + Self.drainAllowance else {
                end(Replies.endlessData)
                return Replies.endlessData
            }
            do throws(ConnectionError) {
                try await connection.receiveMore(until: loop.now + limits.dataTime)
            } catch {
                if error == .stopping, !isLast {
                    // What a client is in the middle of may come to its end; the session ends after the answer.
                    isLast = true
                    _ = connection.signal.take(.shutdown)
                    continue
                }
                guard error == .deadline || error == .stopping else { throw error }
                let reply = error == .deadline ? Replies.silence : Replies.shuttingDown
                end(reply)
                return reply
            }
        }
        switch stream.verdict {
        case .acceptable: return isStored ? nil : Replies.noRoom
        case .tooLarge: return Replies.tooLarge(limits.messageSize)
        case .bareCarriageReturn, .bareLineFeed: return Replies.bareLineEnd
        case .nul: return Replies.nulOctet
        }
    }

    private func store(_ octets: [UInt8], in spool: Spool) async -> Bool {
        do throws(EngineError) {
            try await spool.append(octets)
            return true
        } catch {
            log.error("a message could not be spooled", ["reason": "\(error)"])
            return false
        }
    }
}
