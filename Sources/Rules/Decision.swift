/// What is to be done about a message, and why. Kept in the journal, shown by explain and by the dry run.
package struct Decision: Hashable, Sendable, Codable {
    package enum Outcome: String, Hashable, Sendable, Codable {
        /// The actions were taken, as far as there was anything to do.
        case processed
        /// An exception names it.
        case excepted
        /// Automatic mail that is not accepted here.
        case automatic
        /// Our own mail has come back.
        case loop
        /// It came before the scanner's start.
        case beforeStart = "before-start"
        /// The scanner has no actions.
        case noActions = "no-actions"
    }

    package var outcome: Outcome
    package var direction: Direction
    /// What kind of automatic mail it is; nil when a person has written it.
    package var automatic: AutomaticKind?
    /// In the order in which they are carried out, within one transaction.
    package var effects: [Effect] = []
    /// In the order in which they were found.
    package var reasons: [Reason] = []

    package init(outcome: Outcome, direction: Direction) {
        self.outcome = outcome
        self.direction = direction
    }

    /// The ticket that the message belongs to; nil when it belongs to none, or makes a new one.
    package var ticket: Int64? {
        for case .attach(let change) in effects { return change.ticket }
        return nil
    }
}

/// One thing that is to be done.
package enum Effect: Hashable, Sendable, Codable {
    /// Record the message; when another account has recorded it, add this account's owner to that record.
    case createEmail
    /// Relate the recorded e-mail to these records.
    case bind([Binding])
    /// Attach the e-mail to a ticket and change the ticket.
    case attach(TicketChange)
    /// Make a ticket of the e-mail.
    case createTicket(NewTicket)
}

/// A record that an e-mail is related to, and what led to it.
package struct Binding: Hashable, Sendable, Codable {
    package var record: RecordReference
    package var field: ScannerRules.SearchField
    /// The address, domain, number or message identifier that matched.
    package var match: String

    package init(record: RecordReference, field: ScannerRules.SearchField, match: String) {
        self.record = record
        self.field = field
        self.match = match
    }
}

/// How an e-mail changes the ticket it is attached to; nil leaves a thing as it is.
package struct TicketChange: Hashable, Sendable, Codable {
    package enum Role: String, Hashable, Sendable, Codable {
        /// Somebody outside wrote.
        case message
        /// We answered.
        case answer
        /// We wrote among ourselves.
        case note
        /// Nobody wrote: a bounce, an out-of-office reply, other automatic mail.
        case automatic
    }

    package var ticket: Int64
    package var role: Role
    package var status: TicketStatus?
    package var needsReaction: Bool?
    /// The login name of who takes the ticket.
    package var assignee: String?
    /// Whether a closed ticket is opened again; counted for the limit an hour.
    package var isReopening = false

    package init(ticket: Int64, role: Role) {
        self.ticket = ticket
        self.role = role
    }
}

/// A ticket to be made.
package struct NewTicket: Hashable, Sendable, Codable {
    package var subject: String
    package var requester: Person?
    package var organization: RecordReference?
    package var contract: RecordReference?
    package var status: TicketStatus
    package var priority: String
    package var queue: String
    /// Login name.
    package var assignee: String?
    /// The ticket it is linked to: a closed one that it continues, or one that a stranger named.
    package var linkedTo: Int64?
    package var needsReaction = true

    package init(subject: String, status: TicketStatus, priority: String, queue: String) {
        self.subject = subject
        self.status = status
        self.priority = priority
        self.queue = queue
    }
}
