import MailTypes
import Rules
import Testing

@Suite struct DirectionTests {
    @Test(arguments: [
        ("carol@customer.example", "support@ours.example", "", Direction.received),
        ("support@ours.example", "carol@customer.example", "", .sent),
        ("alice@ours.example", "carol@customer.example", "", .sent),
        ("HELP@OURS.example", "carol@customer.example", "", .sent),
        ("alice@ours.example", "support@ours.example", "", .internal),
        ("alice@ours.example", "support+sales@ours.example bob@ours.example", "", .internal),
        ("alice@ours.example", "support@ours.example", "carol@customer.example", .sent),
        ("support@ours.example", "", "", .sent),
        ("", "support@ours.example", "", .received),
        ("carol@customer.example alice@ours.example", "support@ours.example", "", .received),
    ])
    func table(from: String, to: String, others: String, direction: Direction) {
        #expect(Desk(from: from, to: to, cc: others).decide().direction == direction)
        #expect(Desk(from: from, to: to, bcc: others).decide().direction == direction)
    }

    @Test func theEnvelopeCountsToo() {
        let desk = Desk(from: "alice@ours.example", to: "bob@ours.example").with {
            $0.facts.envelopeRecipients = [address("bob@ours.example"), address("carol@customer.example")]
        }
        #expect(desk.decide().direction == .sent)
    }
}

@Suite struct BeforeAnyActionTests {
    @Test func noActionsNoDecision() {
        let decision = Desk().with { $0.rules.actions = [] }.decide()
        #expect(decision.outcome == .noActions)
        #expect(decision.effects.isEmpty)
    }

    @Test(arguments: [
        (StartPoint.fromNow, Decision.Outcome.beforeStart), (.everything, .processed),
        (.since(1_000_001), .beforeStart),
        (.since(1_000_000), .processed),
    ])
    func whereToStart(start: StartPoint, outcome: Decision.Outcome) {
        let desk = Desk().with {
            $0.rules.start = start
            $0.startMark = 1_000_001
        }
        #expect(desk.decide().outcome == outcome)
    }

