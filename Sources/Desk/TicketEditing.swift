package import MailTypes
package import Rules
package import Store

/// What a person changes on a ticket, by command line or console.
package struct TicketEdit: Hashable, Sendable {
    package var status: TicketStatus?
    /// The outer nil leaves the assignee, the inner one takes it away.
    package var assignee: String??
    package var priority: String?
    package var queue: String?
    package var needsReaction: Bool?
    /// Text for the history.
    package var note: String?

    package init() {}
}

extension StoreTransaction {
    /// Makes a person's changes and writes them into the ticket's history.
    ///
    /// - Parameters:
    ///   - actor: the login name of who changes.
    ///   - closedStatuses: the statuses that count as closed.
    package func edit(
        _ number: TicketNumber, _ edit: TicketEdit, by actor: String, at moment: Moment,
        closedStatuses: [TicketStatus] = [.closed]
    ) throws(StoreError) {
        guard var ticket = try ticket(number) else { throw .noSuch(.ticket, String(number.rawValue)) }
        func note(_ kind: String, _ text: String) throws(StoreError) {
            try add(TicketEvent(kind: kind, moment: moment, actor: actor, text: text), to: number)
        }
        if let status = edit.status, status != ticket.status {
            try note(TicketEvent.status, "\(ticket.status) → \(status)")
            let closes = closedStatuses.contains(status)
            ticket.change(to: status, closes: closes, at: moment)
            if closes { ticket.needsReaction = false }
        }
        if let assignee = edit.assignee, assignee != ticket.assignee {
            try note(TicketEvent.assignee, "\(ticket.assignee ?? "nobody") → \(assignee ?? "nobody")")
            ticket.assignee = assignee
        }
        if let priority = edit.priority, priority != ticket.priority {
            try note(TicketEvent.priority, "\(ticket.priority) → \(priority)")
            ticket.priority = priority
        }
        if let queue = edit.queue, queue != ticket.queue {
            try note(TicketEvent.queue, "\(ticket.queue) → \(queue)")
            ticket.queue = queue
        }
        if let needsReaction = edit.needsReaction { ticket.needsReaction = needsReaction }
        if let text = edit.note, !text.isEmpty { try note(TicketEvent.note, text) }
        ticket.updated = moment
        try update(number, ticket)
    }
}
