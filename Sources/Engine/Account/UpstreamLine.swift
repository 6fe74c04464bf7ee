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
    var usedAt: MonotonicTime

    init(number: Int, loop: EventLoop) {
        self.number = number
        wake = Signal(on: loop)
        usedAt = loop.now
    }

    /// Nobody uses it or waits for it.
    var isFree: Bool { !turnstile.isBusy && turnstile.waitingCount == 0 }

    /// Forgets a connection that has failed or is closed.
    func drop() {
        client?.close()
        client = nil
        selected?.line = nil
        selected = nil
    }
}
