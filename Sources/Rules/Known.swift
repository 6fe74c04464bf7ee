/// What the store answered to an inquiry.
package struct Known: Hashable, Sendable {
    package let inquiry: Inquiry
    /// The tickets that exist among those named or reached by messages, by number.
    package var tickets: [Int64: Ticket] = [:]
    /// The tickets of the messages asked for, by message identifier.
    package var ticketsOfMessages: [String: [Int64]] = [:]
    /// The tickets that hold this very message already, seen by another account.
    package var ticketsOfThisMessage: [Int64] = []
    package var records = Records()
    /// How many tickets the sender has made within the last hour.
    package var ticketsBySenderInHour = 0
    /// The organizations of the requester, found through a contact or else through the domain.
    package var organizations: [Organization] = []

    package struct Ticket: Hashable, Sendable {
        package var number: Int64
        package var status: TicketStatus
        /// Login name.
        package var assignee: String?
        /// `EmailAddress.key` of the requester and of everybody its e-mails are from or to.
        package var participants: Set<String>
        package var reopeningsInHour: Int

        package init(
            number: Int64, status: TicketStatus, assignee: String? = nil, participants: Set<String> = [],
            reopeningsInHour: Int = 0
        ) {
            self.number = number
            self.status = status
            self.assignee = assignee
            self.participants = participants
            self.reopeningsInHour = reopeningsInHour
        }
    }

    /// The records found, by what they were asked for.
    package struct Records: Hashable, Sendable {
        package var byAddress: [String: [RecordReference]] = [:]
        package var byDomain: [String: [RecordReference]] = [:]
        package var byNumber: [Inquiry.RecordNumber: [RecordReference]] = [:]
        /// What the messages asked for are bound to, by message identifier.
        package var byMessage: [String: [RecordReference]] = [:]
        package init() {}
    }

    package struct Organization: Hashable, Sendable {
        package var record: RecordReference
        package var activeContracts: [Contract]
        package init(record: RecordReference, activeContracts: [Contract] = []) {
            self.record = record
            self.activeContracts = activeContracts
        }
    }

    package struct Contract: Hashable, Sendable {
        package var record: RecordReference
        /// Takes the scanner's priority when nil.
        package var priority: String?
        package init(record: RecordReference, priority: String? = nil) {
            self.record = record
            self.priority = priority
        }
    }

    package init(_ inquiry: Inquiry) { self.inquiry = inquiry }
}

/// A record that mail is bound to.
package struct RecordReference: Hashable, Sendable, Codable, CustomStringConvertible {
    package var id: Int64
    /// `contact`, `organization`, `user`, `project`, `contract`, or a kind the administrator named.
    package var kind: String
    package var name: String

    package init(id: Int64, kind: String, name: String) {
        self.id = id
        self.kind = kind
        self.name = name
    }

    package var description: String { "\(kind) \(name)" }
}
