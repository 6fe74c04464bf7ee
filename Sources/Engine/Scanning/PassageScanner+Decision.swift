internal import Desk
internal import Loop
internal import MailTypes
internal import Rules
internal import Store

/// What a passage came to.
struct Verdict: Sendable {
    var journal: JournalID
    var decision: Decision
    var effects: DeskEffects
    /// False when the journal knew the message, so nothing was done.
    var isNew: Bool
}

/// What the journal knows of a message, and what would be decided about it now.
struct Preview: Sendable {
    var row: JournalRow?
    var decision: Decision
    /// The message waits in the outbox: its actions are for its delivery to run.
    var isQueued = false
}

extension PassageScanner {
    /// One read: the journal's row, and, unless that settles it, the decision as things stand.
    func preview(_ gathered: GatheredMessage, _ context: ScannerContext) async throws(StoreError) -> Preview {
        let judge = judge(gathered, context)
        return try await store.read { reader throws(StoreError) in
            let row = try reader.journalRow(account: context.account, identity: gathered.identity)
            if let row, row.entry.isSettled {
                return Preview(row: row, decision: Decision(outcome: .processed, direction: .received))
            }
            var preview = Preview(row: row, decision: try judge.decide(reader))
            if row != nil {
                let mark = try reader.sentMark(account: context.account, identity: gathered.identity)
                preview.isQueued = mark?.relay == .queued
            }
            return preview
        }
    }

    /// One transaction: decides anew with what is known within it, journals, and carries out. When the message turns
    /// out to need recording although it did not before (its ticket was made meanwhile), it is read and tried again.
    func decide(
        _ gathered: GatheredMessage, _ message: MessageBody, _ recorded: RecordableMessage?,
        _ context: ScannerContext, place: JournalPlace?,
        alongside: @escaping @Sendable (StoreTransaction) throws(StoreError) -> Void = { _ in }
    ) async throws(EngineError) -> Verdict {
        let judge = judge(gathered, context)
        var recorded = recorded
        if let waiting = recorded, waiting.lacksText {
            recorded = try await reading(isLarge: true) { () async throws(EngineError) in
                try await waiting.complete(message)
            }
        }
        while true {
            do throws(StoreError) {
                let ready = recorded
                return try await store.transaction { transaction throws(StoreError) in
                    let verdict = try judge.settle(transaction, ready, place)
                    try alongside(transaction)
                    return verdict
                }
            } catch {
                guard error == Judge.needsRecording, recorded == nil else { throw EngineError(error) }
            }
            recorded = try await RecordableMessage(message, store: store)
        }
    }

    func judge(_ gathered: GatheredMessage, _ context: ScannerContext) -> Judge {
        Judge(
            gathered: gathered, context: context, tokens: tokens,
            inquiry: Rules.inquiry(gathered.facts, context.rules, tokens: tokens), now: moment)
    }

    /// Notes where a message that the journal has settled was seen again.
    func noteSighting(_ passage: Passage, _ row: JournalRow) async throws(StoreError) {
        guard let place = passage.place else { return }
        let isNew = !row.places.contains(place)
        let isCopy = passage.way == .appended && row.entry.direction != .received
        guard isNew || isCopy else { return }
        let identity = row.entry.identity
        try await store.transaction { transaction throws(StoreError) in
            if isNew { try transaction.add(place, to: row.id) }
            if isCopy { try transaction.noteCopy(passage, identity) }
        }
    }
}

extension StoreTransaction {
    /// Notes that a client saved a copy of a message that was sent and had none.
    func noteCopy(_ passage: Passage, _ identity: [UInt8]) throws(StoreError) {
        guard passage.way == .appended, let mark = try sentMark(account: passage.account, identity: identity),
            mark.copy == .missing || mark.copy == .saving
        else { return }
        try noteCopy(.savedByClient, of: mark)
    }
}

/// All that a decision takes, ready for a view of the store.
struct Judge: Sendable {
    /// The decision has effects, and the message was not read to be recorded.
    static let needsRecording = StoreError.abandoned("the message has to be recorded")

    let gathered: GatheredMessage
    let context: ScannerContext
    let tokens: TokenKey
    let inquiry: Inquiry
    let now: Moment

    func decide(_ store: some StoreQueries) throws(StoreError) -> Decision {
        let known = try store.known(
            for: inquiry, identity: gathered.identity, at: now,
            fields: context.rules.actions.contains(.bind) ? context.rules.searchFields : [])
        return Rules.evaluate(
            gathered.facts, context.rules, known, global: context.global,
            startMark: context.startMark ?? gathered.facts.arrival, tokens: tokens)
    }

    /// Journals and carries out, unless another passage has settled the message.
    func settle(
        _ transaction: StoreTransaction, _ recorded: RecordableMessage?, _ place: JournalPlace?
    ) throws(StoreError) -> Verdict {
        let decision = try decide(transaction)
        var entry = gathered.entry(
            context.account, decision.outcome == .processed ? .done : .skipped, decision.direction, at: now)
        entry.decision = decision.json
        let inserted = try transaction.insert(entry)
        if !inserted.isNew, let row = try transaction.journalRow(inserted.id) {
            guard !row.entry.isSettled else {
                return Verdict(journal: inserted.id, decision: decision, effects: DeskEffects(), isNew: false)
            }
            entry.attempts = row.entry.outcome == .quarantined ? row.entry.attempts + 1 : row.entry.attempts
        }
        if let place { try transaction.add(place, to: inserted.id) }
        if !decision.effects.isEmpty {
            guard let recorded else { throw Self.needsRecording }
            try recorded.intake.put(transaction)
        }
        let effects = try transaction.carryOut(
            decision, email: recorded?.email(gathered, decision, account: context.account, at: now),
            actor: gathered.author, at: now)
        entry.email = effects.email
        entry.ticket = effects.ticket
        try transaction.update(inserted.id, entry)
        return Verdict(journal: inserted.id, decision: decision, effects: effects, isNew: true)
    }
}

extension GatheredMessage {
    /// With what the message itself doesn't say: where and how it passed, and who is ours.
    func with(_ passage: Passage, _ context: ScannerContext, _ now: Moment) -> GatheredMessage {
        var gathered = self
        gathered.facts.way = MessageFacts.Way(passage.way)
        gathered.facts.arrival = passage.internalDate?.seconds ?? now.seconds
        gathered.facts.ours = context.ours
        gathered.facts.actor = passage.actor
        return gathered
    }

    /// Who wrote, for a ticket's history.
    var author: String { facts.actor ?? facts.from.first?.address.description ?? "" }

    func entry(
        _ account: AccountID, _ outcome: JournalEntry.Outcome, _ direction: Direction, at moment: Moment
    ) -> JournalEntry {
        JournalEntry(
            account: account, identity: identity, direction: Email.Direction(direction),
            messageID: facts.messageID ?? "", subject: facts.subject, outcome: outcome, firstSeen: moment)
    }
}

extension JournalEntry {
    /// Whether the message needs nothing any more. What is pending, unknown or quarantined is dealt with when it is seen.
    var isSettled: Bool { outcome == .done || outcome == .skipped }
}

extension MessageFacts.Way {
    init(_ way: Passage.Way) {
        self =
            switch way {
            case .arrived: .arrived
            case .read: .read
            case .appended: .appended
            case .sent: .sent
            }
    }
}
