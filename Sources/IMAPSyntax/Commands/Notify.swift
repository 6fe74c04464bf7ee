internal import Bytes
internal import MailTypes

/// What a client wants to be told of unasked (RFC 5465 §5).
package enum NotifyEvent: Hashable, Sendable {
    /// With what is to be told of each new message; only for the selected mailbox.
    case messageNew([FetchAttribute])
    case messageExpunge
    case flagChange
    case annotationChange
    /// Mailboxes made, deleted and renamed.
    case mailboxName
    case subscriptionChange
    case mailboxMetadataChange
    case serverMetadataChange
    /// Any other, its name in upper case: to be refused with `BADEVENT`.
    case other(String)

    /// Its name as RFC 5465 writes it.
    package var name: String {
        switch self {
        case .messageNew: "MessageNew"
        case .messageExpunge: "MessageExpunge"
        case .flagChange: "FlagChange"
        case .annotationChange: "AnnotationChange"
        case .mailboxName: "MailboxName"
        case .subscriptionChange: "SubscriptionChange"
        case .mailboxMetadataChange: "MailboxMetadataChange"
        case .serverMetadataChange: "ServerMetadataChange"
        case .other(let name): name
        }
    }

    /// `message-event`: the only kind that the selected mailbox can be watched for.
    fileprivate var isAboutMessages: Bool {
        switch self {
        case .messageNew, .messageExpunge, .flagChange, .annotationChange, .other: true
        default: false
        }
    }
}

/// `NOTIFY SET` (RFC 5465 §3.1).
package struct NotifyCommand: Hashable, Sendable {
    package struct Group: Hashable, Sendable {
        package var mailboxes: MailboxFilter
        /// Empty for `NONE`.
        package var events: [NotifyEvent]

        package init(_ mailboxes: MailboxFilter, _ events: [NotifyEvent]) {
            self.mailboxes = mailboxes
            self.events = events
        }
    }

    /// `STATUS`: the state of each mailbox is told first.
    package var tellsStatus: Bool
    /// At least one; for each mailbox the first that names it holds.
    package var groups: [Group]

    package init(tellsStatus: Bool = false, groups: [Group]) {
        self.tellsStatus = tellsStatus
        self.groups = groups
    }
}

extension CommandReader {
    /// `NOTIFY`, the word taken; nil for `NONE`.
    mutating func notify() throws(IMAPSyntaxError) -> NotifyCommand? {
        try space()
        switch word() {
        case .none: return nil
        case .set: break
        default: throw unexpected("SET or NONE")
        }
        try space()
        var notify = NotifyCommand(groups: [])
        if peek != UInt8(ascii: "(") {
            guard word() == .status else { throw unexpected("STATUS or a group of events") }
            notify.tellsStatus = true
            try space()
        }
        repeat {
            guard notify.groups.count < limits.listLength else { throw .tooMany(position: position) }
            let start = position
            let group = try eventGroup()
            if group.mailboxes.isSelected, notify.groups.contains(where: \.mailboxes.isSelected) {
                throw .unexpected(position: start, expected: "the selected mailbox only once")
            }
            notify.groups.append(group)
        } while skip(ASCII.space)
        return notify
    }

    private mutating func eventGroup() throws(IMAPSyntaxError) -> NotifyCommand.Group {
        try open()
        var group = NotifyCommand.Group(try mailboxFilter(), [])
        try space()
        let start = position
        if skip(UInt8(ascii: "(")) {
            repeat { group.events.append(try notifyEvent()) } while try !closes(group.events.count)
        } else {
            guard word() == .none else { throw unexpected("events or NONE") }
        }
        try close()
        if let missing = Self.whatIsMissing(in: group) { throw .unexpected(position: start, expected: missing) }
        return group
    }

    /// What the grammar can't say but RFC 5465 §5 and §6.1 demand.
    private static func whatIsMissing(in group: NotifyCommand.Group) -> String? {
        var hasNew = false
        var hasAttributes = false
        for case .messageNew(let attributes) in group.events {
            hasNew = true
            hasAttributes = hasAttributes || !attributes.isEmpty
        }
        let hasExpunge = group.events.contains(.messageExpunge)
        let hasChanges = group.events.contains(.flagChange) || group.events.contains(.annotationChange)
        if hasNew != hasExpunge || (hasChanges && !hasNew) { return "both MessageNew and MessageExpunge" }
        guard group.mailboxes.isSelected else { return hasAttributes ? "attributes only with selected" : nil }
        return group.events.allSatisfy(\.isAboutMessages) ? nil : "only events of messages with selected"
    }

    private mutating func notifyEvent() throws(IMAPSyntaxError) -> NotifyEvent {
        let name = try upperCaseAtom("an event")
        switch name {
        case "MESSAGENEW":
            var attributes: [FetchAttribute] = []
            let start = position
            if skip(ASCII.space), skip(UInt8(ascii: "(")) {
                repeat { try fetchAttribute(into: &attributes) } while try !closes(attributes.count)
            } else {
                position = start
            }
            return .messageNew(attributes)
        case "MESSAGEEXPUNGE": return .messageExpunge
        case "FLAGCHANGE": return .flagChange
        case "ANNOTATIONCHANGE": return .annotationChange
        case "MAILBOXNAME": return .mailboxName
        case "SUBSCRIPTIONCHANGE": return .subscriptionChange
        case "MAILBOXMETADATACHANGE": return .mailboxMetadataChange
        case "SERVERMETADATACHANGE": return .serverMetadataChange
        default: return .other(name)
        }
    }
}

extension CommandWriter {
    mutating func notify(_ notify: NotifyCommand?) {
        guard let notify else { return text("NOTIFY NONE") }
        text(notify.tellsStatus ? "NOTIFY SET STATUS" : "NOTIFY SET")
        for group in notify.groups {
            text(" (")
            mailboxFilter(group.mailboxes)
            text(" ")
            if group.events.isEmpty { text("NONE") } else { list(group.events) { $0.notifyEvent($1) } }
            text(")")
        }
    }

    private mutating func notifyEvent(_ event: NotifyEvent) {
        text(event.name)
        guard case .messageNew(let attributes) = event, !attributes.isEmpty else { return }
        text(" ")
        list(attributes) { $0.attribute($1) }
    }
}
