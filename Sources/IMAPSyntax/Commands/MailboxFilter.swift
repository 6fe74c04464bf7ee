internal import Bytes
package import MailTypes

/// Which mailboxes a NOTIFY watches (RFC 5465 §6) or a search of several looks into (RFC 7377 §2.1).
package enum MailboxFilter: Hashable, Sendable {
    case selected
    /// As `selected`, but expunges are told only where an ordinary one may be; not in searches.
    case selectedDelayed
    /// Where new mail may arrive.
    case inboxes
    /// The personal namespaces.
    case personal
    case subscribed
    /// These and all below them; at least one.
    case subtree([MailboxName])
    /// These and what is right below them (RFC 7377 §2.1); at least one.
    case subtreeOne([MailboxName])
    /// At least one.
    case mailboxes([MailboxName])

    /// Whether it is about the selected mailbox.
    package var isSelected: Bool { self == .selected || self == .selectedDelayed }
}

extension CommandReader {
    /// `filter-mailboxes`.
    mutating func mailboxFilter() throws(IMAPSyntaxError) -> MailboxFilter {
        let start = position
        switch word() {
        case .selected: return .selected
        case .selectedDelayed: return .selectedDelayed
        case .inboxes: return .inboxes
        case .personal: return .personal
        case .subscribed: return .subscribed
        case .subtree: return .subtree(try oneOrMoreMailboxes())
        case .subtreeOne: return .subtreeOne(try oneOrMoreMailboxes())
        case .mailboxes: return .mailboxes(try oneOrMoreMailboxes())
        default: throw .unexpected(position: start, expected: "mailboxes to look at")
        }
    }

    /// `one-or-more-mailbox` with the space before it.
    private mutating func oneOrMoreMailboxes() throws(IMAPSyntaxError) -> [MailboxName] {
        try space()
        guard skip(UInt8(ascii: "(")) else { return [try mailbox()] }
        var names: [MailboxName] = []
        repeat { names.append(try mailbox()) } while try !closes(names.count)
        return names
    }
}

extension CommandWriter {
    mutating func mailboxFilter(_ filter: MailboxFilter) {
        switch filter {
        case .selected: text("selected")
        case .selectedDelayed: text("selected-delayed")
        case .inboxes: text("inboxes")
        case .personal: text("personal")
        case .subscribed: text("subscribed")
        case .subtree(let names): self.filter("subtree ", names)
        case .subtreeOne(let names): self.filter("subtree-one ", names)
        case .mailboxes(let names): self.filter("mailboxes ", names)
        }
    }

    private mutating func filter(_ word: String, _ names: [MailboxName]) {
        text(word)
        list(names) { $0.mailbox($1) }
    }
}
