internal import CLinux
internal import Glibc

/// The signals that the system sends to the process, as values on a loop. One in a process: signal handlers are global.
package final class ProcessSignals {
    package enum Kind: Int32, CaseIterable, Sendable {
        /// SIGHUP: read configuration and certificates again.
        case reload = 1
        /// SIGINT, from a terminal.
        case interrupt = 2
        /// SIGTERM: end in order.
        case terminate = 15
        /// SIGUSR1.
        case user = 10
    }

    private final class Descriptor: Sendable {
        let number: Int32
        init(_ number: Int32) { self.number = number }
        deinit { close(number) }
    }

    private let kinds: [Kind]
    private let descriptor: Descriptor
    private let watch: Watch
    private let signal: Signal

    /// Catches these signals from now on.
    /// - Precondition: called on `loop`.
    package init(_ kinds: [Kind] = [.reload, .interrupt, .terminate], on loop: EventLoop) throws(LoopError) {
        self.kinds = kinds
        let number = posthouse_eventfd()
        guard number >= 0 else { throw .system("eventfd", errno) }
        descriptor = Descriptor(number)
        signal = Signal(on: loop)
        watch = try Watch(descriptor: number, of: descriptor, raising: signal)
        for kind in kinds {
            guard posthouse_catch_signal(kind.rawValue, number) == 0 else { throw .system("sigaction", errno) }
        }
    }

    deinit {
        for kind in kinds { posthouse_release_signal(kind.rawValue) }
        watch.close()
    }

    /// The signals received since the last call; waits for the first. Empty when the loop is being stopped.
    package func next() async -> Set<Kind> {
        while true {
            let caught = posthouse_take_signals()
            let received = Set(kinds.filter { caught & (1 << UInt64($0.rawValue)) != 0 })
            if !received.isEmpty { return received }
            if await signal.next().contains(.shutdown) { return [] }
        }
    }
}
