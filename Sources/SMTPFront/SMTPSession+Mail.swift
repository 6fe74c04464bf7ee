internal import Engine
internal import Loop
internal import SMTPSyntax
internal import TLS

/// MAIL and RCPT.
extension SMTPSession {
    func mail(_ sender: SMTPPath, _ parameters: MailParameters) async {
        await settle()
        let principal: Principal
        switch state {
        case .greeted: return fault(Replies.helloFirst)
        case .introduced, .authenticating:
            return fault(mayAuthenticate ? Replies.signInFirst : Replies.tlsFirst)
        case .authenticated(let signedIn): principal = signedIn
        }
        if let refused = transaction?.chunks, refused.refusal != nil { await abandon() }
        guard transaction == nil else { return fault(Replies.nestedMail) }
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
        guard transaction.chunks == nil else { return fault(Replies.messageBegun) }
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
}
