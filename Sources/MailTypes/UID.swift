/// A message's unique identifier in its mailbox (RFC 9051 §2.3.1.1): never zero, never changed, never used again.
package struct UID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt32

    /// Nil for zero, which is no unique identifier.
    package init?(rawValue: UInt32) {
        guard rawValue > 0 else { return nil }
        self.rawValue = rawValue
    }

    /// - Precondition: `value` is not zero.
    package init(_ value: UInt32) {
        precondition(value > 0, "a UID is never zero")
        rawValue = value
    }

    package static func < (left: UID, right: UID) -> Bool { left.rawValue < right.rawValue }
    package var description: String { String(rawValue) }
}

/// The epoch of a mailbox's UIDs (RFC 9051 §2.3.1.1). Two epochs have no UID in common.
package struct UIDValidity: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package var description: String { String(rawValue) }
}

/// A mod-sequence (RFC 7162 §3.1): 63 bits, strictly increasing within a mailbox.
package struct ModSeq: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }
    package static let zero = ModSeq(rawValue: 0)
    package var next: ModSeq { ModSeq(rawValue: rawValue + 1) }
    package static func < (left: ModSeq, right: ModSeq) -> Bool { left.rawValue < right.rawValue }
    package var description: String { String(rawValue) }
}
