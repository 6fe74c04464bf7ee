internal import MailTypes
internal import Rules
internal import SQLite

extension StoreTransaction {
    /// Opens a ticket under the next number.
    package func insert(_ ticket: Ticket) throws(StoreError) -> TicketNumber {
        try connection.run(
            """
            INSERT INTO tickets (subject, requester, requester_key, requester_name, organization, assignee, status,
                priority, queue, needs_reaction, linked_to, created, updated, status_since, closed)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, ticket.subject, ticket.requester?.description, ticket.requester?.key, ticket.requesterName,
            ticket.organization, ticket.assignee, ticket.status.rawValue, ticket.priority, ticket.queue,
            ticket.needsReaction, ticket.linkedTo, ticket.created, ticket.updated, ticket.statusSince, ticket.closed)
        return TicketNumber(rawValue: connection.lastInsertedRow)
    }

    /// Replaces all but the number and the date of creation.
    package func update(_ number: TicketNumber, _ ticket: Ticket) throws(StoreError) {
        let count = try connection.run(
            """
            UPDATE tickets SET subject = ?, requester = ?, requester_key = ?, requester_name = ?, organization = ?,
                assignee = ?, status = ?, priority = ?, queue = ?, needs_reaction = ?, linked_to = ?, updated = ?,
                status_since = ?, closed = ? WHERE number = ?
            """, ticket.subject, ticket.requester?.description, ticket.requester?.key, ticket.requesterName,
            ticket.organization, ticket.assignee, ticket.status.rawValue, ticket.priority, ticket.queue,
            ticket.needsReaction, ticket.linkedTo, ticket.updated, ticket.statusSince, ticket.closed, number)
        guard count == 1 else { throw .noSuch(.ticket, number.description) }
    }

    /// Adds an e-mail to a ticket, and its Message-ID to what belongs to the ticket. True when it is new there.
    @discardableResult
    package func attach(_ email: EmailID, to ticket: TicketNumber) throws(StoreError) -> Bool {
        let isNew =
            try connection.run(
                "INSERT OR IGNORE INTO ticket_emails (ticket, email) VALUES (?, ?)", ticket, email) > 0
        let messageID = try connection.first("SELECT message_id FROM emails WHERE id = ?", email) {
            row throws(StoreError) in row.text(0)
        }
        if let messageID, !messageID.isEmpty { try addReference(messageID, to: ticket) }
        return isNew
    }

    package func add(_ event: TicketEvent, to ticket: TicketNumber) throws(StoreError) {
        try connection.run(
            "INSERT INTO ticket_events (ticket, kind, moment, actor, text, email) VALUES (?, ?, ?, ?, ?, ?)", ticket,
            event.kind, event.moment, event.actor, event.text, event.email)
    }

    /// Mail that refers to this Message-ID (without angle brackets) belongs to the ticket.
    package func addReference(_ messageID: String, to ticket: TicketNumber) throws(StoreError) {
        try connection.run(
            "INSERT OR IGNORE INTO ticket_references (message_id, ticket) VALUES (?, ?)", messageID, ticket)
    }
}
