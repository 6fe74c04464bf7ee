package import MailTypes
package import Rules

/// A recorded message.
package struct Email: Hashable, Sendable {
    /// Seen from the house: *sent* by us, *received*, or *internal* when everybody in it is ours.
    package typealias Direction = MailDirection

    package struct Attachment: Hashable, Sendable {
        /// File name as the message gives it; empty when it gives none.
        package var name: String
        /// `type/subtype` in lower case.
        package var mediaType: String
        /// Octets after transfer decoding.
        package var size: Int
        /// `Content-ID` without angle brackets, for parts that the HTML shows.
        package var contentID: String?
        /// Where the decoded content is stored (`Store.putContent`).
        package var content: ContentDigest
        package init(name: String, mediaType: String, size: Int, contentID: String? = nil, content: ContentDigest) {
            self.name = name
            self.mediaType = mediaType
            self.size = size
            self.contentID = contentID
            self.content = content
        }
    }

    /// The account through which the message passed first.
    package var account: AccountID
    /// What makes it the same message in every account: the journal's identity digest.
    package var identity: [UInt8]
    package var direction: Direction
    /// Without angle brackets; empty when the message has none.
    package var messageID: String
    package var inReplyTo: [String]
    package var references: [String]
    package var subject: String
    /// The message's own date; nil when it has none that can be read.
    package var date: Moment?
    package var from: [NamedAddress]
    package var replyTo: [NamedAddress]
    package var to: [NamedAddress]
    package var cc: [NamedAddress]
    package var bcc: [NamedAddress]
    package var text: String
    package var html: String?
    /// An out-of-office reply, a delivery report or other mail that no person wrote.
    package var isAutomatic: Bool
    /// Octets of the whole message.
    package var size: Int
    /// Where the message's source is stored, when it is.
    package var source: ContentDigest?
    package var attachments: [Attachment]
    /// When Posthouse recorded it.
    package var recorded: Moment

    package init(
        account: AccountID, identity: [UInt8], direction: Direction, messageID: String, inReplyTo: [String] = [],
        references: [String] = [], subject: String, date: Moment? = nil, from: [NamedAddress],
        replyTo: [NamedAddress] = [], to: [NamedAddress] = [], cc: [NamedAddress] = [], bcc: [NamedAddress] = [],
        text: String = "", html: String? = nil, isAutomatic: Bool = false, size: Int,
        source: ContentDigest? = nil, attachments: [Attachment] = [], recorded: Moment
    ) {
        self.account = account
        self.identity = identity
        self.direction = direction
        self.messageID = messageID
        self.inReplyTo = inReplyTo
        self.references = references
        self.subject = subject
        self.date = date
        self.from = from
        self.replyTo = replyTo
        self.to = to
        self.cc = cc
        self.bcc = bcc
        self.text = text
        self.html = html
        self.isAutomatic = isAutomatic
        self.size = size
        self.source = source
        self.attachments = attachments
        self.recorded = recorded
    }

    /// Every address that takes part, each once.
    package var participants: Set<EmailAddress> { Set((from + replyTo + to + cc + bcc).map(\.address)) }
}

/// What recording a message came to.
package struct RecordedEmail: Hashable, Sendable {
    package let id: EmailID
    /// False when the same message had passed before; the account is then a co-owner of that record.
    package let isNew: Bool
    package init(id: EmailID, isNew: Bool) {
        self.id = id
        self.isNew = isNew
    }
}

/// The rules' word for it, under a name that `Email.Direction` can refer to: the module `Rules` has a type of that name.
package typealias MailDirection = Direction
