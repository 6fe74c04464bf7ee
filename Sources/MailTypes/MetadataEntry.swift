internal import Bytes

/// The name of a piece of metadata (RFC 5464 §3.2): a path such as `/private/comment`, in printable ASCII, compared
/// without case. It tells who sees the value.
package struct MetadataEntry: Hashable, Sendable, CustomStringConvertible {
    /// Who sees a value, by the first level of its name (RFC 5464 §3.3).
    package enum Scope: String, CaseIterable, Hashable, Sendable {
        /// Who has set it, and nobody else.
        case `private` = "/private"
        /// Everybody who may see what it is attached to.
        case shared = "/shared"
    }

    /// How far below an entry others are asked for as well (RFC 5464 §4.2.2).
    package enum Depth: String, CaseIterable, Hashable, Sendable {
        case entry = "0"
        case children = "1"
        case all = "infinity"
    }

    /// As it was written.
    package let text: String
    package let scope: Scope

    /// Nil for what can't be a name: another first level, an empty level, a wildcard, a control character or an octet
    /// outside ASCII. Its length is not bounded here.
    package init?(_ text: String) {
        let octets = Array(text.utf8)
        guard let scope = Scope.allCases.first(where: { Self.begins(octets, with: $0) }),
            octets.last != Self.delimiter, octets.allSatisfy(Self.isAllowed),
            !zip(octets, octets.dropFirst()).contains(where: { $0 == Self.delimiter && $1 == Self.delimiter })
        else { return nil }
        self.text = text
        self.scope = scope
    }

    /// Whether it is `/private` or `/shared` itself, which has others below it and never a value.
    package var isScope: Bool { text.utf8.count == scope.rawValue.utf8.count }

    package var description: String { text }

    package static func == (left: Self, right: Self) -> Bool {
        Array(left.text.utf8).equalsIgnoringASCIICase(right.text.utf8)
    }
    package func hash(into hasher: inout Hasher) { hasher.combine(text.lowercased()) }

    private static let delimiter = UInt8(ascii: "/")

    private static func begins(_ octets: [UInt8], with scope: Scope) -> Bool {
        let level = scope.rawValue.utf8
        return octets.prefix(level.count).equalsIgnoringASCIICase(level)
            && (octets.count == level.count || octets[level.count] == delimiter)
    }

    private static func isAllowed(_ octet: UInt8) -> Bool {
        octet >= ASCII.space && octet < ASCII.delete && octet != UInt8(ascii: "*") && octet != UInt8(ascii: "%")
    }
}
