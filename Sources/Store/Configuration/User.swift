package import MailTypes

/// A person who signs in to Posthouse.
package struct User: Hashable, Sendable {
    /// The sign-in name; unique, compared without case.
    package var name: String
    /// What people read; empty when nobody gave one.
    package var displayName: String
    /// The SCRAM-SHA-256 verifier in the form `SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>`
    /// (base 64), or nil when the user has no password and can't sign in with one.
    package var verifier: String?
    /// Her own addresses, so that her mail is told from a customer's.
    package var addresses: [EmailAddress]
    package var isAdministrator: Bool
    /// An inactive user can neither sign in nor use any grant.
    package var isActive: Bool
    /// What she may send in an hour; nil for what the house lets everybody.
    package var messagesPerHour: HourlyLimit?
    /// To how many recipients, of all messages together; nil for what the house lets everybody.
    package var recipientsPerHour: HourlyLimit?

    package init(
        name: String, displayName: String = "", verifier: String? = nil, addresses: [EmailAddress] = [],
        isAdministrator: Bool = false, isActive: Bool = true, messagesPerHour: HourlyLimit? = nil,
        recipientsPerHour: HourlyLimit? = nil
    ) {
        self.name = name
        self.displayName = displayName
        self.verifier = verifier
        self.addresses = addresses
        self.isAdministrator = isAdministrator
        self.isActive = isActive
        self.messagesPerHour = messagesPerHour
        self.recipientsPerHour = recipientsPerHour
    }
}

/// Users who share grants.
package struct Group: Hashable, Sendable {
    /// Unique, compared without case.
    package var name: String
    package var displayName: String
    /// Names of users, each once.
    package var members: [String]

    package init(name: String, displayName: String = "", members: [String] = []) {
        self.name = name
        self.displayName = displayName
        self.members = members
    }
}
