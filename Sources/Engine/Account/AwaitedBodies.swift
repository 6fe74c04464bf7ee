internal import Loop
internal import MailTypes
internal import Mirror
internal import Store

/// The bodies of one mailbox that sessions wait for, in the order they asked: they are read from the upstream for all of
/// them together, and given to each as soon as they have come in. Belongs to the account's actor.
struct AwaitedBodies {
    /// What became of a request.
    struct Outcome: Sendable {
        /// What has come in.
        var found: [UID: KnownMessage] = [:]
        /// Why something has not; nil for messages that are gone.
        var failure: EngineError?
    }

    /// What one session waits for.
    private final class Request {
        let uids: [UID]
        /// In which the UIDs hold.
        let epoch: MailboxMirror.Epoch
        /// Whether who asks shows the messages to the scanner.
        let scansItself: Bool
        let waiter: UnsafeContinuation<Outcome, Never>
        var lacking: Set<UID>
        var outcome = Outcome()

        init(
            _ uids: [UID], in epoch: MailboxMirror.Epoch, scansItself: Bool,
            _ waiter: UnsafeContinuation<Outcome, Never>
        ) {
            (self.uids, self.epoch, self.scansItself, self.waiter) = (uids, epoch, scansItself, waiter)
            lacking = Set(uids)
        }
    }

    private var requests: [Request] = []
    /// What the upstream was asked for and has not given yet.
    private var asked: Set<UID> = []
    /// How many messages the last command named.
    private var lastCount = 0
    /// Messages that were named together when it went wrong: from then on each is asked for by itself, so that one costs
    /// no others.
    private var suspects: Set<UID> = []
    /// Whether somebody reads for those who wait.
    var isServed = false
    /// When the reader is to leave the connection for a moment; nil before it has asked for anything.
    var spellEnd: MonotonicTime?

    var isEmpty: Bool { requests.isEmpty }
    /// Where the first of them waits; nil when nobody does.
    var epoch: MailboxMirror.Epoch? { requests.first?.epoch }
    /// Whether the upstream has given everything it was asked for.
    var isIdle: Bool { asked.isEmpty }
    /// Whether so little is left of what it was asked for that it is time to ask for more.
    var isLow: Bool { asked.count * 2 <= lastCount }

    /// Waits for these messages, or for the reason why they can't be had.
    /// - Parameters:
    ///   - epoch: in which the UIDs hold.
    ///   - scansItself: whether who asks shows the messages to the scanner.
    mutating func append(
        _ uids: [UID], in epoch: MailboxMirror.Epoch, scansItself: Bool,
        _ waiter: UnsafeContinuation<Outcome, Never>
    ) {
        guard !uids.isEmpty else { return waiter.resume(returning: Outcome()) }
        requests.append(Request(uids, in: epoch, scansItself: scansItself, waiter))
    }

    /// What to ask the upstream for next: at most so many messages that nobody has asked it for.
    mutating func take(atMost count: Int, in epoch: MailboxMirror.Epoch) -> [UID] {
        var taken: [UID] = []
        search: for request in requests where request.epoch == epoch {
            for uid in request.uids where request.lacking.contains(uid) && !asked.contains(uid) {
                if suspects.contains(uid) {
                    guard taken.isEmpty, asked.isEmpty else { continue }
                    taken = [uid]
                    break search
                }
                guard taken.count < count else { break search }
                taken.append(uid)
                asked.insert(uid)
            }
        }
        asked.formUnion(taken)
        if !taken.isEmpty { lastCount = taken.count }
        return taken
    }

    /// Whether each of those who wait for the message shows it to the scanner.
    func scanThemselves(_ uid: UID, in epoch: MailboxMirror.Epoch) -> Bool {
        let waiting = requests.filter { $0.epoch == epoch && $0.lacking.contains(uid) }
        return !waiting.isEmpty && waiting.allSatisfy(\.scansItself)
    }

    /// A message has come in.
    mutating func give(_ message: KnownMessage, in epoch: MailboxMirror.Epoch) {
        let uid = message.metadata.uid
        settle(uid, in: epoch) { $0.outcome.found[uid] = message }
    }

    /// The upstream has answered a command that named these messages. Those that have not come in are gone, or are
    /// asked for one by one when something has gone wrong.
    mutating func close(_ uids: some Sequence<UID>, _ failure: EngineError?, in epoch: MailboxMirror.Epoch) {
        let left = uids.filter { asked.contains($0) }
        if failure != nil, left.count > 1 {
            suspects.formUnion(left)
            asked.subtract(left)
        } else {
            for uid in left { settle(uid, in: epoch) { $0.outcome.failure = $0.outcome.failure ?? failure } }
        }
    }

    /// The connection failed, or there was none. It may be one message that it fails at, so those that were asked for are
    /// asked for one by one; when nothing was, nobody gets anything.
    mutating func closeConnection(_ failure: EngineError, in epoch: MailboxMirror.Epoch) {
        if asked.isEmpty { fail(failure, in: epoch) } else { close(Array(asked), failure, in: epoch) }
    }

    /// Nothing more can be had for those who wait.
    mutating func fail(_ failure: EngineError, in epoch: MailboxMirror.Epoch) {
        for request in requests where request.epoch == epoch {
            request.outcome.failure = request.outcome.failure ?? failure
            request.lacking = []
            finish(request)
        }
        asked = []
    }

    /// The reader has come to a connection: what was asked for elsewhere is asked for again.
    mutating func beginConnection() { (asked, spellEnd) = ([], nil) }

    private mutating func settle(_ uid: UID, in epoch: MailboxMirror.Epoch, _ work: (Request) -> Void) {
        asked.remove(uid)
        suspects.remove(uid)
        for request in requests where request.epoch == epoch && request.lacking.remove(uid) != nil {
            work(request)
            finish(request)
        }
    }

    private mutating func finish(_ request: Request) {
        guard request.lacking.isEmpty, let place = requests.firstIndex(where: { $0 === request }) else { return }
        requests.remove(at: place)
        request.waiter.resume(returning: request.outcome)
    }
}
