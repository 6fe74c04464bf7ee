package import MailTypes

/// Everything about a message that a decision may depend on, taken from its header, its structure and where it was
/// seen. Text is decoded.
package struct MessageFacts: Hashable, Sendable {
    /// How the message passed.
    package enum Way: String, Hashable, Sendable, Codable {
        /// It appeared in a monitored mailbox.
        case arrived
        /// A client read it.
        case read
        /// A client saved it (APPEND).
        case appended
        /// A client sent it.
        case sent
    }

    /// The reverse-path the message came with.
    package enum ReturnPath: Hashable, Sendable {
        case unknown
        /// `<>`: a report, to which nothing may be answered (RFC 5321 §4.5.5).
        case null
        case address(EmailAddress)
    }

    package var way: Way = .arrived
    package var from: [NamedAddress] = []
    package var replyTo: [NamedAddress] = []
    package var to: [NamedAddress] = []
    package var cc: [NamedAddress] = []
    package var bcc: [NamedAddress] = []
    /// The recipients a submission names in its envelope; Bcc is among them when the header doesn't tell.
    package var envelopeRecipients: [EmailAddress] = []
    package var returnPath: ReturnPath = .unknown
    package var subject = ""
    /// Without angle brackets, like all message identifiers here.
    package var messageID: String?
    package var inReplyTo: [String] = []
    /// The oldest first.
    package var references: [String] = []
    /// The identifiers of messages that this one encloses or reports on: what a bounce is about.
    package var reportedMessageIDs: [String] = []
    /// When it came to the mailbox (INTERNALDATE), or was submitted; seconds since 1970.
    package var arrival: Int64 = 0
    /// All header fields, for patterns and for telling automatic mail.
    package var headers: [HeaderText] = []
    /// `type/subtype` of the whole message, in lower case.
    package var contentType = "text/plain"
    /// The `report-type` of a `multipart/report` (RFC 6522), in lower case.
    package var reportType: String?
    /// Whose addresses are ours.
    package var ours = Ours()
    /// The login name of the user who sent or saved it through Posthouse.
    package var actor: String?

    package init() {}

    /// To, Cc and Bcc, and whom the envelope names besides.
    package var recipients: [EmailAddress] {
        var recipients: [EmailAddress] = []
        var keys: Set<String> = []
        for address in (to + cc + bcc).map(\.address) + envelopeRecipients
        where keys.insert(address.key).inserted {
            recipients.append(address)
        }
        return recipients
    }

    /// The first value of this field, or nil.
    package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// The addresses that count as ours: the account's identities, and those of the people who use Posthouse.
package struct Ours: Hashable, Sendable {
    private var identities: Set<String> = []
    private var users: [String: String] = [:]

    package init() {}

    /// - Parameters:
    ///   - identities: the account's address and the others it may send as.
    ///   - users: each user's addresses with the login name.
    package init(identities: some Sequence<EmailAddress>, users: some Sequence<(EmailAddress, String)>) {
        self.identities = Set(identities.map(\.key))
        self.users = Dictionary(users.map { ($0.0.key, $0.1) }) { first, _ in first }
    }

    /// Whether this is an identity of the account, a sub-address of one (`support+sales@`) included.
    package func isIdentity(_ address: EmailAddress) -> Bool {
        identities.contains(address.key)
            || address.withoutSubaddress.map { identities.contains($0.key) } == true
    }

    /// The login name of the user who has this address.
    package func user(_ address: EmailAddress) -> String? { users[address.key] }

    package func contains(_ address: EmailAddress) -> Bool { isIdentity(address) || user(address) != nil }
}

extension EmailAddress {
    /// The detail of a sub-address (RFC 5233 §1): `sales` of `support+sales@example.com`.
    package var subaddress: String? {
        guard let plus = local.firstIndex(of: "+"), plus != local.startIndex else { return nil }
        let detail = local[local.index(after: plus)...]
        return detail.isEmpty ? nil : String(detail)
    }

    /// The address without its detail; nil when it has none.
    package var withoutSubaddress: EmailAddress? {
        guard let plus = local.firstIndex(of: "+"), plus != local.startIndex else { return nil }
        return EmailAddress(local: String(local[..<plus]), domain: domain)
    }
}
