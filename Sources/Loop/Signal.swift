/// What wakes a task: events that are raised from anywhere and taken by the one task that owns the signal.
///
/// Events are sticky: those raised while nobody waits are returned by the next `next`. Several of one kind are one.
package final class Signal: @unchecked Sendable {
    package struct Events: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// There is something to read, or the peer has closed.
        package static let input = Events(rawValue: 1)
        /// Output that could not be sent can go on.
        package static let output = Events(rawValue: 2)
        /// The time given to `next(until:)` has come.
        package static let deadline = Events(rawValue: 4)
        /// The open mailbox has changed.
        package static let mailbox = Events(rawValue: 8)
        /// The server, or its loop, is ending.
        package static let shutdown = Events(rawValue: 16)
        /// Something that the owner and who raises it have agreed on.
        package static let work = Events(rawValue: 32)

        package static let all = Events(rawValue: 255)
    }

    /// After this many returns without a suspension `next` lets the loop's other tasks have a turn.
    package static let turn = 16

    private struct State {
        var events: Events = []
        var waiter: UnsafeContinuation<Void, Never>?
        /// What the waiter waits for.
        var wanted: Events = .all
    }

    /// The loop that the owner runs on.
    package let loop: EventLoop
    private let state = Locked(State())

    // What follows belongs to the loop's thread.
    private var timer: TimerNode?
    private var deadline: MonotonicTime?
    private var immediate = 0

    package init(on loop: EventLoop) {
        self.loop = loop
        loop.signals.withLock { $0[ObjectIdentifier(self)] = WeakSignal(self) }
        if loop.isStopping { raise(.shutdown) }
    }

    deinit {
        loop.signals.withLock { $0[ObjectIdentifier(self)] = nil }
        // Off the loop's thread the node stays until its deadline; it holds the signal weakly.
        if let timer, timer.isArmed, loop.isCurrent { loop.timers.remove(timer) }
    }

    /// Adds events and wakes the owner. From any thread.
    package func raise(_ events: Events) {
        let waiter = state.withLock { state -> UnsafeContinuation<Void, Never>? in
            state.events.formUnion(events)
            guard !state.wanted.isDisjoint(with: events), let waiter = state.waiter else { return nil }
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// The events raised so far, left in place.
    package var peek: Events { state.withLock { $0.events } }

    /// The events of `wanted` that were raised so far, taken. Without waiting.
    package func take(_ wanted: Events = .all) -> Events {
        state.withLock { state in
            defer { state.events.subtract(wanted) }
            return state.events.intersection(wanted)
        }
    }

    /// The events of `wanted` raised since they were last taken; waits for the first, or for the deadline (then
    /// `.deadline` is in it). Other events stay for a later call.
    /// - Precondition: called on the loop, by one task at a time.
    package func next(of wanted: Events = .all, until limit: MonotonicTime? = nil) async -> Events {
        loop.checkIsolated()
        let wanted = wanted.union(.deadline)
        let pending = take(wanted).subtracting(.deadline)
        if !pending.isEmpty {
            immediate += 1
            if immediate >= Self.turn {
                immediate = 0
                await loop.yield()
            }
            return pending
        }
        immediate = 0
        if let limit {
            if limit <= loop.now { return .deadline }
            arm(limit)
        }
        deadline = limit
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let isReady = state.withLock { state in
                guard state.events.isDisjoint(with: wanted) else { return true }
                precondition(state.waiter == nil, "a signal has one owner")
                state.waiter = continuation
                state.wanted = wanted
                return false
            }
            if isReady { continuation.resume() }
        }
        deadline = nil
        return take(wanted)
    }

    /// Arms the timer lazily: one that fires too early finds the later deadline and is armed for it, so that a busy
    /// connection, which sets a new deadline for each command, hardly ever touches the heap.
    private func arm(_ limit: MonotonicTime) {
        let node = timer ?? TimerNode(.signal(WeakSignal(self)))
        timer = node
        if !node.isArmed || node.deadline > limit { loop.timers.insert(node, at: limit) }
    }

    func deadlineCame(_ now: MonotonicTime) {
        guard let deadline else { return }
        if deadline <= now { raise(.deadline) } else { arm(deadline) }
    }
}

/// A signal that may be gone.
struct WeakSignal: @unchecked Sendable {
    private(set) weak var signal: Signal?
    init(_ signal: Signal) { self.signal = signal }
}
