package import IMAPSyntax
package import MailTypes

/// What of a message's particulars a FETCH or a SEARCH asks for.
package struct ParticularNeeds: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let emailID = ParticularNeeds(rawValue: 1)
    package static let threadID = ParticularNeeds(rawValue: 2)
    package static let saveDate = ParticularNeeds(rawValue: 4)
    /// The preview, whatever it takes.
    package static let preview = ParticularNeeds(rawValue: 8)
    /// The preview where it takes no look at the upstream.
    package static let lazyPreview = ParticularNeeds(rawValue: 16)
}

/// What extensions tell of one message. What was not asked for is nil.
package struct MessageParticulars: Sendable, Hashable {
    /// The same for the same message in several mailboxes of an account (RFC 8474 §5.1).
    package var emailID: ObjectID?
    /// Nil where the upstream does not thread (RFC 8474 §5.2).
    package var threadID: ObjectID?
    /// When the message came into the mailbox, as the upstream says or as it was first seen here; nil when that can't
    /// be said now (RFC 8514 §4.2).
    package var saveDate: Moment?
    /// The beginning of the text; nil when it is not at hand (RFC 8970 §3.2).
    package var preview: String?
    /// `X-GM-MSGID`, Gmail's own like the next two.
    package var gmailMessageID: UInt64?
    package var gmailThreadID: UInt64?
    /// Those of the system begin with a backslash.
    package var gmailLabels: [String]?
    /// Items that nobody here knows, as the upstream sent them.
    package var others: [UnreadItem] = []
}

/// Particulars of several messages, and why some are missing.
package struct FoundParticulars: Sendable {
    package var messages: [UID: MessageParticulars] = [:]
    /// Why something that was asked for is missing; nil when nothing is.
    package var failure: EngineError?

    package init() {}
}
