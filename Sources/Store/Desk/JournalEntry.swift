package import MailTypes

/// One message of one account: what was decided about it, and what came of it.
package struct JournalEntry: Hashable, Sendable {
    package enum Outcome: String, Sendable, CaseIterable {
        /// Begun, its effects not yet committed.
        case pending
        /// Every action is done.
        case done
        /// Nothing was to be done: an exception, automatic mail, a loop, before the start.
        case skipped
        /// The actions failed; tried again at `retryAt`.
        case quarantined
        /// A crash hides whether the upstream took it.
        case unknown
    }

    package var account: AccountID
    /// Digest of what identifies the message, at most 64 octets; unique within the account.
    package var identity: [UInt8]
    package var direction: Email.Direction
    /// For people who look for it: without angle brackets, and the subject.
    package var messageID: String
    package var subject: String
    package var outcome: Outcome
    /// The decision with its reasons, as JSON.
    package var decision: [UInt8]
    /// Why the last attempt failed.
    package var failure: String?
    package var attempts: Int
    package var retryAt: Moment?
    package var email: EmailID?
    package var ticket: TicketNumber?
    package var firstSeen: Moment
    package var updated: Moment

    package init(
        account: AccountID, identity: [UInt8], direction: Email.Direction, messageID: String = "", subject: String = "",
        outcome: Outcome, decision: [UInt8] = [], failure: String? = nil, attempts: Int = 1, retryAt: Moment? = nil,
        email: EmailID? = nil, ticket: TicketNumber? = nil, firstSeen: Moment
    ) {
        self.account = account
        self.identity = identity
        self.direction = direction
        self.messageID = messageID
        self.subject = subject
        self.outcome = outcome
        self.decision = decision
        self.failure = failure
        self.attempts = attempts
        self.retryAt = retryAt
        self.email = email
        self.ticket = ticket
        self.firstSeen = firstSeen
        updated = firstSeen
    }
}

/// Where a message was seen.
package struct JournalPlace: Hashable, Sendable {
    package var mailbox: MailboxName
    package var uidValidity: UIDValidity
    package var uid: UID
    package init(mailbox: MailboxName, uidValidity: UIDValidity, uid: UID) {
        self.mailbox = mailbox
        self.uidValidity = uidValidity
        self.uid = uid
    }
}

/// A journal entry with its number and every place the message was seen in.
package struct JournalRow: Hashable, Sendable {
    package let id: JournalID
    package var entry: JournalEntry
    package var places: [JournalPlace]
    package init(id: JournalID, entry: JournalEntry, places: [JournalPlace]) {
        self.id = id
        self.entry = entry
        self.places = places
    }
}

/// What inserting a journal entry came to.
package struct JournalInsertion: Hashable, Sendable {
    package let id: JournalID
    /// False when this message of this account has an entry already: its effects must not be made again.
    package let isNew: Bool
    package init(id: JournalID, isNew: Bool) {
        self.id = id
        self.isNew = isNew
    }
}

/// Which journal entries to list, newest first; every condition that is set holds.
package struct JournalFilter: Hashable, Sendable {
    package var account: AccountID?
    package var outcome: JournalEntry.Outcome?
    package var messageID: String?
    package var ticket: TicketNumber?
    /// Only quarantined entries whose time to try again has come.
    package var dueAt: Moment?
    package var limit: Int
    package init(
        account: AccountID? = nil, outcome: JournalEntry.Outcome? = nil, messageID: String? = nil,
        ticket: TicketNumber? = nil, dueAt: Moment? = nil, limit: Int = 1000
    ) {
        self.account = account
        self.outcome = outcome
        self.messageID = messageID
        self.ticket = ticket
        self.dueAt = dueAt
        self.limit = limit
    }
}
