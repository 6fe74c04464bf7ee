import Bytes
import Loop
import MailTypes
import OAuth
import SASL
import Store
import Testing
import Vault

@testable import Engine

/// The gate with a clock that only moves when somebody waits, and a directory of a few people whose password is
/// `pencil`.
final class GateHouse: Sendable {
    struct Time: Sendable {
        var now = MonotonicTime(nanoseconds: 1_000_000_000_000)
        var waits: [Duration] = []
    }

    let time = Locked(Time())
    let lines = Locked<[String]>([])
    let pool: WorkerPool
    let gate: SignInGate
    let counters = Counters()
    let directory = Locked(Directory(version: 0))

    /// - Parameter tokens: what believes tokens, on the pool and with the log that it is given.
    init(
        policy: Attempts.Policy = Attempts.Policy(), tokens: (WorkerPool, Log) throws -> BearerTokens? = { _, _ in nil }
    ) throws {
        pool = try WorkerPool(threads: 1)
        let (time, lines, directory) = (time, lines, directory)
        let log = Log(
            Log.Output(level: .debug, format: .text) { line in lines.withLock { $0.append(String(lossy: line)) } })
        gate = SignInGate(
            SignInGate.Surroundings(
                directory: { directory.withLock { $0 } },
                vault: try Vault(masterKey: Secret([UInt8](repeating: 7, count: 32))), pool: pool, log: log,
                counters: counters, moment: { Moment(seconds: 1_700_000_000) }, now: { time.withLock { $0.now } },
                sleep: { deadline in
                    time.withLock {
                        $0.waits.append(deadline - $0.now)
                        $0.now = max($0.now, deadline)
                    }
                }, hostName: "posthouse.example", tokens: try tokens(pool, log)), policy: policy)
        setUsers()
    }

    deinit { pool.stop() }

    func setUsers(aliceIsActive: Bool = true, verifier: String = GateHouse.verifier) {
        let users = [
            User(name: "Alice", verifier: verifier, isActive: aliceIsActive), User(name: "bob", verifier: verifier),
            User(name: "carol"),
        ]
        let account = AccountRecord(
            name: "support", server: "s", login: "support", address: EmailAddress(local: "support", domain: "x.example")
        )
        var grant = Grant(account: "support", grantee: .user("alice"), rights: .all)
        grant.networks = [Network("192.0.2.0/24")].compactMap { $0 }
        let made = Directory(
            version: 1,
            users: users.enumerated().map {
                Stored(id: UserID(rawValue: Int64($0.offset + 1)), origin: .site, value: $0.element)
            },
            accounts: [Stored(id: AccountID(rawValue: 1), origin: .site, value: account)],
            grants: [Stored(id: GrantID(rawValue: 1), origin: .site, value: grant)])
        directory.withLock { $0 = made }
    }

    static let verifier =
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
        + "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="

    static func peer(_ text: String = "192.0.2.7") throws -> SocketAddress {
        try #require(SocketAddress(numeric: text, port: 40_000))
    }

    func signIn(_ name: String, _ password: String = "pencil", from address: String = "192.0.2.7") async
        -> Result<Principal, SignInFailure>
    {
        do throws(SignInFailure) {
            let peer = try Self.peerOrLoopback(address)
            return .success(try await gate.signIn(name: name, password: Array(password.utf8), peer: .init(peer)))
        } catch {
            return .failure(error)
        }
    }

    private static func peerOrLoopback(_ address: String) throws(SignInFailure) -> SocketAddress {
        SocketAddress(numeric: address, port: 40_000) ?? .loopback()
    }

    var waits: [Duration] { time.withLock { $0.waits } }
    var log: String { lines.withLock { $0.joined() } }
}

