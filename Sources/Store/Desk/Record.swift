package import MailTypes

/// Something mail can be bound to: a contact, an organization, a project, a contract, …
package struct Record: Hashable, Sendable {
    /// `contact`, `organization`, `user`, `project`, `contract`, or a kind the administrator names.
    package var kind: String
    /// Unique within its kind, compared without case.
    package var name: String
    package var addresses: [EmailAddress]
    /// Domains whose mail belongs to it, as A-labels in lower case.
    package var domains: [String]
    /// The number by which subjects name it, or nil.
    package var number: String?

    package init(
        kind: String, name: String, addresses: [EmailAddress] = [], domains: [String] = [], number: String? = nil
    ) {
        self.kind = kind
        self.name = name
        self.addresses = addresses
        self.domains = domains
        self.number = number
    }
}

/// Which records to list; every condition that is set holds.
package struct RecordFilter: Hashable, Sendable {
    package var kind: String?
    /// Part of the name, compared without case.
    package var text: String?
    package var limit: Int
    package init(kind: String? = nil, text: String? = nil, limit: Int = 1000) {
        self.kind = kind
        self.text = text
        self.limit = limit
    }
}

/// Why an e-mail is bound to a record.
package enum RelationReason: String, Sendable, CaseIterable {
    case address, domain, number, reference, manual
}

/// A record that an e-mail is bound to.
package struct Relation: Hashable, Sendable {
    package let email: EmailID
    package let record: RecordID
    package let reason: RelationReason
    package init(email: EmailID, record: RecordID, reason: RelationReason) {
        self.email = email
        self.record = record
        self.reason = reason
    }
}
