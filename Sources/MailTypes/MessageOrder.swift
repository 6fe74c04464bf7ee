/// One of the criteria of SORT (RFC 5256 §3, RFC 5957 §4), perhaps reversed.
package struct SortCriterion: Hashable, Sendable {
    /// What is compared: `sort-key` (RFC 5256 §5), with `DISPLAYFROM` and `DISPLAYTO` (RFC 5957 §3).
    package enum Key: String, CaseIterable, Hashable, Sendable {
        case arrival = "ARRIVAL"
        case cc = "CC"
        case date = "DATE"
        case displayFrom = "DISPLAYFROM"
        case displayTo = "DISPLAYTO"
        case from = "FROM"
        case size = "SIZE"
        case subject = "SUBJECT"
        case to = "TO"
    }

    package var key: Key
    /// `REVERSE` stands before it: the largest comes first. Messages that are equal by all criteria keep their order all
    /// the same.
    package var isReversed: Bool

    package init(_ key: Key, isReversed: Bool = false) {
        self.key = key
        self.isReversed = isReversed
    }
}

/// How THREAD finds what belongs together.
package enum ThreadAlgorithm: String, CaseIterable, Hashable, Sendable {
    /// By base subject, then by date (RFC 5256 §3).
    case orderedSubject = "ORDEREDSUBJECT"
    /// By references, and threads of the same base subject together (RFC 5256 §3).
    case references = "REFERENCES"
    /// By references alone; the thread with the newest message comes last (draft-ietf-morg-inthread), as several
    /// servers offer it.
    case refs = "REFS"
}
