package import MailTypes

/// What is known of one mailbox: its messages' UIDs, flags and mod-sequences, the last changes to them, and the last
/// expunges.
///
/// Three parallel arrays sorted by UID, 16 bytes a message. A change is planned (`plan`, which leaves out what changes
/// nothing and numbers the rest), committed to the cache by the caller, then applied (`apply`); plans are applied one
/// at a time in the order they were made. Looking up a message costs a binary search, adding at the end constant time
/// unless a view shares the UID array (then one copy of 4 bytes a message), expunging any number of messages one pass.
package struct MailboxMirror: Sendable {
    /// One message as the cache holds it.
    package struct Row: Hashable, Sendable {
        package let uid: UID
        package let flags: FlagSet
        package let modSeq: ModSeq

        package init(uid: UID, flags: FlagSet, modSeq: ModSeq) {
            self.uid = uid
            self.flags = flags
            self.modSeq = modSeq
        }
    }

    /// A stretch of time in which a UID means one message. It ends when the upstream changes UIDVALIDITY, or when the
    /// mirror is read anew and what clients were told can't be carried over.
    package struct Epoch: Hashable, Sendable {
        package let uidValidity: UIDValidity
        /// Counts the epochs of this mirror since the process started.
        package let incarnation: UInt32
    }

    /// What is to happen to a message, as the upstream reported it or a client asked for.
    package enum Update: Hashable, Sendable {
        /// A message is there; flags too when it was known already.
        case added(UID, FlagSet)
        /// A message has exactly these flags. Left out when the message is not known.
        case flags(UID, FlagSet)
        /// A message is gone. Left out when it is not known.
        case expunged(UID)
    }

    /// Updates that do change something, each with the mod-sequence it will have.
    package struct Plan: Hashable, Sendable {
        package struct Step: Hashable, Sendable {
            package let modSeq: ModSeq
            package let update: Update
        }

        let epoch: Epoch
        let base: ModSeq
        package let steps: [Step]
        package var isEmpty: Bool { steps.isEmpty }
        /// The mailbox's HIGHESTMODSEQ once the plan is applied.
        package var highestModSeq: ModSeq { steps.last?.modSeq ?? base }
    }

    package private(set) var epoch: Epoch
    /// The UID that the next message will have at least (RFC 9051 §2.3.1.1).
    package private(set) var uidNext: UInt32
    /// The mod-sequence of the latest change (RFC 7162 §3.1.2.1).
    package private(set) var highestModSeq: ModSeq
    package private(set) var log: ChangeLog
    /// What was expunged lately, also before the mirror was in memory.
    package private(set) var expunges: ExpungeLog
    /// Numbers of changes that may be lost; new ones are above them.
    package private(set) var lost: LostNumbers

    /// Ascending. Views share this array until it changes.
    package private(set) var uids: [UInt32] = []
    private var flagNumbers: [UInt32] = []
    private var modSeqs: [UInt64] = []
    private var table = FlagTable()
    /// How many messages lack `\Seen`.
    package private(set) var unseenCount = 0
    /// How many messages have `\Deleted`.
    package private(set) var deletedCount = 0

    /// A mirror of these messages, in any order; of two rows with one UID the later counts.
    /// `uidNext` and `highestModSeq` are raised to what the rows imply.
    /// - Parameter expunges: what is remembered of earlier expunges; without it none before now is.
    package init(
        uidValidity: UIDValidity, uidNext: UInt32 = 1, highestModSeq: ModSeq = .zero, rows: some Sequence<Row> = [],
        expunges: ExpungeLog? = nil, lost: LostNumbers = LostNumbers(), logLimit: Int = ChangeLog.defaultLimit
    ) {
        epoch = Epoch(uidValidity: uidValidity, incarnation: 0)
        self.uidNext = max(1, uidNext)
        self.highestModSeq = max(highestModSeq, expunges?.last ?? .zero)
        log = ChangeLog(startingAfter: self.highestModSeq, limit: logLimit)
        self.expunges = expunges ?? ExpungeLog(completeAfter: highestModSeq)
        self.lost = lost
        load(rows)
        if expunges == nil { self.expunges = ExpungeLog(completeAfter: self.highestModSeq) }
    }

    package var uidValidity: UIDValidity { epoch.uidValidity }
    /// How many messages there are (`EXISTS`).
    package var exists: Int { uids.count }

    // MARK: Changing

    /// The updates that would change something, in their order, numbered from `highestModSeq` on.
    /// - Parameter floor: the numbers are above this one too. A caller that takes it from the clock keeps them from
    ///   going back when the mailbox has to be read anew, or what was told of it was lost.
    package func plan(_ updates: some Sequence<Update>, above floor: ModSeq = .zero) -> Plan {
        var steps: [Plan.Step] = []
        var next = max(highestModSeq, floor, lost.last)
        var pending: [UID: FlagSet?] = [:]
        func now(_ uid: UID) -> FlagSet? {
            if let change = pending[uid] { return change }
            return flags(of: uid)
        }
        for update in updates {
            switch update {
            case .added(let uid, let flags):
                guard now(uid) != flags else { continue }
                pending.updateValue(flags, forKey: uid)
            case .flags(let uid, let flags):
                guard let old = now(uid), old != flags else { continue }
                pending.updateValue(flags, forKey: uid)
            case .expunged(let uid):
                guard now(uid) != nil else { continue }
                pending.updateValue(nil, forKey: uid)
            }
            next = next.next
            steps.append(Plan.Step(modSeq: next, update: update))
        }
        return Plan(epoch: epoch, base: highestModSeq, steps: steps)
    }

    /// Makes a plan true and logs its changes.
    /// - Precondition: nothing was applied since the plan was made.
    package mutating func apply(_ plan: Plan) {
        precondition(plan.base == highestModSeq && plan.epoch == epoch, "plans are applied in the order they are made")
        var index = 0
        while index < plan.steps.count {
            let step = plan.steps[index]
            switch step.update {
            case .added(let uid, let flags), .flags(let uid, let flags):
                let known = put(Row(uid: uid, flags: flags, modSeq: step.modSeq))
                log.append(Change(modSeq: step.modSeq, uid: uid, kind: known ? .flags : .added))
                index += 1
            case .expunged:
                index = applyExpunges(plan.steps, from: index)
            }
        }
        highestModSeq = plan.highestModSeq
    }

    /// Plans and applies in one go, for a mailbox that is kept nowhere else. Gives the changes that were made.
    @discardableResult
    package mutating func update(_ updates: some Sequence<Update>, above floor: ModSeq = .zero) -> Plan {
        let plan = plan(updates, above: floor)
        apply(plan)
        return plan
    }

    /// Notes the upstream's UIDNEXT; a smaller one than is known is left out.
    package mutating func note(uidNext: UInt32) { self.uidNext = max(self.uidNext, uidNext) }

    /// Numbers from here up to this one may have been given to changes that are lost.
    package mutating func noteLost(through modSeq: ModSeq) {
        lost.add(LostNumbers.Stretch(after: highestModSeq, through: modSeq))
    }

    /// Begins anew with these messages: the upstream changed UIDVALIDITY, or the cache was lost and read again.
    /// Every view reports the new epoch at its next step. Mod-sequences go on where they were; earlier expunges are
    /// forgotten.
    package mutating func beginEpoch(
        uidValidity: UIDValidity, uidNext: UInt32 = 1, highestModSeq: ModSeq = .zero, rows: some Sequence<Row> = []
    ) {
        epoch = Epoch(uidValidity: uidValidity, incarnation: epoch.incarnation &+ 1)
        uids = []
        flagNumbers = []
        modSeqs = []
        table = FlagTable()
        unseenCount = 0
        deletedCount = 0
        self.uidNext = max(1, uidNext)
        self.highestModSeq = max(self.highestModSeq, highestModSeq)
        log = ChangeLog(startingAfter: self.highestModSeq, limit: log.limit)
        load(rows)
        expunges = ExpungeLog(completeAfter: self.highestModSeq, limit: expunges.limit)
        lost = LostNumbers()
    }

    private mutating func load(_ rows: some Sequence<Row>) {
        for row in rows { put(row) }
        if highestModSeq > log.trimmedThrough { log = ChangeLog(startingAfter: highestModSeq, limit: log.limit) }
    }

    /// Places a message, or changes the one that has its UID. Says whether it was known.
    @discardableResult
    private mutating func put(_ row: Row) -> Bool {
        let uid = row.uid.rawValue
        highestModSeq = max(highestModSeq, row.modSeq)
        uidNext = max(uidNext, uid == UInt32.max ? uid : uid + 1)
        let place = uids.last.map { $0 < uid } ?? true ? uids.count : uids.firstIndex(notBelow: uid)
        let known = place < uids.count && uids[place] == uid
        let number = table.hold(row.flags)
        if known {
            uncount(place)
            table.release(flagNumbers[place])
            flagNumbers[place] = number
            modSeqs[place] = row.modSeq.rawValue
        } else {
            uids.insert(uid, at: place)
            flagNumbers.insert(number, at: place)
            modSeqs.insert(row.modSeq.rawValue, at: place)
        }
        if !row.flags.isSeen { unseenCount += 1 }
        if row.flags.isDeleted { deletedCount += 1 }
        return known
    }

    private mutating func uncount(_ place: Int) {
        let flags = table[flagNumbers[place]]
        if !flags.isSeen { unseenCount -= 1 }
        if flags.isDeleted { deletedCount -= 1 }
    }

    /// Removes what a run of `.expunged` steps names in one pass; gives the index after the run.
    private mutating func applyExpunges(_ steps: [Plan.Step], from start: Int) -> Int {
        var index = start
        var gone: [Int] = []
        while index < steps.count, case .expunged(let uid) = steps[index].update {
            log.append(Change(modSeq: steps[index].modSeq, uid: uid, kind: .expunged))
            expunges.append(ExpungeLog.Entry(modSeq: steps[index].modSeq, uid: uid))
            gone.append(uids.firstIndex(notBelow: uid.rawValue))
            index += 1
        }
        for place in gone {
            uncount(place)
            table.release(flagNumbers[place])
        }
        gone.sort()
        uids.remove(atSorted: gone)
        flagNumbers.remove(atSorted: gone)
        modSeqs.remove(atSorted: gone)
        return index
    }
}

