package import MailTypes
internal import Rules
internal import SQLite

extension StoreQueries {
    package func ticket(_ number: TicketNumber) throws(StoreError) -> Ticket? {
        try connection.first("SELECT \(ticketColumns) FROM tickets WHERE number = ?", number) {
            row throws(StoreError) in readTicket(row).ticket
        }
    }

    /// Latest change first.
    package func tickets(_ filter: TicketFilter = TicketFilter()) throws(StoreError) -> [NumberedTicket] {
        let statuses: String? =
            if let statuses = filter.statuses { try JSONText.encode(statuses.map(\.rawValue).sorted()) } else { nil }
        return try connection.list(
            """
            SELECT \(ticketColumns) FROM tickets
            WHERE (?1 IS NULL OR status IN (SELECT value FROM json_each(?1))) AND (?2 IS NULL OR assignee = ?2)
                AND (?3 IS NULL OR queue = ?3) AND (?4 IS NULL OR requester_key = ?4)
                AND (?5 IS NULL OR needs_reaction = ?5) AND (?6 IS NULL OR instr(lower(subject), lower(?6)) > 0)
            ORDER BY updated DESC, number DESC LIMIT ?7
            """, statuses, filter.assignee, filter.queue, filter.requester?.key, filter.needsReaction, filter.text,
            filter.limit
        ) { row throws(StoreError) in readTicket(row) }
    }

    /// Oldest first.
    package func events(of ticket: TicketNumber) throws(StoreError) -> [TicketEvent] {
        try connection.list(
            "SELECT kind, moment, actor, text, email FROM ticket_events WHERE ticket = ? ORDER BY id", ticket
        ) { row throws(StoreError) in
            TicketEvent(
                kind: row.text(0), moment: row.moment(1), actor: row.text(2), text: row.text(3),
                email: row.identifierOrNil(4))
        }
    }

    /// Oldest first.
    package func emails(of ticket: TicketNumber) throws(StoreError) -> [EmailID] {
        try connection.list("SELECT email FROM ticket_emails WHERE ticket = ? ORDER BY email", ticket) {
            row throws(StoreError) in row.identifier(0)
        }
    }

    /// The tickets that an e-mail belongs to.
    package func tickets(with email: EmailID) throws(StoreError) -> [TicketNumber] {
        try connection.list("SELECT ticket FROM ticket_emails WHERE email = ? ORDER BY ticket", email) {
            row throws(StoreError) in row.identifier(0)
        }
    }

    /// The tickets that these Message-IDs belong to, in the order of the Message-IDs, each once.
    package func tickets(referencedBy messageIDs: [String]) throws(StoreError) -> [TicketNumber] {
        var numbers: [TicketNumber] = []
        for messageID in messageIDs {
            let found = try connection.list(
                "SELECT ticket FROM ticket_references WHERE message_id = ? ORDER BY ticket DESC", messageID
            ) { row throws(StoreError) in TicketNumber(rawValue: row.integer(0)) }
            for number in found where !numbers.contains(number) { numbers.append(number) }
        }
        return numbers
    }

    /// The requester and everybody whose address stands in one of its e-mails.
    package func participants(of ticket: TicketNumber) throws(StoreError) -> Set<EmailAddress> {
        let found = try connection.list(
            """
            SELECT requester FROM tickets WHERE number = ?1 AND requester IS NOT NULL
            UNION SELECT address FROM email_addresses JOIN ticket_emails USING (email) WHERE ticket = ?1
            """, ticket
        ) { row throws(StoreError) in EmailAddress(row.text(0)) }
        return Set(found.compactMap(\.self))
    }

    /// Tickets created for this requester since.
    package func ticketCount(requestedBy requester: EmailAddress, since: Moment) throws(StoreError) -> Int {
        Int(
            try connection.integer(
                "SELECT count(*) FROM tickets WHERE requester_key = ? AND created >= ?", requester.key, since) ?? 0)
    }

    /// Events of this kind since.
    package func eventCount(of ticket: TicketNumber, kind: String, since: Moment) throws(StoreError) -> Int {
        Int(
            try connection.integer(
                "SELECT count(*) FROM ticket_events WHERE ticket = ? AND kind = ? AND moment >= ?", ticket, kind, since)
                ?? 0)
    }

    private var ticketColumns: String {
        """
        number, subject, requester, requester_name, organization, assignee, status, priority, queue, needs_reaction, \
        linked_to, created, updated, status_since, closed
        """
    }

    private func readTicket(_ row: borrowing Row) -> NumberedTicket {
        var ticket = Ticket(
            subject: row.text(1), requester: row.textOrNil(2).flatMap { EmailAddress($0) }, requesterName: row.text(3),
            organization: row.identifierOrNil(4), assignee: row.textOrNil(5), status: TicketStatus(row.text(6)),
            priority: row.text(7), queue: row.text(8), needsReaction: row.bool(9), linkedTo: row.identifierOrNil(10),
            created: row.moment(11))
        ticket.updated = row.moment(12)
        ticket.statusSince = row.moment(13)
        ticket.closed = row.momentOrNil(14)
        return NumberedTicket(number: row.identifier(0), ticket: ticket)
    }
}
