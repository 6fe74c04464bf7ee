internal import Engine
internal import IMAPSyntax
internal import MailTypes

/// The mailboxes that an ESEARCH (RFC 7377 §2.2) or a NOTIFY (RFC 5465 §6) names.
struct MailboxScope {
    private let sources: [MailboxFilter]
    private let selected: MailboxName?
    private let hasShared: Bool

    /// - Parameter hasShared: whether she sees accounts beyond her default one.
    init(_ sources: [MailboxFilter], selected: MailboxName?, hasShared: Bool) {
        self.sources = sources
        self.selected = selected
        self.hasShared = hasShared
    }

    /// Those among the mailboxes that she may read, in their order, each once.
    func names(among all: [VisibleMailbox]) -> [MailboxName] {
        all.lazy.filter { mailbox in
            mailbox.attributes.isDisjoint(with: [.noSelect, .nonExistent])
                && sources.contains { isMeant(mailbox, by: $0) }
        }.map(\.name)
    }

    /// Whether one source means this mailbox.
    func isMeant(_ mailbox: VisibleMailbox, by source: MailboxFilter) -> Bool {
        let name = mailbox.name
        return switch source {
        case .selected, .selectedDelayed: name == selected
        // Mail is delivered to the INBOX of each account.
        case .inboxes: name.isInbox || isShared(name) && name.levels.dropFirst(2) == ["INBOX"]
        case .personal: !isShared(name)
        case .subscribed: mailbox.isSubscribed
        case .mailboxes(let names): names.contains(name)
        case .subtree(let roots): roots.contains { depth(of: name, below: $0) != nil }
        case .subtreeOne(let roots): roots.contains { depth(of: name, below: $0).map { $0 <= 1 } ?? false }
        }
    }

    private func isShared(_ name: MailboxName) -> Bool { hasShared && name.levels.first == Engine.sharedLevel }

    /// How many levels the mailbox is below the root, 0 for the root itself; nil when it is elsewhere.
    private func depth(of name: MailboxName, below root: MailboxName) -> Int? {
        let levels = name.levels
        let top = root.levels
        return levels.starts(with: top) ? levels.count - top.count : nil
    }
}
