internal import CLinux
internal import Glibc

/// The body of a loop's thread. File scope: a closure of isolated code would check its isolation, and trap.
func eventLoopThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let loop = Unmanaged<EventLoop>.fromOpaque(argument).takeRetainedValue()
    posthouse_set_current_loop(argument)
    posthouse_name_thread(loop.name)
    loop.runUntilStopped()
    posthouse_set_current_loop(nil)
    return nil
}

extension EventLoop {
    func runUntilStopped() {
        let events = UnsafeMutablePointer<posthouse_event>.allocate(capacity: Self.eventBatch)
        defer { events.deallocate() }
        var end: MonotonicTime?
        var incoming: [UnownedJob] = []
        while true {
            runJobs()
            fireTimers()
            let (mayWait, mustStop) = takeInbox(&incoming)
            if end == nil, mustStop { end = beginStop() }
            if let end, taskCount.withLock({ $0 }) == 0 || now >= end, local.isEmpty { return }
            wait(events, until: mayWait ? end ?? .distantFuture : nil)
        }
    }

    /// Runs what is ready, and what becomes ready by it, up to the batch.
    private func runJobs() {
        var budget = Self.jobBatch
        let serial = asUnownedSerialExecutor()
        let preferred = asUnownedTaskExecutor()
        while !local.isEmpty, budget > 0 {
            swap(&local, &running)
            for job in running { job.runSynchronously(isolatedTo: serial, taskExecutor: preferred) }
            budget -= running.count
            statistics.jobs += running.count
            running.removeAll(keepingCapacity: true)
        }
        guard !yielded.isEmpty else { return }
        let waiting = yielded
        yielded.removeAll(keepingCapacity: true)
        for continuation in waiting { continuation.resume() }
    }

    private func fireTimers() {
        guard !timers.isEmpty else { return }
        let now = now
        while let node = timers.removeFirst(notAfter: now) { node.fire(now) }
    }

    /// Moves what other threads left into the local queue and makes their calls. When there was nothing to do the loop
    /// may wait, and from here on who leaves something wakes it.
    private func takeInbox(_ incoming: inout [UnownedJob]) -> (mayWait: Bool, mustStop: Bool) {
        var taken: [UnownedJob] = []
        swap(&taken, &incoming)
        var calls: [@Sendable () -> Void] = []
        let isIdle = local.isEmpty
        let answer = inbox.withLock { inbox in
            swap(&taken, &inbox.jobs)
            swap(&calls, &inbox.calls)
            inbox.isWaiting = isIdle && taken.isEmpty && calls.isEmpty
            return (mayWait: inbox.isWaiting, mustStop: inbox.isStopping)
        }
        local.append(contentsOf: taken)
        statistics.foreignJobs += taken.count
        taken.removeAll(keepingCapacity: true)
        swap(&taken, &incoming)
        for call in calls { call() }
        return answer
    }

    /// Looks at the sockets and raises what has happened. Waits for them, the wake-up or the next timer
    /// until `limit`; not at all when that is nil or something is ready.
    private func wait(_ events: UnsafeMutablePointer<posthouse_event>, until limit: MonotonicTime?) {
        var milliseconds: Int32 = 0
        if let limit, local.isEmpty {
            let deadline = min(limit, timers.firstDeadline ?? .distantFuture)
            milliseconds = deadline == .distantFuture ? -1 : Self.milliseconds(from: now, to: deadline)
        }
        if milliseconds != 0 { statistics.waits += 1 }
        let count = posthouse_epoll_wait(epoll, events, Int32(Self.eventBatch), milliseconds)
        if limit != nil { inbox.withLock { $0.isWaiting = false } }
        for index in 0..<max(0, Int(count)) {
            let event = events[index]
            if event.data == .max { continue }
            let descriptor = Int(event.data & 0xFFFF_FFFF)
            guard descriptor < watches.count, let watch = watches[descriptor].watch,
                watches[descriptor].generation == UInt32(event.data >> 32)
            else { continue }
            watch.ready(event)
        }
    }

    /// Rounded up, since a timer that fires early would only wait once more.
    private static func milliseconds(from now: MonotonicTime, to deadline: MonotonicTime) -> Int32 {
        guard deadline > now else { return 0 }
        let nanoseconds = deadline.nanoseconds - now.nanoseconds
        return Int32(min(nanoseconds / 1_000_000 + 1, 3_600_000))
    }

    /// Tells every waiting task that the loop ends, and when it will at the latest.
    private func beginStop() -> MonotonicTime {
        let grace = inbox.withLock { $0.grace }
        for node in timers.removeAll() { node.abandon() }
        let all = signals.withLock { $0.values.compactMap(\.signal) }
        for signal in all { signal.raise(.shutdown) }
        return now + grace
    }

    // MARK: Descriptors

    /// Starts to watch a descriptor. The generation tells its events from those of a later descriptor of its number.
    func add(_ watch: Watch) throws(LoopError) -> UInt32 {
        checkIsolated()
        let descriptor = Int(watch.descriptor)
        if descriptor >= watches.count {
            watches.append(contentsOf: repeatElement(WatchSlot(), count: descriptor + 1 - watches.count))
        }
        generation &+= 1
        let data = UInt64(generation) << 32 | UInt64(descriptor)
        guard posthouse_epoll_add(epoll, Int32(descriptor), data) == 0 else { throw .system("epoll_ctl", errno) }
        watches[descriptor] = WatchSlot(generation: generation, watch: watch)
        return generation
    }

    /// Stops to watch it; the descriptor is still open.
    func remove(descriptor: Int32, generation: UInt32) {
        let index = Int(descriptor)
        guard index < watches.count, watches[index].generation == generation else { return }
        posthouse_epoll_remove(epoll, descriptor)
        watches[index] = WatchSlot()
    }
}
