/// One of the criteria of SORT (RFC 5256 §3, RFC 5957 §4), perhaps reversed.
package struct SortCriterion: Hashable, Sendable {
    /// What is compared.
    package enum Key: String, CaseIterable, Sendable {
        case arrival = "ARRIVAL"
        case cc = "CC"
        case date = "DATE"
        case from = "FROM"
        case size = "SIZE"
        case subject = "SUBJECT"
        case to = "TO"
        case displayFrom = "DISPLAYFROM"
        case displayTo = "DISPLAYTO"
    }

    package var key: Key
    /// Whether the largest comes first. Messages that are equal by all criteria keep their order all the same.
    package var isReversed: Bool

    package init(_ key: Key, isReversed: Bool = false) {
        self.key = key
        self.isReversed = isReversed
    }
}
