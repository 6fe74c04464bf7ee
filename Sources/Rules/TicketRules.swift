/// How mail that belongs to a ticket changes it.
package struct OpenTicketRules: Hashable, Sendable {
    /// What becomes of a closed ticket when the customer writes again.
    package enum ClosedPolicy: String, Hashable, Sendable, Codable, CaseIterable {
        /// The ticket gets the reopen status.
        case reopen
        /// A new ticket, linked to the closed one.
        case newLinkedTicket = "new-linked-ticket"
        /// The mail is attached and nothing else.
        case relateOnly = "relate-only"
    }

    /// What `waiting-for-response` becomes when the customer answers.
    package var answeredStatus: TicketStatus = .answered
    /// What a closed status becomes when the customer writes again.
    package var reopenStatus: TicketStatus = .open
    /// The statuses that count as closed.
    package var closedStatuses: [TicketStatus] = [.closed]
    package var closedTickets: ClosedPolicy = .reopen

    package init() {}
}

/// How a ticket is made of a message that belongs to none.
package struct CreateTicketRules: Hashable, Sendable {
    package enum RequesterField: String, Hashable, Sendable, Codable, CaseIterable {
        case from
        /// Reply-To where the message has one, From where not.
        case replyTo = "reply-to"
    }

    package var requester: RequesterField = .from
    package var status: TicketStatus = .open
    /// The queue when no route matches.
    package var queue = "default"
    /// The login name of the user who gets the ticket when no route names one.
    package var assignee: String?
    package var priority = "normal"
    package var routes: [Route] = []
    /// The queues that `support+queue@` may name; nobody outside can invent one.
    package var subaddressQueues: [String] = []

    package init() {}
}

/// Mail that goes to a queue of its own. Kinds are tried in the order of `Kind.allCases`, routes of one kind in the
/// order they are configured.
package struct Route: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// A word or words anywhere in the subject.
        case keyword
        /// The whole address in From.
        case from
        /// A whole address among To, Cc and Bcc.
        case to
        case fromDomain = "from-domain"
        case toDomain = "to-domain"
    }

    package var kind: Kind
    /// The keyword, address or domain.
    package var value: String
    package var queue: String
    /// Takes the scanner's assignee when nil.
    package var assignee: String?
    /// Takes the scanner's priority when nil.
    package var priority: String?

    package init(kind: Kind, value: String, queue: String, assignee: String? = nil, priority: String? = nil) {
        self.kind = kind
        self.value = value
        self.queue = queue
        self.assignee = assignee
        self.priority = priority
    }
}

extension Route: Codable {}

extension OpenTicketRules: Codable {
    private enum Key: String, CodingKey { case answeredStatus, reopenStatus, closedStatuses, closedTickets }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        answeredStatus = try container.decodeIfPresent(TicketStatus.self, forKey: .answeredStatus) ?? answeredStatus
        reopenStatus = try container.decodeIfPresent(TicketStatus.self, forKey: .reopenStatus) ?? reopenStatus
        closedStatuses =
            try container.decodeIfPresent([TicketStatus].self, forKey: .closedStatuses) ?? closedStatuses
        closedTickets = try container.decodeIfPresent(ClosedPolicy.self, forKey: .closedTickets) ?? closedTickets
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(answeredStatus, forKey: .answeredStatus)
        try container.encode(reopenStatus, forKey: .reopenStatus)
        try container.encode(closedStatuses, forKey: .closedStatuses)
        try container.encode(closedTickets, forKey: .closedTickets)
    }
}

extension CreateTicketRules: Codable {
    private enum Key: String, CodingKey {
        case requester, status, queue, assignee, priority, routes, subaddressQueues
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        requester = try container.decodeIfPresent(RequesterField.self, forKey: .requester) ?? requester
        status = try container.decodeIfPresent(TicketStatus.self, forKey: .status) ?? status
        queue = try container.decodeIfPresent(String.self, forKey: .queue) ?? queue
        assignee = try container.decodeIfPresent(String.self, forKey: .assignee)
        priority = try container.decodeIfPresent(String.self, forKey: .priority) ?? priority
        routes = try container.decodeIfPresent([Route].self, forKey: .routes) ?? []
        subaddressQueues = try container.decodeIfPresent([String].self, forKey: .subaddressQueues) ?? []
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(requester, forKey: .requester)
        try container.encode(status, forKey: .status)
        try container.encode(queue, forKey: .queue)
        try container.encodeIfPresent(assignee, forKey: .assignee)
        try container.encode(priority, forKey: .priority)
        try container.encode(routes, forKey: .routes)
        try container.encode(subaddressQueues, forKey: .subaddressQueues)
    }
}
