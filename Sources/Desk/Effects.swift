package import MailTypes
package import Rules
package import Store

/// What carrying out a decision came to.
package struct DeskEffects: Hashable, Sendable {
    package var email: EmailID?
    /// The ticket that the message belongs to or has made.
    package var ticket: TicketNumber?
    /// Whether the ticket was made now.
    package var isNewTicket = false

    package init() {}
}

extension StoreTransaction {
    /// Carries out a decision's effects in their order. An e-mail that a ticket holds already changes nothing there.
    ///
    /// - Parameters:
    ///   - email: the message as it is to be recorded; needed when the decision has any effect.
    ///   - actor: who wrote, for the ticket's history: a login name or an address.
    ///   - moment: now.
    package func carryOut(
        _ decision: Decision, email: Email?, actor: String, at moment: Moment
    ) throws(StoreError) -> DeskEffects {
        var effects = DeskEffects()
        for effect in decision.effects {
            if effects.email == nil {
                guard let email else { throw .invalid(.email, "", reason: "there is nothing to record") }
                effects.email = try insert(email).id
            }
            guard let recorded = effects.email else { continue }
            switch effect {
            case .createEmail: break
            case .bind(let bindings):
                for binding in bindings {
                    let reason = RelationReason(binding.field)
                    try relate(
                        Relation(email: recorded, record: RecordID(rawValue: binding.record.id), reason: reason))
                }
            case .attach(let change):
                let number = TicketNumber(rawValue: change.ticket)
                try attach(recorded, change, actor: actor, at: moment)
                effects.ticket = number
            case .createTicket(let new):
                effects.ticket = try create(new, recorded, actor: actor, at: moment)
                effects.isNewTicket = true
            }
        }
        return effects
    }

    private func attach(
        _ email: EmailID, _ change: TicketChange, actor: String, at moment: Moment
    ) throws(StoreError) {
        let number = TicketNumber(rawValue: change.ticket)
        guard var ticket = try ticket(number) else { throw .noSuch(.ticket, String(change.ticket)) }
        guard try attach(email, to: number) else { return }
        func event(_ kind: String, _ text: String, _ email: EmailID? = nil) -> TicketEvent {
            TicketEvent(kind: kind, moment: moment, actor: actor, text: text, email: email)
        }
        try add(event(TicketEvent.email, change.role.rawValue, email), to: number)
        if let status = change.status, status != ticket.status {
            let kind = change.isReopening ? TicketEvent.reopened : TicketEvent.status
            try add(event(kind, "\(ticket.status) → \(status)"), to: number)
            ticket.change(to: status, closes: false, at: moment)
        }
        if let assignee = change.assignee, ticket.assignee == nil {
            try add(event(TicketEvent.assignee, assignee), to: number)
            ticket.assignee = assignee
        }
        if let needsReaction = change.needsReaction { ticket.needsReaction = needsReaction }
        ticket.updated = moment
        try update(number, ticket)
    }

    private func create(
        _ new: NewTicket, _ email: EmailID, actor: String, at moment: Moment
    ) throws(StoreError) -> TicketNumber {
        let number = try insert(
            Ticket(
                subject: new.subject, requester: new.requester.flatMap { EmailAddress($0.address) },
                requesterName: new.requester?.name ?? "",
                organization: new.organization.map { RecordID(rawValue: $0.id) }, assignee: new.assignee,
                status: new.status, priority: new.priority, queue: new.queue, needsReaction: new.needsReaction,
                linkedTo: new.linkedTo.map { TicketNumber(rawValue: $0) }, created: moment))
        try attach(email, to: number)
        let text = new.linkedTo.map { "linked to \($0)" } ?? ""
        try add(
            TicketEvent(kind: TicketEvent.created, moment: moment, actor: actor, text: text, email: email), to: number)
        return number
    }
}

extension RelationReason {
    fileprivate init(_ field: ScannerRules.SearchField) {
        self =
            switch field {
            case .address: .address
            case .domain: .domain
            case .number: .number
            case .references: .reference
            }
    }
}
