internal import Bytes
package import MailTypes

/// `SORT` and `UID SORT` (RFC 5256 §3), also with `RETURN` (RFC 5267 §3).
package struct SortCommand: Hashable, Sendable {
    /// At least one; the first matters most.
    package var criteria: [SortCriterion]
    /// What is sorted. The charset is always named; UTF-8 is written for nil.
    package var search: SearchCommand

    package init(criteria: [SortCriterion], search: SearchCommand) {
        self.criteria = criteria
        self.search = search
    }
}

extension CommandReader {
    /// `SORT`, the word taken.
    mutating func sort(isUID: Bool) throws(IMAPSyntaxError) -> SortCommand {
        try space()
        var sort = SortCommand(criteria: [], search: SearchCommand(isUID: isUID, key: .all))
        try searchReturns(into: &sort.search)
        try open()
        repeat { sort.criteria.append(try sortCriterion()) } while try !closes(sort.criteria.count)
        try searchCriteria(into: &sort.search)
        return sort
    }

    private mutating func sortCriterion() throws(IMAPSyntaxError) -> SortCriterion {
        var start = position
        var name = try upperCaseAtom("a sort key")
        let isReversed = name == "REVERSE"
        if isReversed {
            try space()
            start = position
            name = try upperCaseAtom("a sort key")
        }
        guard let key = SortCriterion.Key(rawValue: name) else {
            throw .unexpected(position: start, expected: "a sort key")
        }
        return SortCriterion(key, isReversed: isReversed)
    }

    /// `search-criteria` of SORT and THREAD (RFC 5256 §5): the charset without a word before it, then the keys.
    mutating func searchCriteria(into search: inout SearchCommand) throws(IMAPSyntaxError) {
        try space()
        search.charset = try charset()
        try space()
        search.key = try conjunction(isParenthesised: false)
    }
}

extension CommandWriter {
    mutating func sort(_ sort: SortCommand) {
        text(sort.search.isUID ? "UID SORT " : "SORT ")
        searchReturns(sort.search)
        list(sort.criteria) { $0.text($1.isReversed ? "REVERSE \($1.key.rawValue)" : $1.key.rawValue) }
        searchCriteria(sort.search)
    }

    /// ` UTF-8 ALL`, the space before it included.
    mutating func searchCriteria(_ search: SearchCommand) {
        text(" ")
        astring(search.charset ?? Array("UTF-8".utf8))
        text(" ")
        searchKeys(search.key)
    }
}