@Suite("The door")
struct SignInGateTests {
    @Test("Whoever is known comes in, as whom she says, by whatever case she writes")
    func succeeds() async throws {
        let house = try GateHouse()
        let alice = try await house.signIn("alice").get()
        #expect(alice.userName == "Alice" && alice.scope == .everything)
        #expect(alice.address == IPAddress("192.0.2.7"))
        let scoped = try await house.signIn("SUPPORT*aLICE").get()
        #expect(scoped.scope == .account(AccountID(rawValue: 1)))
        #expect(house.waits.isEmpty)
        #expect(house.log.contains("signed in") && house.log.contains("scope=support"))
    }

    @Test(
        "Whoever is not hears one word after one time",
        arguments: [
            ("alice", "pencils", "192.0.2.7"), ("mallory", "pencil", "192.0.2.7"), ("carol", "", "192.0.2.7"),
            ("carol", "pencil", "192.0.2.7"), ("support*bob", "pencil", "192.0.2.7"),
            ("nothing*alice", "pencil", "192.0.2.7"), ("support*alice", "pencil", "198.51.100.1"),
            ("", "", "192.0.2.7"), ("*", "pencil", "192.0.2.7"),
        ])
    func refuses(_ name: String, _ password: String, _ address: String) async throws {
        let house = try GateHouse()
        #expect(await house.signIn(name, password, from: address) == .failure(.refused))
        #expect(house.waits == [.seconds(1)])
        #expect(!house.log.contains("pencil"))
        // A name that nobody has may be a password in the wrong field.
        if name == "mallory" { #expect(!house.log.contains("mallory")) }
    }

    @Test("An inactive user and a changed password are outside at once")
    func changes() async throws {
        let house = try GateHouse()
        #expect(try await house.signIn("alice").get().userName == "Alice")
        house.setUsers(aliceIsActive: false)
        #expect(await house.signIn("alice") == .failure(.refused))
        house.setUsers()
        #expect(try await house.signIn("alice").get().userName == "Alice")
        house.setUsers(verifier: GateHouse.verifier.replacing("WG5d", with: "WG5e"))
        #expect(await house.signIn("alice") == .failure(.refused))
    }

    @Test("An address that keeps failing is not listened to, but for a password that was right a moment ago")
    func throttled() async throws {
        var policy = Attempts.Policy()
        policy.failureLimit = 3
        let house = try GateHouse(policy: policy)
        #expect(try await house.signIn("alice").get().userName == "Alice")
        for _ in 0..<3 { #expect(await house.signIn("bob", "x") == .failure(.refused)) }
        #expect(house.waits == [.seconds(1), .seconds(2), .seconds(4)])
        guard case .failure(.throttled) = await house.signIn("bob") else {
            Issue.record("not throttled")
            return
        }
        #expect(try await house.signIn("alice").get().userName == "Alice")
        #expect(try await house.signIn("bob", from: "192.0.2.8").get().userName == "bob")
        house.time.withLock { $0.now = $0.now + policy.memory }
        #expect(try await house.signIn("bob").get().userName == "bob")
    }

    @Test("More at once than may fail are admitted one after the other")
    func turns() async throws {
        var policy = Attempts.Policy()
        policy.failureLimit = 2
        let house = try GateHouse(policy: policy)
        let peer = SignInGate.Peer(try GateHouse.peer())
        try await house.gate.admit(peer)
        try await house.gate.admit(peer)
        await #expect(throws: SignInFailure.unavailable) { try await house.gate.admit(peer) }
        #expect(house.waits.reduce(.zero, +) == SignInGate.turnPatience)
        house.gate.withdraw(peer)
        try await house.gate.admit(peer)
    }

    // MARK: Exchanges

    private func converse(
        _ house: GateHouse, _ mechanism: SASLMechanism, _ login: String, _ password: String = "pencil",
        as authorization: String? = nil
    ) async throws -> SignInExchange.Outcome {
        let exchange = SignInExchange(
            house.gate, mechanism: mechanism.rawValue.lowercased(), peer: .init(try GateHouse.peer()), isOffered: true)
        let client = try SASLClient(
            offered: [mechanism.rawValue], service: "imap", host: "posthouse.example", login: login,
            authorization: authorization, secret: Array(password.utf8).span, mayShowPassword: true)
        var response = try client.start()
        for _ in 0..<6 {
            let outcome = await exchange.step(response)
            guard case .challenge(let challenge) = outcome else {
                if case .signedIn = outcome { try client.finish() }
                #expect(await exchange.step([]) == .failed(.refused))
                return outcome
            }
            response = try client.step(challenge)
        }
        return .failed(.refused)
    }

    @Test("Every mechanism lets the same people in", arguments: [SASLMechanism.plain, .login, .scramSHA256])
    func exchanges(_ mechanism: SASLMechanism) async throws {
        let house = try GateHouse()
        guard case .signedIn(let alice) = try await converse(house, mechanism, "alice") else {
            Issue.record("refused")
            return
        }
        #expect(alice.scope == .everything)
        guard case .signedIn(let scoped) = try await converse(house, mechanism, "support*alice") else {
            Issue.record("refused")
            return
        }
        #expect(scoped.scope == .account(AccountID(rawValue: 1)))
        if mechanism != .login {
            guard case .signedIn(let other) = try await converse(house, mechanism, "alice", as: "support") else {
                Issue.record("refused")
                return
            }
            #expect(other == scoped)
            #expect(try await converse(house, mechanism, "bob", as: "support") == .failed(.refused))
        }
        #expect(try await converse(house, mechanism, "alice", "x") == .failed(.refused))
        // A decoy has the rounds of a real password, which a Cyrus client does not compute.
        guard mechanism != .scramSHA256 else { return }
        for name in ["mallory", "carol", "nothing*alice"] {
            #expect(try await converse(house, mechanism, name) == .failed(.refused))
        }
        #expect(house.log.contains("mechanism=\(mechanism.rawValue)"))
        #expect(!house.log.contains("pencil") && !house.log.contains("mallory"))
    }

    @Test("A name that nobody has is asked what a known one is asked, and refused where that one would be")
    func unknownName() async throws {
        let house = try GateHouse()
        for name in ["mallory", "carol", "mallory"] {
            let exchange = SignInExchange(
                house.gate, mechanism: "SCRAM-SHA-256", peer: .init(try GateHouse.peer()), isOffered: true)
            guard case .challenge(let octets) = await exchange.step(Array("n,,n=\(name),r=abcdefgh".utf8)) else {
                Issue.record("no challenge")
                return
            }
            let challenge = String(lossy: octets).split(separator: ",")
            #expect(challenge.count == 3 && challenge[2] == "i=65536")
            let proof = String(lossy: Base64.encode([UInt8](repeating: 1, count: 32)))
            let answer = "c=biws,\(challenge[0]),p=\(proof)"
            #expect(await exchange.step(Array(answer.utf8)) == .failed(.refused))
        }
        #expect(house.waits == [.seconds(1), .seconds(2), .seconds(4)])
    }

    @Test("A mechanism that is not offered, and an exchange that is given up")
    func ends() async throws {
        let house = try GateHouse()
        let peer = SignInGate.Peer(try GateHouse.peer())
        let unknown = SignInExchange(house.gate, mechanism: "CRAM-MD5", peer: peer, isOffered: true)
        #expect(await unknown.step(nil) == .failed(.noMechanism))
        let hidden = SignInExchange(house.gate, mechanism: "PLAIN", peer: peer, isOffered: false)
        #expect(await hidden.step(Array("\0alice\0pencil".utf8)) == .failed(.noMechanism))
        var policy = Attempts.Policy()
        policy.failureLimit = 2
        let strict = try GateHouse(policy: policy)
        for _ in 0..<10 {
            let given = SignInExchange(strict.gate, mechanism: "PLAIN", peer: peer, isOffered: true)
            #expect(await given.step(nil) == .challenge([]))
            given.cancel()
            #expect(await given.step(Array("\0alice\0pencil".utf8)) == .failed(.refused))
        }
        #expect(try await strict.signIn("alice").get().userName == "Alice")
        #expect(strict.waits.isEmpty)
    }
}
