internal import MailTypes

/// How a message stands to tickets.
enum Belonging: Hashable {
    /// It belongs to this ticket. `isRepeat` when the ticket holds this very message already.
    case ticket(Known.Ticket, isRepeat: Bool)
    /// It names this ticket, but its sender is a stranger to it.
    case strangerNames(Int64)
    case none
}

extension Evaluation {
    /// The ticket that the message belongs to: by our own mark, by a message it refers to, or by a number from
    /// somebody who may use it; in this order.
    mutating func belonging() -> Belonging {
        guard handlesTickets else { return .none }
        for number in known.ticketsOfThisMessage {
            guard let ticket = known.tickets[number] else { continue }
            explain(.alreadyInTicket, number)
            return .ticket(ticket, isRepeat: true)
        }
        for forged in inquiry.forgedTickets { explain(.forgedToken, forged) }
        for keyed in inquiry.keyedTickets {
            guard let ticket = known.tickets[keyed.ticket] else {
                explain(.numberUnknown, keyed.ticket)
                continue
            }
            explain(keyed.isInSubject ? .keyedSubject : .keyedReference, keyed.ticket)
            return .ticket(ticket, isRepeat: false)
        }
        for identifier in inquiry.messageIDs {
            for number in known.ticketsOfMessages[identifier] ?? [] {
                guard let ticket = known.tickets[number] else { continue }
                explain(.knownReference, "\(number) by \(identifier)")
                return .ticket(ticket, isRepeat: false)
            }
        }
        return belongingByNumber()
    }

    private mutating func belongingByNumber() -> Belonging {
        var named: Int64?
        for number in inquiry.claimedTickets {
            guard let ticket = known.tickets[number] else {
                explain(.numberUnknown, number)
                continue
            }
            if direction != .received {
                explain(.numberByUs, number)
                return .ticket(ticket, isRepeat: false)
            }
            if !facts.from.isEmpty, facts.from.allSatisfy({ ticket.participants.contains($0.address.key) }) {
                explain(.numberByParticipant, number)
                return .ticket(ticket, isRepeat: false)
            }
            explain(.numberByStranger, number)
            named = named ?? number
        }
        // A token that is not ours names a ticket all the same; it gives no more than a number does.
        if named == nil, let forged = inquiry.forgedTickets.first(where: { known.tickets[$0] != nil }) {
            named = forged
        }
        return named.map { .strangerNames($0) } ?? .none
    }

    /// What the message does to tickets: it is attached to its own, or makes one.
    mutating func handleTicket(_ belonging: Belonging) {
        switch belonging {
        case .ticket(let ticket, let isRepeat):
            if decision.automatic != nil { return attachAutomatic(to: ticket) }
            switch direction {
            case .sent: answer(ticket, isRepeat: isRepeat)
            case .internal: attach(TicketChange(ticket: ticket.number, role: .note), .internalNote)
            case .received: receive(ticket, isRepeat: isRepeat)
            }
        case .strangerNames(let number): create(linkedTo: number)
        case .none:
            explain(.noTicket)
            create(linkedTo: nil)
        }
    }

    mutating func attachAutomatic(to ticket: Known.Ticket) {
        attach(TicketChange(ticket: ticket.number, role: .automatic), .automaticAttached)
    }

    private mutating func attach(_ change: TicketChange, _ code: Reason.Code) {
        record(.recordedForTicket)
        explain(code, change.ticket)
        decision.effects.append(.attach(change))
    }

    // MARK: Our answer

    private mutating func answer(_ ticket: Known.Ticket, isRepeat: Bool) {
        var change = TicketChange(ticket: ticket.number, role: .answer)
        guard !isRepeat else { return attach(change, .answerOfOurs) }
        change.needsReaction = false
        if ticket.status != .waitingForResponse {
            change.status = .waitingForResponse
            explain(.statusChanged, "\(ticket.status) to \(TicketStatus.waitingForResponse)")
        } else {
            explain(.statusKept, ticket.status.rawValue)
        }
        let author = facts.actor ?? facts.from.compactMap { facts.ours.user($0.address) }.first
        if ticket.assignee == nil, let author {
            change.assignee = author
            explain(.assigneeTaken, author)
        }
        attach(change, .answerOfOurs)
    }

