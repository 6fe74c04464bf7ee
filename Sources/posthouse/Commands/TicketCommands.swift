internal import Configuration
internal import MailTypes
internal import Rules
internal import Store
internal import YAML

/// `posthouse ticket …`.
enum TicketCommands {
    static let all = [
        Command(
            words: ["ticket", "list"], summary: "list tickets, the last changed first",
            options: [
                Command.Option(name: "status", value: "STATUS", help: "only tickets in this status", isRepeated: true),
                Command.Option(name: "assignee", value: "USER", help: "only tickets of this user"),
                Command.Option(name: "queue", value: "QUEUE", help: "only tickets of this queue"),
                Command.Option(name: "requester", value: "ADDRESS", help: "only tickets of this customer"),
                Command.Option(name: "needs-reaction", value: nil, help: "only tickets whose customer waits for us"),
                Command.Option(name: "text", value: "TEXT", help: "only tickets with this in their subject"),
                Invocation.limitOption,
            ], run: list),
        Command(
            words: ["ticket", "show"], summary: "show a ticket with its e-mails and events",
            positionals: [.init(name: "NUMBER", help: "the ticket's number")], run: show),
    ]

    private static func list(_ invocation: Invocation) throws(Failure) {
        let statuses = try invocation.values("status", .ticketStatus)
        let filter = TicketFilter(
            statuses: statuses.isEmpty ? nil : Set(statuses), assignee: invocation.option("assignee"),
            queue: invocation.option("queue"), requester: try invocation.value("requester", .address),
            needsReaction: invocation.has("needs-reaction") ? true : nil, text: invocation.option("text"),
            limit: try invocation.limit(default: Invocation.defaultLimit))
        try Workspace.with(invocation) { workspace throws(Failure) in
            let tickets = try workspace.read { reader throws(StoreError) in try reader.tickets(filter) }
            if invocation.wantsJSON {
                return try Terminal.print(json: tickets.map { TicketView($0.number, $0.ticket) })
            }
            var table = Table(["TICKET", "STATUS", "REACTION", "QUEUE", "ASSIGNEE", "REQUESTER", "CHANGED", "SUBJECT"])
            for row in tickets {
                let ticket = row.ticket
                table.add([
                    "\(row.number)", ticket.status.rawValue, ticket.needsReaction ? "needed" : "-",
                    Texts.orDash(ticket.queue), Texts.orDash(ticket.assignee),
                    Texts.orDash(ticket.requester?.description), Texts.moment(ticket.updated), ticket.subject,
                ])
            }
            Terminal.print(table.text)
        }
    }

    private static func show(_ invocation: Invocation) throws(Failure) {
        let number = TicketNumber(
            rawValue: Int64(try invocation.value(word: "NUMBER", .integer(in: 1...Int(Int64.max)))))
        try Workspace.with(invocation) { workspace throws(Failure) in
            let found = try workspace.read { reader throws(StoreError) in
                guard let ticket = try reader.ticket(number) else { throw .noSuch(.ticket, number.description) }
                var emails: [(EmailID, Email)] = []
                for id in try reader.emails(of: number) {
                    if let email = try reader.email(id) { emails.append((id, email)) }
                }
                let organization = try ticket.organization.flatMap { id throws(StoreError) in try reader.record(id) }
                return Found(
                    ticket: ticket, organization: organization?.name, emails: emails,
                    events: try reader.events(of: number))
            }
            if invocation.wantsJSON {
                return try Terminal.print(
                    json: TicketView(
                        number, found.ticket, organization: found.organization,
                        emails: found.emails.map { EmailView($0.0, $0.1) }, events: found.events.map(EventView.init)))
            }
            Terminal.print(text(number, found))
        }
    }

    /// One ticket with what belongs to it.
    private struct Found: Sendable {
        let ticket: Ticket
        let organization: String?
        let emails: [(EmailID, Email)]
        let events: [TicketEvent]
    }

