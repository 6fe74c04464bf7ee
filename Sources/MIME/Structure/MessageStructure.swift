package import MailTypes

/// Where the parts of one message lie: a flat list with offsets into its octets, made by `MessageScanner` and stored
/// beside the message.
package struct MessageStructure: Hashable, Sendable {
    package enum Kind: UInt8, Sendable {
        /// Holds content, or is opaque because a bound was reached.
        case leaf
        /// Its children are the parts between its boundaries.
        case multipart
        /// `message/rfc822` or `message/global`: its one child is the enclosed message.
        case message
    }

    package struct Part: Hashable, Sendable {
        package var kind: Kind
        /// The index of the part around this one; nil for the message itself.
        package var parent: Int?
        /// From 1 among the parts of a multipart; 1 for the message itself and for an enclosed message.
        package var number: UInt32
        /// The header's octets, the empty line that ends it included.
        package var header: Range<Int>
        /// The body's octets, without the line break that belongs to the boundary after it.
        package var body: Range<Int>
        /// Line ends in `body`.
        package var lines: Int
        package var fields: ContentFields
        /// Of the message itself and of enclosed messages; nil for any other part.
        package var envelope: Envelope?
        /// A multipart or an enclosed message that a bound kept from being taken apart.
        package var isOpaque: Bool
    }

    /// In the order of their first octets; the message itself comes first.
    package var parts: [Part]
    /// Octets of the whole message.
    package var size: Int

    package init(parts: [Part], size: Int) {
        self.parts = parts
        self.size = size
    }

    /// The part at the top: the message itself.
    package var root: Part { fatalError("API") }
    /// The indices of the parts directly inside the part at `index`, in order.
    package func children(of index: Int) -> [Int] { fatalError("API") }
    /// The index of the part with these IMAP part numbers (RFC 9051 §6.4.5.1); nil when there is none.
    package func index(of numbers: [UInt32]) -> Int? { fatalError("API") }
    /// IMAP's part numbers of the part at `index`; empty for the message itself.
    package func numbers(of index: Int) -> [UInt32] { fatalError("API") }
}
