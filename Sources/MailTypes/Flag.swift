internal import Bytes

/// A message flag (RFC 9051 §2.3.2): a system flag such as `\Seen`, or a keyword such as `$Junk`.
/// Flags compare without case; the spelling is kept as it was first written.
package struct Flag: Sendable, CustomStringConvertible {
    package let name: String
    package init(_ name: String) { self.name = name }

    package static let seen = Flag("\\Seen")
    package static let answered = Flag("\\Answered")
    package static let flagged = Flag("\\Flagged")
    package static let deleted = Flag("\\Deleted")
    package static let draft = Flag("\\Draft")
    /// Set by the server alone (RFC 3501 §2.3.2); RFC 9051 has dropped it.
    package static let recent = Flag("\\Recent")

    /// The five that a client may set, in the order of RFC 9051 §2.3.2.
    package static let system: [Flag] = [answered, flagged, deleted, seen, draft]

    package var isSystem: Bool { name.hasPrefix("\\") }
    package var description: String { name }
}

extension Flag: Hashable {
    package static func == (left: Flag, right: Flag) -> Bool { left.name.utf8.equalsIgnoringASCIICase(right.name.utf8) }

    package func hash(into hasher: inout Hasher) {
        for byte in name.utf8 { hasher.combine(ASCII.lowercased(byte)) }
    }
}
