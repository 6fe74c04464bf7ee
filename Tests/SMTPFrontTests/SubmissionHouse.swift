import Bytes
import Engine
import Loop
import MailTypes
import OAuthRig
import SMTPFront
import SMTPRig
import Store
import TLS
import TestKit
import Testing
import Vault

/// An engine with a store of its own, both doors for clients that send, and a submission server behind it; no IMAP but
/// where a test wants mailboxes.
///
/// Alice may send as `support` and `sales`, Carol may only read `support`, Bob has no grant, Dave is inactive. The
/// password of all is `pencil`.
final class SubmissionHouse: Sendable {
    let directory: TemporaryDirectory
    let loop: EventLoop
    let pool: WorkerPool
    let store: Store
    let cache: Cache
    let engine: Engine
    let upstream: FakeUpstream
    let listener: SMTPListener
    let secureListener: SMTPListener
    let trust: ClientTLS
    let certificates: Certificates
    let tls: ServerTLS
    /// Who issues tokens; a test has them believed.
    let issuer: TokenHouse
    /// What keeps the mailboxes, if there are any.
    let provider: Provider?

    private init(
        _ directory: TemporaryDirectory, limits: SMTPLimits, hasSecureUpstream: Bool, hasMailboxes: Bool,
        _ change: (inout SiteDescription) -> Void
    ) async throws {
        self.directory = directory
        provider = hasMailboxes ? try await Provider(in: directory("provider")) : nil
        certificates = try await Certificates.make(in: directory("certs"))
        loop = try EventLoop(name: "house")
        pool = try WorkerPool(threads: 1)
        tls = try ServerTLS(certificateFile: certificates.chain, keyFile: certificates.key)
        upstream = try FakeUpstream(on: loop, implicitTLS: hasSecureUpstream ? tls : nil)
        let vault = try Vault(masterKey: Secret([UInt8](repeating: 7, count: 32)))
        store = try Store(path: directory(Store.fileName), sealing: VaultSealing(vault))
        cache = try Cache(path: directory(Cache.fileName), sealing: VaultSealing(vault))
        var described = try Self.site(vault, port: upstream.port)
        if hasSecureUpstream {
            described.servers[0].smtp = .init(
                host: "localhost", port: upstream.port, security: .implicit, authorityFile: certificates.authority)
        }
        if let provider {
            upstream.behave { $0.offersSignIn = false }
            try await Self.start(provider)
            try Self.addMailboxes(of: provider, vault, to: &described)
        }
        change(&described)
        let site = described
        _ = try await store.transaction { (transaction) throws(StoreError) in try transaction.apply(site) }
        let configuration = Engine.Configuration(hostName: "posthouse.example", spoolDirectory: directory.path)
        issuer = try TokenHouse(on: loop, pool: pool, tls: tls, authority: certificates.authority)
        engine = Engine(
            configuration: configuration, loops: [loop], pool: pool, store: store, cache: cache, vault: vault,
            log: .silent, counters: Counters(), tokens: issuer.tokens)
        try await engine.start()
        trust = try ClientTLS(trust: .file(certificates.authority))
        listener = SMTPListener(
            try Listener(on: .loopback()), security: .startTLS, tls: tls, engine: engine, loops: [loop], limits: limits)
        secureListener = SMTPListener(
            try Listener(on: .loopback()), security: .implicit, tls: tls, engine: engine, loops: [loop], limits: limits)
        listener.start()
        secureListener.start()
    }

    /// Runs `body` on the house's loop, and tears the house down.
    /// - Parameter hasSecureUpstream: whether the submission server is reached over TLS.
    static func with(
        limits: SMTPLimits = SMTPLimits(), hasSecureUpstream: Bool = false, hasMailboxes: Bool = false,
        site change: (inout SiteDescription) -> Void = { _ in },
        _ body: @escaping @Sendable (isolated LoopContext, SubmissionHouse) async throws -> Void
    ) async throws {
        try await Slots.servers.hold {
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let house = try await SubmissionHouse(
                directory, limits: limits, hasSecureUpstream: hasSecureUpstream, hasMailboxes: hasMailboxes, change)
            do {
                try await house.loop.run { context in try await body(context, house) }
            } catch {
                await house.tearDown()
                throw error
            }
            await house.tearDown()
        }
    }