    private static func text(_ number: TicketNumber, _ found: Found) -> String {
        let ticket = found.ticket
        var sheet = Sheet()
        sheet.add("ticket", "\(number)")
        sheet.add("subject", ticket.subject)
        sheet.add("status", "\(ticket.status.rawValue) since \(Texts.moment(ticket.statusSince))")
        sheet.add("needs reaction", Texts.yesNo(ticket.needsReaction))
        sheet.add(
            "requester",
            Texts.orDash(ticket.requester.map { "\(NamedAddress(name: ticket.requesterName, address: $0))" }))
        sheet.add("organization", Texts.orDash(found.organization))
        sheet.add("queue", Texts.orDash(ticket.queue))
        sheet.add("assignee", Texts.orDash(ticket.assignee))
        sheet.add("priority", ticket.priority)
        if let linked = ticket.linkedTo { sheet.add("continues", "ticket \(linked)") }
        sheet.add("created", Texts.moment(ticket.created))
        sheet.add("changed", Texts.moment(ticket.updated))
        if let closed = ticket.closed { sheet.add("closed", Texts.moment(closed)) }
        var emails = Table(["E-MAIL", "DATE", "DIRECTION", "FROM", "SUBJECT"])
        for (id, email) in found.emails {
            emails.add([
                "\(id)", Texts.moment(email.date ?? email.recorded), email.direction.rawValue,
                Texts.list(email.from.map { "\($0)" }), email.subject,
            ])
        }
        var events = Table(["WHEN", "WHO", "WHAT", ""])
        for event in found.events {
            events.add([Texts.moment(event.moment), Texts.orDash(event.actor), event.kind, event.text])
        }
        return sheet.text + "\n" + emails.text + "\n" + events.text
    }
}

/// A ticket in JSON.
private struct TicketView: Encodable {
    let number: Int64
    let subject: String
    let status: String
    let statusSince: String
    let needsReaction: Bool
    let requester: String?
    let requesterName: String
    let organization: String?
    let queue: String
    let assignee: String?
    let priority: String
    let linkedTo: Int64?
    let created: String
    let updated: String
    let closed: String?
    /// Only with `show`.
    let emails: [EmailView]?
    let events: [EventView]?

    init(
        _ number: TicketNumber, _ ticket: Ticket, organization: String? = nil, emails: [EmailView]? = nil,
        events: [EventView]? = nil
    ) {
        self.number = number.rawValue
        subject = ticket.subject
        status = ticket.status.rawValue
        statusSince = Texts.timestamp(ticket.statusSince)
        needsReaction = ticket.needsReaction
        requester = ticket.requester?.description
        requesterName = ticket.requesterName
        self.organization = organization
        queue = ticket.queue
        assignee = ticket.assignee
        priority = ticket.priority
        linkedTo = ticket.linkedTo?.rawValue
        created = Texts.timestamp(ticket.created)
        updated = Texts.timestamp(ticket.updated)
        closed = Texts.timestamp(ticket.closed)
        self.emails = emails
        self.events = events
    }
}

/// A recorded message in JSON, without its body.
private struct EmailView: Encodable {
    let number: Int64
    let direction: String
    let messageID: String
    let subject: String
    let date: String?
    let recorded: String
    let from: [String]
    let to: [String]
    let cc: [String]
    let attachments: [String]
    let isAutomatic: Bool
    let size: Int

    init(_ id: EmailID, _ email: Email) {
        number = id.rawValue
        direction = email.direction.rawValue
        messageID = email.messageID
        subject = email.subject
        date = Texts.timestamp(email.date)
        recorded = Texts.timestamp(email.recorded)
        from = email.from.map(\.description)
        to = email.to.map(\.description)
        cc = email.cc.map(\.description)
        attachments = email.attachments.map(\.name)
        isAutomatic = email.isAutomatic
        size = email.size
    }
}

/// One line of a ticket's history in JSON.
private struct EventView: Encodable {
    let kind: String
    let moment: String
    let actor: String
    let text: String
    let email: Int64?

    init(_ event: TicketEvent) {
        kind = event.kind
        moment = Texts.timestamp(event.moment)
        actor = event.actor
        text = event.text
        email = event.email?.rawValue
    }
}
