package import Loop
internal import MailTypes
package import OAuth
package import Store
package import Vault

/// The house behind the doors: accounts, their mirrors, scanning and relay. The only place where store, upstream and
/// rules meet; a front reaches a mailbox through here or not at all.
package final class Engine: Sendable {
    /// What the process decides for the engine.
    package struct Configuration: Sendable {
        package static let defaultMessageLimit = 64 << 20
        package static let defaultCacheQuota = 4 << 30
        package static let defaultDirectoryCheck = Duration.seconds(1)
        package static let defaultSurveyInterval = Duration.seconds(60)
        package static let defaultTrafficInterval = Duration.seconds(60)
        package static let defaultUpstreamCopyTime = Duration.seconds(10)
        package static let defaultOutboxCount = 10_000
        package static let defaultOutboxOctets = 1 << 30

        /// The name this host gives itself: in EHLO, Received and Message-IDs.
        package var hostName: String
        /// Where large messages are spooled: on the data directory's file system.
        package var spoolDirectory: String
        /// Octets of one message, from clients and from upstreams.
        package var messageLimit = defaultMessageLimit
        /// Octets of cached bodies; above it those unused for longest are dropped.
        package var cacheQuota = defaultCacheQuota
        /// What the Received field of a sent message tells of its client.
        package var submissionTrace = SubmissionTrace.host
        /// How often another process's changes to the store are looked for.
        package var directoryCheck = defaultDirectoryCheck
        /// How often mailboxes are asked for their counts that a session follows and nothing else tells of.
        package var surveyInterval = defaultSurveyInterval
        /// How often the octets exchanged with upstreams are written down, and whether another day has begun is looked
        /// for. What a crash makes forgotten is no older.
        package var trafficInterval = defaultTrafficInterval
        /// What clients may show of this server, `/shared/comment` of its metadata (RFC 5464 §6.2.1).
        package var serverComment: String?
        /// A URI by which to reach its administrator, `/shared/admin` of its metadata (RFC 5464 §6.2.1).
        package var administratorAddress: String?
        /// How long the copy is waited for that an upstream saves of what it sends.
        package var upstreamCopyTime = defaultUpstreamCopyTime
        /// What each user may send in an hour who has no limits of her own.
        package var messagesPerHour = HourlyLimit.unlimited
        /// To how many recipients, of all messages together.
        package var recipientsPerHour = HourlyLimit.unlimited
        /// What may wait in the queue of an account: messages, and their octets.
        package var outboxLimit = OutboxLoad(count: defaultOutboxCount, octets: defaultOutboxOctets)

        /// What a trace field tells.
        package enum SubmissionTrace: Hashable, Sendable {
            /// There is none.
            case none
            /// This host and the time, and nothing of the person's machine.
            case host
            /// The client's name and address as well.
            case full
        }

        package init(hostName: String, spoolDirectory: String) {
            self.hostName = hostName
            self.spoolDirectory = spoolDirectory
        }
    }

    package let configuration: Configuration
    package let log: Log
    package let counters: Counters
    package let clock: WallClock
    package let pool: WorkerPool
    package let store: Store
    package let vault: Vault
    let cache: Cache
    let loops: [EventLoop]
    let scanner: PassageScanner
    let signInGate: SignInGate
    /// The sessions that hear of other mailboxes: other grants are news to them.
    let watchers = Locked<[ObjectIdentifier: Signal]>([:])
    let relays: Relays
    let upstreamOffers: UpstreamOffers
    let authorities = Authorities()
    let serverNews = ServerNews()
    let ledger: TrafficLedger
    let sendings: SendingLedger
    let headers = Locked(HeaderMemory())
    let outbox: Outbox

    struct State {
        var directory = Directory(version: 0)
        var accounts: [AccountID: Account] = [:]
        var isStopping = false
    }
    let state: Locked<State>

    /// - Parameters:
    ///   - loops: at least one; accounts are spread over them.
    ///   - tokens: whose tokens sign people in; nil for nobody's.
    package init(
        configuration: Configuration, loops: [EventLoop], pool: WorkerPool, store: Store, cache: Cache, vault: Vault,
        log: Log, counters: Counters, clock: WallClock = .system, tokens: BearerTokens? = nil
    ) {
        precondition(!loops.isEmpty, "the engine needs a loop")
        let state = Locked(State())
        self.state = state
        self.configuration = configuration
        self.loops = loops
        self.pool = pool
        self.store = store
        self.cache = cache
        self.vault = vault
        self.log = log
        self.counters = counters
        self.clock = clock
        ledger = TrafficLedger(clock: clock)
        sendings = SendingLedger(clock: clock)
        outbox = Outbox(loops: loops)
        scanner = PassageScanner(
            store: store, vault: vault, clock: clock, hostName: configuration.hostName, log: log, counters: counters)
        signInGate = SignInGate(
            SignInGate.Surroundings(
                directory: { state.withLock { $0.directory } }, vault: vault, pool: pool, log: log, counters: counters,
                clock: clock, loops: loops, hostName: configuration.hostName, tokens: tokens))
        let upstreamOffers = UpstreamOffers(clock: clock)
        self.upstreamOffers = upstreamOffers
        relays = Relays(
            Relay.Services(
                directory: { state.withLock { $0.directory } }, vault: vault, authorities: authorities, pool: pool,
                log: log, hostName: configuration.hostName, offers: upstreamOffers), loops: loops)
    }

    /// Everything that is configured, as it is now.
    package var directory: Directory { state.withLock { $0.directory } }

    /// The running account; nil when it is inactive, has no IMAP server, or is gone.
    func account(_ id: AccountID) -> Account? { state.withLock { $0.accounts[id] } }

    /// The time in the form that grants are checked with.
    var moment: Moment { Moment(seconds: clock.now.seconds) }

    /// A spool for one message of a client.
    /// - Parameter expected: octets that the client says will come; 0 when it does not say.
    package func makeSpool(expecting expected: Int = 0) -> Spool {
        Spool(
            directory: configuration.spoolDirectory, limit: configuration.messageLimit, expecting: expected, pool: pool)
    }
}
