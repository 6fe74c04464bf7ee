package import MailTypes
package import Rules

/// A customer's matter, from the first message to the last.
package struct Ticket: Hashable, Sendable {
    package var subject: String
    package var requester: EmailAddress?
    package var requesterName: String
    /// The record of the requester's organization.
    package var organization: RecordID?
    /// The name of a user.
    package var assignee: String?
    package var status: TicketStatus
    package var priority: String
    package var queue: String
    /// Whether the customer waits for us.
    package var needsReaction: Bool
    /// The ticket it continues, when it was linked at its creation.
    package var linkedTo: TicketNumber?
    package var created: Moment
    /// Of the last change, e-mails included.
    package var updated: Moment
    /// When the status became what it is.
    package var statusSince: Moment
    package var closed: Moment?

    package init(
        subject: String, requester: EmailAddress? = nil, requesterName: String = "", organization: RecordID? = nil,
        assignee: String? = nil, status: TicketStatus, priority: String = "normal", queue: String = "",
        needsReaction: Bool = true, linkedTo: TicketNumber? = nil, created: Moment
    ) {
        self.subject = subject
        self.requester = requester
        self.requesterName = requesterName
        self.organization = organization
        self.assignee = assignee
        self.status = status
        self.priority = priority
        self.queue = queue
        self.needsReaction = needsReaction
        self.linkedTo = linkedTo
        self.created = created
        updated = created
        statusSince = created
        closed = nil
    }
}

/// A ticket with its number.
package struct NumberedTicket: Hashable, Sendable {
    package let number: TicketNumber
    package var ticket: Ticket
    package init(number: TicketNumber, ticket: Ticket) {
        self.number = number
        self.ticket = ticket
    }
}

/// Which tickets to list, newest change first; every condition that is set holds.
package struct TicketFilter: Hashable, Sendable {
    package var statuses: Set<TicketStatus>?
    package var assignee: String?
    package var queue: String?
    package var requester: EmailAddress?
    package var needsReaction: Bool?
    /// Part of the subject, ASCII letters compared without case.
    package var text: String?
    package var limit: Int
    package init(
        statuses: Set<TicketStatus>? = nil, assignee: String? = nil, queue: String? = nil,
        requester: EmailAddress? = nil,
        needsReaction: Bool? = nil, text: String? = nil, limit: Int = 1000
    ) {
        self.statuses = statuses
        self.assignee = assignee
        self.queue = queue
        self.requester = requester
        self.needsReaction = needsReaction
        self.text = text
        self.limit = limit
    }
}

/// One line of a ticket's history.
package struct TicketEvent: Hashable, Sendable {
    /// `created`, `email`, `status`, `assignee`, `priority`, `queue`, `note`, `reopened`, …
    package var kind: String
    package var moment: Moment
    /// A user's name, an address, or empty for Posthouse itself.
    package var actor: String
    /// What happened, for people.
    package var text: String
    package var email: EmailID?
    package init(kind: String, moment: Moment, actor: String = "", text: String = "", email: EmailID? = nil) {
        self.kind = kind
        self.moment = moment
        self.actor = actor
        self.text = text
        self.email = email
    }
}