    // MARK: A message from outside

    private mutating func receive(_ ticket: Known.Ticket, isRepeat: Bool) {
        guard rules.actions.contains(.openTicket) else { return explain(.openTicketNotConfigured) }
        var change = TicketChange(ticket: ticket.number, role: .message)
        guard !isRepeat else { return attach(change, .alreadyInTicket) }
        if rules.openTicket.closedStatuses.contains(ticket.status) {
            switch rules.openTicket.closedTickets {
            case .relateOnly: return attach(change, .relatedOnly)
            case .newLinkedTicket:
                explain(.newLinkedTicket, ticket.number)
                return create(linkedTo: ticket.number, continuesIt: true)
            case .reopen: break
            }
            guard ticket.reopeningsInHour < rules.reopeningsPerTicketAndHour else {
                explain(.reopeningLimit, ticket.number)
                return attach(change, .relatedOnly)
            }
            change.status = rules.openTicket.reopenStatus
            change.isReopening = true
            explain(.reopened, rules.openTicket.reopenStatus.rawValue)
        } else if ticket.status == .waitingForResponse {
            change.status = rules.openTicket.answeredStatus
            explain(.statusChanged, "\(ticket.status) to \(rules.openTicket.answeredStatus)")
        } else {
            explain(.statusKept, ticket.status.rawValue)
        }
        change.needsReaction = true
        record(.recordedForTicket)
        decision.effects.append(.attach(change))
    }

    // MARK: A new ticket

    private mutating func create(linkedTo linked: Int64?, continuesIt: Bool = false) {
        // A closed ticket that is continued in a new one is open-ticket's doing, and was asked for there.
        guard rules.actions.contains(.createTicket) || continuesIt else {
            return explain(.createTicketNotConfigured)
        }
        guard direction == .received else { return explain(.notReceived, direction.rawValue) }
        if let automatic = decision.automatic, automatic != .generated {
            return explain(.automaticMakesNoTicket, automatic.rawValue)
        }
        guard known.ticketsBySenderInHour < rules.ticketsPerSenderAndHour else {
            record(.recorded)
            return explain(.ticketLimit, inquiry.sender ?? "")
        }
        record(.recordedForTicket)
        let settings = rules.createTicket
        var ticket = NewTicket(
            subject: facts.subject, status: settings.status, priority: settings.priority, queue: settings.queue)
        ticket.assignee = settings.assignee
        ticket.linkedTo = linked
        chooseRequester(&ticket)
        chooseOrganization(&ticket)
        route(&ticket)
        decision.effects.append(.createTicket(ticket))
    }

    private mutating func chooseRequester(_ ticket: inout NewTicket) {
        guard let requester = inquiry.requester else { return explain(.noRequester) }
        ticket.requester = requester
        let isReplyTo = rules.createTicket.requester == .replyTo && !facts.replyTo.isEmpty
        explain(isReplyTo ? .requesterFromReplyTo : .requesterFromSender, requester.address)
    }

    private mutating func chooseOrganization(_ ticket: inout NewTicket) {
        guard let organization = known.organizations.first else { return }
        guard known.organizations.count == 1 else {
            return explain(.severalOrganizations, known.organizations.map(\.record.name).joined(separator: ", "))
        }
        ticket.organization = organization.record
        explain(.organization, organization.record.name)
        guard let contract = organization.activeContracts.first else { return }
        guard organization.activeContracts.count == 1 else {
            let names = organization.activeContracts.map(\.record.name)
            return explain(.severalContracts, names.joined(separator: ", "))
        }
        ticket.contract = contract.record
        ticket.priority = contract.priority ?? ticket.priority
        explain(.contract, contract.record.name)
    }
}
