package import MailTypes

/// A day of the calendar, as `BEFORE`, `ON`, `SINCE` and their kin compare it (RFC 9051 §6.4.4).
package struct CalendarDate: Hashable, Comparable, Sendable {
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int

    package init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day that a clock in the moment's own zone shows.
    package init(_ moment: Moment) {
        let fields = moment.fields
        self.init(year: fields.year, month: fields.month, day: fields.day)
    }

    package static func < (left: CalendarDate, right: CalendarDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}

/// One criterion of `SEARCH` (RFC 9051 §6.4.4, RFC 3501 §6.4.4, RFC 5032, RFC 7162 §3.1.5). Strings are valid UTF-8
/// and are found as substrings without regard to case.
package indirect enum SearchKey: Hashable, Sendable {
    case all
    /// `ANSWERED`, `SEEN` … and `KEYWORD x`.
    case flag(Flag)
    /// `UNANSWERED`, `UNSEEN` … and `UNKEYWORD x`.
    case notFlag(Flag)
    /// `RECENT`; `NEW` is parsed as recent and not seen, `OLD` as not recent.
    case recent

    case from([UInt8])
    case to([UInt8])
    case cc([UInt8])
    case bcc([UInt8])
    case subject([UInt8])
    /// An empty value matches every message that has the field.
    case header(name: [UInt8], value: [UInt8])
    case body([UInt8])
    /// Header or body.
    case text([UInt8])

    /// By INTERNALDATE, zone and time of day disregarded.
    case before(CalendarDate)
    case on(CalendarDate)
    case since(CalendarDate)
    /// By the header field Date.
    case sentBefore(CalendarDate)
    case sentOn(CalendarDate)
    case sentSince(CalendarDate)
    /// INTERNALDATE is at least this many seconds ago.
    case older(UInt32)
    /// INTERNALDATE is at most this many seconds ago.
    case younger(UInt32)

    /// More octets than this.
    case larger(UInt64)
    /// Fewer octets than this.
    case smaller(UInt64)
    /// Mod-sequence at least this; per-flag mod-sequences are not kept, so the entry name is dropped.
    case modSeq(ModSeq)

    /// RFC 8474 §6.
    case emailID(ObjectID)
    /// RFC 8474 §6.
    case threadID(ObjectID)
    /// By the day on which the message came into this mailbox (RFC 8514 §4.3).
    case savedBefore(CalendarDate)
    case savedOn(CalendarDate)
    case savedSince(CalendarDate)
    /// The mailbox keeps such days (RFC 8514 §4.3).
    case saveDateSupported

    /// `X-GM-RAW`: a search as Gmail's own page has it.
    case gmailRaw([UInt8])
    /// `X-GM-MSGID`.
    case gmailMessageID(UInt64)
    /// `X-GM-THRID`.
    case gmailThreadID(UInt64)
    /// `X-GM-LABELS`, decoded; one of the system begins with a backslash.
    case gmailLabel(String)

    /// Sequence numbers of the asking client's view; resolved before the engine sees the key.
    case numbers(SequenceSet)
    /// `UID …`, `*` not resolved; resolved before the engine sees the key.
    case uids(SequenceSet)
    /// `$`; resolved before the engine sees the key.
    case saved
    /// UIDs: what the three above become by `resolved`.
    case among(NumberSet)

    case not(SearchKey)
    case or(SearchKey, SearchKey)
    /// All of them; true when empty.
    case and([SearchKey])
}

extension SearchKey {
    /// The same criterion with every set of messages turned into UIDs.
    package func resolved(
        numbers: (SequenceSet) -> NumberSet, uids: (SequenceSet) -> NumberSet, saved: NumberSet
    ) -> SearchKey {
        switch self {
        case .numbers(let set): .among(numbers(set))
        case .uids(let set): .among(uids(set))
        case .saved: .among(saved)
        case .not(let key): .not(key.resolved(numbers: numbers, uids: uids, saved: saved))
        case .or(let left, let right):
            .or(
                left.resolved(numbers: numbers, uids: uids, saved: saved),
                right.resolved(numbers: numbers, uids: uids, saved: saved))
        case .and(let keys): .and(keys.map { $0.resolved(numbers: numbers, uids: uids, saved: saved) })
        default: self
        }
    }

    /// Whether this criterion holds for some key within it, itself among them.
    package func contains(where holds: (SearchKey) -> Bool) -> Bool {
        if holds(self) { return true }
        return switch self {
        case .not(let key): key.contains(where: holds)
        case .or(let left, let right): left.contains(where: holds) || right.contains(where: holds)
        case .and(let keys): keys.contains { $0.contains(where: holds) }
        default: false
        }
    }
}

/// `SEARCH` and `UID SEARCH`.
package struct SearchCommand: Hashable, Sendable {
    /// The options of `RETURN (…)` (RFC 9051 §6.4.4, RFC 5182, RFC 5267 §2.1), but for `PARTIAL`.
    package struct Returns: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let min = Returns(rawValue: 1)
        package static let max = Returns(rawValue: 2)
        package static let all = Returns(rawValue: 4)
        package static let count = Returns(rawValue: 8)
        package static let save = Returns(rawValue: 16)
        /// Changes of the result are told until `CANCELUPDATE` (RFC 5267 §4.3).
        package static let update = Returns(rawValue: 32)
        /// The client means to search the same again soon (RFC 5267 §4.2).
        package static let context = Returns(rawValue: 64)
    }

    package var isUID: Bool
    /// Nil without `RETURN`; `RETURN ()` is `.all`.
    package var returns: Returns?
    /// `PARTIAL` among what is returned (RFC 5267 §4.4, RFC 9394 §3.1).
    package var partial: ResultRange?
    /// What `UPDATE` is to tell of each message that comes and matches (RFC 5465 §7); empty for nothing.
    package var updateAttributes: [FetchAttribute] = []
    /// As the client wrote it; the parser accepts US-ASCII and UTF-8.
    package var charset: [UInt8]?
    package var key: SearchKey

    package init(
        isUID: Bool = false, returns: Returns? = nil, partial: ResultRange? = nil, charset: [UInt8]? = nil,
        key: SearchKey
    ) {
        self.isUID = isUID
        self.returns = returns
        self.partial = partial
        self.charset = charset
        self.key = key
    }
}
