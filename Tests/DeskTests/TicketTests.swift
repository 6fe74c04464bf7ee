import Desk
import MailTypes
import Rules
import Store
import Testing

@Suite struct TicketTests {
    let office: Office
    init() throws { office = try Office() }

    @Test func aCustomersMessageBecomesTicketOne() throws {
        let (_, effects) = try office.handle(Letter(id: "1@c"))
        #expect(effects.ticket?.rawValue == 1)
        #expect(effects.isNewTicket)
        let sheet = try #require(try office.sheet(1))
        #expect(sheet.ticket.subject == "Printer on fire")
        #expect(sheet.ticket.requester == address("carol@customer.example"))
        #expect(sheet.ticket.status == .open)
        #expect(sheet.ticket.needsReaction)
        #expect(sheet.ticket.queue == "default")
        #expect(sheet.emails.map(\.email.messageID) == ["1@c"])
        #expect(sheet.events.map(\.kind) == [TicketEvent.created])
    }

    @Test func theWholeConversation() throws {
        try office.handle(Letter(id: "1@c"), at: 1000)
        // The answer by mail takes the ticket and waits for the customer.
        let answer = Letter(
            id: "2@o", from: "alice@ours.example", to: "carol@customer.example", references: ["1@c"])
        #expect(try office.handle(answer, at: 2000).effects.ticket?.rawValue == 1)
        var ticket = try #require(try office.ticket(1))
        #expect(ticket.status == .waitingForResponse)
        #expect(ticket.statusSince == Moment(seconds: 2000))
        #expect(ticket.assignee == "alice")
        #expect(!ticket.needsReaction)
        // An out-of-office reply changes nothing.
        try office.handle(Letter(id: "3@c", references: ["2@o"], automatic: true), at: 2100)
        #expect(try office.ticket(1)?.status == .waitingForResponse)
        // The customer's reply to the answer.
        try office.handle(Letter(id: "4@c", references: ["1@c", "2@o"]), at: 3000)
        ticket = try #require(try office.ticket(1))
        #expect(ticket.status == .answered)
        #expect(ticket.needsReaction)
        #expect(ticket.updated == Moment(seconds: 3000))
        // Closed by a person, opened again by the customer, by the number alone.
        try office.store.transactionBlocking { transaction throws(StoreError) in
            var edit = TicketEdit()
            edit.status = .closed
            try transaction.edit(TicketNumber(rawValue: 1), edit, by: "alice", at: Moment(seconds: 4000))
        }
        ticket = try #require(try office.ticket(1))
        #expect(ticket.closed == Moment(seconds: 4000))
        #expect(!ticket.needsReaction)
        try office.handle(Letter(id: "5@c", subject: "Again [#1]"), at: 5000)
        ticket = try #require(try office.ticket(1))
        #expect(ticket.status == .open)
        #expect(ticket.closed == nil)
        let sheet = try #require(try office.sheet(1))
        #expect(sheet.emails.map(\.email.messageID) == ["1@c", "2@o", "3@c", "4@c", "5@c"])
        #expect(
            sheet.events.map(\.kind) == [
                "created", "email", "status", "assignee", "email", "email", "status", "status", "email", "reopened",
            ])
    }

    @Test func aStrangerMakesATicketOfHisOwn() throws {
        try office.handle(Letter(id: "1@c"))
        let (_, effects) = try office.handle(Letter(id: "x@s", from: "mallory@else.example", subject: "[#1] Give me"))
        #expect(effects.ticket?.rawValue == 2)
        #expect(try office.ticket(2)?.linkedTo?.rawValue == 1)
        #expect(try office.sheet(1)?.emails.count == 1)
        #expect(try office.sheet(1)?.events.count == 1)
    }

    @Test func ourTokenOpensTheTicketToAnybody() throws {
        try office.handle(Letter(id: "1@c"))
        let token = tokens.subjectToken(ticket: 1)
        let (_, effects) = try office.handle(Letter(id: "x@s", from: "dora@else.example", subject: "Fwd: \(token)"))
        #expect(effects.ticket?.rawValue == 1)
        // She takes part from now on.
        #expect(
            try office.handle(Letter(id: "y@s", from: "dora@else.example", subject: "[#1]")).effects.ticket?.rawValue
                == 1)
    }

    @Test func theSameMessageAgainChangesNothing() throws {
        try office.handle(Letter(id: "1@c"))
        let before = try office.sheet(1)
        try office.handle(Letter(id: "1@c"), at: 9999)
        #expect(try office.sheet(1) == before)
        #expect(try office.ticket(2) == nil)
    }

    @Test func twoAccountsShareOneRecordAndOneTicket() throws {
        let first = try office.handle(Letter(id: "1@c"))
        let second = try office.handle(Letter(id: "1@c"), account: office.sales)
        #expect(first.effects.email == second.effects.email)
        #expect(second.effects.ticket?.rawValue == 1)
        let email = try #require(first.effects.email)
        let owners = try office.store.readBlocking { reader throws(StoreError) in try reader.owners(of: email) }
        #expect(owners == [office.support, office.sales])
        #expect(try office.ticket(2) == nil)
    }

    @Test func aCrashLeavesNothingBehind() throws {
        #expect(throws: StoreError.self) { try office.handle(Letter(id: "1@c"), fails: true) }
        #expect(try office.ticket(1) == nil)
        let emails = try office.store.readBlocking { reader throws(StoreError) in try reader.emails(messageID: "1@c") }
        #expect(emails.isEmpty)
        #expect(try office.handle(Letter(id: "1@c")).effects.ticket != nil)
    }

    @Test func senderAndTicketLimitsCountWithinTheHour() throws {
        var rules = helpDesk
        rules.ticketsPerSenderAndHour = 2
        for number in 1...4 { try office.handle(Letter(id: "\(number)@c"), at: 10_000, rules: rules) }
        #expect(try office.ticket(2) != nil)
        #expect(try office.ticket(3) == nil)
        try office.handle(Letter(id: "later@c"), at: 10_000 + 3601, rules: rules)
        #expect(try office.ticket(3) != nil)
    }

    @Test func reopeningsAreLimitedWithinTheHour() throws {
        var rules = helpDesk
        rules.reopeningsPerTicketAndHour = 1
        try office.handle(Letter(id: "0@c"), at: 10_000, rules: rules)
        var edit = TicketEdit()
        edit.status = .closed
        let closing = edit
        for (number, expected) in [(1, TicketStatus.open), (2, .closed)] {
            try office.store.transactionBlocking { transaction throws(StoreError) in
                try transaction.edit(TicketNumber(rawValue: 1), closing, by: "alice", at: Moment(seconds: 10_001))
            }
            try office.handle(Letter(id: "\(number)@c", references: ["0@c"]), at: 10_002, rules: rules)
            #expect(try office.ticket(1)?.status == expected)
        }
    }

    @Test func organizationsAndRecordsAreFound() throws {
        let (acme, carol) = try office.store.transactionBlocking { transaction throws(StoreError) in
            (
                try transaction.add(
                    Record(kind: "organization", name: "Acme", domains: ["customer.example"])),
                try transaction.add(
                    Record(kind: "contact", name: "Carol", addresses: [address("CAROL@customer.example")], number: "7"))
            )
        }
        let (decision, effects) = try office.handle(Letter(id: "1@c"))
        #expect(try office.ticket(1)?.organization == acme)
        #expect(try office.sheet(1)?.organization == "Acme")
        let email = try #require(effects.email)
        let relations = try office.store.readBlocking { reader throws(StoreError) in try reader.relations(of: email) }
        #expect(
            Set(relations) == [
                Relation(email: email, record: carol, reason: .address),
                Relation(email: email, record: acme, reason: .domain),
            ])
        #expect(decision.explanation.contains("because bound by domain: organization Acme (customer.example)"))
        // Mail that refers to bound mail is bound too, whoever it is from.
        let (_, follow) = try office.handle(Letter(id: "2@x", from: "x@else.example", references: ["1@c"]))
        let followed = try #require(follow.email)
        let bound = try office.store.readBlocking { reader throws(StoreError) in try reader.relations(of: followed) }
        #expect(Set(bound.map(\.record)) == [acme, carol])
        #expect(Set(bound.map(\.reason)) == [.reference])
    }

    @Test func recordsAreFoundByNumber() throws {
        let project = try office.store.transactionBlocking { transaction throws(StoreError) in
            try transaction.add(Record(kind: "project", name: "Bridge", number: "123"))
        }
        var rules = helpDesk
        rules.recordNumbers = [.init(kind: "project", pattern: NumberPattern(prefix: "[T-", postfix: "]"))]
        let (_, effects) = try office.handle(Letter(id: "1@c", subject: "[T-123] beams"), rules: rules)
        let email = try #require(effects.email)
        let relations = try office.store.readBlocking { reader throws(StoreError) in try reader.relations(of: email) }
        #expect(relations == [Relation(email: email, record: project, reason: .number)])
    }

    @Test func anEditIsWrittenDown() throws {
        try office.handle(Letter(id: "1@c"))
        try office.store.transactionBlocking { transaction throws(StoreError) in
            var edit = TicketEdit()
            edit.assignee = .some("bob")
            edit.priority = "high"
            edit.queue = "fire"
            edit.note = "Called the brigade"
            try transaction.edit(TicketNumber(rawValue: 1), edit, by: "alice", at: Moment(seconds: 1100))
        }
        let sheet = try #require(try office.sheet(1))
        #expect(sheet.ticket.assignee == "bob")
        #expect(sheet.ticket.queue == "fire")
        #expect(
            sheet.events.dropFirst().map { "\($0.kind) \($0.text)" } == [
                "assignee nobody → bob", "priority normal → high", "queue default → fire", "note Called the brigade",
            ])
        #expect(throws: StoreError.noSuch(.ticket, "9")) {
            try office.store.transactionBlocking { transaction throws(StoreError) in
                try transaction.edit(TicketNumber(rawValue: 9), TicketEdit(), by: "alice", at: Moment(seconds: 1))
            }
        }
    }

    @Test func decisionsComeBackFromTheirText() throws {
        let (decision, _) = try office.handle(Letter(id: "1@c"))
        #expect(Decision(json: decision.json) == decision)
        #expect(Decision(json: []) == nil)
        #expect(decision.explanation.first == "processed, received")
        #expect(decision.explanation.contains { $0.hasPrefix("does make a ticket in queue default") })
    }
}
