import Bytes
import Engine
import Loop
import MailTypes
import Mirror
import Rules
import Store
import TestKit
import Testing
import Vault

/// An engine with a store and a cache of its own in front of a real Dovecot, without fronts.
///
/// Alice may do everything in `support` and `sales`, Carol may read `support`, Bob has no grant.
final class EngineHouse: Sendable {
    let directory: TemporaryDirectory
    let provider: Provider
    let relay: Relay
    let loop: EventLoop
    let pool: WorkerPool
    let store: Store
    let cache: Cache
    let engine: Engine

    private init(
        _ directory: TemporaryDirectory, _ clock: WallClock, _ log: Log, _ change: (inout SiteDescription) -> Void,
        _ configure: (inout Engine.Configuration) -> Void
    ) async throws {
        self.directory = directory
        provider = try await Provider(in: directory("provider"))
        relay = try Relay(to: provider.imapPort)
        loop = try EventLoop(name: "engine")
        pool = try WorkerPool(threads: 2)
        let vault = try Vault(masterKey: Secret([UInt8](repeating: 7, count: 32)))
        store = try Store(path: directory(Store.fileName), sealing: VaultSealing(vault))
        cache = try Cache(path: directory(Cache.fileName), sealing: VaultSealing(vault))
        var described = try Self.site(vault, port: relay.port, authority: provider.certificates.authority)
        change(&described)
        let site = described
        _ = try await store.transaction { (transaction) throws(StoreError) in try transaction.apply(site) }
        var configuration = Engine.Configuration(hostName: "posthouse.example.test", spoolDirectory: directory.path)
        configuration.directoryCheck = .milliseconds(50)
        configuration.trafficInterval = .milliseconds(50)
        configure(&configuration)
        engine = Engine(
            configuration: configuration, loops: [loop], pool: pool, store: store, cache: cache, vault: vault,
            log: log, counters: Counters(), clock: clock)
    }

    /// Runs `body` in a house that has been started, and tears it down.
    /// - Parameters:
    ///   - change: what the site has besides.
    ///   - configuration: what the engine is told besides.
    ///   - dovecot: lines of configuration that the provider has besides.
    static func with(
        clock: WallClock = .system, log: Log = .silent, site change: (inout SiteDescription) -> Void = { _ in },
        configuration: (inout Engine.Configuration) -> Void = { _ in }, dovecot: String = "",
        _ body: (EngineHouse) async throws -> Void
    ) async throws {
        try await Slots.servers.hold {
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let house = try await EngineHouse(directory, clock, log, change, configuration)
            do {
                for account in ["support", "sales"] {
                    try await house.provider.user(account, password: "\(account)-upstream")
                }
                try await house.provider.startDovecot(extra: dovecot)
                try await house.engine.start()
                try await body(house)
            } catch {
                await house.tearDown()
                throw error
            }
            await house.tearDown()
        }
    }

    private func tearDown() async {
        await engine.stop()
        loop.stop(grace: .seconds(2))
        loop.join()
        pool.stop()
        store.close()
        cache.close()
        relay.close()
        await provider.kill()
    }

    private static func site(_ vault: Vault, port: UInt16, authority: String) throws -> SiteDescription {
        var site = SiteDescription()
        site.users = ["alice", "bob", "carol"].map { User(name: $0) }
        site.servers = [
            Server(
                name: "provider",
                imap: .init(host: "localhost", port: port, security: .startTLS, authorityFile: authority))
        ]
        site.accounts = try ["support", "sales"].map { name in
            AccountRecord(
                name: name, server: "provider", login: name,
                secret: try vault.seal(
                    Secret(text: "\(name)-upstream"), context: AccountRecord.secretContext(account: name)),
                address: EmailAddress(local: name, domain: "example.test"), monitored: [])
        }
        site.grants = [
            Grant(account: "support", grantee: .user("alice"), rights: .all),
            Grant(account: "sales", grantee: .user("alice"), rights: .all),
            Grant(account: "support", grantee: .user("carol"), rights: .read),
        ]
        return site
    }

    func principal(_ name: String, account: String? = nil) throws -> Principal {
        let user = try #require(engine.directory.user(named: name))
        let scope = try account.map { try #require(engine.directory.account(named: $0)).id }
        return Principal(
            userID: user.id, userName: name, scope: scope.map { .account($0) } ?? .everything, address: nil)
    }

    func append(_ text: String, to name: MailboxName = .inbox, flags: [Flag] = [], as principal: Principal)
        async throws -> UID
    {
        let spool = engine.makeSpool()
        try await spool.append(Array(text.utf8))
        let outcome = try await engine.append(
            [AppendMessage(flags: flags, internalDate: nil, content: spool)], to: name, for: principal)
        return try #require(outcome.uids.first)
    }
}

/// A session's side of an open mailbox: what it was told so far.
final class Viewer {
    let mailbox: OpenMailbox
    var view: SequenceView

    init(_ mailbox: OpenMailbox) async throws {
        self.mailbox = mailbox
        view = try await mailbox.begin().0
    }

    /// What there is to tell now.
    func poll() async throws -> [ViewUpdate] {
        let (stepped, updates) = try await mailbox.step(view, .all)
        view = stepped
        return updates
    }
}

func letter(_ subject: String, _ body: String = "Hello.") -> String {
    """
    From: Jan <jan@customer.example>\r
    To: support@example.test\r
    Subject: \(subject)\r
    Message-ID: <\(subject.utf8.hexadecimal)@customer.example>\r
    Date: Fri, 20 Nov 2026 10:00:00 +0100\r
    \r
    \(body)\r

    """
}
