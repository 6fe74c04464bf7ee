/// Which part of a message `BODY[…]` names (RFC 9051 §6.4.5.1).
package struct BodySection: Hashable, Sendable {
    package enum Text: Hashable, Sendable {
        case header
        /// Field names as the client wrote them, compared without case.
        case headerFields([[UInt8]])
        case headerFieldsNot([[UInt8]])
        case text
        /// The MIME header of a part; only below a part number.
        case mime
    }

    /// Part numbers from the outermost in, each from 1; empty for the whole message.
    package var part: [UInt32]
    package var text: Text?

    package init(part: [UInt32] = [], text: Text? = nil) {
        self.part = part
        self.text = text
    }

    /// `BODY[]`.
    package static let whole = BodySection()
}
