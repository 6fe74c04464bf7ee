package import MailTypes

/// A mail account on an upstream server, as it is configured.
package struct AccountRecord: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case corporate
        /// Of one user alone, invisible to everyone else. `owner` is a user's name.
        case `private`(owner: String)
    }

    /// When the sender hears that her message is accepted.
    package enum OutboxMode: String, Sendable, CaseIterable {
        /// When the upstream has accepted it.
        case inline
        /// When it is durably queued here.
        case queue
    }

    /// Unique, compared without case; also the name below `Shared/`.
    package var name: String
    /// The name of a server.
    package var server: String
    /// The name to sign in upstream with.
    package var login: String
    /// The upstream password, sealed by the vault under `secretContext(account:)`; nil when none is stored.
    package var secret: [UInt8]?
    package var address: EmailAddress
    /// Other addresses that the account may send as.
    package var identities: [EmailAddress]
    /// The address to send as when it is not `address`.
    package var senderAddress: EmailAddress?
    /// The display name to send with; empty to leave the client's.
    package var senderName: String
    package var isActive: Bool
    package var kind: Kind
    /// Mailboxes whose new messages are scanned on arrival.
    package var monitored: [MailboxName]
    /// Where the copy of sent mail belongs; nil to find it by its special use.
    package var sentMailbox: MailboxName?
    package var outbox: OutboxMode

    package init(
        name: String, server: String, login: String, secret: [UInt8]? = nil, address: EmailAddress,
        identities: [EmailAddress] = [], senderAddress: EmailAddress? = nil, senderName: String = "",
        isActive: Bool = true, kind: Kind = .corporate, monitored: [MailboxName] = [.inbox],
        sentMailbox: MailboxName? = nil, outbox: OutboxMode = .inline
    ) {
        self.name = name
        self.server = server
        self.login = login
        self.secret = secret
        self.address = address
        self.identities = identities
        self.senderAddress = senderAddress
        self.senderName = senderName
        self.isActive = isActive
        self.kind = kind
        self.monitored = monitored
        self.sentMailbox = sentMailbox
        self.outbox = outbox
    }

    /// Every address that the account may send as: its own, the sender's, the identities; each once.
    package var sendingAddresses: [EmailAddress] {
        var seen: Set<EmailAddress> = []
        return ([address] + (senderAddress.map { [$0] } ?? []) + identities).filter { seen.insert($0).inserted }
    }

    /// What the secret of the account of this name is bound to when it is sealed.
    package static func secretContext(account name: String) -> String { "accounts/\(name.lowercased())/secret" }
}
