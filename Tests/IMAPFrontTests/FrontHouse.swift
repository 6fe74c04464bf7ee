import Bytes
import Engine
import IMAPFront
import Loop
import MailTypes
import OAuthRig
import SMTPRig
import Store
import TLS
import TestKit
import Testing
import Vault

/// A front with an engine behind it, in front of a real Dovecot; clients speak to it over sockets.
///
/// Everybody's password is `pencil`. Alice may do everything in `support` and `sales`, Carol may read `support`, Bob
/// has no grant.
final class FrontHouse: Sendable {
    let directory: TemporaryDirectory
    let provider: Provider
    let loops: [EventLoop]
    let pool: WorkerPool
    let store: Store
    let cache: Cache
    let engine: Engine
    let front: IMAPListener
    let tls: ServerTLS
    let port: UInt16
    let tlsPort: UInt16
    /// Who issues tokens, when somebody's are believed.
    let issuer: TokenHouse?
    /// What stands in for Dovecot, when a test scripts it.
    let script: ScriptedServer?

    /// RFC 7677 §3, with few rounds to be quick.
    private static let verifier =
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
        + "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="

    private init(
        _ directory: TemporaryDirectory, _ allowsInsecure: Bool, _ limits: IMAPConfiguration.Limits,
        _ expungeLogLimit: Int, _ script: ScriptedServer.Script?, _ clock: WallClock, _ log: Log,
        _ hasIssuer: Bool, _ change: (inout Server) -> Void, _ describe: (inout SiteDescription) -> Void,
        _ tune: (inout Engine.Configuration) -> Void
    ) async throws {
        self.directory = directory
        provider = try await Provider(in: directory("provider"))
        loops = [try EventLoop(name: "front-1"), try EventLoop(name: "front-2")]
        pool = try WorkerPool(threads: 2)
        let vault = try Vault(masterKey: Secret([UInt8](repeating: 7, count: 32)))
        store = try Store(path: directory(Store.fileName), sealing: VaultSealing(vault))
        cache = try Cache(
            path: directory(Cache.fileName), sealing: VaultSealing(vault), expungeLogLimit: expungeLogLimit)
        tls = try ServerTLS(certificateFile: provider.certificates.chain, keyFile: provider.certificates.key)
        let loop = loops[0]
        let server = try script.map { [tls] in try ScriptedServer(on: loop, implicitTLS: tls, script: $0) }
        self.script = server
        let upstream = Server.Endpoint(
            host: "localhost", port: server?.port ?? provider.imapPort,
            security: script == nil ? .startTLS : .implicit, authorityFile: provider.certificates.authority)
        var described = try Self.site(vault, upstream)
        change(&described.servers[0])
        describe(&described)
        let site = described
        _ = try await store.transaction { (transaction) throws(StoreError) in try transaction.apply(site) }
        var settings = Engine.Configuration(hostName: "posthouse.example.test", spoolDirectory: directory.path)
        settings.directoryCheck = .milliseconds(50)
        settings.surveyInterval = .milliseconds(100)
        settings.trafficInterval = .milliseconds(50)
        settings.messageLimit = 1 << 20
        settings.serverComment = "For tests"
        tune(&settings)
        issuer =
            hasIssuer
            ? try TokenHouse(
                on: loop, pool: pool, tls: tls, authority: provider.certificates.authority, clock: clock, log: log)
            : nil
        engine = Engine(
            configuration: settings, loops: loops, pool: pool, store: store, cache: cache, vault: vault, log: log,
            counters: Counters(), clock: clock, tokens: issuer?.tokens)
        var configuration = IMAPConfiguration(hostName: "posthouse.example.test", tls: tls)
        configuration.allowsInsecureLoopbackSignIn = allowsInsecure
        configuration.limits = limits
        front = IMAPListener(
            configuration: configuration, engine: engine, loops: loops, log: .silent, counters: Counters())
        let plain = try Listener(on: .loopback())
        let secure = try Listener(on: .loopback())
        port = plain.address.port
        tlsPort = secure.address.port
        front.accept(on: plain, security: .startTLS)
        front.accept(on: secure, security: .implicitTLS)
    }

