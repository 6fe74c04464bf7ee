package import MailTypes

/// A message that is durably queued for its upstream.
package struct OutboxEntry: Hashable, Sendable {
    package enum State: String, Sendable, CaseIterable {
        case waiting, sending, sent, failed
    }

    package var account: AccountID
    /// The envelope's sender; nil for the null return path.
    package var sender: EmailAddress?
    package var recipients: [EmailAddress]
    /// Where the message's octets are stored (`Store.putContent`).
    package var content: ContentDigest
    package var state: State
    package var attempts: Int
    package var nextAttempt: Moment
    package var lastError: String?
    package var created: Moment

    package init(
        account: AccountID, sender: EmailAddress?, recipients: [EmailAddress], content: ContentDigest, created: Moment
    ) {
        self.account = account
        self.sender = sender
        self.recipients = recipients
        self.content = content
        self.created = created
        state = .waiting
        attempts = 0
        nextAttempt = created
    }
}

/// A queued message with its number.
package struct OutboxRow: Hashable, Sendable {
    package let id: OutboxID
    package var entry: OutboxEntry
    package init(id: OutboxID, entry: OutboxEntry) {
        self.id = id
        self.entry = entry
    }
}
