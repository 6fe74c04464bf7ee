import Bytes
import Desk
import Engine
import Loop
import MIME
import MailTypes
import Rules
import Store
import TestKit
import Testing
import Vault

/// The scanner with a store of its own and a clock that stands still until it is set; no loop and no upstream.
final class ScanningHouse: Sendable {
    let directory: TemporaryDirectory
    let store: Store
    let scanner: PassageScanner
    let support: AccountID
    let sales: AccountID
    let time: Locked<Int64>

    init(_ change: (inout ScannerRules) -> Void = { _ in }) throws {
        directory = try TemporaryDirectory()
        let vault = try Vault(masterKey: Secret([UInt8](repeating: 7, count: 32)))
        let time = Locked<Int64>(1_000_000)
        self.time = time
        let clock = WallClock { WallClock.Time(seconds: time.withLock { $0 }) }
        store = try Store(path: directory(Store.fileName), sealing: VaultSealing(vault), clock: clock)
        var rules = ScannerRules.helpDesk
        rules.start = .everything
        change(&rules)
        var site = SiteDescription()
        site.servers = [Server(name: "mail")]
        site.users = [
            User(name: "alice", addresses: [try #require(EmailAddress("alice@ours.example"))]), User(name: "bob"),
        ]
        site.accounts = ["support", "sales"].map {
            AccountRecord(
                name: $0, server: "mail", login: $0, address: EmailAddress(local: $0, domain: "ours.example"))
        }
        site.scanners = ["support", "sales"].map { Scanner(account: $0, rules: rules) }
        let described = site
        try store.transactionBlocking { transaction throws(StoreError) in _ = try transaction.apply(described) }
        support = try #require(store.directory.account(named: "support")).id
        sales = try #require(store.directory.account(named: "sales")).id
        scanner = PassageScanner(
            store: store, vault: vault, clock: clock, hostName: "posthouse.example", log: .silent, counters: Counters())
    }

    deinit {
        store.close()
        directory.remove()
    }

    func wait(_ seconds: Int64) { time.withLock { $0 += seconds } }

    @discardableResult
    func pass(
        _ text: String, _ way: Passage.Way = .arrived, uid: UInt32? = nil, in mailbox: MailboxName = .inbox,
        account: AccountID? = nil, date: Int64? = nil, use: SpecialUse? = nil, flags: [Flag] = [],
        message: MessageBody? = nil
    ) async -> PassageOutcome {
        let place = uid.map { JournalPlace(mailbox: mailbox, uidValidity: UIDValidity(rawValue: 1), uid: UID($0)) }
        return await scanner.pass(
            Passage(
                account: account ?? support, way: way, place: place, internalDate: date.map { Moment(seconds: $0) },
                message: message ?? body(text), use: use, flags: flags))
    }

    func prepare(_ text: String, to recipients: [String] = ["carol@customer.example"]) async throws
        -> PreparedSubmission
    {
        try await scanner.prepare(
            SubmissionPassage(
                account: support, actor: "alice", sender: EmailAddress("support@ours.example"),
                recipients: recipients.compactMap { EmailAddress($0) }, message: body(text)))
    }

    /// Prepares, has the upstream accept, and lets go.
    func send(_ text: String) async throws {
        let prepared = try await prepare(text)
        await scanner.commit(prepared, .accepted)
    }

    func ticket(_ number: Int64) throws -> Ticket? {
        try store.readBlocking { reader throws(StoreError) in try reader.ticket(TicketNumber(rawValue: number)) }
    }

    func sheet(_ number: Int64) throws -> TicketSheet {
        try #require(
            try store.readBlocking { reader throws(StoreError) in
                try reader.sheet(of: TicketNumber(rawValue: number))
            })
    }

    var tickets: Int {
        get throws { try store.readBlocking { reader throws(StoreError) in try reader.tickets().count } }
    }

    /// The journal, oldest first.
    var journal: [JournalRow] {
        get throws { try store.readBlocking { reader throws(StoreError) in try reader.journal() }.reversed() }
    }
}

func body(_ text: String) -> MessageBody {
    let octets = Array(text.utf8)
    // As a spool has it: large ones are in no array.
    let inline = octets.count <= Spool.memoryLimit ? octets : nil
    return MessageBody(structure: MessageScanner.scan(octets), inline: inline) { (range) throws(EngineError) in
        Array(octets[range])
    }
}

/// A message as text with CRLF.
func mail(
    _ id: String?, from: String = "Carol <carol@customer.example>", to: String = "support@ours.example",
    subject: String = "Printer on fire", _ lines: String..., text: String = "Help!"
) -> String {
    var header = ["From: \(from)", "To: \(to)", "Subject: \(subject)"]
    if let id { header += ["Message-ID: <\(id)>", "Date: Fri, 20 Nov 2026 10:00:00 +0100"] }
    return (header + lines + ["", text, ""]).joined(separator: "\r\n")
}

extension MessageBody {
    func text() async throws -> String { String(lossy: try await read(0..<size)) }
}
