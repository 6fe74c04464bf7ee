/// A bare e-mail address, `local@domain`, as text. The domain is kept in the form it was written in.
package struct EmailAddress: Sendable, CustomStringConvertible {
    package let local: String
    package let domain: String

    package init(local: String, domain: String) {
        self.local = local
        self.domain = domain
    }

    /// Splits at the last `@`; nil when either side would be empty.
    package init?(_ text: some StringProtocol) {
        guard let at = text.lastIndex(of: "@") else { return nil }
        let local = text[..<at]
        let domain = text[text.index(after: at)...]
        guard !local.isEmpty, !domain.isEmpty else { return nil }
        self.init(local: String(local), domain: String(domain))
    }

    package var description: String { "\(local)@\(domain)" }
    /// The form that is compared and stored: both sides in lower case, an internationalised domain as A-labels. No
    /// provider of today tells local parts apart by case (RFC 5321 §2.4 would allow it).
    package var key: String { "\(local.lowercased())@\(DomainName(domain).text)" }
}

extension EmailAddress: Hashable {
    package static func == (left: EmailAddress, right: EmailAddress) -> Bool { left.key == right.key }
    package func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

/// An address with the name that a person reads, as in From and To.
package struct NamedAddress: Hashable, Sendable, CustomStringConvertible {
    /// Decoded display name; empty when there is none.
    package let name: String
    package let address: EmailAddress

    package init(name: String, address: EmailAddress) {
        self.name = name
        self.address = address
    }

    package var description: String { name.isEmpty ? address.description : "\(name) <\(address)>" }
}
