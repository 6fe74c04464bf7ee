package import MailTypes

/// Whom a rule means: one address, a domain (`example.com`), or everything below one (`*.example.com`).
/// Compared without case, domains in A-label form.
package struct AddressPattern: Hashable, Sendable, CustomStringConvertible {
    private enum Form: Hashable, Sendable {
        case address(String)
        case domain(DomainName)
        case below(DomainName)
    }

    private let form: Form
    /// As the administrator wrote it.
    package let description: String

    /// Nil when `text` is none of the three forms.
    package init?(_ text: String) {
        description = text
        guard !text.isEmpty, !text.contains(where: { $0.isWhitespace || $0 == "," || $0 == "<" || $0 == ">" }) else {
            return nil
        }
        let isBare = !text.hasPrefix("@")
        if isBare, text.contains("@") {
            guard let address = EmailAddress(text), !address.local.contains("*"), Self.isDomain(address.domain) else {
                return nil
            }
            form = .address(address.key)
            return
        }
        let domain = isBare ? text : String(text.dropFirst())
        if domain.hasPrefix("*.") {
            let parent = domain.dropFirst(2)
            guard Self.isDomain(parent) else { return nil }
            form = .below(DomainName(parent))
        } else {
            guard Self.isDomain(domain) else { return nil }
            form = .domain(DomainName(domain))
        }
    }

    package func matches(_ address: EmailAddress) -> Bool {
        switch form {
        case .address(let key): address.key == key
        case .domain(let domain): address.domainName == domain
        case .below(let domain): address.domainName.isBelow(domain)
        }
    }

    package static func == (left: AddressPattern, right: AddressPattern) -> Bool { left.form == right.form }
    package func hash(into hasher: inout Hasher) { hasher.combine(form) }

    private static func isDomain(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && !text.contains("@") && !text.contains("*")
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
    }
}

extension AddressPattern: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let pattern = AddressPattern(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no address or domain: \(text)")
        }
        self = pattern
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
