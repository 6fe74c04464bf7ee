package import MailTypes

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

    /// The mailbox's name, after the change.
    package var mailbox: MailboxName {
        switch self {
        case .messages(let name), .flags(let name), .made(let name), .removed(let name), .renamed(let name, _),
            .subscription(let name):
            name
        }
    }

    /// Whether the set of mailboxes, or what is known of one, is another than before.
    package var isOfTree: Bool {
        switch self {
        case .messages, .flags: false
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
        }
    }
}

/// A change as a principal is told of it.
package struct MailboxNotice: Hashable, Sendable {
    package var change: MailboxChange
    /// The mailbox as she sees it now; only its name is true of one that was removed.
    package var mailbox: VisibleMailbox
}
