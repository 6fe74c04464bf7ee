internal import Bytes
internal import MailTypes
package import SMTPSyntax
internal import TLS

/// The envelope: MAIL and RCPT.
extension SMTPClient {
    /// Begins a transaction: MAIL and as many RCPT as there are, in one packet where the server takes that.
    package func begin(
        _ mail: Mail, recipients: [EnvelopeRecipient]
    ) async throws(SMTPFailure) -> EnvelopeAnswer {
        if let refusal = unsupported(mail) { return answer(refusal, recipients.map { _ in refusal }) }
        enter(mail)
        try put(mailCommand(mail))
        let first = capabilities.pipelining ? recipients.prefix(Self.recipientBatch) : []
        let verdicts = try ask(first)
        try await flush()
        let reply = try await reply(within: endpoint.patience.command)
        let answers = try await answers(verdicts)
        guard reply.isPositive else { return answer(reply, recipients.map { _ in reply }) }
        return answer(reply, answers + (try await add(Array(recipients.dropFirst(first.count)))))
    }

    /// Adds recipients to the transaction, and returns the server's answer to each.
    package func add(_ recipients: [EnvelopeRecipient]) async throws(SMTPFailure) -> [SMTPReply] {
        var answers: [SMTPReply] = []
        let batch = capabilities.pipelining ? Self.recipientBatch : 1
        var rest = recipients[...]
        while !rest.isEmpty {
            let now = rest.prefix(batch)
            rest = rest.dropFirst(now.count)
            let verdicts = try ask(now)
            try await flush()
            answers += try await self.answers(verdicts)
        }
        return answers
    }

    private func answer(_ mail: SMTPReply, _ recipients: [SMTPReply]) -> EnvelopeAnswer {
        EnvelopeAnswer(mail: mail, recipients: recipients, passesNotification: capabilities.deliveryStatus)
    }

    /// Writes RCPT for those of whom the server can be asked. Returns what is to be said of each of the others, nil for
    /// those whose answer comes.
    private func ask(_ recipients: ArraySlice<EnvelopeRecipient>) throws(SMTPFailure) -> [SMTPReply?] {
        var verdicts: [SMTPReply?] = []
        for recipient in recipients {
            let refusal = unsupported(recipient)
            if refusal == nil {
                try put(recipientCommand(recipient))
                askedCount += 1
                if let domain = domain(of: recipient) { askedDomains.insert(domain) }
            }
            verdicts.append(refusal)
        }
        return verdicts
    }

    private func answers(_ verdicts: [SMTPReply?]) async throws(SMTPFailure) -> [SMTPReply] {
        var answers: [SMTPReply] = []
        for verdict in verdicts {
            if let verdict {
                answers.append(verdict)
            } else {
                answers.append(try await reply(within: endpoint.patience.command))
            }
        }
        return answers
    }

    /// What this server can't do for the message, as it would say it itself.
    private func unsupported(_ mail: Mail) -> SMTPReply? {
        if mail.smtpUTF8 || mail.sender.needsUTF8, !capabilities.smtpUTF8 {
            return SMTPReply(
                550, EnhancedStatus(5, 6, 7), "The mail server of this sender does not take internationalized addresses"
            )
        }
        if mail.isBinary, !capabilities.binaryMIME { return Self.noBinaryMIME }
        if let size = mail.size, let limit = capabilities.sizeLimit, size > limit {
            return SMTPReply(
                552, EnhancedStatus(5, 3, 4), "The mail server of this sender takes at most \(limit) octets")
        }
        if mail.requiresTLS, !connection.isEncrypted || !endpoint.server.isVerified || !capabilities.requireTLS {
            return .requireTLSUnsupported
        }
        if mail.withoutDSN == .refuse, mail.notification.asksForNotification, !capabilities.deliveryStatus {
            return Self.noNotifications
        }
        return nil
    }

    private func unsupported(_ recipient: EnvelopeRecipient) -> SMTPReply? {
        let asks = recipient.parameters.asksForNotification
        if asks, mail?.withoutDSN == .refuse, !capabilities.deliveryStatus { return Self.noNotifications }
        let limits = capabilities.limits
        if let limit = limits.recipients, askedCount >= limit {
            return SMTPReply(
                452, EnhancedStatus(4, 5, 3),
                "The mail server of this sender takes at most \(limit) recipients at a time")
        }
        if let limit = limits.recipientDomains, let domain = domain(of: recipient), !askedDomains.contains(domain),
            askedDomains.count >= limit
        {
            return SMTPReply(
                452, EnhancedStatus(4, 5, 3),
                "The mail server of this sender takes recipients of at most \(limit) domains at a time")
        }
        return nil
    }

    private func domain(of recipient: EnvelopeRecipient) -> String? {
        recipient.path.mailbox?.domain.lowercased()
    }

    /// What is said to a binary message for a server that takes none: it is never converted unasked (RFC 3030 §3).
    package static let noBinaryMIME = SMTPReply(
        555, EnhancedStatus(5, 6, 3), "The mail server of this sender does not take BINARYMIME")

    /// To whoever asks for what the server does not do, rather than that a report that is waited for never comes.
    private static let noNotifications = SMTPReply(
        555, EnhancedStatus(5, 5, 4),
        "The mail server of this sender makes no delivery reports: RET, ENVID, NOTIFY and ORCPT are not known here")

    private func mailCommand(_ mail: Mail) throws(SMTPFailure) -> [UInt8] {
        var line = Array("MAIL FROM:".utf8) + (try encode(mail.sender))
        if capabilities.takesSize, let size = mail.size { line.append(text: " SIZE=\(size)") }
        if mail.isBinary {
            line.append(text: " BODY=BINARYMIME")
        } else if capabilities.eightBitMIME {
            // A message within seven bits is no harm under it, and the sender's client may have been silent about it.
            line.append(text: " BODY=8BITMIME")
        }
        if mail.smtpUTF8 || mail.sender.needsUTF8 { line.append(text: " SMTPUTF8") }
        if mail.requiresTLS { line.append(text: " REQUIRETLS") }
        if capabilities.deliveryStatus { line += mail.notification.notificationText }
        return line
    }

    private func recipientCommand(_ recipient: EnvelopeRecipient) throws(SMTPFailure) -> [UInt8] {
        let line = Array("RCPT TO:".utf8) + (try encode(recipient.path))
        return capabilities.deliveryStatus ? line + recipient.parameters.notificationText : line
    }

    private func encode(_ path: SMTPPath) throws(SMTPFailure) -> [UInt8] {
        guard let octets = path.encoded else { throw fail(.local("an address can't be written as a path")) }
        return octets
    }
}

extension SMTPReply {
    /// RFC 8689 §6.2.
    package static let requireTLSUnsupported = SMTPReply(
        550, EnhancedStatus(5, 7, 30),
        "The mail server of this sender does not do REQUIRETLS, or not over TLS with a certificate that is verified")
}
