import Loop
import MailTypes
import Rules
import SMTPSyntax
import Store
import Testing

extension House {
    /// A message to Carol and Dave from nobody.
    static func queued(account: AccountID, content: ContentDigest) -> OutboxEntry {
        OutboxEntry(
            account: account, identity: [9], messageID: "m@example.com", actor: "alice", sender: nil,
            recipients: [address("carol@customer.example"), nil], content: content, size: 1, created: now)
    }
}

@Suite struct OutboxTests {
    private func with(_ body: (Store, AccountID) async throws -> Void) async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        try await body(store, try await store.buildHouse())
    }

    @discardableResult
    private func put(_ entry: OutboxEntry, in store: Store) async throws -> OutboxID {
        try await store.transaction { t throws(StoreError) in
            try t.putContent(entry.content, [1])
            return try t.insert(entry)
        }
    }

    private func moment(_ seconds: Int64) -> Moment { Moment(seconds: House.now.seconds + seconds) }

    @Test func everythingComesBackAsItWasPut() async throws {
        try await with { store, support in
            var entry = House.queued(account: support, content: House.digest(1))
            entry.sender = House.address("\"a b\"@example.com")
            entry.usesSMTPUTF8 = true
            entry.isBinary = true
            entry.trace = Array("Received: here\r\n".utf8)
            entry.attempts = 3
            entry.lastError = "451 later"
            entry.reportAt = moment(7)
            entry.warnAt = nil
            entry.recipients[0].state = .unknown
            entry.recipients[0].answer = "no answer"
            entry.recipients[1].state = .failed
            entry.recipients[1].isReported = true
            (entry.returns, entry.envelopeID) = (.full, "QQ+1")
            entry.requiresTLS = true
            entry.recipients[0].notify = []
            entry.recipients[1].notify = [.success, .delay]
            entry.recipients[1].original = OriginalRecipient(kind: "rfc822", address: "Dave@old.example")
            entry.recipients[1].isPassedOn = true
            let wanted = entry
            let id = try await put(entry, in: store)
            #expect(try await store.read { r throws(StoreError) in try r.outboxRow(id) }?.entry == wanted)
            entry.state = .finished
            entry.recipients[0].state = .delivered
            entry.nextAttempt = moment(99)
            let changed = entry
            try await store.transaction { t throws(StoreError) in try t.update(id, changed) }
            #expect(
                try await store.read { r throws(StoreError) in try r.outbox(account: support) }.map(\.entry) == [
                    changed
                ])
            #expect(try await store.read { r throws(StoreError) in try r.outbox(state: .waiting) }.isEmpty)
        }
    }

    @Test func theOutboxGivesWhatIsDueInOrder() async throws {
        try await with { store, support in
            let entry = House.queued(account: support, content: House.digest(1))
            var late = entry
            late.wait(from: moment(500))
            var held = entry
            held.state = .held
            var sending = entry
            sending.state = .sending
            var finished = entry
            (finished.state, finished.nextAttempt) = (.finished, moment(300))
            var ids: [OutboxID] = []
            for one in [late, entry, held, sending, finished] { ids.append(try await put(one, in: store)) }
            func due(_ seconds: Int64) async throws -> [OutboxID] {
                let at = moment(seconds)
                return try await store.read { r throws(StoreError) in
                    try r.dueOutbox(of: support, at: at, limit: 9).map(\.id)
                }
            }
            #expect(try await due(-1) == [])
            #expect(try await due(0) == [ids[1]])
            #expect(try await due(300) == [ids[1], ids[4]])
            #expect(try await due(500) == [ids[1], ids[4], ids[0]])
            let now = House.now
            #expect(try await store.read { r throws(StoreError) in try r.accountsWithDueOutbox(at: now) } == [support])
            let load = try await store.read { r throws(StoreError) in try r.outboxLoad(of: support) }
            #expect(load == OutboxLoad(count: 4, octets: 4))
        }
    }

    /// What is counted is what is there, whatever was done.
    @Test func theLoadIsThatOfWhatWaits() async throws {
        try await with { store, support in
            let states: [OutboxEntry.State] = [.waiting, .held, .sending, .finished]
            var ids: [OutboxID] = []
            for round in 0..<200 {
                var entry = House.queued(account: support, content: House.digest(1))
                entry.size = .random(in: 0...5000)
                entry.state = states.randomElement() ?? .held
                if round % 2 == 0 || ids.isEmpty {
                    ids.append(try await put(entry, in: store))
                } else {
                    let (id, state) = (ids.randomElement() ?? ids[0], entry.state)
                    let isRemoved = Int.random(in: 0..<3) == 0
                    try await store.transaction { t throws(StoreError) in
                        if isRemoved { return try t.removeOutboxEntry(id) }
                        guard var row = try t.outboxRow(id) else { return }
                        row.entry.state = state
                        try t.update(id, row.entry)
                    }
                }
                let (load, rows) = try await store.read { r throws(StoreError) in
                    (try r.outboxLoad(of: support), try r.outbox(account: support, limit: .max))
                }
                let waiting = rows.filter { $0.entry.state != .finished }
                #expect(load == OutboxLoad(count: waiting.count, octets: waiting.reduce(0) { $0 + $1.entry.size }))
            }
        }
    }

    @Test func warningReportAndGivingUpHaveTheirTimes() {
        var entry = House.queued(account: AccountID(rawValue: 1), content: House.digest(1))
        entry.nextAttempt = moment(100_000_000)
        #expect(entry.due == moment(4 * 3600))
        entry.warnAt = nil
        #expect(entry.due == moment(5 * 86_400))
        entry.reportAt = moment(3)
        #expect(entry.due == moment(3))
        entry.state = .held
        #expect(entry.due == moment(3))
        entry.reportAt = nil
        #expect(entry.due == nil)
    }

    @Test func whatIsPutOffTogetherComesBackTogether() async throws {
        try await with { store, support in
            let entry = House.queued(account: support, content: House.digest(1))
            var later = entry
            later.wait(from: moment(50))
            let first = try await put(entry, in: store)
            let second = try await put(later, in: store)
            let (now, then) = (House.now, moment(60))
            try await store.transaction { t throws(StoreError) in
                try t.postponeOutbox(of: support, from: now, to: then, because: "away")
            }
            let rows = try await store.read { r throws(StoreError) in try r.outbox(account: support) }
            #expect(rows.map(\.entry.nextAttempt) == [then, moment(50)] && rows[0].entry.lastError == "away")
            #expect(try await store.read { r throws(StoreError) in try r.accountsWithDueOutbox(at: now) }.isEmpty)
            try await store.transaction { t throws(StoreError) in
                try t.resumeOutbox(of: support, from: then, at: now)
            }
            let due = try await store.read { r throws(StoreError) in try r.dueOutbox(of: support, at: now, limit: 9) }
            #expect(due.map(\.id) == [first] && second != first)
        }
    }

    @Test func anAdministratorHoldsReleasesAndDeletes() async throws {
        try await with { store, support in
            var entry = House.queued(account: support, content: House.digest(1))
            entry.recipients[0].state = .delivered
            let id = try await put(entry, in: store)
            let held = try await store.transaction { t throws(StoreError) in try t.hold(id) }
            #expect(held.entry.state == .held)
            let released = try await store.transaction { t throws(StoreError) in try t.release(id) }
            #expect(released.entry.state == .waiting && released.entry.nextAttempt == Moment(seconds: 1000))

            // One that is finished is tried again for those who did not get it, and for them alone.
            entry.state = .finished
            (entry.recipients[1].state, entry.recipients[1].isReported) = (.unknown, true)
            let finished = entry
            try await store.transaction { t throws(StoreError) in try t.update(id, finished) }
            await #expect(throws: StoreError.self) {
                try await store.transaction { t throws(StoreError) in try t.hold(id) }
            }
            let again = try await store.transaction { t throws(StoreError) in try t.release(id) }
            #expect(again.entry.recipients.map(\.state) == [.delivered, .waiting])
            #expect(again.entry.recipients.map(\.isReported) == [false, false])

            entry.state = .sending
            let sending = entry
            try await store.transaction { t throws(StoreError) in try t.update(id, sending) }
            for change in [StoreTransaction.hold, StoreTransaction.release, StoreTransaction.discard] {
                await #expect(throws: StoreError.self) {
                    try await store.transaction { t throws(StoreError) in try change(t)(id) }
                }
            }
        }
    }

    @Test func whatIsDeletedCountsAsNotSentAndItsMessageGoes() async throws {
        try await with { store, support in
            let id = try await put(House.queued(account: support, content: House.digest(1)), in: store)
            try await store.transaction { t throws(StoreError) in
                let mark = SentMark(account: support, identity: [9], messageID: "m", relay: .queued, moment: House.now)
                _ = try t.insert(mark)
                let entry = JournalEntry(
                    account: support, identity: [9], direction: .sent, messageID: "m", subject: "", outcome: .pending,
                    firstSeen: House.now)
                _ = try t.insert(entry)
                _ = try t.discard(id)
            }
            let left = try await store.read { r throws(StoreError) in
                (
                    try r.outboxRow(id), try r.contentSize(House.digest(1)),
                    try r.sentMark(account: support, identity: [9])?.relay,
                    try r.journalRow(account: support, identity: [9])?.entry.failure
                )
            }
            #expect(left.0 == nil && left.1 == nil && left.2 == .refused)
            #expect(left.3 == "it was deleted from the queue")
        }
    }
}
