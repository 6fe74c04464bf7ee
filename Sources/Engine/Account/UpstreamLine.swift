internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// One connection to the account's server and who may use it now. Belongs to the account's actor.
final class UpstreamLine {
    let number: Int
    /// Wakes the line's watcher: the line has become free, or has something to watch.
    let wake: Signal
    /// One user at a time.
    let turnstile = Turnstile()
    /// Nil while there is no connection.
    var client: IMAPClient?
    /// The mailbox that the connection has selected.
    var selected: LiveMailbox?
    /// The mailbox whose news this line is to bring; nil for the line that does everything else.
    var watched: LiveMailbox?
    /// It waits for what the upstream tells of all mailboxes, and is given up for everybody who comes.
    var isLookingOut = false
    var usedAt: MonotonicTime
    private let traffic: UpstreamTraffic
    /// Octets of this connection that are in `traffic`.
    private var counted = Traffic.zero

    init(number: Int, loop: EventLoop, traffic: UpstreamTraffic) {
        self.number = number
        self.traffic = traffic
        wake = Signal(on: loop)
        usedAt = loop.now
    }

    /// Nobody uses it or waits for it.
    var isFree: Bool { !turnstile.isBusy && turnstile.waitingCount == 0 }

    /// Counts what has passed since this was called last.
    func countOctets() {
        guard let octets = client?.octets else { return }
        let now = Traffic(received: octets.received, sent: octets.sent)
        traffic.count(now - counted)
        counted = now
    }

    /// Forgets a connection that has failed or is closed.
    func drop() {
        countOctets()
        counted = .zero
        client?.close()
        client = nil
        selected?.line = nil
        selected = nil
    }
}