    private func tearDown() async {
        listener.stop()
        secureListener.stop()
        upstream.stop()
        issuer.stop()
        await engine.stop()
        loop.stop(grace: .seconds(2))
        loop.join()
        pool.stop()
        store.close()
        cache.close()
        await provider?.kill()
    }

    private static func start(_ provider: Provider) async throws {
        for account in ["support", "sales"] { try await provider.user(account, password: "\(account)-upstream") }
        try await provider.startDovecot()
    }

    private static func addMailboxes(of provider: Provider, _ vault: Vault, to site: inout SiteDescription) throws {
        site.servers[0].imap = .init(
            host: "localhost", port: provider.imapPort, security: .startTLS,
            authorityFile: provider.certificates.authority)
        for index in site.accounts.indices {
            let name = site.accounts[index].name
            site.accounts[index].secret = try vault.seal(
                Secret(text: "\(name)-upstream"), context: AccountRecord.secretContext(account: name))
        }
    }

    /// RFC 7677 §3's own password, with fewer rounds than a real one, for the tests' sake.
    private static let verifier =
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
        + "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="

    private static func site(_ vault: Vault, port: UInt16) throws -> SiteDescription {
        var site = SiteDescription()
        site.users = ["alice", "bob", "carol", "dave"].map {
            User(
                name: $0, verifier: verifier, addresses: [EmailAddress(local: $0, domain: "ours.example")],
                isActive: $0 != "dave")
        }
        site.servers = [
            Server(name: "provider", smtp: .init(host: "127.0.0.1", port: port, security: .none))
        ]
        site.accounts = ["support", "sales"].map { name in
            AccountRecord(
                name: name, server: "provider", login: name,
                address: EmailAddress(local: name, domain: "ours.example"),
                identities: name == "support" ? [EmailAddress(local: "help", domain: "ours.example")] : [],
                monitored: [])
        }
        site.grants = [
            Grant(account: "support", grantee: .user("alice"), rights: .all),
            Grant(account: "sales", grantee: .user("alice"), rights: [.read, .send]),
            Grant(account: "support", grantee: .user("carol"), rights: .read),
            Grant(account: "support", grantee: .user("dave"), rights: .all),
        ]
        return site
    }

    // MARK: Clients

    /// A client in TLS that has said EHLO.
    func greeted() async throws -> ScriptedPeer {
        let client = try await ScriptedPeer.client(of: secureListener.address.port, on: loop, tls: trust)
        try await client.play("S: 220 posthouse.example ESMTP Posthouse")
        try await hello(client)
        return client
    }

    /// EHLO; returns what is announced.
    @discardableResult
    func hello(_ client: ScriptedPeer) async throws -> [String] {
        try await client.say("EHLO client.example")
        try await client.expect("250-posthouse.example")
        var lines: [String] = []
        while true {
            let line = try await client.line()
            lines.append(String(line.dropFirst(4)))
            if line.hasPrefix("250 ") { return lines }
        }
    }

    /// A client that has signed in.
    func signedIn(_ name: String = "alice") async throws -> ScriptedPeer {
        let client = try await greeted()
        try await client.say("AUTH PLAIN \(plain(name))")
        try await client.expect("235 2.7.0 Welcome")
        return client
    }

    /// Lets the house work until something holds, for twenty seconds at most.
    func until(_ what: String, _ holds: () async throws -> Bool) async throws {
        let deadline = loop.now + .seconds(20)
        while try await !holds() {
            guard loop.now < deadline else { throw ScriptFailure("it did not come to be: \(what)") }
            await loop.yield()
        }
    }

    func plain(_ name: String, _ password: String = "pencil", as authorization: String = "") -> String {
        String(lossy: Base64.encode(Array("\(authorization)\0\(name)\0\(password)".utf8)))
    }
}
