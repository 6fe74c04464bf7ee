internal import Bytes
package import MailTypes

/// The flags of one message, each once, in a fixed order: the five system flags, then keywords by name.
///
/// `\Recent` is never among them: it belongs to a session, not to a message (RFC 3501 §2.3.2), and is dropped on the
/// way in. Two sets are equal when their flags are, compared without case; the spelling is the one first written.
package struct FlagSet: Hashable, Sendable, Sequence, CustomStringConvertible {
    package static let empty = FlagSet([])

    private let bits: UInt8
    private let keywords: [Flag]

    /// The set of these flags, in any order and with repeats.
    package init(_ flags: some Sequence<Flag>) {
        var bits: UInt8 = 0
        var keywords: [Flag] = []
        for flag in flags {
            if let bit = Self.bit(of: flag) {
                bits |= bit
            } else if flag != .recent, !keywords.contains(flag) {
                keywords.append(flag)
            }
        }
        self.bits = bits
        self.keywords = keywords.count < 2 ? keywords : keywords.sorted(by: Self.precedes)
    }

    private init(bits: UInt8, keywords: [Flag]) {
        self.bits = bits
        self.keywords = keywords
    }

    package var isEmpty: Bool { bits == 0 && keywords.isEmpty }
    package var isSeen: Bool { bits & 8 != 0 }
    package var isDeleted: Bool { bits & 4 != 0 }

    /// The flags in their order, as FETCH and STORE write them.
    package var flags: [Flag] {
        var flags: [Flag] = []
        for (place, flag) in Flag.system.enumerated() where bits & (1 << UInt8(place)) != 0 { flags.append(flag) }
        return flags + keywords
    }

    package func makeIterator() -> IndexingIterator<[Flag]> { flags.makeIterator() }

    package func contains(_ flag: Flag) -> Bool {
        if let bit = Self.bit(of: flag) { return bits & bit != 0 }
        return keywords.contains(flag)
    }

    /// These flags and those: what `+FLAGS` makes (RFC 9051 §6.4.6).
    package func union(_ other: FlagSet) -> FlagSet {
        if other.keywords.isEmpty { return FlagSet(bits: bits | other.bits, keywords: keywords) }
        return FlagSet(flags + other.flags)
    }

    /// These flags without those: what `-FLAGS` makes (RFC 9051 §6.4.6).
    package func subtracting(_ other: FlagSet) -> FlagSet {
        FlagSet(bits: bits & ~other.bits, keywords: keywords.filter { !other.keywords.contains($0) })
    }

    package var description: String { flags.map(\.name).joined(separator: " ") }

    // The order of `Flag.system`: answered 1, flagged 2, deleted 4, seen 8, draft 16.
    private static func bit(of flag: Flag) -> UInt8? {
        guard flag.isSystem, let place = Flag.system.firstIndex(of: flag) else { return nil }
        return 1 << UInt8(place)
    }

    private static func precedes(_ left: Flag, _ right: Flag) -> Bool {
        left.name.utf8.lexicographicallyPrecedes(right.name.utf8) { ASCII.lowercased($0) < ASCII.lowercased($1) }
    }
}
