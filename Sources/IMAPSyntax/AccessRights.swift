internal import Bytes

/// The rights of an access control list (RFC 4314 §2.1), each a lower-case letter or a digit.
package struct AccessRights: OptionSet, Hashable, Sendable, CustomStringConvertible {
    /// Bit 0 is `a`, bit 25 `z`, bits 26 to 35 the digits.
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// `l`: LIST and LSUB show the mailbox.
    package static let lookup = AccessRights("l")
    /// `r`: SELECT, and STATUS.
    package static let read = AccessRights("r")
    /// `s`: `\Seen` is kept.
    package static let keepSeen = AccessRights("s")
    /// `w`: other flags than `\Seen` and `\Deleted`.
    package static let write = AccessRights("w")
    /// `i`: APPEND, and COPY into the mailbox.
    package static let insert = AccessRights("i")
    /// `p`: mail to the mailbox's own address.
    package static let post = AccessRights("p")
    /// `k`: mailboxes are made below it.
    package static let createMailboxes = AccessRights("k")
    /// `x`: the mailbox is deleted or renamed.
    package static let deleteMailbox = AccessRights("x")
    /// `t`: `\Deleted`.
    package static let deleteMessages = AccessRights("t")
    /// `e`: EXPUNGE.
    package static let expunge = AccessRights("e")
    /// `a`: the list itself is shown and changed.
    package static let administer = AccessRights("a")
    /// `c` and `d` of RFC 2086, which stand for others (RFC 4314 §2.1.1).
    package static let obsolete = AccessRights("cd")

    /// The order in which they are usually written.
    private static let order = Array("lrswipkxtecdabfghjmnoquvyz0123456789".utf8)

    /// The rights among these octets; what can be none is left out.
    package init(_ octets: some Sequence<UInt8>) {
        rawValue = octets.reduce(0) { (bits, byte) in Self.bit(byte).map { bits | $0 } ?? bits }
    }

    /// As `init(_:)`.
    package init(_ text: String) { self.init(text.utf8) }

    /// Nil when some octet can be no right.
    init?(strict octets: some Sequence<UInt8>) {
        guard octets.allSatisfy({ Self.bit($0) != nil }) else { return nil }
        self.init(octets)
    }

    private static func bit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): 1 << UInt64(byte - UInt8(ascii: "a"))
        case UInt8(ascii: "0")...UInt8(ascii: "9"): 1 << UInt64(byte - UInt8(ascii: "0") + 26)
        default: nil
        }
    }

    /// Each right once; empty for none.
    package var description: String {
        String(lossy: Self.order.filter { Self.bit($0).map { rawValue & $0 != 0 } ?? false })
    }
}
