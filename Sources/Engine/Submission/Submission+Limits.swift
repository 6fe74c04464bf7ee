internal import Loop
internal import SMTPSyntax
internal import Store

/// What a user may send in an hour. Refused as early as it can be known, and decided when the message is there: only
/// what is on its way counts.
extension Submission {
    private var limits: SendingLedger.Limits { engine.sendingLimits(of: principal.userID) }

    /// Why no message may be begun now; nil when one may.
    var excess: SMTPReply? {
        engine.sendings.excess(principal.userID, limits, recipients: 0).map(SMTPReply.init)
    }

    /// Those of the recipients that may be asked for, and what is said of the others, who come behind them.
    func admitted(
        _ recipients: [EnvelopeRecipient]
    ) -> (asked: [EnvelopeRecipient], surplus: [SMTPReply]) {
        let accepted = state.withLock { $0.accepted.count }
        guard let room = engine.sendings.room(principal.userID, limits), accepted + recipients.count > room else {
            return (recipients, [])
        }
        let asked = Array(recipients.prefix(max(0, room - accepted)))
        let count = accepted + asked.count + 1
        let excess = engine.sendings.excess(principal.userID, limits, recipients: count)
        let reply = excess.map(SMTPReply.init) ?? .recipientsNotNow
        return (asked, recipients.dropFirst(asked.count).map { _ in reply })
    }

    /// Counts the message, and what `send` makes of it: one that is not taken counts no more.
    func counting(
        _ recipients: [EnvelopeRecipient], _ send: () async -> SMTPReply
    ) async -> SMTPReply {
        if let excess = engine.sendings.take(principal.userID, limits, recipients: recipients.count) {
            let reply = SMTPReply(excess)
            log.notice("message refused", ["reply": reply])
            await abandon()
            return reply
        }
        let reply = await send()
        if !reply.isPositive { engine.sendings.giveBack(principal.userID, recipients: recipients.count) }
        return reply
    }
}

extension Engine {
    /// What a user may send in an hour: her own limits, or the house's.
    func sendingLimits(of user: UserID) -> SendingLedger.Limits {
        let value = directory.user(user)?.value
        return SendingLedger.Limits(
            messages: value?.messagesPerHour ?? configuration.messagesPerHour,
            recipients: value?.recipientsPerHour ?? configuration.recipientsPerHour)
    }
}

extension SMTPReply {
    static let recipientsNotNow = SMTPReply(
        450, EnhancedStatus(4, 7, 1), "Too many recipients in an hour; try again later")

    /// A limit of an hour is reached (RFC 3463 §3.8: a rule of this house, which will not hold for ever).
    init(_ excess: SendingLedger.Excess) {
        switch excess {
        case .messages(let limit, let wait):
            self.init(
                450, EnhancedStatus(4, 7, 1),
                "You may send \(Self.text(limit, "message")) in an hour, and have; "
                    + "the next can be sent in \(Self.minutes(wait))")
        case .recipients(let limit, let wait):
            self.init(
                450, EnhancedStatus(4, 7, 1),
                "You may write to \(Self.text(limit, "recipient")) in an hour, and have; "
                    + "try again in \(Self.minutes(wait))")
        }
    }

    private static func minutes(_ seconds: Int64) -> String {
        text(Int(max(1, (seconds + 59) / 60)), "minute")
    }

    private static func text(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
