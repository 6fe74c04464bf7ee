package import Loop
internal import MailTypes
package import SMTPSyntax
internal import Store
internal import Upstream

/// Where a message to be sent comes from, for its trace field.
package struct SubmissionOrigin: Sendable {
    package var peer: SocketAddress
    /// What the client called itself in EHLO or HELO.
    package var clientName: String
    package var isEncrypted: Bool
    /// Whether the transaction uses SMTPUTF8.
    package var usesSMTPUTF8: Bool

    package init(peer: SocketAddress, clientName: String, isEncrypted: Bool, usesSMTPUTF8: Bool) {
        self.peer = peer
        self.clientName = clientName
        self.isEncrypted = isEncrypted
        self.usesSMTPUTF8 = usesSMTPUTF8
    }
}

/// Why a transaction does not begin, as it is to be said to the client.
package struct SubmissionRefusal: Error, Hashable, Sendable {
    package let reply: SMTPReply
    package init(_ reply: SMTPReply) { self.reply = reply }
}

/// One message on its way through: the client's transaction and the upstream's side by side, so that each RCPT gets the
/// upstream's own answer, and the end of data is answered when the upstream has answered it. Where the account has a
/// queue, the upstream's answers come later, and the end of data is answered when the message is durably queued.
///
/// Used by one session, one call at a time: `open`, `add` as often as wanted, then `deliver` or `abandon`.
package final class Submission: Sendable {
    /// What the upstream said to MAIL and to each RCPT.
    package struct Answer: Sendable {
        package var mail: SMTPReply
        package var recipients: [SMTPReply]
    }

    let engine: Engine
    let relay: Relay
    let account: Stored<AccountRecord>
    let sender: SMTPPath
    let parameters: MailParameters
    let principal: Principal
    let origin: SubmissionOrigin
    /// When the message may leave the queue; nil for at once.
    let release: Moment?

    struct State {
        var transaction: Relay.TransactionID?
        var accepted: [EnvelopeRecipient] = []
    }
    let state = Locked(State())

    init(
        _ engine: Engine, relay: Relay, account: Stored<AccountRecord>, sender: SMTPPath, parameters: MailParameters,
        principal: Principal, origin: SubmissionOrigin, release: Moment?
    ) {
        self.engine = engine
        self.relay = relay
        self.account = account
        self.sender = sender
        self.parameters = parameters
        self.principal = principal
        self.origin = origin
        self.release = release
    }

    /// Whether the message goes into the account's outbox, and upstream from there.
    var isQueued: Bool { account.value.outbox == .queue }

    /// Whether the body may hold any octets (RFC 3030 §3).
    var isBinary: Bool { parameters.body == .binaryMIME }

    /// Begins upstream, with as many recipients as the client has named by now.
    package func open(_ recipients: [EnvelopeRecipient]) async -> Answer {
        if let excess { return Answer(mail: excess, recipients: recipients.map { _ in excess }) }
        let (asked, surplus) = admitted(recipients)
        var answer = await begin(asked)
        answer.recipients += surplus
        return answer
    }

    private func begin(_ recipients: [EnvelopeRecipient]) async -> Answer {
        if isQueued { return await openQueue(recipients) }
        let mail = SMTPClient.Mail(
            sender: sender, size: parameters.size, smtpUTF8: parameters.smtpUTF8, isBinary: isBinary,
            returns: parameters.returns, envelopeID: parameters.envelopeID, requiresTLS: parameters.requiresTLS)
        let (id, answer) = await relay.open(mail, recipients)
        state.withLock { $0.transaction = id }
        note(recipients, answer.recipients)
        return Answer(mail: answer.mail, recipients: answer.recipients)
    }

    /// Adds recipients.
    package func add(_ recipients: [EnvelopeRecipient]) async -> [SMTPReply] {
        let (asked, surplus) = admitted(recipients)
        return await ask(asked) + surplus
    }

    private func ask(_ recipients: [EnvelopeRecipient]) async -> [SMTPReply] {
        if isQueued { return take(recipients) }
        guard let id = state.withLock({ $0.transaction }) else { return recipients.map { _ in .connectionLost } }
        let answers = await relay.add(id, recipients)
        note(recipients, answers)
        return answers
    }

    func note(_ recipients: [EnvelopeRecipient], _ answers: [SMTPReply]) {
        let accepted = zip(recipients, answers).filter { $0.1.isPositive }.map(\.0)
        state.withLock { $0.accepted += accepted }
    }

    /// Gives the message up.
    package func abandon() async {
        let id = state.withLock { state in
            defer { state.transaction = nil }
            return state.transaction
        }
        if let id { await relay.abandon(id) }
    }
}
