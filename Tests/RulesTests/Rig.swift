import Bytes
import MailTypes
import Rules

/// A MAC good enough to tell messages apart in tests.
func testKey(_ seed: UInt64 = 1) -> TokenKey {
    TokenKey { message in
        var state: UInt64 = 0xCBF2_9CE4_8422_2325 ^ seed
        var out: [UInt8] = []
        for round in 0..<32 as Range<UInt8> {
            for byte in message + [round] { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
            out.append(UInt8(truncatingIfNeeded: state >> 24))
        }
        return out
    }
}

func address(_ text: String) -> EmailAddress { EmailAddress(text) ?? EmailAddress(local: "?", domain: "?") }
func named(_ text: String, _ name: String = "") -> NamedAddress { NamedAddress(name: name, address: address(text)) }
func list(_ text: String) -> [NamedAddress] { text.split(separator: " ").map { named(String($0)) } }

/// A help desk: the account support@ours.example, the user alice, and customers.
struct Desk {
    var rules = ScannerRules.helpDesk
    var global = Exceptions.none
    var facts = MessageFacts()
    var tickets: [Known.Ticket] = []
    var ticketsOfMessages: [String: [Int64]] = [:]
    var ticketsOfThisMessage: [Int64] = []
    var organizations: [Known.Organization] = []
    var records: (inout Known.Records) -> Void = { _ in }
    var ticketsBySender = 0
    var startMark: Int64 = 0
    let key = testKey()

    init(
        from: String = "carol@customer.example", to: String = "support@ours.example", cc: String = "", bcc: String = "",
        subject: String = "Printer on fire", headers: [String] = []
    ) {
        rules.start = .everything
        facts.ours = Ours(
            identities: [address("support@ours.example"), address("help@ours.example")],
            users: [(address("alice@ours.example"), "alice"), (address("bob@ours.example"), "bob")])
        facts.from = list(from)
        facts.to = list(to)
        facts.cc = list(cc)
        facts.bcc = list(bcc)
        facts.subject = subject
        facts.messageID = "this@customer.example"
        facts.arrival = 1_000_000
        facts.headers = headers.map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return HeaderText(
                name: String(line[..<colon]), value: String(line[colon...].dropFirst().drop { $0 == " " }))
        }
    }

    /// The desk with a ticket that carol has asked for.
    func with(
        ticket number: Int64, _ status: TicketStatus = .open, assignee: String? = nil, reopenings: Int = 0,
        of messages: String...
    ) -> Desk {
        var desk = self
        desk.tickets.append(
            Known.Ticket(
                number: number, status: status, assignee: assignee,
                participants: ["carol@customer.example", "support@ours.example"], reopeningsInHour: reopenings))
        for message in messages { desk.ticketsOfMessages[message, default: []].append(number) }
        return desk
    }

    func with(_ change: (inout Desk) -> Void) -> Desk {
        var desk = self
        change(&desk)
        return desk
    }

    var inquiry: Inquiry { Rules.inquiry(facts, rules, tokens: key) }

    func decide() -> Decision {
        var known = Known(inquiry)
        known.tickets = Dictionary(tickets.map { ($0.number, $0) }) { first, _ in first }
        known.ticketsOfMessages = ticketsOfMessages
        known.ticketsOfThisMessage = ticketsOfThisMessage
        known.organizations = organizations
        known.ticketsBySenderInHour = ticketsBySender
        records(&known.records)
        return Rules.evaluate(facts, rules, known, global: global, startMark: startMark, tokens: key)
    }
}

extension Decision {
    var codes: [Reason.Code] { reasons.map(\.code) }
    var change: TicketChange? {
        for case .attach(let change) in effects { return change }
        return nil
    }
    var newTicket: NewTicket? {
        for case .createTicket(let ticket) in effects { return ticket }
        return nil
    }
    var bindings: [Binding] {
        for case .bind(let bindings) in effects { return bindings }
        return []
    }
}

/// Pseudo-random numbers from a seed (SplitMix64).
struct Generator: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
