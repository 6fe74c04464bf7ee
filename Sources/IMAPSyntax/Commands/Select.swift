internal import Bytes
package import MailTypes

/// `SELECT` and `EXAMINE` (RFC 9051 §6.3.2) with the parameters of RFC 4466 §2.2.
package struct SelectCommand: Hashable, Sendable {
    /// `QRESYNC (…)` (RFC 7162 §3.2.5).
    package struct QuickResync: Hashable, Sendable {
        package var uidValidity: UIDValidity
        package var modSeq: ModSeq
        package var knownUIDs: SequenceSet?
        /// Sequence numbers and the UIDs that the client has for them.
        package var match: Match?

        package struct Match: Hashable, Sendable {
            package var numbers: SequenceSet
            package var uids: SequenceSet
            package init(numbers: SequenceSet, uids: SequenceSet) {
                self.numbers = numbers
                self.uids = uids
            }
        }

        package init(uidValidity: UIDValidity, modSeq: ModSeq, knownUIDs: SequenceSet? = nil, match: Match? = nil) {
            self.uidValidity = uidValidity
            self.modSeq = modSeq
            self.knownUIDs = knownUIDs
            self.match = match
        }
    }

    package var mailbox: MailboxName
    /// True for `EXAMINE`.
    package var isReadOnly: Bool
    /// `CONDSTORE` (RFC 7162 §3.1.8).
    package var condStore: Bool
    package var quickResync: QuickResync?

    package init(
        mailbox: MailboxName, isReadOnly: Bool = false, condStore: Bool = false, quickResync: QuickResync? = nil
    ) {
        self.mailbox = mailbox
        self.isReadOnly = isReadOnly
        self.condStore = condStore
        self.quickResync = quickResync
    }
}

extension CommandReader {
    /// `SELECT` or `EXAMINE`, the word taken.
    mutating func select(isReadOnly: Bool) throws(IMAPSyntaxError) -> SelectCommand {
        try space()
        var select = SelectCommand(mailbox: try mailbox(), isReadOnly: isReadOnly)
        guard skip(ASCII.space) else { return select }
        try open()
        var count = 0
        repeat {
            count += 1
            switch word() {
            case .condStore: select.condStore = true
            case .quickResync: select.quickResync = try quickResync()
            default: throw unexpected("CONDSTORE or QRESYNC")
            }
        } while try !closes(count)
        return select
    }

    private mutating func quickResync() throws(IMAPSyntaxError) -> SelectCommand.QuickResync {
        try space()
        try open()
        let uidValidity = UIDValidity(rawValue: try positiveNumber())
        try space()
        var resync = SelectCommand.QuickResync(uidValidity: uidValidity, modSeq: try modSeq())
        if skip(ASCII.space) {
            if peek != UInt8(ascii: "(") {
                resync.knownUIDs = try numberedSet()
                if skip(ASCII.space) { resync.match = try match() }
            } else {
                resync.match = try match()
            }
        }
        try close()
        return resync
    }

    private mutating func match() throws(IMAPSyntaxError) -> SelectCommand.QuickResync.Match {
        try open()
        let numbers = try numberedSet()
        try space()
        let uids = try numberedSet()
        try close()
        return SelectCommand.QuickResync.Match(numbers: numbers, uids: uids)
    }

    /// `known-uids`, `known-sequence-set`, `known-uid-set`: a set without `*` (RFC 7162 §7).
    private mutating func numberedSet() throws(IMAPSyntaxError) -> SequenceSet {
        let start = position
        let set = try sequenceSet()
        guard !set.elements.contains(where: { $0.first == .last || $0.second == .last }) else {
            throw .unexpected(position: start, expected: "a set without *")
        }
        return set
    }

    /// `CREATE`, the word taken; `USE` is the one parameter known (RFC 6154 §3).
    mutating func create() throws(IMAPSyntaxError) -> Command {
        try space()
        let mailbox = try mailbox()
        guard skip(ASCII.space) else { return .create(mailbox, uses: []) }
        try open()
        guard word() == .use else { throw unexpected("USE") }
        try space()
        let start = position
        var uses: [SpecialUse] = []
        for flag in try flagList() {
            guard let use = SpecialUse.allCases.first(where: { Flag($0.rawValue) == flag }) else {
                throw .unexpected(position: start, expected: "special uses")
            }
            uses.append(use)
        }
        try close()
        return .create(mailbox, uses: uses)
    }
}

extension CommandWriter {
    mutating func select(_ select: SelectCommand) {
        text(select.isReadOnly ? "EXAMINE " : "SELECT ")
        mailbox(select.mailbox)
        guard select.condStore || select.quickResync != nil else { return }
        text(" (")
        if select.condStore { text("CONDSTORE") }
        if let resync = select.quickResync {
            text(select.condStore ? " QRESYNC (" : "QRESYNC (")
            number(UInt64(resync.uidValidity.rawValue))
            text(" ")
            number(resync.modSeq.rawValue)
            if let known = resync.knownUIDs {
                text(" ")
                sequence(known)
            }
            if let match = resync.match {
                text(" (")
                sequence(match.numbers)
                text(" ")
                sequence(match.uids)
                text(")")
            }
            text(")")
        }
        text(")")
    }

    mutating func create(_ name: MailboxName, _ uses: [SpecialUse]) {
        text("CREATE ")
        mailbox(name)
        guard !uses.isEmpty else { return }
        text(" (USE ")
        list(uses) { $0.text($1.rawValue) }
        text(")")
    }
}
