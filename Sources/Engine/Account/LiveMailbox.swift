internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// What tells one session's hold on a mailbox from another's.
struct HoldID: Hashable, Sendable {
    let number: UInt64
}

/// A mailbox whose mirror is in memory: shared by every session that has it open, kept fresh by the account.
/// Belongs to the account's actor.
final class LiveMailbox {
    let id: CachedMailbox.ID
    /// Changes when the mailbox is renamed.
    var name: MailboxName
    var mirror: MailboxMirror
    /// The upstream's HIGHESTMODSEQ up to which the mirror is known to be true; nil without CONDSTORE.
    var upstreamModSeq: ModSeq?
    /// The upstream's own MAILBOXID; nil where it has none, or before the mailbox was selected there.
    var objectID: ObjectID?
    var permanentFlags: [Flag] = Flag.system
    var takesNewKeywords = true
    /// The mirror has been compared with the upstream at least once, now or in an earlier run.
    var wasSynchronised: Bool
    /// The connection that has it selected.
    weak var line: UpstreamLine?
    /// Scanned on arrival, and therefore held by the account itself.
    var isMonitored = false
    /// Sessions that have it open, with the signal each wants raised on a change.
    var holds: [HoldID: Signal?] = [:]
    /// The epoch whose UIDs each of them knows.
    var epochs: [HoldID: MailboxMirror.Epoch] = [:]
    /// When the last session left.
    var leftAt: MonotonicTime?
    /// When the upstream was last asked for news of it.
    var checkedAt: MonotonicTime?
    /// The bodies that sessions wait for at the moment from the upstream.
    var awaited = AwaitedBodies()
    /// Lets one large body through at a time.
    let reading = Turnstile()
    /// Keeps plan, commit and apply of one change together.
    let changes = Turnstile()
    /// Lets one STORE through at a time, so that nothing of ours comes between the look and the change of a conditional
    /// one (RFC 7162 §3.1.3).
    let storing = Turnstile()
    /// The numbers that the mirror knows to be lost are in the cache; they get there with the next change.
    var hasSavedLost = true
    /// The cache has failed to take a change: what it has must be compared as a whole when it is read again.
    var isCacheBehind = false

    init(id: CachedMailbox.ID, name: MailboxName, mirror: MailboxMirror, wasSynchronised: Bool) {
        self.id = id
        self.name = name
        self.mirror = mirror
        self.wasSynchronised = wasSynchronised
    }

    /// Whether somebody wants to hear of changes.
    var isWanted: Bool { isMonitored || !holds.isEmpty }

    /// Tells every session that the mirror has changed.
    func announce() {
        for case let signal? in holds.values { signal.raise(.mailbox) }
    }
}
