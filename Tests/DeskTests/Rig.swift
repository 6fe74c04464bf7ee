import Bytes
import Desk
import Glibc
import Loop
import MailTypes
import Rules
import Store

/// Sealing that hides nothing.
struct OpenSealing: Sealing {
    func seal(_ plain: UnsafeRawBufferPointer, context: String) throws(SealingError) -> [UInt8] { Array(plain) }
    func open(_ sealed: UnsafeRawBufferPointer, context: String) throws(SealingError) -> [UInt8] { Array(sealed) }
}

/// A store in a directory of its own that goes with it, two accounts in it.
final class Office {
    let store: Store
    let support: AccountID
    let sales: AccountID
    private let directory: String

    init() throws {
        var template = Array("/tmp/posthouse-desk-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        directory = made ?? "/nonexistent"
        store = try Store(path: directory + "/store.db", sealing: OpenSealing())
        (support, sales) = try store.transactionBlocking { transaction throws(StoreError) in
            try transaction.add(Server(name: "mail"))
            func account(_ name: String) -> AccountRecord {
                AccountRecord(name: name, server: "mail", login: name, address: address("\(name)@ours.example"))
            }
            return (try transaction.add(account("support")), try transaction.add(account("sales")))
        }
    }

    deinit {
        store.close()
        for name in ["store.db", "store.db-wal", "store.db-shm"] { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }

    func ticket(_ number: Int64) throws -> Ticket? {
        try store.readBlocking { reader throws(StoreError) in try reader.ticket(TicketNumber(rawValue: number)) }
    }

    func sheet(_ number: Int64) throws -> TicketSheet? {
        try store.readBlocking { reader throws(StoreError) in try reader.sheet(of: TicketNumber(rawValue: number)) }
    }

    /// Judges a letter and carries the decision out, as the engine does: all in one transaction.
    @discardableResult
    func handle(
        _ letter: Letter, account: AccountID? = nil, at seconds: Int64 = 1000, rules: ScannerRules = helpDesk,
        fails: Bool = false
    ) throws -> (decision: Decision, effects: DeskEffects) {
        let account = account ?? support
        let now = Moment(seconds: seconds)
        return try store.transactionBlocking { transaction throws(StoreError) in
            let inquiry = Rules.inquiry(letter.facts, rules, tokens: tokens)
            let known = try transaction.known(for: inquiry, identity: letter.identity, at: now)
            let decision = Rules.evaluate(letter.facts, rules, known, tokens: tokens)
            let effects = try transaction.carryOut(
                decision, email: letter.email(account, now), actor: letter.from, at: now)
            if fails { throw .abandoned("a crash") }
            return (decision, effects)
        }
    }
}

let tokens = TokenKey { message in
    var state: UInt64 = 1_469_598_103
    var out: [UInt8] = []
    for round in 0..<32 as Range<UInt8> {
        for byte in message + [round] { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
        out.append(UInt8(truncatingIfNeeded: state >> 24))
    }
    return out
}

var helpDesk: ScannerRules {
    var rules = ScannerRules.helpDesk
    rules.start = .everything
    return rules
}

func address(_ text: String) -> EmailAddress { EmailAddress(text) ?? EmailAddress(local: "?", domain: "?") }

/// A message in short.
struct Letter: Sendable {
    var id: String
    var from = "carol@customer.example"
    var to = "support@ours.example"
    var subject = "Printer on fire"
    var references: [String] = []
    var automatic = false

    var identity: [UInt8] { Array(id.utf8) }

    var facts: MessageFacts {
        var facts = MessageFacts()
        facts.ours = Ours(
            identities: [address("support@ours.example")], users: [(address("alice@ours.example"), "alice")])
        facts.from = [NamedAddress(name: "", address: address(from))]
        facts.to = [NamedAddress(name: "", address: address(to))]
        facts.subject = subject
        facts.messageID = id
        facts.references = references
        if automatic { facts.headers = [HeaderText(name: "auto-submitted", value: "auto-replied")] }
        return facts
    }

    func email(_ account: AccountID, _ moment: Moment) -> Email {
        Email(
            account: account, identity: identity, direction: .received, messageID: id, references: references,
            subject: subject, from: facts.from, to: facts.to, text: "Help!", size: 100, recorded: moment)
    }
}
