package import MailTypes
package import Rules
package import Store

extension StoreQueries {
    /// Answers an inquiry about a message as the store stands in this view.
    ///
    /// - Parameters:
    ///   - identity: the message's identity digest.
    ///   - moment: now; limits count the hour before.
    ///   - fields: the search fields the scanner binds by; nothing is looked up for others.
    package func known(
        for inquiry: Inquiry, identity: [UInt8], at moment: Moment,
        fields: [ScannerRules.SearchField] = ScannerRules.SearchField.allCases
    ) throws(StoreError) -> Known {
        var known = Known(inquiry)
        let hourAgo = Moment(seconds: moment.seconds - 3600)
        for identifier in inquiry.messageIDs {
            let tickets = try tickets(referencedBy: [identifier])
            if !tickets.isEmpty { known.ticketsOfMessages[identifier] = tickets.map(\.rawValue) }
            guard fields.contains(.references) else { continue }
            let records = try records(boundTo: [identifier])
            if !records.isEmpty { known.records.byMessage[identifier] = records.map(\.reference) }
        }
        known.ticketsOfThisMessage = try ticketsHolding(identity)
        var numbers = Set(inquiry.tickets + inquiry.forgedTickets)
        numbers.formUnion(known.ticketsOfMessages.values.joined())
        numbers.formUnion(known.ticketsOfThisMessage)
        for number in numbers {
            known.tickets[number] = try knownTicket(TicketNumber(rawValue: number), since: hourAgo)
        }
        try findRecords(&known, fields)
        if let requester = inquiry.requester, let address = EmailAddress(requester.key) {
            known.ticketsBySenderInHour = try ticketCount(requestedBy: address, since: hourAgo)
            known.organizations = try organizations(of: address)
        }
        return known
    }

    /// The tickets that hold this very message, to which the passage through another account has attached it.
    private func ticketsHolding(_ identity: [UInt8]) throws(StoreError) -> [Int64] {
        guard let email = try email(identity: identity) else { return [] }
        return try tickets(with: email).map(\.rawValue)
    }

    private func knownTicket(_ number: TicketNumber, since: Moment) throws(StoreError) -> Known.Ticket? {
        guard let ticket = try ticket(number) else { return nil }
        return Known.Ticket(
            number: number.rawValue, status: ticket.status, assignee: ticket.assignee,
            participants: Set(try participants(of: number).map(\.key)),
            reopeningsInHour: try eventCount(of: number, kind: TicketEvent.reopened, since: since))
    }

    private func findRecords(_ known: inout Known, _ fields: [ScannerRules.SearchField]) throws(StoreError) {
        let inquiry = known.inquiry
        let addresses = fields.contains(.address) ? Set(inquiry.addresses.compactMap { EmailAddress($0) }) : []
        let domains = fields.contains(.domain) ? Set(inquiry.domains) : []
        let asked = fields.contains(.number) ? inquiry.recordNumbers : []
        guard !addresses.isEmpty || !domains.isEmpty || !asked.isEmpty else { return }
        let numbers = asked.flatMap { [(kind: $0.kind, number: $0.number), (kind: $0.kind, number: $0.label)] }
        for (record, reason) in try records(addresses: addresses, domains: domains, numbers: numbers) {
            switch reason {
            case .address:
                for key in record.addresses.map(\.key) where inquiry.addresses.contains(key) {
                    known.records.byAddress[key, default: []].append(record.reference)
                }
            case .domain:
                for domain in record.domains.map({ DomainName($0).text }) where inquiry.domains.contains(domain) {
                    known.records.byDomain[domain, default: []].append(record.reference)
                }
            case .number:
                for wanted in asked where record.kind == wanted.kind {
                    guard let number = record.number?.lowercased(),
                        number == wanted.number || number == wanted.label.lowercased()
                    else { continue }
                    known.records.byNumber[wanted, default: []].append(record.reference)
                }
            case .reference, .manual: break
            }
        }
    }

    /// The organizations that have this address, or else those that have its domain.
    private func organizations(of address: EmailAddress) throws(StoreError) -> [Known.Organization] {
        let found = try records(addresses: [address], domains: [address.domainName.text], numbers: [])
            .filter { $0.record.kind == "organization" }
        let exact = found.filter { $0.reason == .address }
        var seen: Set<RecordID> = []
        return (exact.isEmpty ? found : exact).filter { seen.insert($0.record.id).inserted }
            .map { Known.Organization(record: $0.record.reference) }
    }
}

extension Stored<Record> {
    fileprivate var reference: RecordReference {
        RecordReference(id: id.rawValue, kind: value.kind, name: value.name)
    }
}
