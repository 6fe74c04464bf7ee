internal import CLinux
internal import Glibc

/// A few threads for work that blocks or takes milliseconds: name resolution, key derivation, SASL steps, big parses.
package final class WorkerPool: @unchecked Sendable {
    /// How much work may wait.
    package static let queueLimit = 4096

    private struct State {
        var queue: [@Sendable () -> Void] = []
        var head = 0
        var isStopping = false
    }

    private let limit: Int
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var state = State()
    private var threads: [pthread_t] = []

    /// Starts the threads.
    package init(threads count: Int, queueLimit: Int = WorkerPool.queueLimit) throws(LoopError) {
        limit = queueLimit
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        pthread_cond_init(condition, nil)
        for _ in 0..<max(1, count) {
            var thread = pthread_t()
            let code = pthread_create(&thread, nil, workerThread, Unmanaged.passRetained(self).toOpaque())
            guard code == 0 else {
                Unmanaged.passUnretained(self).release()
                stop()
                throw .system("pthread_create", code)
            }
            threads.append(thread)
        }
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Queues work and returns at once. Fails with `.overloaded` when too much waits, `.stopping` after `stop`.
    package func start(_ work: @escaping @Sendable () -> Void) throws(LoopError) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !state.isStopping else { throw .stopping }
        guard state.queue.count - state.head < limit else { throw .overloaded }
        state.queue.append(work)
        pthread_cond_signal(condition)
    }

    /// Runs work on one of the threads and returns its value where the caller was. Throws what the work throws,
    /// or a `LoopError` when it could not be queued.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let result: Result<Value, any Error> = await withUnsafeContinuation { continuation in
            do throws(LoopError) {
                try start { continuation.resume(returning: Result(catching: work)) }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    /// The same for work that cannot fail.
    package func perform<Value: Sendable>(
        _ work: @escaping @Sendable () -> Value
    ) async throws(LoopError) -> Value {
        let result: Result<Value, LoopError> = await withUnsafeContinuation { continuation in
            do throws(LoopError) {
                try start { continuation.resume(returning: .success(work())) }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    /// Lets the threads finish what is queued and waits, blocking, until they have ended.
    package func stop() {
        pthread_mutex_lock(mutex)
        state.isStopping = true
        pthread_cond_broadcast(condition)
        let ending = threads
        threads = []
        pthread_mutex_unlock(mutex)
        for thread in ending { pthread_join(thread, nil) }
    }

    /// The body of each thread.
    func work() {
        while let work = take() { work() }
    }

    private func take() -> (@Sendable () -> Void)? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while state.head == state.queue.count {
            if state.isStopping { return nil }
            pthread_cond_wait(condition, mutex)
        }
        let work = state.queue[state.head]
        state.head += 1
        if state.head == state.queue.count || state.head >= 256 {
            state.queue.removeFirst(state.head)
            state.head = 0
        }
        return work
    }
}

/// File scope: a closure of isolated code would check its isolation, and trap.
private func workerThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    posthouse_name_thread("worker")
    Unmanaged<WorkerPool>.fromOpaque(argument).takeRetainedValue().work()
    return nil
}
