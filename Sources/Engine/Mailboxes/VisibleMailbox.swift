package import IMAPSyntax
package import MailTypes

/// One line of a LIST answer, as a principal sees it.
package struct VisibleMailbox: Sendable, Hashable {
    /// The mailbox attributes of RFC 9051 §7.3.1.
    package struct Attributes: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// A level of the tree that is no mailbox: `\Noselect`.
        package static let noSelect = Attributes(rawValue: 1)
        package static let hasChildren = Attributes(rawValue: 2)
        /// Subscribed, but gone: `\NonExistent`.
        package static let nonExistent = Attributes(rawValue: 4)
        package static let noInferiors = Attributes(rawValue: 8)
    }

    /// The name as the principal sees it: `INBOX`, `Archive/2025`, `Shared/support/INBOX`.
    package var name: MailboxName
    package var attributes: Attributes
    package var uses: [SpecialUse]
    package var isSubscribed: Bool

    package init(name: MailboxName, attributes: Attributes = [], uses: [SpecialUse] = [], isSubscribed: Bool = false) {
        self.name = name
        self.attributes = attributes
        self.uses = uses
        self.isSubscribed = isSubscribed
    }
}

/// The namespaces of a principal (RFC 9051 §6.3.10).
package struct VisibleNamespaces: Sendable, Hashable {
    /// Always the empty prefix.
    package var personal: [String]
    /// `Shared/` when she may see accounts beyond her default one.
    package var shared: [String]
}

/// What of a mailbox's status takes more than asking the upstream for its counts.
package struct StatusNeeds: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let size = StatusNeeds(rawValue: 1)
    package static let deleted = StatusNeeds(rawValue: 2)
    package static let modSeq = StatusNeeds(rawValue: 4)
    package static let objectID = StatusNeeds(rawValue: 8)
    package static let deletedStorage = StatusNeeds(rawValue: 16)
}

/// What STATUS may ask of a mailbox (RFC 9051 §6.3.11).
package struct MailboxStatus: Sendable, Hashable {
    package var messages: Int
    package var unseen: Int
    /// True when asked for.
    package var deleted: Int
    package var uidNext: UInt32
    package var uidValidity: UIDValidity
    /// True when asked for.
    package var highestModSeq: ModSeq
    /// Octets of all messages; nil when it was not asked for, since it may need a look at every message.
    package var size: UInt64?
    /// Octets of the messages that are marked `\Deleted`; nil when it was not asked for.
    package var deletedSize: UInt64?
    /// MAILBOXID (RFC 8474 §4); nil when it was not asked for.
    package var objectID: ObjectID?
}
