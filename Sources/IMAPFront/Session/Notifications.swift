internal import Engine
internal import IMAPSyntax
internal import MailTypes

/// What one client wants to be told of without asking (RFC 5465).
final class Notifications {
    /// How the selected mailbox is told of.
    struct Selected {
        /// Expunges wait for a command that may tell them, or for IDLE (RFC 5465 §6.1.2).
        var isDelayed: Bool
        var tellsFlags: Bool
        /// What is told of a message that has come, besides that it has.
        var attributes: [FetchAttribute]
    }

    /// Those about other mailboxes than the selected one, in order.
    let groups: [NotifyCommand.Group]
    /// Nil when nothing of the selected mailbox is to be told.
    let selected: Selected?
    /// Nil when it is about the selected mailbox alone.
    let watch: MailboxWatch?
    /// The counts of other mailboxes that the client was told last.
    var told: [MailboxName: [StatusValue]] = [:]
    /// The counts of other mailboxes that can be told from what the client does there itself.
    var known: [MailboxName: KnownCounts] = [:]
    /// What was found beside the client's own changes, and is to be told next.
    private(set) var held: [MailboxNotice] = []
    /// Some of what has happened is forgotten.
    var hasMissed = false
    /// Something was not told yet since the client was in the middle of a command.
    var isBehind = false

    init(_ command: NotifyCommand, watch: MailboxWatch?) {
        groups = command.othersThanSelected
        selected = Self.selected(in: command)
        self.watch = watch
    }

    /// Nothing is to be told (`NOTIFY NONE`).
    init() {
        groups = []
        selected = nil
        watch = nil
    }

    /// What is held at most; beyond that something is missed.
    private static let heldLimit = 1_000

    var hasHeld: Bool { hasMissed || !held.isEmpty }

    /// Keeps a notice until it can be told.
    func hold(_ notice: MailboxNotice) {
        if held.count < Self.heldLimit { held.append(notice) } else { hasMissed = true }
    }

    /// What was held, and then these; nil when something was missed.
    func taken(_ notices: [MailboxNotice]?) -> [MailboxNotice]? {
        defer { held = [] }
        guard let notices, !hasMissed else { return nil }
        return held + notices
    }

    private static func selected(in command: NotifyCommand) -> Selected? {
        guard let group = command.groups.first(where: \.mailboxes.isSelected), !group.events.isEmpty else { return nil }
        var selected = Selected(
            isDelayed: group.mailboxes == .selectedDelayed, tellsFlags: group.events.contains(.flagChange),
            attributes: [])
        for case .messageNew(let attributes) in group.events { selected.attributes += attributes }
        return selected
    }

    /// What is to be told of a mailbox: of the groups that name it the first holds (RFC 5465 §6).
    func events(of mailbox: VisibleMailbox, _ scope: MailboxScope) -> [NotifyEvent] {
        groups.first { scope.isMeant(mailbox, by: $0.mailboxes) }?.events ?? []
    }

    /// Whether changed metadata is to be told: a mailbox's by the events of its group, the server's by those of any
    /// (RFC 5465 §5.6, §5.7).
    func tellsMetadata(of name: MailboxName, _ events: [NotifyEvent]) -> Bool {
        name.text.isEmpty
            ? groups.contains { $0.events.contains(.serverMetadataChange) } : events.contains(.mailboxMetadataChange)
    }

    /// The counts that messages and flags of other mailboxes are told by (RFC 5465 §3.1, §5.1 to §5.3).
    static func items(for events: [NotifyEvent], usesCondStore: Bool) -> [StatusItem] {
        var items: [StatusItem] = [.messages, .uidNext, .uidValidity]
        if events.contains(.flagChange) { items.append(.unseen) }
        if usesCondStore || events.contains(.flagChange) { items.append(.highestModSeq) }
        return items
    }
}

extension NotifyCommand {
    var othersThanSelected: [Group] { groups.filter { !$0.mailboxes.isSelected } }

    /// Whether it names an event that is not known here (RFC 5465 §3.1).
    var hasUnknownEvent: Bool {
        groups.contains { $0.events.contains { !$0.isKnown } }
    }
}

extension NotifyEvent {
    /// What can be watched for, as a refusal names it.
    static let known: [NotifyEvent] = [
        .messageNew([]), .messageExpunge, .flagChange, .mailboxName, .subscriptionChange, .mailboxMetadataChange,
        .serverMetadataChange,
    ]

    fileprivate var isKnown: Bool {
        switch self {
        case .messageNew, .messageExpunge, .flagChange, .mailboxName, .subscriptionChange, .mailboxMetadataChange,
            .serverMetadataChange:
            true
        case .annotationChange, .other: false
        }
    }

    var isMessageNew: Bool {
        if case .messageNew = self { true } else { false }
    }
}