extension MailboxMirror {
    // MARK: Asking

    /// The message's place from 0, or nil when it is not there.
    func place(of uid: UInt32) -> Int? {
        let place = uids.firstIndex(notBelow: uid)
        return place < uids.count && uids[place] == uid ? place : nil
    }

    func modSeq(at place: Int) -> ModSeq { ModSeq(rawValue: modSeqs[place]) }
    func flags(at place: Int) -> FlagSet { table[flagNumbers[place]] }

    package func contains(_ uid: UID) -> Bool { place(of: uid.rawValue) != nil }

    /// Those of these messages that are there, in their order.
    package func present(_ uids: [UID]) -> [UID] { uids.filter(contains) }

    /// The message's flags, or nil when it is not there.
    package func flags(of uid: UID) -> FlagSet? { place(of: uid.rawValue).map(flags(at:)) }

    /// The message, or nil when it is not there.
    package func row(of uid: UID) -> Row? {
        place(of: uid.rawValue).map { Row(uid: uid, flags: flags(at: $0), modSeq: modSeq(at: $0)) }
    }

    /// All messages by UID.
    package var rows: some Sequence<Row> {
        uids.indices.lazy.map { Row(uid: UID(uids[$0]), flags: flags(at: $0), modSeq: modSeq(at: $0)) }
    }

