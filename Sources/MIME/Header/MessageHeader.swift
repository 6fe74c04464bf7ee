package import MailTypes

/// The header of a message, its fields found once and read on demand. Names compare without case.
package struct MessageHeader: Sendable {
    /// Fields that are told apart; later ones count as absent.
    package static let maximumFields = 10_000

    /// The fields in order.
    package let fields: [HeaderField]

    /// - Parameter bytes: the header, or a message from its first octet on.
    package init(_ bytes: [UInt8]) { fatalError("API") }

    /// The first field of this name.
    package func first(_ name: String) -> HeaderField? { fatalError("API") }
    /// Every field of this name, in order.
    package func all(_ name: String) -> [HeaderField] { fatalError("API") }
    package func contains(_ name: String) -> Bool { fatalError("API") }
    /// The first field of this name as text for people, encoded words decoded.
    package func text(_ name: String) -> String? { fatalError("API") }
    /// The addresses of every field of this name; groups are flattened.
    package func addresses(_ name: String) -> [NamedAddress] { fatalError("API") }
    /// The message identifiers of every field of this name, without angle brackets.
    package func messageIDs(_ name: String) -> [String] { fatalError("API") }

    package var subject: String { fatalError("API") }
    package var from: [NamedAddress] { addresses("From") }
    package var sender: [NamedAddress] { addresses("Sender") }
    package var replyTo: [NamedAddress] { addresses("Reply-To") }
    package var to: [NamedAddress] { addresses("To") }
    package var cc: [NamedAddress] { addresses("Cc") }
    package var bcc: [NamedAddress] { addresses("Bcc") }
    /// Without angle brackets.
    package var messageID: String? { messageIDs("Message-ID").first }
    package var inReplyTo: [String] { messageIDs("In-Reply-To") }
    /// The oldest first, as they are written.
    package var references: [String] { messageIDs("References") }
    package var date: Moment? { fatalError("API") }
    package var autoSubmitted: AutoSubmitted? { fatalError("API") }
    package var contentType: ContentType? { fatalError("API") }
    package var list: ListFields { fatalError("API") }
}
