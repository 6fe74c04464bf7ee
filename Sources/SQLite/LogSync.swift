internal import CSQLite
internal import Glibc
internal import Loop

/// Waits for the write-ahead log to be on the disk, on a thread of its own, while the writer goes on: all jobs that were
/// committed by the time the disk is asked are reported after one wait.
///
/// That is what `synchronous = FULL` would do within each commit (https://www.sqlite.org/pragma.html#pragma_synchronous).
/// The log is the same file as long as a connection is open, and no locks are on it
/// (https://www.sqlite.org/wal.html §2.2), so that another descriptor of it does no harm.
final class LogSync: Sendable {
    private let queue: JobQueue
    private let thread: DatabaseThread
    private let broken: Locked<SQLiteError?>

    /// - Parameters:
    ///   - path: the database file, whose log is there.
    ///   - limit: jobs that may wait for the disk; with more the writer waits, too.
    init(database path: String, limit: Int) throws(SQLiteError) {
        let queue = JobQueue(limit: limit)
        let broken = Locked<SQLiteError?>(nil)
        let path = path + "-wal"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(SQLITE_CANTOPEN, "open \(path)") }
        self.queue = queue
        self.broken = broken
        thread = try DatabaseThread(name: "sqlite-sync") {
            Self.serve(queue, broken) {
                fdatasync(descriptor) == 0 ? nil : Self.failure(sqliteSyncFailed, "write \(path) to the disk")
            }
            Glibc.close(descriptor)
        }
    }

    /// Why nothing can be promised any more. What the disk has once failed to take may be lost although it takes the
    /// next, so this lasts until the program starts again.
    var failure: SQLiteError? { broken.withLock { $0 } }

    /// Finishes the job when all that is committed by now is on the disk.
    func add(_ job: Job) { queue.put(job) }

    /// Takes no more jobs; those that wait are still finished.
    func close() { queue.close() }

    /// Waits until the last has been finished, after `close`. To be called once.
    func join() { thread.join() }

    /// Lets the thread end unwatched. To be called once, instead of `join`.
    func detach() { thread.detach() }

    static func serve(_ queue: JobQueue, _ broken: Locked<SQLiteError?>, _ sync: () -> SQLiteError?) {
        while true {
            let group = queue.take(upTo: .max)
            if group.isEmpty { return }
            let failure = broken.withLock { $0 } ?? sync()
            if let failure {
                broken.withLock { $0 = failure }
                for job in group { job.fail(failure) }
            }
            for job in group { job.finish() }
        }
    }

    private static func failure(_ code: Int32, _ attempt: String) -> SQLiteError {
        .refused(SQLiteError.Code(rawValue: code), attempt: attempt, message: String(cString: strerror(errno)))
    }
}

// A macro of sqlite3.h that Swift does not import: SQLITE_IOERR_FSYNC.
private let sqliteSyncFailed: Int32 = SQLITE_IOERR | 4 << 8
