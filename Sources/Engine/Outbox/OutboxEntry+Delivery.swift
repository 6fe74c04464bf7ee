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

    /// Whether somebody has got it.
    var isDelivered: Bool { recipients.contains { $0.state == .delivered } }

    /// The envelope's recipients at these places.
    func paths(_ places: [Int]) -> [SMTPPath] {
        places.map { place in recipients[place].address.map { .mailbox($0) } ?? .postmaster }
    }

    /// The sender as the envelope says it.
    var senderPath: SMTPPath { sender.map { .mailbox($0) } ?? .null }

    /// Notes the upstream's answer to MAIL or RCPT for those at these places: who is accepted is on her way, who is
    /// refused for now waits.
    mutating func note(_ answers: [SMTPReply], for places: [Int]) {
        for (place, answer) in zip(places, answers) {
            recipients[place].answer = Self.text(answer)
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
            let isSplit = hasProgressed && waiting.allSatisfy { recipients[$0].answer?.hasPrefix("452 ") == true }
            nextAttempt = isSplit ? now : now.advanced(by: Self.wait(after: attempts))
        }
        oweReport(at: now)
    }

    /// Owes the sender a report of those who did not get it and of whom she has not been told. Nobody reports to the
    /// null return path (RFC 5321 §6.1).
    mutating func oweReport(at now: Moment) {
        let untold = recipients.indices.filter { recipients[$0].isLost && !recipients[$0].isReported }
        if sender == nil { for place in untold { recipients[place].isReported = true } }
        if sender != nil, !untold.isEmpty, reportAt == nil { reportAt = now }
    }

    /// What an attempt has decided about the message as a whole; nil when it was decided before or is not yet.
    func outcome(after old: OutboxEntry) -> RelayOutcome? {
        if isDelivered { return old.isDelivered ? nil : .accepted }
        guard state == .finished else { return nil }
        let reason = lastError ?? ""
        return places(.unknown).isEmpty ? .refused(reason) : .unknown(reason)
    }

    /// Whether the row is of use to somebody: a message that everybody got is not.
    var isKept: Bool { state != .finished || recipients.contains(where: \.isLost) }

    private static func text(_ reply: SMTPReply) -> String { String(reply.description.prefix(answerLimit)) }
}

extension OutboxEntry.Recipient {
    /// Whether she did not get it, as far as anybody knows, and it is not tried again.
    var isLost: Bool { state == .failed || state == .unknown }
}
