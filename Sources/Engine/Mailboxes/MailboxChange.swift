package import MailTypes
package import Store

/// What has happened to a mailbox, whoever did it (RFC 5465 §5).
package enum MailboxChange: Hashable, Sendable {
    /// Messages have come or gone.
    case messages(MailboxName)
    /// Flags of messages have changed.
    case flags(MailboxName)
    case made(MailboxName)
    case removed(MailboxName)
    case renamed(MailboxName, from: MailboxName)
    /// It was subscribed to, or is no longer.
    case subscription(MailboxName)
    /// An entry of its metadata has another value (RFC 5465 §5.6), or one of the server's (§5.7), which has the empty
    /// name. Only this user sees it, when there is one.
    case metadata(MailboxName, MetadataEntry, seenBy: UserID?)

    /// The mailbox's name, after the change.
    package var mailbox: MailboxName {
        switch self {
        case .messages(let name), .flags(let name), .made(let name), .removed(let name), .renamed(let name, _),
            .subscription(let name), .metadata(let name, _, _):
            name
        }
    }

    /// Whether the set of mailboxes, or what is known of one, is another than before.
    package var isOfTree: Bool {
        switch self {
        case .messages, .flags, .metadata: false
        case .made, .removed, .renamed, .subscription: true
        }
    }

    /// The same with the names that somebody else has for the mailboxes.
    func named(_ name: (MailboxName) -> MailboxName) -> MailboxChange {
        switch self {
        case .messages(let mailbox): .messages(name(mailbox))
        case .flags(let mailbox): .flags(name(mailbox))
        case .made(let mailbox): .made(name(mailbox))
        case .removed(let mailbox): .removed(name(mailbox))
        case .renamed(let mailbox, let old): .renamed(name(mailbox), from: name(old))
        case .subscription(let mailbox): .subscription(name(mailbox))
        case .metadata(let mailbox, let entry, let user): .metadata(name(mailbox), entry, seenBy: user)
        }
    }
}

/// A change as a principal is told of it.
package struct MailboxNotice: Hashable, Sendable {
    package var change: MailboxChange
    /// The mailbox as she sees it now; only its name is true of one that was removed.
    package var mailbox: VisibleMailbox
    /// The level above one that was made or removed, which has got or lost a child (RFC 5465 §5.4); nil where there is none
    /// that she may know of.
    package var parent: VisibleMailbox?
}
