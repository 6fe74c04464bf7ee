package import MailTypes

/// The part of a section that is asked for: `<offset.count>` (RFC 9051 §6.4.5).
package struct Partial: Hashable, Sendable {
    package var offset: UInt64
    /// At least 1.
    package var count: UInt64

    package init(offset: UInt64, count: UInt64) {
        self.offset = offset
        self.count = count
    }

    /// The octets meant of a value of `size` octets; empty when the offset lies past the end.
    package func range(in size: Int) -> Range<Int> {
        let start = offset > UInt64(size) ? size : Int(offset)
        let (sum, overflowed) = UInt64(start).addingReportingOverflow(count)
        return start..<(overflowed || sum > UInt64(size) ? size : Int(sum))
    }
}

/// What `FETCH` can be asked for (RFC 9051 §6.4.5, RFC 3501 §6.4.5, RFC 3516, RFC 7162 §3.1.4). Macros are expanded.
package enum FetchAttribute: Hashable, Sendable {
    case uid
    case flags
    case internalDate
    /// `RFC822.SIZE`.
    case size
    case envelope
    /// `BODY` without a section: the structure without extension data.
    case body
    /// `BODYSTRUCTURE`.
    case bodyStructure
    case modSeq
    /// `BODY[…]<…>` and `BODY.PEEK[…]<…>`.
    case section(BodySection, partial: Partial?, peek: Bool)
    /// `RFC822`, answered under its own name like the next two (RFC 3501 §6.4.5).
    case rfc822
    case rfc822Header
    case rfc822Text
    /// `BINARY[…]` and `BINARY.PEEK[…]`: the part with its transfer encoding undone.
    case binary(part: [UInt32], partial: Partial?, peek: Bool)
    case binarySize(part: [UInt32])
}

/// `FETCH` and `UID FETCH`.
package struct FetchCommand: Hashable, Sendable {
    package var isUID: Bool
    package var messages: MessageSet
    package var attributes: [FetchAttribute]
    /// `CHANGEDSINCE` (RFC 7162 §3.1.4.1).
    package var changedSince: ModSeq?
    /// `VANISHED` (RFC 7162 §3.2.6).
    package var vanished: Bool

    package init(
        isUID: Bool = false, messages: MessageSet, attributes: [FetchAttribute], changedSince: ModSeq? = nil,
        vanished: Bool = false
    ) {
        self.isUID = isUID
        self.messages = messages
        self.attributes = attributes
        self.changedSince = changedSince
        self.vanished = vanished
    }
}
