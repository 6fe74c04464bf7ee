internal import Bytes
package import MailTypes

/// The header of a message, its fields found once and read on demand. Names compare without case.
package struct MessageHeader: Sendable {
    /// Fields that are told apart; later ones count as absent.
    package static let maximumFields = 10_000

    /// The fields in order.
    package let fields: [HeaderField]

    /// - Parameter bytes: the header, or a message from its first octet on.
    package init(_ bytes: [UInt8]) { fields = Array(HeaderFields(bytes).prefix(Self.maximumFields)) }

    /// The first field of this name.
    package func first(_ name: String) -> HeaderField? { fields.first { $0.isNamed(name) } }

    /// Every field of this name, in order.
    package func all(_ name: String) -> [HeaderField] { fields.filter { $0.isNamed(name) } }

    package func contains(_ name: String) -> Bool { fields.contains { $0.isNamed(name) } }

    /// The first field of this name as text for people, encoded words decoded.
    package func text(_ name: String) -> String? { first(name)?.text }

    /// The addresses of every field of this name; groups are flattened.
    package func addresses(_ name: String) -> [NamedAddress] {
        var found: [NamedAddress] = []
        for field in all(name) where found.count < ScanLimits.standard.addresses {
            found += AddressList.parse(field.value, limit: ScanLimits.standard.addresses - found.count)
        }
        return found
    }

    /// The message identifiers of every field of this name, without angle brackets.
    package func messageIDs(_ name: String) -> [String] {
        Array(all(name).flatMap { MessageIDList.parse($0.value) }.suffix(MessageIDList.maximum))
    }

    /// Empty when there is none.
    package var subject: String { text("Subject") ?? "" }
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
    package var date: Moment? { first("Date").flatMap { MessageDate.parse($0.value) } }
    package var autoSubmitted: AutoSubmitted? { first("Auto-Submitted").flatMap { AutoSubmitted($0.value) } }
    package var contentType: ContentType? { first("Content-Type").flatMap { ContentType($0.value) } }
    package var list: ListFields { ListFields(self) }
}
