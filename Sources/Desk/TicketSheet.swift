package import Store

/// Everything about one ticket, for showing it.
package struct TicketSheet: Hashable, Sendable {
    package var number: TicketNumber
    package var ticket: Ticket
    /// The name of the requester's organization.
    package var organization: String?
    /// Oldest first.
    package var emails: [(id: EmailID, email: Email)]
    /// Oldest first.
    package var events: [TicketEvent]

    package static func == (left: TicketSheet, right: TicketSheet) -> Bool {
        left.number == right.number && left.ticket == right.ticket && left.organization == right.organization
            && left.emails.map(\.id) == right.emails.map(\.id) && left.events == right.events
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

extension StoreQueries {
    /// The ticket with its e-mails and its history; nil when there is none with this number.
    package func sheet(of number: TicketNumber) throws(StoreError) -> TicketSheet? {
        guard let ticket = try ticket(number) else { return nil }
        var sheet = TicketSheet(number: number, ticket: ticket, emails: [], events: try events(of: number))
        if let organization = ticket.organization { sheet.organization = try record(organization)?.name }
        for id in try emails(of: number) {
            if let email = try email(id) { sheet.emails.append((id, email)) }
        }
        return sheet
    }
}
