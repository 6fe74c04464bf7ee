package import MailTypes
package import Store

/// One sighting of a message as it passes (product: arrival, read, saved, sent). The same message may be sighted many
/// times; the journal lets its actions run once.
package struct Passage: Sendable {
    package enum Way: String, Sendable, Hashable {
        /// It arrived in a monitored mailbox.
        case arrived
        /// A client read it.
        case read
        /// A client saved it (APPEND).
        case appended
        /// A client sent it.
        case sent
    }

    package var account: AccountID
    package var way: Way
    /// Where it lies; nil for a message that lies nowhere yet.
    package var place: JournalPlace?
    package var internalDate: Moment?
    package var message: MessageBody
    /// The login name of who saved it; nil when nobody of ours did anything.
    package var actor: String?
    /// What its mailbox is for.
    package var use: SpecialUse?
    package var flags: [Flag]

    package init(
        account: AccountID, way: Way, place: JournalPlace?, internalDate: Moment?, message: MessageBody,
        actor: String? = nil, use: SpecialUse? = nil, flags: [Flag] = []
    ) {
        self.account = account
        self.way = way
        self.place = place
        self.internalDate = internalDate
        self.message = message
        self.actor = actor
        self.use = use
        self.flags = flags
    }

    /// Whether it is none to be scanned: a draft is not mail yet (it passes when it is sent), and what lies in Junk or
    /// Trash was put aside.
    var isExempt: Bool {
        switch use {
        case .drafts, .junk, .trash: true
        default: flags.contains(.draft)
        }
    }
}

/// What came of a passage.
package enum PassageOutcome: Sendable, Hashable {
    /// The message has been dealt with, now or before, or is none to be scanned.
    case passed
    /// The actions ran now. A message of a monitored mailbox is marked and moved as told.
    case scanned(moveTo: MailboxName?, marksSeen: Bool)
    /// The actions failed and are to be tried again by a new passage after `retryAfter`; `isHeld` when clients shall not
    /// see it meanwhile.
    case failed(moveTo: MailboxName?, isHeld: Bool, retryAfter: Duration)
}
