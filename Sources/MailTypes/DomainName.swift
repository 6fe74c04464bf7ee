/// A domain in the one form in which domains are compared: lower case, internationalised labels as A-labels
/// (RFC 5890 §2.3.2.1), no dot at the end.
package struct DomainName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ domain: some StringProtocol) {
        let lower = domain.lowercased()
        guard lower.utf8.contains(where: { $0 >= 0x80 }) else {
            text = lower.count > 1 && lower.hasSuffix(".") ? String(lower.dropLast()) : lower
            return
        }
        var labels = lower.split(omittingEmptySubsequences: false) { Self.separators.contains($0) }
        if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        text = labels.map(Self.aLabel).joined(separator: ".")
    }

    /// Whether this is `other` or lies below it.
    package func isWithin(_ other: DomainName) -> Bool { self == other || isBelow(other) }

    /// Whether this lies below `other`: `mail.example.com` below `example.com`.
    package func isBelow(_ other: DomainName) -> Bool { text.hasSuffix("." + other.text) }

    package var description: String { text }

    // RFC 3490 §3.1: these are all label separators.
    private static let separators: Set<Character> = [".", "\u{3002}", "\u{FF0E}", "\u{FF61}"]

    private static func aLabel(_ label: Substring) -> String {
        guard label.unicodeScalars.contains(where: { !$0.isASCII }) else { return String(label) }
        return Punycode.encode(label.unicodeScalars).map { "xn--" + $0 } ?? String(label)
    }
}

extension EmailAddress {
    /// The domain in the form in which domains are compared.
    package var domainName: DomainName { DomainName(domain) }
}
