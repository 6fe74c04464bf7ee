internal import Bytes
internal import MailTypes

/// What `STATUS` can be asked for (RFC 9051 §6.3.11, RFC 7162 §3.1.7, RFC 7889 §4, RFC 8474 §4.3, RFC 9208 §4.1.4).
package enum StatusItem: String, CaseIterable, Hashable, Sendable {
    case messages = "MESSAGES"
    case recent = "RECENT"
    case uidNext = "UIDNEXT"
    case uidValidity = "UIDVALIDITY"
    case unseen = "UNSEEN"
    case deleted = "DELETED"
    /// Octets of the messages that are `\Deleted`.
    case deletedStorage = "DELETED-STORAGE"
    case size = "SIZE"
    case highestModSeq = "HIGHESTMODSEQ"
    case appendLimit = "APPENDLIMIT"
    case mailboxID = "MAILBOXID"
}

/// One answered item; the value is nil for `NIL` (only `APPENDLIMIT` may have none).
package struct StatusValue: Hashable, Sendable {
    package var item: StatusItem
    package var value: UInt64?
    /// What `MAILBOXID` has in place of a number.
    package var id: ObjectID?

    package init(_ item: StatusItem, _ value: UInt64?) {
        self.item = item
        self.value = value
    }

    /// `MAILBOXID`.
    package init(mailboxID id: ObjectID) {
        self.init(.mailboxID, nil)
        self.id = id
    }
}

extension CommandReader {
    /// `STATUS`, the word taken.
    mutating func status() throws(IMAPSyntaxError) -> Command {
        try space()
        let mailbox = try mailbox()
        try space()
        return .status(mailbox, try statusItems())
    }

    /// The items in their parentheses, at least one.
    mutating func statusItems() throws(IMAPSyntaxError) -> [StatusItem] {
        try open()
        var items: [StatusItem] = []
        repeat {
            switch word() {
            case .messages: items.append(.messages)
            case .recent: items.append(.recent)
            case .uidNext: items.append(.uidNext)
            case .uidValidity: items.append(.uidValidity)
            case .unseen: items.append(.unseen)
            case .deleted: items.append(.deleted)
            case .deletedStorage: items.append(.deletedStorage)
            case .size: items.append(.size)
            case .highestModSeq: items.append(.highestModSeq)
            case .appendLimit: items.append(.appendLimit)
            case .mailboxID: items.append(.mailboxID)
            default: throw unexpected("a status item")
            }
        } while try !closes(items.count)
        return items
    }
}

extension CommandWriter {
    mutating func status(_ name: MailboxName, _ items: [StatusItem]) {
        text("STATUS ")
        mailbox(name)
        text(" ")
        list(items) { $0.text($1.rawValue) }
    }
}
