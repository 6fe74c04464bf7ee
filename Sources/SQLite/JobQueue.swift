internal import Glibc

/// Jobs on their way to the threads that run them. A condition variable, so that an idle thread costs nothing.
final class JobQueue: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let limit: Int
    private var jobs: [Job] = []
    private var isClosed = false

    init(limit: Int) {
        self.limit = limit
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Adds a job; when it can't, the job is finished with the reason.
    func add(_ job: Job) {
        pthread_mutex_lock(mutex)
        let refusal: SQLiteError? = isClosed ? .closed : jobs.count >= limit ? .overloaded : nil
        if refusal == nil {
            jobs.append(job)
            pthread_cond_signal(condition)
        }
        pthread_mutex_unlock(mutex)
        if let refusal {
            job.fail(refusal)
            job.finish()
        }
    }

    /// Adds a job, once there is room.
    func put(_ job: Job) {
        pthread_mutex_lock(mutex)
        while jobs.count >= limit, !isClosed { pthread_cond_wait(condition, mutex) }
        pthread_mutex_unlock(mutex)
        add(job)
    }

    /// Waits for jobs and takes up to `count` of the oldest; empty when the queue is closed and drained.
    func take(upTo count: Int) -> [Job] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while jobs.isEmpty, !isClosed { pthread_cond_wait(condition, mutex) }
        let wasFull = jobs.count >= limit
        let taken = Array(jobs.prefix(count))
        jobs.removeFirst(taken.count)
        if wasFull { pthread_cond_broadcast(condition) }
        return taken
    }

    var isEmpty: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return jobs.isEmpty
    }

    /// Takes no more jobs; those that wait are still run.
    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }
}

/// Where a thread waits for a result that another thread delivers.
final class Handover<Value: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var value: Value?

    init() {
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func deliver(_ value: Value) {
        pthread_mutex_lock(mutex)
        self.value = value
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Blocks the thread until `deliver`.
    func wait() -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let value { return value }
            pthread_cond_wait(condition, mutex)
        }
    }
}