    /// The UIDs of the messages that are there and in `set`, ascending.
    package func uids(in set: NumberSet) -> [UID] { uids.members(of: set).map { UID(uids[$0]) } }

    /// All UIDs.
    package var uidSet: NumberSet { NumberSet(uids) }

    /// The largest UID in use, for `*` in a UID set; 0 when the mailbox is empty.
    package var lastUID: UInt32 { uids.last ?? 0 }

    /// The sequence number of the first message without `\Seen`, or nil when there is none. Costs a pass.
    package var firstUnseen: Int? {
        guard unseenCount > 0 else { return nil }
        return uids.indices.first { !flags(at: $0).isSeen }.map { $0 + 1 }
    }

    /// Always 0: several clients share the mailbox, so `\Recent` is claimed for none of them (RFC 3501 §2.3.2 lets a
    /// server do so; RFC 9051 has dropped the flag).
    package var recentCount: Int { 0 }

    /// The keywords that messages have, by name: what FLAGS lists besides the system flags.
    package var keywords: [Flag] {
        var keywords: Set<Flag> = []
        for set in table.sets { for flag in set where !flag.isSystem { keywords.insert(flag) } }
        return keywords.sorted { $0.name < $1.name }
    }

    /// The messages whose last change is after `modSeq` (CHANGEDSINCE, RFC 7162 §3.1.4.1), by UID.
    package func uids(changedAfter modSeq: ModSeq) -> [UID] {
        uids.indices.lazy.filter { modSeqs[$0] > modSeq.rawValue }.map { UID(uids[$0]) }
    }

    /// The UIDs expunged after `modSeq` and not there again; nil when the log no longer tells (RFC 7162 §3.2.5.1).
    package func uids(expungedAfter modSeq: ModSeq) -> NumberSet? {
        expunges.uids(after: modSeq).map { gone in
            NumberSet(gone.numbers.lazy.filter { self.place(of: $0) == nil })
        }
    }
}
