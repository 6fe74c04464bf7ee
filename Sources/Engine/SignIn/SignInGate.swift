internal import Bytes
package import Loop
package import MailTypes
package import OAuth
internal import SASL
package import Store
package import Vault

/// The one door through which people come in, whatever protocol they speak.
///
/// It holds what sign-ins have in common: whom the directory knows, the passwords that were right a moment ago, and the
/// addresses that keep failing. Nothing here tells an unknown name from a wrong password: the same work is done, the
/// same words are said, and the answer is held back for the same time, counted from the beginning of the step.
package final class SignInGate: Sendable {
    /// What the gate needs of the house.
    package struct Surroundings: Sendable {
        let directory: @Sendable () -> Directory
        let vault: Vault
        let pool: WorkerPool
        let log: Log
        let counters: Counters
        /// The time that grants are checked with.
        let moment: @Sendable () -> Moment
        let now: @Sendable () -> MonotonicTime
        /// Waits, on the caller's loop where it is one of ours.
        let sleep: @Sendable (_ deadline: MonotonicTime) async -> Void
        /// The name that this server goes by in an exchange.
        let hostName: String
        /// Whose tokens sign people in; nil for nobody's.
        let tokens: BearerTokens?

        package init(
            directory: @escaping @Sendable () -> Directory, vault: Vault, pool: WorkerPool, log: Log,
            counters: Counters, moment: @escaping @Sendable () -> Moment,
            now: @escaping @Sendable () -> MonotonicTime,
            sleep: @escaping @Sendable (_ deadline: MonotonicTime) async -> Void, hostName: String,
            tokens: BearerTokens? = nil
        ) {
            self.directory = directory
            self.vault = vault
            self.pool = pool
            self.log = log
            self.counters = counters
            self.moment = moment
            self.now = now
            self.sleep = sleep
            self.hostName = hostName
            self.tokens = tokens
        }
    }

    package let surroundings: Surroundings
    private let attempts: Locked<Attempts>
    /// Nil when the system had no randomness at the start: then every password is computed each time.
    private let verified: VerifiedPasswords?
    private let succeeded: Counter
    private let refused: Counter
    private let throttled: Counter

    package init(_ surroundings: Surroundings, policy: Attempts.Policy = Attempts.Policy()) {
        self.surroundings = surroundings
        attempts = Locked(Attempts(policy: policy))
        verified = try? VerifiedPasswords()
        succeeded = surroundings.counters.counter("sign_ins_total", labels: "result=\"succeeded\"")
        refused = surroundings.counters.counter("sign_ins_total", labels: "result=\"refused\"")
        throttled = surroundings.counters.counter("sign_ins_total", labels: "result=\"throttled\"")
    }

    // MARK: Passwords

    /// Signs in with a name and a password that a protocol carries itself, such as IMAP's LOGIN.
    package func signIn(name: String, password: [UInt8], peer: Peer) async throws(SignInFailure) -> Principal {
        let begun = surroundings.now()
        // A password that was right a moment ago passes whatever its address has done since: one client with a stale
        // password must not lock its neighbours out.
        if isRemembered(name: name, password: password), let principal = principal(name, authorization: nil, peer) {
            note(principal, mechanism: Self.command, peer)
            return principal
        }
        try await admit(peer)
        let isRight: Bool
        do {
            isRight = try await surroundings.pool.perform { self.check(name: name, password: password) }
        } catch {
            withdraw(peer)
            throw .unavailable
        }
        guard isRight, let principal = principal(name, authorization: nil, peer) else {
            throw await refuse(name, mechanism: Self.command, peer, begun: begun)
        }
        accept(principal, mechanism: Self.command, peer)
        return principal
    }

    /// What the log calls a sign-in without SASL.
    private static let command = "password"

    /// Whether the password is that of the user in the name. As slow for a name that nobody has. Blocks.
    func check(name: String, password: [UInt8]) -> Bool {
        let secret = Secret(password)
        let user = user(named: name)
        let stored = user?.verifier
        let now = surroundings.now()
        if let user, let stored,
            verified?.contains(name: user.name, password: secret, verifier: stored, at: now) == true
        {
            return true
        }
        let real = stored.flatMap { SCRAMVerifier($0) }
        let isMatch = Passwords.check(secret, against: real ?? decoy(name))
        guard isMatch, let user, let stored, real != nil else { return false }
        verified?.insert(name: user.name, password: secret, verifier: stored, at: now)
        return true
    }

    private func isRemembered(name: String, password: [UInt8]) -> Bool {
        guard let user = user(named: name), let stored = user.verifier else { return false }
        return verified?.contains(
            name: user.name, password: Secret(password), verifier: stored, at: surroundings.now()) ?? false
    }

    // MARK: SASL

    /// What the server side of an exchange looks credentials up with.
    var credentials: SASLCredentials {
        SASLCredentials(
            verifier: { self.user(named: $0)?.verifier.flatMap { SCRAMVerifier($0) } },
            decoy: { self.decoy($0) },
            check: { self.check(name: $0, password: $1) })
    }

    /// A verifier for a name that nobody has: the same each time, with the rounds of a new one, and matched by nothing,
    /// since nobody knows a password whose key these octets would be.
    private func decoy(_ name: String) -> SCRAMVerifier {
        let octets = Array(name.lowercased().utf8)
        let vault = surroundings.vault
        return SCRAMVerifier(
            iterations: Passwords.defaultIterations,
            salt: Array(vault.mac("sign-in decoy salt", octets).prefix(Passwords.saltSize)),
            storedKey: vault.mac("sign-in decoy stored key", octets),
            serverKey: vault.mac("sign-in decoy server key", octets))
    }

    // MARK: Admission

    /// How long an attempt waits for others from its address to end, when there are as many as may fail.
    static let turnPatience = Duration.seconds(30)
    /// How often it is looked whether one has.
    private static let turnGlance = Duration.milliseconds(20)

    /// Counts an attempt, or refuses it because its address has failed too often. Many at once, all mail programs of an
    /// office after a restart, are admitted one after the other. What is admitted ends in `accept`, `refuse` or
    /// `withdraw`.
    func admit(_ peer: Peer) async throws(SignInFailure) {
        guard let source = peer.source else { return }
        let patience = surroundings.now() + Self.turnPatience
        while true {
            let now = surroundings.now()
            switch attempts.withLock({ $0.begin(from: source, at: now) }) {
            case .admitted: return
            case .afterOthers where now < patience: await surroundings.sleep(now + Self.turnGlance)
            case .afterOthers: throw .unavailable
            case .refused(let wait):
                throttled.add()
                surroundings.log.notice("sign-in not considered", ["peer": peer.text, "reason": "too many failures"])
                throw .throttled(wait)
            }
        }
    }

    /// Takes an attempt back that came to nothing: it was given up, or could not be checked.
    func withdraw(_ peer: Peer) {
        guard let source = peer.source else { return }
        attempts.withLock { $0.withdraw(from: source) }
    }

    /// An attempt has succeeded.
    func accept(_ principal: Principal, mechanism: String, _ peer: Peer) {
        withdraw(peer)
        note(principal, mechanism: mechanism, peer)
    }

    private func note(_ principal: Principal, mechanism: String, _ peer: Peer) {
        succeeded.add()
        surroundings.log.info(
            "signed in",
            [
                "user": principal.userName, "scope": scopeName(principal), "mechanism": mechanism, "peer": peer.text,
            ])
    }

    /// An attempt has failed: counts it, and holds the answer back.
    /// - Parameter details: for the log, where they tell nothing about a password.
    func refuse(
        _ name: String?, mechanism: String, _ peer: Peer, begun: MonotonicTime, details: Log.Fields = [:]
    ) async -> SignInFailure {
        refused.add()
        // A name that is nobody's may be a password in the wrong field.
        let who = name.flatMap { person(named: $0) }?.name ?? "(unknown)"
        let log = surroundings.log.with(details)
        log.notice("sign-in refused", ["user": who, "mechanism": mechanism, "peer": peer.text])
        let now = surroundings.now()
        let hold = peer.source.map { source in attempts.withLock { $0.fail(from: source, at: now) } }
        await surroundings.sleep(begun + (hold ?? Attempts.Policy().firstDelay))
        return .refused
    }

    // MARK: Names

    /// Who came in under this name; nil when she is unknown or inactive, or has nothing to look for in the account.
    func principal(_ name: String, authorization: String?, _ peer: Peer) -> Principal? {
        guard let parsed = SignInName(name)?.authorized(as: authorization), let user = person(named: name) else {
            return nil
        }
        return principal(user, account: parsed.account, peer)
    }

    /// The user, if she is active, in the account or in everything; nil when she has nothing to look for there.
    func principal(_ user: Stored<User>, account: String?, _ peer: Peer) -> Principal? {
        guard user.isActive else { return nil }
        guard let account else {
            return Principal(userID: user.id, userName: user.name, scope: .everything, address: peer.address)
        }
        let directory = surroundings.directory()
        guard let account = directory.account(named: account),
            !directory.rights(of: user.id, in: account.id, from: peer.address, at: surroundings.moment()).isEmpty
        else { return nil }
        return Principal(userID: user.id, userName: user.name, scope: .account(account.id), address: peer.address)
    }

    /// The user that may sign in under this name.
    private func user(named name: String) -> Stored<User>? {
        person(named: name).flatMap { $0.isActive && $0.verifier != nil ? $0 : nil }
    }

    private func person(named name: String) -> Stored<User>? {
        SignInName(name).flatMap { surroundings.directory().user(named: $0.user) }
    }

    private func scopeName(_ principal: Principal) -> String {
        switch principal.scope {
        case .everything: "everything"
        case .account(let id): surroundings.directory().account(id)?.name ?? String(describing: id)
        }
    }

    /// Where somebody comes from.
    package struct Peer: Hashable, Sendable {
        let address: IPAddress?
        /// For the log.
        let text: String
        var source: Attempts.Source? { address.map(Attempts.Source.init) }

        package init(_ address: SocketAddress) {
            self.address = IPAddress(address.hostText)
            text = address.hostText
        }
    }
}
