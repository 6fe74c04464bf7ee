/// What `STATUS` can be asked for (RFC 9051 §6.3.11, RFC 7162 §3.1.7, RFC 7889 §4).
package enum StatusItem: String, CaseIterable, Hashable, Sendable {
    case messages = "MESSAGES"
    case recent = "RECENT"
    case uidNext = "UIDNEXT"
    case uidValidity = "UIDVALIDITY"
    case unseen = "UNSEEN"
    case deleted = "DELETED"
    case size = "SIZE"
    case highestModSeq = "HIGHESTMODSEQ"
    case appendLimit = "APPENDLIMIT"
}

/// One answered item; the value is nil for `NIL` (only `APPENDLIMIT` may have none).
package struct StatusValue: Hashable, Sendable {
    package var item: StatusItem
    package var value: UInt64?

    package init(_ item: StatusItem, _ value: UInt64?) {
        self.item = item
        self.value = value
    }
}
