import Bytes
import Loop
import MailTypes
import Rules
import SQLite
import Store

/// Sealing as the vault does it, without its cryptography: opens under the same key and context alone.
struct PlainSealing: Sealing {
    var key: UInt8 = 7

    func seal(_ plain: UnsafeRawBufferPointer, context: String) throws(SealingError) -> [UInt8] {
        [key] + check(context) + plain.map { $0 ^ key }
    }

    func open(_ sealed: UnsafeRawBufferPointer, context: String) throws(SealingError) -> [UInt8] {
        guard sealed.count >= 9 else { throw .damaged }
        guard sealed[0] == key else { throw .otherKey }
        guard Array(sealed[1..<9]) == check(context) else { throw .damaged }
        return sealed[9...].map { $0 ^ key }
    }

    private func check(_ context: String) -> [UInt8] {
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in context.utf8 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
        return (0..<8).map { UInt8(truncatingIfNeeded: hash >> ($0 * 8)) }
    }
}

extension Scratch {
    func store(clock: WallClock = .fixed(seconds: 1000)) throws -> Store {
        try Store(path: file(Store.fileName), sealing: PlainSealing(), clock: clock)
    }

    func cache(
        key: UInt8 = 7, clock: WallClock = .fixed(seconds: 1000), expungeLogLimit: Int = 10_000
    ) throws -> Cache {
        try Cache(
            path: file(Cache.fileName), sealing: PlainSealing(key: key), clock: clock, expungeLogLimit: expungeLogLimit)
    }
}

/// A small house: a server, two users, a group, one shared account and one grant.
enum House {
    static let now = Moment(seconds: 1000)
    static func address(_ text: String) -> EmailAddress { EmailAddress(text) ?? EmailAddress(local: "?", domain: "?") }

    static let server = Server(
        name: "example", imap: Server.Endpoint(host: "imap.example.com", port: 993, security: .implicit),
        smtp: Server.Endpoint(host: "smtp.example.com", port: 587, security: .startTLS, mechanism: "PLAIN"))
    static let alice = User(name: "alice", displayName: "Alice", addresses: [address("alice@example.com")])
    static let bob = User(name: "bob")
    static let agents = Group(name: "agents", members: ["alice"])
    static let support = AccountRecord(
        name: "support", server: "example", login: "support@example.com", secret: [1, 2, 3],
        address: address("support@example.com"), identities: [address("help@example.com")])
    static let grant = Grant(account: "support", grantee: .group("agents"), rights: [.read, .send])

    static var site: SiteDescription {
        var site = SiteDescription()
        site.servers = [server]
        site.users = [alice, bob]
        site.groups = [agents]
        site.accounts = [support]
        site.grants = [grant]
        site.scanners = [Scanner(account: "support", rules: .helpDesk)]
        return site
    }

    static func digest(_ byte: UInt8) -> ContentDigest {
        ContentDigest([UInt8](repeating: byte, count: 32)) ?? ContentDigest.none
    }

    static func email(
        _ identity: UInt8, account: AccountID, from: String = "carol@customer.example", messageID: String = ""
    ) -> Email {
        Email(
            account: account, identity: [identity], direction: .received, messageID: messageID, subject: "Dzień dobry",
            date: Moment(seconds: 900, zone: 120), from: [NamedAddress(name: "Carol", address: address(from))],
            to: [NamedAddress(name: "", address: address("support@example.com"))], text: "hello", size: 100,
            recorded: now)
    }
}

extension ContentDigest {
    static var none: ContentDigest { House.digest(0) }
}

extension Store {
    /// The number of the account `support`, after the house was built.
    func buildHouse() async throws(StoreError) -> AccountID {
        try await transaction { t throws(StoreError) in try t.apply(House.site) }
        guard let account = directory.account(named: "support") else { throw .noSuch(.account, "support") }
        return account.id
    }
}
