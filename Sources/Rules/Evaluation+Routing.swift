internal import Bytes
internal import MailTypes

extension Evaluation {
    /// Chooses the queue: keyword, full From, sub-address, full To, From domain, To domain, default.
    mutating func route(_ ticket: inout NewTicket) {
        let steps: [(Route.Kind, Reason.Code)] = [
            (.keyword, .routedByKeyword), (.from, .routedBySender), (.to, .routedByRecipient),
            (.fromDomain, .routedBySenderDomain), (.toDomain, .routedByRecipientDomain),
        ]
        for (kind, code) in steps {
            if kind == .to, let queue = subaddressQueue() {
                ticket.queue = queue
                return explain(.routedBySubaddress, queue)
            }
            guard let route = rules.createTicket.routes.first(where: { $0.kind == kind && matches($0) }) else {
                continue
            }
            ticket.queue = route.queue
            ticket.assignee = route.assignee ?? ticket.assignee
            // A contract's priority was agreed on with the customer and stands.
            if ticket.contract == nil { ticket.priority = route.priority ?? ticket.priority }
            return explain(code, "\(route.value) to \(route.queue)")
        }
        explain(.routedByDefault, ticket.queue)
    }

    private func matches(_ route: Route) -> Bool {
        switch route.kind {
        case .keyword: !route.value.isEmpty && TextPattern(route.value).matches(facts.subject)
        case .from: facts.from.contains { Self.isAddress($0.address, route.value) }
        case .to: facts.recipients.contains { Self.isAddress($0, route.value) }
        case .fromDomain: facts.from.contains { Self.isDomain($0.address, route.value) }
        case .toDomain: facts.recipients.contains { Self.isDomain($0, route.value) }
        }
    }

    private static func isAddress(_ address: EmailAddress, _ value: String) -> Bool {
        EmailAddress(value).map { $0.key == address.key } == true
    }

    private static func isDomain(_ address: EmailAddress, _ value: String) -> Bool {
        AddressPattern(value).map { !value.dropFirst().contains("@") && $0.matches(address) } == true
    }

    /// The queue that a sub-address of one of the account's identities names, when the scanner lets it be named.
    private func subaddressQueue() -> String? {
        for recipient in facts.recipients {
            guard let detail = recipient.subaddress, let plain = recipient.withoutSubaddress,
                facts.ours.isIdentity(plain)
            else { continue }
            let queue = rules.createTicket.subaddressQueues.first {
                $0.utf8.equalsIgnoringASCIICase(detail.utf8)
            }
            if let queue { return queue }
        }
        return nil
    }
}