    @Test(arguments: [
        ("carol@customer.example", true), ("customer.example", true), ("*.example", true),
        ("*.customer.example", false),
        ("support@ours.example", false),
    ])
    func exceptionsLookAtFromOfReceivedMail(pattern: String, excepted: Bool) throws {
        let exceptions = Exceptions(addresses: [try #require(AddressPattern(pattern))])
        let own = Desk().with { $0.rules.exceptions = exceptions }.decide()
        let global = Desk().with { $0.global = exceptions }.decide()
        #expect((own.outcome == .excepted) == excepted)
        #expect((global.outcome == .excepted) == excepted)
        if excepted { #expect(own.effects.isEmpty && own.codes.contains(.exceptedSender)) }
    }

    @Test func exceptionsLookAtTheRecipientsOfSentMail() throws {
        let pattern = try #require(AddressPattern("tax.example"))
        let desk = Desk(from: "alice@ours.example", to: "carol@customer.example", bcc: "office@tax.example").with {
            $0.rules.exceptions.addresses = [pattern]
        }
        #expect(desk.decide().codes.last == .exceptedRecipient)
    }

    @Test func exceptionsBySubjectAndHeader() throws {
        let header = try #require(HeaderPattern("X-Spam-Flag: yes"))
        let spam = Desk(headers: ["X-Spam-Flag: YES"]).with { $0.global.headers = [header] }
        #expect(spam.decide().codes.last == .exceptedHeader)
        let fire = Desk().with { $0.rules.exceptions.subjects = [TextPattern("PRINTER")] }
        #expect(fire.decide().codes.last == .exceptedSubject)
    }

    @Test func ourOwnMailComesBack() {
        let desk = Desk(headers: ["X-Posthouse-Mark: \(testKey().mark(unique: "abc"))"])
        #expect(desk.decide().outcome == .loop)
        #expect(Desk(headers: ["X-Posthouse-Mark: abc.forged"]).decide().outcome == .processed)
    }
}

@Suite struct AutomaticMailTests {
    @Test(arguments: [
        ("Auto-Submitted: auto-generated", AutomaticKind.generated, Reason.Code.autoSubmitted),
        ("Auto-Submitted: auto-replied (vacation)", .outOfOffice, .autoSubmitted),
        ("X-Auto-Response-Suppress: All", .generated, .autoResponseSuppress),
        ("Precedence: bulk", .generated, .precedence),
        ("Precedence: JUNK", .generated, .precedence),
        ("Precedence: list", .generated, .precedence),
        ("List-Id: <news.example>", .generated, .listField),
        ("List-Unsubscribe: <mailto:x@y>", .generated, .listField),
        ("X-Autoreply: yes", .outOfOffice, .autoreplyField),
        ("X-Loop: somewhere", .generated, .loopField),
    ])
    func byHeader(line: String, kind: AutomaticKind, code: Reason.Code) {
        let decision = Desk(headers: [line]).decide()
        #expect(decision.automatic == kind)
        #expect(decision.codes.contains(code))
        #expect(decision.outcome == .automatic)
        #expect(decision.effects.isEmpty)
    }

    @Test(arguments: [
        "Auto-Submitted: no", "Auto-Submitted: NO; reason=x", "Precedence: first-class", "X-Priority: 1",
        "X-Auto-Response-Suppress: None",
    ])
    func byPeople(line: String) { #expect(Desk(headers: [line]).decide().automatic == nil) }

    @Test(arguments: [
        ("Automatic reply: Printer", true), ("Out of Office: back on Monday", true), ("Out of office", true),
        ("Réponse automatique : absent", true), ("Abwesenheitsnotiz: Urlaub", true), ("Auto: x", true),
        ("Odpowiedź automatyczna: Faktura", true), ("Out of office printer is broken", false), ("Auto", false),
        ("Automatic door: broken", false), ("", false), (":", false),
    ])
    func bySubject(subject: String, automatic: Bool) {
        #expect((Desk(subject: subject).decide().automatic == .outOfOffice) == automatic)
    }

    @Test func reportsAndDaemons() {
        let report = Desk().with {
            $0.facts.contentType = "multipart/report"
            $0.facts.reportType = "delivery-status"
        }
        #expect(report.decide().automatic == .bounce)
        #expect(Desk(from: "MAILER-DAEMON@mx.example").decide().automatic == .bounce)
        #expect(Desk().with { $0.facts.returnPath = .null }.decide().automatic == .generated)
        let receipt = Desk().with {
            $0.facts.contentType = "multipart/report"
            $0.facts.reportType = "disposition-notification"
        }
        #expect(receipt.decide().automatic == .generated)
    }

    @Test func acceptedWhenTheScannerSaysSo() {
        let decision = Desk(headers: ["Precedence: bulk"]).with { $0.rules.acceptsAutogenerated = true }.decide()
        #expect(decision.outcome == .processed)
        #expect(decision.newTicket != nil)
        #expect(decision.codes.contains(.automaticAccepted))
    }

    @Test func somePeoplesSystemsMarkTheirMail() throws {
        let pattern = try #require(AddressPattern("customer.example"))
        let desk = Desk(headers: ["Precedence: bulk", "Auto-Submitted: auto-generated"]).with {
            $0.rules.humanSenders = [pattern]
        }
        #expect(desk.decide().automatic == nil)
        #expect(desk.decide().newTicket != nil)
        // An out-of-office reply from there stays one.
        #expect(
            Desk(subject: "Automatic reply: x").with { $0.rules.humanSenders = [pattern] }.decide().automatic != nil)
    }

    @Test(arguments: [TicketStatus.open, .waitingForResponse, .closed, .answered])
    func anOutOfOfficeReplyIsAttachedAndChangesNothing(status: TicketStatus) {
        let desk = Desk(subject: "Automatic reply: Printer").with(ticket: 5, status, of: "ours@ours.example").with {
            $0.facts.inReplyTo = ["ours@ours.example"]
        }
        for accepts in [false, true] {
            let decision = desk.with { $0.rules.acceptsAutogenerated = accepts }.decide()
            #expect(decision.effects == [.createEmail, .attach(TicketChange(ticket: 5, role: .automatic))])
        }
    }

    @Test func aBounceIsAttachedByWhatItReportsOn() {
        let desk = Desk(from: "mailer-daemon@mx.example").with(ticket: 5, .waitingForResponse, of: "ours@ours.example")
            .with { $0.facts.reportedMessageIDs = ["ours@ours.example"] }
        #expect(desk.decide().change == TicketChange(ticket: 5, role: .automatic))
    }

    @Test func aBounceOfNothingWeKnowMakesNoTicket() {
        let desk = Desk(from: "mailer-daemon@mx.example").with { $0.rules.acceptsAutogenerated = true }
        #expect(desk.decide().newTicket == nil)
        #expect(desk.decide().codes.contains(.automaticMakesNoTicket))
    }
}

@Suite struct BelongingTests {
    @Test func byOurToken() {
        let desk = Desk(from: "stranger@else.example", subject: "Re: \(testKey().subjectToken(ticket: 5)) Printer")
            .with(ticket: 5)
        #expect(desk.decide().ticket == 5)
        #expect(desk.decide().codes.contains(.keyedSubject))
    }

    @Test func byOurMessageIdentifier() {
        let identifier = testKey().messageID(ticket: 5, message: "abc", domain: "ours.example")
        let desk = Desk(from: "stranger@else.example").with(ticket: 5).with { $0.facts.references = [identifier] }
        #expect(desk.decide().ticket == 5)
        #expect(desk.decide().codes.contains(.keyedReference))
    }

    @Test func byAMessageOfTheTicket() {
        let desk = Desk(from: "stranger@else.example").with(ticket: 4, of: "old@x").with(ticket: 5, of: "new@x").with {
            $0.facts.references = ["old@x", "unknown@x", "new@x"]
        }
        #expect(desk.decide().ticket == 5, "the nearest reference counts")
    }

    @Test func byNumberFromSomebodyWhoTakesPart() {
        #expect(Desk(subject: "Re: [#5] Printer").with(ticket: 5).decide().ticket == 5)
        let ours = Desk(from: "alice@ours.example", to: "carol@customer.example", subject: "[#5]").with(ticket: 5)
        #expect(ours.decide().ticket == 5)
    }

    @Test func aStrangersNumberMakesANewTicketLinkedToTheOld() {
        for subject in ["[#5] Printer", "[#5-aaaa] Printer"] {
            let decision = Desk(from: "stranger@else.example", subject: subject).with(ticket: 5).decide()
            #expect(decision.change == nil)
            #expect(decision.newTicket?.linkedTo == 5)
        }
    }

    @Test func aNumberOfNoTicketIsJustANumber() {
        let decision = Desk(subject: "[#77] Printer").decide()
        #expect(decision.newTicket != nil)
        #expect(decision.newTicket?.linkedTo == nil)
    }

    @Test func twoAuthorsMustBothTakePart() {
        let desk = Desk(from: "carol@customer.example stranger@else.example", subject: "[#5]").with(ticket: 5)
        #expect(desk.decide().ticket == nil)
    }

    @Test func theSameMessageOfAnotherAccountIsInItsTicketAlready() {
        let desk = Desk().with(ticket: 5, .closed).with { $0.ticketsOfThisMessage = [5] }
        #expect(desk.decide().change == TicketChange(ticket: 5, role: .message))
        #expect(desk.decide().newTicket == nil)
    }
}

@Suite struct OpenTicketTests {
    func reply(_ status: TicketStatus, _ change: (inout Desk) -> Void = { _ in }) -> Decision {
        Desk(subject: "Re: [#5]").with(ticket: 5, status).with(change).decide()
    }

    @Test(arguments: [
        (TicketStatus.waitingForResponse, TicketStatus?.some(.answered)), (.closed, .open), (.open, nil),
        (.answered, nil), (TicketStatus("frozen"), nil),
    ])
    func statuses(status: TicketStatus, becomes: TicketStatus?) {
        let change = reply(status).change
        #expect(change?.status == becomes)
        #expect(change?.needsReaction == true)
        #expect(change?.role == .message)
        #expect(change?.isReopening == (status == .closed))
    }

    @Test func configuredStatuses() {
        let decide = { (status: TicketStatus) in
            reply(status) {
                $0.rules.openTicket.answeredStatus = TicketStatus("read me")
                $0.rules.openTicket.reopenStatus = TicketStatus("again")
                $0.rules.openTicket.closedStatuses = [.closed, TicketStatus("rejected")]
            }.change?.status?.rawValue
        }
        #expect(decide(.waitingForResponse) == "read me")
        #expect(decide(TicketStatus("rejected")) == "again")
    }

    @Test func closedTicketsAsAPolicy() {
        let related = reply(.closed) { $0.rules.openTicket.closedTickets = .relateOnly }
        #expect(related.change == TicketChange(ticket: 5, role: .message))
        let linked = reply(.closed) {
            $0.rules.openTicket.closedTickets = .newLinkedTicket
            $0.rules.actions = [.openTicket]
        }
        #expect(linked.newTicket?.linkedTo == 5)
        #expect(linked.change == nil)
    }

    @Test func reopeningsAreLimited() {
        let decision = Desk(subject: "[#5]").with(ticket: 5, .closed, reopenings: 10).decide()
        #expect(decision.change == TicketChange(ticket: 5, role: .message))
        #expect(decision.codes.contains(.reopeningLimit))
    }

    @Test func withoutTheActionNothingHappens() {
        #expect(reply(.closed) { $0.rules.actions = [.createEmail, .createTicket] }.effects == [.createEmail])
    }
}

@Suite struct AnswerTests {
    func answer(
        _ status: TicketStatus, assignee: String? = nil, from: String = "alice@ours.example", actor: String? = nil
    )
        -> TicketChange?
    {
        Desk(from: from, to: "carol@customer.example").with(ticket: 5, status, assignee: assignee, of: "asked@x").with {
            $0.facts.inReplyTo = ["asked@x"]
            $0.facts.actor = actor
        }.decide().change
    }

    @Test(arguments: [TicketStatus.open, .answered, .closed])
    func sentMailIsThePublicAnswer(status: TicketStatus) {
        let change = answer(status)
        #expect(change?.role == .answer)
        #expect(change?.status == .waitingForResponse)
        #expect(change?.needsReaction == false)
        #expect(change?.assignee == "alice")
    }

    @Test func theAssigneeStays() { #expect(answer(.open, assignee: "bob")?.assignee == nil) }

    @Test func theUserWhoSignedInTakesIt() {
        #expect(answer(.open, from: "support@ours.example", actor: "bob")?.assignee == "bob")
        #expect(answer(.open, from: "support@ours.example")?.assignee == nil)
    }

    @Test func mailAmongUsIsANote() {
        let desk = Desk(from: "alice@ours.example", to: "bob@ours.example", subject: "[#5]").with(ticket: 5, .closed)
        #expect(desk.decide().change == TicketChange(ticket: 5, role: .note))
    }

    @Test func sentMailOfNoTicketMakesNone() {
        let decision = Desk(from: "alice@ours.example", to: "carol@customer.example").decide()
        #expect(decision.effects == [.createEmail])
        #expect(decision.codes.contains(.notReceived))
    }
}

@Suite struct CreateTicketTests {
    @Test func aReceivedMessageOfNoTicketMakesOne() {
        let desk = Desk(subject: "Drukarka płonie").with { $0.facts.from = [named("Carol@Customer.example", "Carol")] }
        let decision = desk.decide()
        #expect(decision.effects.count == 2)
        #expect(decision.effects.first == .createEmail)
        let ticket = decision.newTicket
        #expect(ticket?.subject == "Drukarka płonie")
        #expect(ticket?.requester?.key == "carol@customer.example")
        #expect(ticket?.requester?.name == "Carol")
        #expect(ticket?.status == .open)
        #expect(ticket?.queue == "default")
        #expect(ticket?.assignee == nil)
        #expect(ticket?.needsReaction == true)
    }

    @Test func theRequesterMayStandInReplyTo() {
        let desk = Desk().with {
            $0.rules.createTicket.requester = .replyTo
            $0.facts.replyTo = [named("dora@customer.example")]
        }
        #expect(desk.decide().newTicket?.requester?.key == "dora@customer.example")
        #expect(desk.with { $0.facts.replyTo = [] }.decide().newTicket?.requester?.key == "carol@customer.example")
    }

    @Test func organizationAndContract() {
        let acme = RecordReference(id: 1, kind: "organization", name: "Acme")
        let gold = Known.Contract(record: RecordReference(id: 2, kind: "contract", name: "Gold"), priority: "high")
        let none = Known.Organization(record: acme)
        let one = Known.Organization(record: acme, activeContracts: [gold])
        let two = Known.Organization(record: acme, activeContracts: [gold, gold])
        let ticket = { (organizations: [Known.Organization]) in
            Desk().with { $0.organizations = organizations }.decide().newTicket
        }
        #expect(ticket([])?.organization == nil)
        #expect(ticket([none])?.organization == acme)
        #expect(ticket([none])?.contract == nil)
        #expect(ticket([one])?.contract?.name == "Gold")
        #expect(ticket([one])?.priority == "high")
        #expect(ticket([two])?.contract == nil)
        #expect(ticket([two])?.priority == "normal")
        #expect(ticket([one, none])?.organization == nil)
    }

    static let routes = [
        Route(kind: .toDomain, value: "ours.example", queue: "to-domain"),
        Route(kind: .fromDomain, value: "customer.example", queue: "from-domain"),
        Route(kind: .to, value: "HELP@ours.example", queue: "to"),
        Route(kind: .from, value: "carol@customer.example", queue: "from", assignee: "bob", priority: "urgent"),
        Route(kind: .keyword, value: "invoice", queue: "keyword"),
    ]

    @Test(arguments: [
        ("Your INVOICE", "carol@customer.example", "help@ours.example", "keyword"),
        ("Hello", "carol@customer.example", "support+sales@ours.example", "from"),
        ("Hello", "dora@customer.example", "help@ours.example support+SALES@ours.example", "sales"),
        ("Hello", "dora@customer.example", "help@ours.example support+made-up@ours.example", "to"),
        ("Hello", "dora@customer.example", "support@ours.example", "from-domain"),
        ("Hello", "dora@mail.customer.example", "support@ours.example", "to-domain"),
        ("Hello", "dora@x.example", "list@y.example", "default"),
        ("Hello", "dora@x.example", "list+sales@y.example", "default"),
    ])
    func routing(subject: String, from: String, to: String, queue: String) {
        let desk = Desk(from: from, to: to, subject: subject).with {
            $0.rules.createTicket.routes = Self.routes
            $0.rules.createTicket.subaddressQueues = ["sales"]
        }
        #expect(desk.decide().newTicket?.queue == queue)
    }

    @Test func aRouteBringsItsAssigneeAndPriority() {
        let ticket = Desk().with {
            $0.rules.createTicket.routes = Self.routes
            $0.rules.createTicket.assignee = "alice"
        }.decide().newTicket
        #expect(ticket?.assignee == "bob")
        #expect(ticket?.priority == "urgent")
    }

    @Test func aSenderMakesNotMoreThanSoManyAnHour() {
        let decision = Desk().with { $0.ticketsBySender = 20 }.decide()
        #expect(decision.effects == [.createEmail])
        #expect(decision.codes.contains(.ticketLimit))
    }

    @Test func aTicketNeedsTheMessageRecorded() {
        let decision = Desk().with { $0.rules.actions = [.createTicket] }.decide()
        #expect(decision.effects.first == .createEmail)
        #expect(decision.codes.contains(.recordedForTicket))
    }
}

@Suite struct BindTests {
    let carol = RecordReference(id: 1, kind: "contact", name: "Carol")
    let acme = RecordReference(id: 2, kind: "organization", name: "Acme")
    let project = RecordReference(id: 3, kind: "project", name: "Bridge")

    var desk: Desk {
        Desk(subject: "[T-123] Printer").with { desk in
            desk.rules.recordNumbers = [.init(kind: "project", pattern: NumberPattern(prefix: "[T-", postfix: "]"))]
            desk.facts.inReplyTo = ["bound@x"]
            let number = desk.inquiry.recordNumbers.first
            desk.records = { records in
                records.byAddress["carol@customer.example"] = [carol]
                records.byDomain["customer.example"] = [acme, carol]
                records.byMessage["bound@x"] = [project, acme]
                if let number { records.byNumber[number] = [project] }
            }
        }
    }

    @Test func bySearchFieldsInTheirOrder() {
        #expect(
            desk.decide().bindings == [
                Binding(record: carol, field: .address, match: "carol@customer.example"),
                Binding(record: acme, field: .domain, match: "customer.example"),
                Binding(record: project, field: .number, match: "T-123"),
            ])
    }

    @Test func byChosenFieldsAlone() {
        func only(_ fields: [ScannerRules.SearchField]) -> [RecordReference] {
            desk.with { $0.rules.searchFields = fields }.decide().bindings.map(\.record)
        }
        #expect(only([.references]) == [project, acme])
        #expect(only([.number]) == [project])
        #expect(only([]) == [])
    }

    @Test func everybodyCounts() {
        let inquiry = Desk(from: "a@a.example", to: "b@b.example", cc: "c@c.example", bcc: "d@d.example").with {
            $0.facts.replyTo = list("E@E.example")
        }.inquiry
        #expect(Set(inquiry.addresses) == ["a@a.example", "b@b.example", "c@c.example", "d@d.example", "e@e.example"])
        #expect(Set(inquiry.domains) == ["a.example", "b.example", "c.example", "d.example", "e.example"])
    }
}
