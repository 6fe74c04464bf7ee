/// What a message says, for recording it.
package struct MessageContent: Hashable, Sendable {
    /// How much is read and kept.
    package struct Limits: Hashable, Sendable {
        /// Octets of one text part, before decoding, that are read.
        package var partLength = 2 << 20
        /// Characters (UTF-8 octets) of the text and of the HTML that are kept.
        package var textLength = 1 << 20
        /// Attachments listed.
        package var attachments = 1000
        package init() {}
        package static let standard = Limits()
    }

    /// The best text: plain parts where there are any, else the HTML as text. Lines end in LF.
    package var text: String
    /// The HTML, sanitised; nil when there is none.
    package var html: String?
    package var attachments: [Attachment]
    /// Whether a limit cut something off.
    package var isTruncated: Bool
}

/// A part that is no text to be read in place.
package struct Attachment: Hashable, Sendable {
    /// Index in the structure's parts.
    package var part: Int
    /// The file name, decoded, without any directory; empty when none is given.
    package var name: String
    /// `type/subtype` in lower case.
    package var type: String
    /// Without angle brackets, for parts that the HTML refers to.
    package var contentID: String?
    package var isInline: Bool
    /// The encoded octets in the message.
    package var range: Range<Int>
    package var encoding: TransferEncoding
    /// Octets before decoding.
    package var size: Int { range.count }
}

extension MessageStructure {
    /// The attachments without reading the message.
    package func attachments(limit: Int = MessageContent.Limits.standard.attachments) -> [Attachment] {
        fatalError("API")
    }

    /// Reads the text parts and makes text, HTML and attachment list of them.
    package func content<Failure: Error>(
        limits: MessageContent.Limits = .standard, read: (Range<Int>) async throws(Failure) -> [UInt8]
    ) async throws(Failure) -> MessageContent { fatalError("API") }
}