    /// - Parameters:
    ///   - upstream: whether Dovecot is started; without it nobody's mailboxes can be read.
    ///   - dovecot: lines of its configuration.
    ///   - script: plays the upstream in place of Dovecot, once for each connection.
    ///   - hasIssuer: whether there is somebody who issues tokens; a test has them believed.
    ///   - change: what the upstream's server has besides.
    ///   - describe: what else is different in the site.
    ///   - tune: changes the engine's settings.
    static func with(
        upstream: Bool = true, dovecot: String = "", allowsInsecure: Bool = true,
        limits: IMAPConfiguration.Limits = .init(), expungeLogLimit: Int = 10_000,
        script: ScriptedServer.Script? = nil, clock: WallClock = .system, log: Log = .silent, hasIssuer: Bool = false,
        server change: (inout Server) -> Void = { _ in }, site describe: (inout SiteDescription) -> Void = { _ in },
        engine tune: (inout Engine.Configuration) -> Void = { _ in }, _ body: (FrontHouse) async throws -> Void
    ) async throws {
        try await Slots.servers.hold {
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let house = try await FrontHouse(
                directory, allowsInsecure, limits, expungeLogLimit, script, clock, log, hasIssuer, change, describe,
                tune)
            do {
                if upstream, script == nil {
                    for account in ["support", "sales"] {
                        try await house.provider.user(account, password: "\(account)-upstream")
                    }
                    try await house.provider.startDovecot(extra: dovecot)
                }
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
        await front.stop()
        await engine.stop()
        script?.stop()
        issuer?.stop()
        for loop in loops { loop.stop(grace: .seconds(2)) }
        for loop in loops { loop.join() }
        pool.stop()
        store.close()
        cache.close()
        await provider.kill()
    }

    private static func site(_ vault: Vault, _ upstream: Server.Endpoint) throws -> SiteDescription {
        var site = SiteDescription()
        site.users = ["alice", "bob", "carol"].map { User(name: $0, verifier: verifier) }
        site.servers = [Server(name: "provider", imap: upstream)]
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

    /// Takes back what a user was granted.
    func takeBackGrants(of user: String) async throws {
        try await redescribe { $0.grants.removeAll { $0.grantee == .user(user) } }
    }

    /// Has the site be another one from now on.
    func redescribe(_ change: (inout SiteDescription) -> Void) async throws {
        let vault = try Vault(masterKey: Secret([UInt8](repeating: 7, count: 32)))
        guard let upstream = store.directory.servers.first?.value.imap else { throw RigFailure("no server") }
        var site = try Self.site(vault, upstream)
        change(&site)
        let rest = site
        _ = try await store.transaction { (transaction) throws(StoreError) in try transaction.apply(rest) }
        await engine.reload()
    }

    /// A client that has read the greeting.
    func connect(_ name: String = "client") async throws -> IMAPClient {
        try await IMAPClient.connect(name, port: port)
    }

    /// An IMAP client that has gone around the front.
    func upstream(_ account: String = "support") async throws -> IMAPClient {
        let client = try await IMAPClient.connect("\(account) upstream", port: provider.imapPort)
        guard try await client.login(account, "\(account)-upstream").isOK else {
            throw RigFailure("\(account) can't sign in upstream")
        }
        return client
    }

    /// A client that is signed in.
    func client(_ login: String) async throws -> IMAPClient {
        let client = try await connect(login)
        guard try await client.login(login, "pencil").isOK else { throw RigFailure("\(login) can't sign in") }
        return client
    }
}

/// The usual limits with some of them changed.
func limits(_ change: (inout IMAPConfiguration.Limits) -> Void) -> IMAPConfiguration.Limits {
    var limits = IMAPConfiguration.Limits()
    change(&limits)
    return limits
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
