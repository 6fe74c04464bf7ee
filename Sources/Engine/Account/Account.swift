internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream
internal import Vault

/// Everything of one mail account: its mailboxes' mirrors and its connections to the upstream, on one loop (D2).
///
/// Sessions call it with values and get values back. It is re-entrant where it waits; what must stay together passes
/// a `Turnstile`.
actor Account {
    /// What an account needs of the house.
    struct Services: Sendable {
        let configuration: Engine.Configuration
        let pool: WorkerPool
        let store: Store
        let cache: Cache
        let vault: Vault
        let authorities: Authorities
        let scanner: PassageScanner
        let log: Log
        let counters: Counters
        let clock: WallClock
        let ledger: TrafficLedger
        /// Shared by all accounts.
        let headers: Locked<HeaderMemory>
    }

    nonisolated let id: AccountID
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// What the upstream could do when it was last reached; nil before that.
    nonisolated let abilities = Locked<UpstreamAbilities?>(nil)

    let services: Services
    let log: Log
    var record: AccountRecord
    var server: Server
    /// What the upstream is reached and entered with; made anew when the configuration changes.
    var connector: IMAPConnector
    var isRetired = false

    /// The mailboxes as last seen at the upstream, by name. Loaded from the cache at first.
    var known: [MailboxName: CachedMailbox] = [:]
    var hasLoadedFolders = false
    var listedAt: MonotonicTime?
    /// How often the tree was seen to change.
    var treeChangeCount: UInt64 = 0
    let listing = Turnstile()
    /// What mailboxes are for where the upstream can't keep it.
    var localUses: [MailboxName: SpecialUse] = [:]
    var hasLoadedUses = false
    /// Keeps a change of them together.
    let assigning = Turnstile()

    /// What has happened to mailboxes, and the sessions that want to hear of it.
    var news = MailboxNews()
    var followers: [FollowerID: Follower] = [:]
    /// What the upstream counted in followed mailboxes that no mirror tells of, and when it was asked.
    var counts: [MailboxName: MailboxCounts] = [:]
    var surveyedAt: MonotonicTime?
    /// The upstream offers to tell of all mailboxes (RFC 5465), and does not.
    var refusesToNotify = false

    var live: [CachedMailbox.ID: LiveMailbox] = [:]
    /// Mailboxes of which this run has told nothing that the cache does not have.
    var faithful: Set<CachedMailbox.ID> = []
    var lastHold: UInt64 = 0
    let opening = Turnstile()

    var lines: [UpstreamLine] = []
    var outage = Outage()
    /// The upstream was seen to give pieces of messages wrongly: large ones are fetched as a whole.
    var avoidsPieces = false
    let traffic: UpstreamTraffic
    var budgetNotices = BudgetNotices()

    /// Messages that arrived in monitored mailboxes and wait to be scanned.
    var arrivals: [CachedMailbox.ID: [UID]] = [:]
    /// Whether a large mailbox was read since memory was last given back.
    var hasReadMuch = false
    /// New messages of which more is fetched before somebody asks.
    var foreseen: [CachedMailbox.ID: [UID]] = [:]
    /// Mailboxes into which messages are being saved, and how many at the moment.
    var saving: [CachedMailbox.ID: Int] = [:]
    /// Messages whose actions failed and are to be tried again.
    var postponed: [PostponedScan] = []
    /// How often in a row the upstream did not give a message that is to be scanned.
    var unread: [CachedMailbox.ID: [UID: Int]] = [:]
    let arrivalSignal: Signal
    /// Messages that were replaced while the upstream went away, and still have to go.
    var replaced: [ReplacedMessage] = []
    /// Messages on their way into the cache.
    var keeping = KeepingQueue()
    let keepingSignal: Signal
    /// When a session last asked for bodies that the upstream has to give.
    var bodiesAskedAt: MonotonicTime
    let keepingTurn = Turnstile()
    /// Bodies have come into the cache that the index does not know.
    let markingSignal: Signal
    let upkeepSignal: Signal
    /// What clients have saved in Sent lately.
    var clientCopies = ClientCopies()
    /// Copies of sent mail that wait to be saved, and their turn.
    var waitingCopies: [WaitingCopy] = []
    let copying = Turnstile()
    /// Messages listed without a look into the cache.
    let listedCount: Counter
    /// When copies were last saved.
    var copiedAt: MonotonicTime?
    /// When the last copy joined those that wait.
    var copyJoinedAt: MonotonicTime?

    init(id: AccountID, record: AccountRecord, server: Server, loop: EventLoop, services: Services) {
        self.id = id
        self.record = record
        self.server = server
        self.loop = loop
        self.services = services
        log = services.log.with(["account": record.name])
        traffic = UpstreamTraffic(of: id, named: record.name, services.counters, services.ledger)
        listedCount = services.counters.counter("headers_listed_from_memory_total")
        connector = IMAPConnector(
            account: record, server: server, vault: services.vault, authorities: services.authorities,
            pool: services.pool)
        arrivalSignal = Signal(on: loop)
        keepingSignal = Signal(on: loop)
        bodiesAskedAt = loop.now
        markingSignal = Signal(on: loop)
        upkeepSignal = Signal(on: loop)
        // What was told before a restart is not told again.
        let day = traffic.today
        for direction in TrafficDirection.allCases {
            let used = traffic.total(on: day)[direction]
            budgetNotices.adopt(BudgetStanding(used: used, of: server.dailyBudget(direction)), direction, on: day)
        }
    }
}

/// What has to be known of an upstream also while nobody speaks with it.
struct UpstreamAbilities: Sendable, Hashable {
    /// X-GM-EXT-1.
    let isGmail: Bool
    /// OBJECTID (RFC 8474).
    let hasObjectIDs: Bool
}

/// What is remembered of an upstream that is away, so that nobody waits for it again and again.
struct Outage {
    /// Failed attempts since the last success.
    var failures = 0
    /// Before this time no attempt is made.
    var nextAttempt: MonotonicTime?
    var reason = ""
}
