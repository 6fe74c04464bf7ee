import MailTypes
import Rules
import Store
import Testing

@Suite struct DeskTests {
    @Test func aMessageIsRecordedOnceAndSharedByItsAccounts() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        let support = try await store.buildHouse()
        let sales = try await store.transaction { t throws(StoreError) in
            var sales = House.support
            sales.name = "sales"
            return try t.add(sales)
        }
        var email = House.email(1, account: sales, messageID: "a@b")
        email.attachments = [
            Email.Attachment(
                name: "offer.pdf", mediaType: "application/pdf", size: 3, contentID: "cid", content: House.digest(5))
        ]
        email.source = House.digest(6)
        email.references = ["x@y", "z@y"]
        email.html = "<p>hello"
        let kept = email
        await #expect(throws: StoreError.noSuch(.content, House.digest(5).description)) {
            try await store.transaction { t throws(StoreError) in _ = try t.insert(kept) }
        }
        let (first, second) = try await store.transaction { t throws(StoreError) in
            try t.putContent(House.digest(5), [1, 2, 3])
            try t.putContent(House.digest(6), [])
            let first = try t.insert(kept)
            var again = kept
            again.account = support
            again.subject = "another"
            return (first, try t.insert(again))
        }
        #expect(first.isNew && !second.isNew && first.id == second.id)
        let (read, owners, byIdentity, byMessageID) = try await store.read { r throws(StoreError) in
            (
                try r.email(first.id), try r.owners(of: first.id), try r.email(identity: [1]),
                try r.emails(messageID: "a@b")
            )
        }
        #expect(read == kept)
        #expect(read?.date?.zone == 120)
        #expect(owners == [sales, support])
        #expect(byIdentity == first.id && byMessageID == [first.id])
    }

    @Test func contentsAreStoredOnceAndReadInRanges() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        let octets = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        var pieces: [Range<Int>] = []
        try await store.putContent(House.digest(1), size: octets.count) { range throws(StoreError) in
            pieces.append(range)
            return Array(octets[range])
        }
        #expect(pieces.count == 39 && pieces.dropLast().allSatisfy { $0.count == 65_536 })
        #expect(pieces.last == 2_490_368..<2_500_000)
        try await store.putContent(House.digest(1), size: octets.count) { _ throws(StoreError) in
            Issue.record("it is stored already")
            return []
        }
        for range in [0..<1, 65_535..<65_537, 65_536..<131_072, 1_048_570..<1_048_580, 2_499_999..<9_999_999, 5..<5] {
            let expected = Array(octets[range.clamped(to: 0..<octets.count)])
            #expect(try await store.content(House.digest(1), in: range) == expected)
        }
        #expect(try await store.content(House.digest(1), in: 0..<octets.count) == octets)
        await #expect(throws: StoreError.noSuch(.content, House.digest(2).description)) {
            _ = try await store.content(House.digest(2), in: 0..<1)
        }
    }

    @Test func aContentThatBreaksOffLeavesNothing() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        await #expect(throws: StoreError.abandoned("cut")) {
            try await store.putContent(House.digest(1), size: 3_000_000) { range throws(StoreError) in
                if range.lowerBound > 0 { throw .abandoned("cut") }
                return [UInt8](repeating: 1, count: range.count)
            }
        }
        #expect(try await store.read { r throws(StoreError) in try r.contentSize(House.digest(1)) } == nil)
        #expect(try await store.dropUnusedContents(storedBefore: Moment(seconds: .max)) == 0)
    }

    @Test func unusedContentsGoAndUsedOnesStay() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        let support = try await store.buildHouse()
        try await store.transaction { t throws(StoreError) in
            for byte in 1...4 { try t.putContent(House.digest(UInt8(byte)), [UInt8(byte)]) }
            var email = House.email(1, account: support)
            email.source = House.digest(1)
            email.attachments = [
                Email.Attachment(name: "", mediaType: "text/plain", size: 1, content: House.digest(2))
            ]
            _ = try t.insert(email)
            _ = try t.insert(House.queued(account: support, content: House.digest(3)))
        }
        #expect(try await store.dropUnusedContents(storedBefore: House.now) == 0)
        // More than one transaction drops.
        try await store.transaction { t throws(StoreError) in
            for byte in 10..<60 { try t.putContent(House.digest(UInt8(byte)), [UInt8(byte)]) }
        }
        #expect(try await store.dropUnusedContents(storedBefore: Moment(seconds: 1001)) == 51)
        let left = try await store.read { r throws(StoreError) in
            var left: [Int] = []
            for byte in 1...4 { if try r.contentSize(House.digest(UInt8(byte))) != nil { left.append(byte) } }
            return left
        }
        #expect(left == [1, 2, 3])
    }

    @Test func recordsAreFoundByAddressDomainAndNumber() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        let support = try await store.buildHouse()
        let (carol, customer, contract) = try await store.transaction { t throws(StoreError) in
            (
                try t.add(Record(kind: "contact", name: "Carol", addresses: [House.address("Carol@Customer.example")])),
                try t.add(Record(kind: "organization", name: "Customer", domains: ["customer.EXAMPLE"])),
                try t.add(Record(kind: "contract", name: "C-1", number: "2024-1"))
            )
        }
        await #expect(throws: StoreError.alreadyExists(.record, "CAROL")) {
            try await store.transaction { t throws(StoreError) in try t.add(Record(kind: "contact", name: "CAROL")) }
        }
        let found = try await store.read { r throws(StoreError) in
            try r.records(
                addresses: [House.address("carol@customer.example")], domains: ["customer.example"],
                numbers: [("contract", "2024-1"), ("project", "2024-1")]
            ).map { "\($0.record.id) \($0.reason)" }
        }
        #expect(found == ["\(carol) address", "\(customer) domain", "\(contract) number"])
        let (isNew, again, bound, listed) = try await store.transaction { t throws(StoreError) in
            let email = try t.insert(House.email(1, account: support, messageID: "m@x")).id
            let relation = Relation(email: email, record: carol, reason: .address)
            return (
                try t.relate(relation), try t.relate(relation), try t.records(boundTo: ["m@x", "none"]).map(\.id),
                try t.records(RecordFilter(kind: "contact", text: "aro")).map(\.name)
            )
        }
        #expect(isNew && !again && bound == [carol] && listed == ["Carol"])
        try await store.transaction { t throws(StoreError) in try t.removeRecord(carol) }
        #expect(try await store.read { r throws(StoreError) in try r.record(carol) } == nil)
    }

    @Test func ticketNumbersGrowAndAreNeverUsedAgain() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        let ticket = Ticket(subject: "Help", status: .open, created: House.now)
        let first = try await store.transaction { t throws(StoreError) in try t.insert(ticket) }
        await #expect(throws: StoreError.abandoned("no")) {
            try await store.transaction { t throws(StoreError) in
                _ = try t.insert(ticket)
                throw .abandoned("no")
            }
        }
        let second = try await store.transaction { t throws(StoreError) in try t.insert(ticket) }
        #expect(first.rawValue == 1 && second.rawValue == 2)
    }

    @Test func aTicketCarriesItsMailItsEventsAndItsPeople() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        let support = try await store.buildHouse()
        let number = try await store.transaction { t throws(StoreError) in
            let email = try t.insert(House.email(1, account: support, messageID: "first@customer")).id
            let number = try t.insert(
                Ticket(
                    subject: "Drukarka", requester: House.address("carol@customer.example"), requesterName: "Carol",
                    status: .open, queue: "hardware", created: House.now))
            try t.attach(email, to: number)
            try t.addReference("ours@posthouse", to: number)
            try t.add(TicketEvent(kind: "created", moment: House.now, email: email), to: number)
            try t.add(TicketEvent(kind: "reopened", moment: Moment(seconds: 2000)), to: number)
            guard var ticket = try t.ticket(number) else { throw .noSuch(.ticket, number.description) }
            ticket.status = .waitingForResponse
            ticket.assignee = "alice"
            ticket.updated = Moment(seconds: 2000)
            try t.update(number, ticket)
            return number
        }
        try await store.read { r throws(StoreError) in
            let ticket = try r.ticket(number)
            #expect(ticket?.status == .waitingForResponse && ticket?.assignee == "alice")
            #expect(try r.events(of: number).map(\.kind) == ["created", "reopened"])
            #expect(try r.tickets(referencedBy: ["none", "ours@posthouse", "first@customer"]) == [number])
            #expect(
                try r.participants(of: number) == [
                    House.address("carol@customer.example"), House.address("support@example.com"),
                ])
            #expect(try r.ticketCount(requestedBy: House.address("CAROL@customer.example"), since: House.now) == 1)
            #expect(
                try r.ticketCount(
                    requestedBy: House.address("carol@customer.example"), since: Moment(seconds: 1001)) == 0)
            #expect(try r.eventCount(of: number, kind: "reopened", since: House.now) == 1)
            #expect(try r.emails(of: number).count == 1)
            #expect(
                try r.tickets(TicketFilter(statuses: [.waitingForResponse], assignee: "alice", text: "DRUK")).count == 1
            )
            #expect(try r.tickets(TicketFilter(statuses: [.open])).isEmpty)
            #expect(try r.tickets(TicketFilter(queue: "software")).isEmpty)
        }
        await #expect(throws: StoreError.noSuch(.ticket, "9")) {
            try await store.transaction { t throws(StoreError) in
                try t.update(TicketNumber(rawValue: 9), Ticket(subject: "", status: .open, created: House.now))
            }
        }
    }

    @Test func aMessageRunsOnceForEachAccount() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        let support = try await store.buildHouse()
        // Many clients see the same message at the same time; its ticket is made by the one whose row is new.
        let store2 = store
        let made = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    let result = try? await store2.transaction { t throws(StoreError) in
                        let entry = JournalEntry(
                            account: support, identity: [1, 2], direction: .received, messageID: "m@x", outcome: .done,
                            decision: Array("{\"reason\":\"zażółć\"}".utf8), firstSeen: House.now)
                        guard try t.insert(entry).isNew else { return 0 }
                        _ = try t.insert(Ticket(subject: "once", status: .open, created: House.now))
                        return 1
                    }
                    return result ?? -1
                }
            }
            return await group.reduce(0, +)
        }
        #expect(made == 1)
        let tickets = try await store.read { r throws(StoreError) in try r.tickets().count }
        #expect(tickets == 1)
    }

    @Test func theJournalKnowsPlacesAndOutcomes() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        let support = try await store.buildHouse()
        @Sendable func place(_ uid: UInt32) -> JournalPlace {
            JournalPlace(mailbox: .inbox, uidValidity: UIDValidity(rawValue: 7), uid: UID(uid))
        }
        let id = try await store.transaction { t throws(StoreError) in
            let entry = JournalEntry(
                account: support, identity: [1], direction: .received, messageID: "m@x", outcome: .quarantined,
                failure: "disk", retryAt: Moment(seconds: 1500), firstSeen: House.now)
            let id = try t.insert(entry).id
            for uid in [3, 4, 9, 4] as [UInt32] { try t.add(place(uid), to: id) }
            return id
        }
        try await store.read { r throws(StoreError) in
            let row = try r.journalRow(account: support, identity: [1])
            #expect(row?.id == id && row?.places.map(\.uid.rawValue) == [3, 4, 9])
            let known = try r.journaled(
                account: support, mailbox: .inbox, uidValidity: UIDValidity(rawValue: 7), uids: NumberSet(1...8))
            #expect(known == NumberSet(3...4))
            #expect(
                try r.journaled(
                    account: support, mailbox: .inbox, uidValidity: UIDValidity(rawValue: 8), uids: NumberSet(1...8)
                ).isEmpty)
            #expect(try r.journal(JournalFilter(dueAt: Moment(seconds: 1499))).isEmpty)
            #expect(try r.journal(JournalFilter(account: support, dueAt: Moment(seconds: 1500))).map(\.id) == [id])
            #expect(try r.journal(JournalFilter(outcome: .done)).isEmpty)
        }
        try await store.transaction { t throws(StoreError) in
            guard var row = try t.journalRow(id) else { throw .noSuch(.journalEntry, "") }
            row.entry.outcome = .done
            row.entry.failure = nil
            row.entry.attempts = 2
            try t.update(id, row.entry)
        }
        let row = try await store.read { r throws(StoreError) in try r.journal(JournalFilter(outcome: .done)).first }
        #expect(row?.entry.attempts == 2 && row?.entry.failure == nil)
    }

    @Test func aSentMarkIsMadeOnce() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        let support = try await store.buildHouse()
        let mark = SentMark(account: support, identity: [1], messageID: "m@x", relay: .sending, moment: House.now)
        let made = try await store.transaction { t throws(StoreError) in [try t.insert(mark), try t.insert(mark)] }
        #expect(made == [true, false])
        #expect(try await store.read { r throws(StoreError) in try r.openSentMarks() } == [mark])
        let done = try await store.transaction { t throws(StoreError) in
            var mark = mark
            mark.relay = .accepted
            mark.copy = .savedByClient
            try t.update(mark)
            return try t.openSentMarks().count
        }
        #expect(done == 0)
        let refused = try await store.transaction { t throws(StoreError) in
            var mark = mark
            mark.relay = .refused
            mark.copy = .missing
            try t.update(mark)
            let open = try t.openSentMarks().count
            mark.relay = .accepted
            mark.copy = .savedByClient
            try t.update(mark)
            return open
        }
        #expect(refused == 0)
        let read = try await store.read { r throws(StoreError) in try r.sentMark(account: support, identity: [1]) }
        #expect(read?.copy == .savedByClient)
    }

    @Test func whatIsOwedIsKeptUntilItsCopyIsSaved() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        let support = try await store.buildHouse()
        let content = House.digest(1)
        var mark = SentMark(account: support, identity: [1], messageID: "m@x", relay: .accepted, moment: House.now)
        (mark.copy, mark.content) = (.saving, content)
        let owed = mark
        let later = Moment(seconds: House.now.seconds + 1_000_000)
        try await store.transaction { t throws(StoreError) in
            try t.putContent(content, [1, 2, 3])
            _ = try t.insert(owed)
        }
        #expect(try await store.dropUnusedContents(storedBefore: later) == 0)
        #expect(try await store.read { r throws(StoreError) in try r.openSentMarks() } == [owed])
        let left = try await store.transaction { t throws(StoreError) in
            try t.noteCopy(.savedByPosthouse, of: owed)
            return (try t.openSentMarks(), try t.contentSize(content))
        }
        #expect(left.0.isEmpty && left.1 == nil)
    }

    @Test func aTaskIsHeldByOneRunUntilItsLeaseEnds() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        try await store.transaction { t throws(StoreError) in
            try t.put(ScheduledTask(name: "tidy", period: 60, nextRun: House.now))
        }
        func begin(_ seconds: Int64) async throws(StoreError) -> RunID? {
            try await store.transaction { t throws(StoreError) in
                try t.begin(task: "tidy", at: Moment(seconds: seconds), leasedFor: 100)
            }
        }
        #expect(try await begin(999) == nil)
        let first = try #require(try await begin(1000))
        #expect(try await begin(1099) == nil)
        let second = try #require(try await begin(1100))
        try await store.transaction { t throws(StoreError) in
            var run = TaskRun(task: "tidy", started: House.now)
            run.status = .done
            run.counts = ["bodies": 3]
            // The first was lost and must not let the task go.
            try t.finish(first, run, nextRun: Moment(seconds: 1))
            try t.finish(second, run, nextRun: Moment(seconds: 2000))
        }
        #expect(try await begin(1500) == nil)
        let runs = try await store.read { r throws(StoreError) in try r.runs(of: "tidy").map(\.run) }
        #expect(runs.map(\.status) == [.done, .lost] && runs[0].counts == ["bodies": 3])
    }

    @Test func settingsAreTexts() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        let values = try await store.transaction { t throws(StoreError) in
            try t.set("a", to: "1")
            try t.set("a", to: "2")
            try t.set("b", to: "3")
            try t.set("b", to: nil)
            return [try t.setting("a"), try t.setting("b")]
        }
        #expect(values == ["2", nil])
    }

    @Test func resetURLKeysAreCounted() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        let (user, other) = (UserID(rawValue: 1), UserID(rawValue: 2))
        let (account, box) = (AccountID(rawValue: 1), MailboxName("Łódź/Old"))
        let counts = try await store.transaction { t throws(StoreError) in
            var counts = [try t.urlKeyCounts(of: user, account, box)]
            try t.resetURLKey(of: user, account, box)
            try t.resetURLKey(of: user, account, box)
            counts.append(try t.urlKeyCounts(of: user, account, box))
            counts.append(try t.urlKeyCounts(of: user, AccountID(rawValue: 2), box))
            try t.resetURLKeys(of: user)
            counts.append(try t.urlKeyCounts(of: user, account, box))
            counts.append(try t.urlKeyCounts(of: other, account, box))
            return counts
        }
        #expect(counts.map { [$0.all, $0.mailbox] } == [[0, 0], [0, 2], [0, 0], [1, 0], [0, 0]])
        // Beyond the limit all are reset together.
        let beyond = try await store.transaction { t throws(StoreError) in
            for number in 0..<StoreTransaction.urlKeyLimit {
                try t.resetURLKey(of: user, account, MailboxName("\(number)"))
            }
            return try t.urlKeyCounts(of: user, account, MailboxName("0"))
        }
        #expect([beyond.all, beyond.mailbox] == [2, 0])
    }

    @Test func whatMailboxesAreForIsKept() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        let (first, second) = (AccountID(rawValue: 1), AccountID(rawValue: 2))
        let uses: [MailboxName: SpecialUse] = [MailboxName("Łódź/Old"): .archive, MailboxName("b"): .sent]
        let kept = try await store.transaction { t throws(StoreError) in
            try t.set(specialUses: uses, of: first)
            try t.set(specialUses: [MailboxName("a"): .junk, MailboxName("c"): .junk], of: second)
            return [try t.specialUses(of: first), try t.specialUses(of: second)]
        }
        #expect(kept == [uses, [MailboxName("c"): .junk]])
        let left = try await store.transaction { t throws(StoreError) in
            try t.set(specialUses: [:], of: first)
            return try t.specialUses(of: first)
        }
        #expect(left.isEmpty)
    }
}
