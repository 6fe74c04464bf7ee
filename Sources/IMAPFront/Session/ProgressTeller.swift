internal import Bytes
internal import IMAPSyntax
internal import Loop
internal import TLS

/// Tells a client at intervals that its command is at work, and how far it has come where that is known (RFC 9585 §4).
///
/// Lives on the session's loop. One task at most looks after it, and only from the first command on that waits until an
/// interval has passed without one; a quick command costs no more than a few assignments.
final class ProgressTeller {
    private let connection: Connection
    private let interval: Duration
    private var tag: [UInt8] = []
    /// When the client last heard something of the command.
    private var last: MonotonicTime
    private var isWatched = false
    /// How many messages are done, and how many there are; nil where it is not known.
    var counts: (done: UInt64, goal: UInt64)?
    /// The command waits, and nothing stands in the output that a line may not come behind.
    var isWaiting = false {
        didSet { if isWaiting { watch() } }
    }

    init(_ connection: Connection, interval: Duration) {
        self.connection = connection
        // A wait for what is past is none, and the loop has others to serve.
        self.interval = max(interval, .milliseconds(1))
        last = connection.signal.loop.now
    }

    /// A command begins, of which nothing is known yet.
    func begin(_ tag: [UInt8]) {
        self.tag = tag
        counts = nil
        last = connection.signal.loop.now
    }

    /// Starts the task that tells, unless there is one.
    private func watch() {
        guard !isWatched else { return }
        isWatched = true
        let loop = connection.signal.loop
        let teller = WeakTeller(self, on: loop)
        let first = last + interval
        loop.spawn { context in
            var wake = first
            // Ends with the session, or with the first interval in which no command waits.
            while await context.loop.sleep(until: wake), let next = teller.tell() { wake = next }
        }
    }

    /// Tells what there is to tell. Nil when nothing waits; otherwise when to look again.
    fileprivate func tell() -> MonotonicTime? {
        guard isWaiting, !connection.isClosed else {
            isWatched = false
            return nil
        }
        let now = connection.signal.loop.now
        guard last + interval <= now else { return last + interval }
        last = now
        // A connection that has failed says so again to the session itself.
        try? connection.send()
        // A client that does not take what it is sent gets no more of it.
        guard connection.unsentCount == 0 else { return last + interval }
        let progress = Progress(tag: tag, done: counts?.done, goal: counts?.goal)
        connection.output.append { (output) in output.appendUntagged(.ok, .inProgress(progress), "Still at work") }
        try? connection.send()
        return last + interval
    }
}

/// Carries a teller into the task that looks after it, without keeping its session alive.
private final class WeakTeller: @unchecked Sendable {
    private weak var teller: ProgressTeller?
    private let loop: EventLoop

    init(_ teller: ProgressTeller, on loop: EventLoop) {
        self.teller = teller
        self.loop = loop
    }

    /// - Precondition: on the loop.
    func tell() -> MonotonicTime? {
        loop.checkIsolated()
        return teller?.tell()
    }
}
