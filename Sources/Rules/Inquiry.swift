package import MailTypes

/// What the store has to be asked before a message can be judged.
package struct Inquiry: Hashable, Sendable {
    /// How many message identifiers are looked up at most; the newest count.
    package static let messageIDLimit = 64
    /// How many addresses are looked up at most.
    package static let addressLimit = 256

    /// Tickets named by something only we can have written, the strongest first, with what named them.
    package var keyedTickets: [Keyed] = []
    /// Tickets named in the subject by number alone.
    package var claimedTickets: [Int64] = []
    /// Tickets named by a token that is not ours.
    package var forgedTickets: [Int64] = []
    /// Messages that this one answers, refers to or reports on; the nearest first.
    package var messageIDs: [String] = []
    /// `EmailAddress.key` of the addresses in From, To, Cc, Bcc and Reply-To.
    package var addresses: [String] = []
    /// The domains of these addresses.
    package var domains: [String] = []
    package var recordNumbers: [RecordNumber] = []
    /// Who would be the requester of a new ticket.
    package var requester: Person?
    /// `EmailAddress.key` of the sender, for the limit of tickets an hour.
    package var sender: String?

    package struct Keyed: Hashable, Sendable {
        package let ticket: Int64
        package let isInSubject: Bool
    }

    /// A number in the subject that may name a record; either of the two is the record's number.
    package struct RecordNumber: Hashable, Sendable {
        package let kind: String
        package let number: String
        package let label: String
    }

    package init() {}

    /// All tickets that may be named.
    package var tickets: [Int64] {
        var seen: Set<Int64> = []
        return (keyedTickets.map(\.ticket) + claimedTickets).filter { seen.insert($0).inserted }
    }
}

/// A person outside, as a ticket's requester.
package struct Person: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Empty when the message names none.
    package var name: String
    /// The address as the message has it.
    package var address: String
    /// The form in which addresses are compared.
    package var key: String

    package init(_ address: NamedAddress) {
        name = address.name
        self.address = address.address.description
        key = address.address.key
    }

    package var description: String { name.isEmpty ? address : "\(name) <\(address)>" }
}

extension Rules {
    /// What has to be known to judge these facts by these rules.
    package static func inquiry(_ facts: MessageFacts, _ rules: ScannerRules, tokens: TokenKey) -> Inquiry {
        var inquiry = Inquiry()
        let nearestFirst = facts.inReplyTo.reversed() + facts.references.reversed() + facts.reportedMessageIDs
        var seen: Set<String> = []
        inquiry.messageIDs = Array(
            nearestFirst.filter { seen.insert($0).inserted && $0 != facts.messageID }.prefix(Inquiry.messageIDLimit))

        for token in tokens.subjectTokens(in: facts.subject) {
            if token.isGenuine {
                inquiry.keyedTickets.append(Inquiry.Keyed(ticket: token.ticket, isInSubject: true))
            } else {
                inquiry.forgedTickets.append(token.ticket)
            }
        }
        for identifier in inquiry.messageIDs {
            guard let ticket = tokens.ticket(ofMessageID: identifier) else { continue }
            inquiry.keyedTickets.append(Inquiry.Keyed(ticket: ticket, isInSubject: false))
        }
        inquiry.claimedTickets = rules.ticketNumber.matches(in: facts.subject).map(\.number)

        let people = facts.from + facts.replyTo + facts.to + facts.cc + facts.bcc
        var keys: Set<String> = []
        var domains: Set<String> = []
        for address in (people.map(\.address) + facts.envelopeRecipients).prefix(Inquiry.addressLimit) {
            let key = address.key
            if keys.insert(key).inserted { inquiry.addresses.append(key) }
            let domain = address.domainName.text
            if domains.insert(domain).inserted { inquiry.domains.append(domain) }
        }
        for record in rules.recordNumbers {
            for match in record.pattern.matches(in: facts.subject) {
                inquiry.recordNumbers.append(
                    Inquiry.RecordNumber(kind: record.kind, number: String(match.number), label: match.label))
            }
        }
        inquiry.sender = facts.from.first?.address.key
        let requester =
            rules.createTicket.requester == .replyTo ? facts.replyTo.first ?? facts.from.first : facts.from.first
        inquiry.requester = requester.map { Person($0) }
        return inquiry
    }
}
