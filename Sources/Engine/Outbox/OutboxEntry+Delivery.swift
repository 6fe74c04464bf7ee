internal import Loop
internal import MailTypes
internal import SMTPSyntax
internal import Store

/// What an upstream's answers make of a queued message. No clock and no I/O.
extension OutboxEntry {
    /// The first wait before a message is tried again; it doubles with each attempt.
    static let firstWait = Duration.seconds(60)
    static let longestWait = Duration.seconds(3600)
    /// Characters of an answer that are kept.
    static let answerLimit = 1000

    /// The wait after so many attempts.
    static func wait(after attempts: Int) -> Duration {
        min(firstWait * (1 << min(max(attempts - 1, 0), 10)), longestWait)
    }

    /// The recipients that are in a state, by their place.
    func places(_ state: Recipient.State) -> [Int] { recipients.indices.filter { recipients[$0].state == state } }

    /// Those who wait, by their place, in the order in which the upstream is asked about them: first who was too much
    /// for it the last time, so that nobody waits behind others whom it puts off again and again.
    var placesToAsk: [Int] {
        let waiting = places(.waiting)
        return waiting.filter { recipients[$0].isSurplus } + waiting.filter { !recipients[$0].isSurplus }
    }

    /// Whether somebody has got it.
    var isDelivered: Bool { recipients.contains { $0.state == .delivered } }

    /// The envelope's recipients at these places.
    func envelope(_ places: [Int]) -> [EnvelopeRecipient] { places.map { recipients[$0].envelope } }

    /// The sender as the envelope says it.
    var senderPath: SMTPPath { sender.map { .mailbox($0) } ?? .null }

    /// Notes the upstream's answer to MAIL or RCPT for those at these places: who is accepted is on her way, who is
    /// refused for now waits.
    /// - Parameter isPassedOn: whether the upstream was asked for the reports that the sender wants.
    mutating func note(_ answers: [SMTPReply], for places: [Int], isPassedOn: Bool) {
        for (place, answer) in zip(places, answers) {
            recipients[place].answer = Self.text(answer)
            recipients[place].isPassedOn = isPassedOn
            recipients[place].state =
                if answer.isPositive { .sending } else if answer.isPermanent { .failed } else { .waiting }
        }
    }

    /// Notes what came of the message for those whom the upstream had accepted.
    mutating func conclude(_ result: Relay.Result) {
        let (state, answer): (Recipient.State, String) =
            switch result {
            case .answered(let reply):
                (reply.isPositive ? .delivered : reply.isPermanent ? .failed : .waiting, Self.text(reply))
            case .failed(let reason): (.waiting, reason)
            case .unknown(let reason): (.unknown, reason)
            }
        for place in places(.sending) {
            recipients[place].state = state
            recipients[place].answer = String(answer.prefix(Self.answerLimit))
        }
    }

    /// Gives up those who still wait.
    mutating func giveUp() {
        for place in places(.waiting) { recipients[place].state = .failed }
    }

    /// After an attempt: waits for the next one, or is finished.
    /// - Parameter hasProgressed: whether somebody got it by this attempt.
    mutating func settle(at now: Moment, hasProgressed: Bool = false) {
        let waiting = places(.waiting)
        attempts += 1
        lastError = recipients.last { $0.state != .delivered }?.answer ?? lastError
        if waiting.isEmpty {
            state = .finished
            nextAttempt = Moment(seconds: now.seconds + Self.keptTime)
            warnAt = nil
        } else {
            state = .waiting
            // A server that takes so many recipients at a time takes the others at once (RFC 5321 §4.5.3.1.10).
            let isSplit = hasProgressed && waiting.allSatisfy { recipients[$0].isSurplus }
            nextAttempt = isSplit ? now : now.advanced(by: Self.wait(after: attempts))
        }
        oweReport(at: now)
    }

    /// Those of whom the sender is to be told in a report of this kind, and has not been told, by their place. Nobody
    /// reports to the null return path (RFC 5321 §6.1).
    func untold(_ kind: DeliveryReport.Kind) -> [Int] {
        guard sender != nil else { return [] }
        return recipients.indices.filter { !recipients[$0].isReported && recipients[$0].isFor(kind) }
    }

    /// Owes the sender a report of those of whom she has not been told.
    mutating func oweReport(at now: Moment) {
        let isOwed = !untold(.failure).isEmpty || !untold(.relayed).isEmpty
        if isOwed, reportAt == nil { reportAt = now }
    }

    /// What an attempt has decided about the message as a whole; nil when it was decided before or is not yet.
    func outcome(after old: OutboxEntry) -> RelayOutcome? {
        if isDelivered { return old.isDelivered ? nil : .accepted }
        guard state == .finished else { return nil }
        let reason = lastError ?? ""
        return places(.unknown).isEmpty ? .refused(reason) : .unknown(reason)
    }

    /// Whether the row is of use to somebody: a message that everybody got is not, once the sender has been told.
    var isKept: Bool { state != .finished || reportAt != nil || recipients.contains(where: \.isLost) }

    private static func text(_ reply: SMTPReply) -> String { String(reply.description.prefix(answerLimit)) }
}

extension OutboxEntry.Recipient {
    /// Whether she did not get it, as far as anybody knows, and it is not tried again.
    var isLost: Bool { state == .failed || state == .unknown }

    /// Whether the upstream took no more recipients at a time (RFC 5321 §4.5.3.1.10).
    var isSurplus: Bool { state == .waiting && answer?.hasPrefix("452 ") == true }

    /// As RCPT names her, with what the sender wants to hear.
    var envelope: EnvelopeRecipient {
        var parameters = RecipientParameters()
        (parameters.notify, parameters.original) = (notify, original)
        return EnvelopeRecipient(address.map { .mailbox($0) } ?? .postmaster, parameters)
    }

    init(_ recipient: EnvelopeRecipient) {
        self.init(recipient.path.mailbox)
        (notify, original) = (recipient.parameters.notify, recipient.parameters.original)
    }

    /// Whether a report of this kind is about her, as things stand and as the sender wants it (RFC 3461 §4.1): of
    /// failures and delays when she said nothing, of a relay only when she asked and the upstream can't tell her more.
    func isFor(_ kind: DeliveryReport.Kind) -> Bool {
        switch kind {
        case .failure: isLost && notify?.contains(.failure) != false
        case .delay: state == .waiting && notify?.contains(.delay) != false
        case .relayed: state == .delivered && notify?.contains(.success) == true && !isPassedOn
        }
    }
}
