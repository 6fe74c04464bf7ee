internal import CLinux
internal import Glibc

/// One thread that waits for sockets, timers and other threads, and runs the tasks that were spawned on it.
///
/// It is both the serial executor of `LoopContext` (and of every actor that names it as its executor) and the
/// preferred task executor of every task it spawns: without the latter each continuation would be resumed by way
/// of the global pool. A suspended task costs nothing but its memory; nothing here blocks but the wait itself.
package final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// How many jobs run before sockets are looked at again.
    package static let jobBatch = 1024
    /// How many readinesses are taken from the kernel at once.
    package static let eventBatch = 256

    /// What the loop has done so far; read on the loop itself, for tests and metrics.
    package struct Statistics: Sendable {
        /// Jobs that ran.
        package var jobs = 0
        /// Jobs that another thread enqueued.
        package var foreignJobs = 0
        /// Times that the thread went to wait in the kernel.
        package var waits = 0
    }

    /// What other threads leave for the loop.
    struct Inbox {
        var jobs: [UnownedJob] = []
        var calls: [@Sendable () -> Void] = []
        /// The loop waits, or is about to, and must be woken.
        var isWaiting = false
        var isStopping = false
        var grace: Duration = .seconds(5)
    }

    /// Which loop it is, for the log and for ps.
    package let name: String
    let inbox = Locked(Inbox())
    let signals = Locked<[ObjectIdentifier: WeakSignal]>([:])
    /// Tasks spawned and not yet ended.
    let taskCount = Locked(0)
    private let thread = Locked<pthread_t?>(nil)
    let epoll: Int32
    let wake: Int32

    // What follows belongs to the loop's thread.
    var local: [UnownedJob] = []
    var running: [UnownedJob] = []
    var yielded: [UnsafeContinuation<Void, Never>] = []
    var timers = TimerHeap()
    var watches: [WatchSlot] = []
    var generation: UInt32 = 0
    var statistics = Statistics()
    /// Where sockets are read into, before what belongs together is kept. Never held across a suspension.
    package let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: EventLoop.scratchSize, alignment: 64)

    /// The size of the buffer that all connections of a loop are read through, in octets.
    package static let scratchSize = 65536

    /// Starts the thread. Fails when the process is out of descriptors or threads.
    package init(name: String) throws(LoopError) {
        self.name = name
        epoll = posthouse_epoll_create()
        guard epoll >= 0 else { throw .system("epoll_create1", errno) }
        wake = posthouse_eventfd()
        guard wake >= 0 else {
            let code = errno
            close(epoll)
            throw .system("eventfd", code)
        }
        guard posthouse_epoll_add_input(epoll, wake, .max) == 0 else { throw .system("epoll_ctl", errno) }
        posthouse_ignore_broken_pipe()
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, eventLoopThread, Unmanaged.passRetained(self).toOpaque())
        guard code == 0 else {
            Unmanaged.passUnretained(self).release()
            throw .system("pthread_create", code)
        }
        let started = thread
        self.thread.withLock { $0 = started }
    }

    deinit {
        close(epoll)
        close(wake)
        scratch.deallocate()
    }

    /// Whether the running thread is this loop's.
    package var isCurrent: Bool {
        posthouse_current_loop() == UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
    }

    /// The present.
    package var now: MonotonicTime { .now }

    // MARK: Executor

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            local.append(job)
        } else {
            leave { $0.jobs.append(job) }
        }
    }

    package func checkIsolated() { precondition(isCurrent, "not on the loop \(name)") }
    package func isIsolatingCurrentContext() -> Bool? { isCurrent }
    package func isSameExclusiveExecutionContext(other: EventLoop) -> Bool { self === other }
    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Puts something into the inbox and wakes the loop when it waits.
    private func leave(_ put: (inout Inbox) -> Void) {
        let mustWake = inbox.withLock { inbox in
            put(&inbox)
            defer { inbox.isWaiting = false }
            return inbox.isWaiting
        }
        if mustWake { posthouse_eventfd_raise(wake) }
    }

    // MARK: Tasks

    /// Starts a task on the loop: the one way to start a task in Posthouse.
    ///
    /// The body is isolated to the loop; plain non-Sendable classes that it makes live and run there.
    package func spawn(_ body: @escaping @Sendable (isolated LoopContext) async -> Void) {
        taskCount.withLock { $0 += 1 }
        let context = LoopContext(self)
        Task(executorPreference: self) {
            await body(context)
            self.taskCount.withLock { $0 -= 1 }
        }
    }

    /// Runs a body on the loop and waits for what it returns: for callers that are not on it, such as tests.
    package func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable (isolated LoopContext) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withUnsafeContinuation { continuation in
            spawn { context in
                do throws(Failure) {
                    continuation.resume(returning: .success(try await body(context)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    /// Calls `call` on the loop's thread, soon, between jobs.
    package func post(_ call: @escaping @Sendable () -> Void) { leave { $0.calls.append(call) } }

    /// Lets the other tasks of the loop, and its sockets, have their turn.
    /// - Precondition: called on the loop.
    package func yield() async {
        checkIsolated()
        await withUnsafeContinuation { yielded.append($0) }
    }

    /// Waits until `deadline`; true when it came, false when the loop is being stopped.
    /// - Precondition: called on the loop.
    @discardableResult
    package func sleep(until deadline: MonotonicTime) async -> Bool {
        checkIsolated()
        guard !isStopping else { return false }
        return await withUnsafeContinuation { timers.insert(TimerNode(.resume($0)), at: deadline) }
    }

    // MARK: End

    /// Whether `stop` was called.
    package var isStopping: Bool { inbox.withLock { $0.isStopping } }

    /// Ends the loop: every sleep ends, every signal is raised with `.shutdown`, and the thread ends when the last
    /// task has, at the latest after `grace`. Returns at once; nothing may be spawned afterwards.
    package func stop(grace: Duration = .seconds(5)) {
        leave {
            $0.isStopping = true
            $0.grace = grace
        }
    }

    /// Waits, blocking, until the thread has ended after `stop`. Returns how many tasks had to be abandoned.
    @discardableResult
    package func join() -> Int {
        precondition(!isCurrent, "a loop cannot wait for itself")
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let thread { pthread_join(thread, nil) }
        return taskCount.withLock { $0 }
    }

    /// What the loop has done so far.
    /// - Precondition: called on the loop.
    package var counted: Statistics {
        checkIsolated()
        return statistics
    }
}

/// What a task of a loop is isolated to: an actor whose executor is the loop. Each spawned task has its own.
package actor LoopContext {
    package nonisolated let loop: EventLoop

    init(_ loop: EventLoop) { self.loop = loop }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
}
