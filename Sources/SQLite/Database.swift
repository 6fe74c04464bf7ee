internal import Loop

/// A SQLite file with one writer thread, which commits what is queued in groups, a few reader threads, and one that waits
/// for the disk.
///
/// A job's closure runs on one of these threads and can't suspend. A writer's closure may run a second time when the
/// group it was in failed, so it has no effect but on the database.
package final class Database: Sendable {
    /// How durable a commit is, and the limits.
    package struct Configuration: Sendable {
        package enum Synchronous: String, Sendable {
            /// A commit is on the disk when it is reported.
            case full = "FULL"
            /// A power cut may take the last commits, never the file's consistency.
            case normal = "NORMAL"
        }

        package var synchronous = Synchronous.full
        /// Threads, at least 1.
        package var readerCount = 2
        /// Jobs in one commit at most.
        package var groupLimit = 256
        /// Jobs that may wait for the writer, or for the readers.
        package var queueLimit = 20_000
        /// Milliseconds to wait for another process's lock.
        package var busyTimeout = 10_000
        /// Pages in the log from which it is copied back when nobody waits.
        /// Many, since pages that change with every transaction are then copied once for many of them.
        package var checkpointPages = 8000
        /// Pages in the log from which it is emptied in any case.
        package var logPageLimit = 32_000
        /// Octets a page, for a new file: a power of two from 512 to 65,536.
        package var pageSize = 4096
        /// The file's size in pages at most; 0 for no limit.
        package var pageLimit = 0
        /// KiB of cache for each connection.
        package var cacheSize = 4096
        /// Whether the space of deleted rows can be given back (`PRAGMA incremental_vacuum`), for a new file.
        package var givesBackSpace = false

        package init() {}
    }

    /// What a commit survives, where the file's configuration is `.full`.
    package enum Durability: Sendable {
        /// The end of the process, at any instruction; a power cut may take it, with all that was committed after it.
        case crash
        case powerCut
    }

    private let writeQueue: JobQueue
    private let readQueue: JobQueue
    private let writer: DatabaseThread
    private let readers: [DatabaseThread]
    private let log: LogSync?
    private let isClosing = Locked(false)

    /// Opens the file, made when missing, and brings its schema up to date.
    package init(
        path: String, configuration: Configuration = Configuration(), migrations: [Migration]
    ) throws(SQLiteError) {
        let writer = try Connection(path: path, access: .readWrite)
        try Self.prepare(writer, configuration, isWriter: true)
        try Migration.run(migrations, on: writer)
        var readers: [Connection] = []
        for _ in 0..<max(1, configuration.readerCount) {
            let reader = try Connection(path: path, access: .readOnly)
            try Self.prepare(reader, configuration, isWriter: false)
            readers.append(reader)
        }
        let writeQueue = JobQueue(limit: configuration.queueLimit)
        let readQueue = JobQueue(limit: configuration.queueLimit)
        let lentWriter = Lent(writer)
        self.writeQueue = writeQueue
        self.readQueue = readQueue
        var log: LogSync?
        if configuration.synchronous == .full {
            // Commits leave the disk to another thread, but keep their order on it.
            try writer.script("PRAGMA synchronous = NORMAL")
            log = try LogSync(database: path, limit: configuration.queueLimit)
        }
        self.log = log
        self.writer = try DatabaseThread(name: "sqlite-writer") { [log] in
            var writer = Writer(
                connection: lentWriter.take(), queue: writeQueue, log: log, configuration: configuration)
            writer.serve()
            log?.close()
        }
        var readerThreads: [DatabaseThread] = []
        do throws(SQLiteError) {
            for reader in readers {
                let lentReader = Lent(reader)
                let thread = try DatabaseThread(name: "sqlite-reader") {
                    Self.serveReads(lentReader.take(), from: readQueue)
                }
                readerThreads.append(thread)
            }
        } catch {
            writeQueue.close()
            readQueue.close()
            throw error
        }
        self.readers = readerThreads
    }

    deinit {
        writeQueue.close()
        readQueue.close()
        guard beginClosing() else { return }
        for thread in readers + [writer] { thread.detach() }
        log?.detach()
    }

    /// Runs `body` in a transaction of its own fate, committed together with others'.
    /// Returns once the commit is done.
    @discardableResult
    package func write<Value: Sendable, Failure: DatabaseFailure>(
        surviving durability: Durability = .powerCut,
        _ body: @escaping @Sendable (Connection) throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await submit(body, durability, to: writeQueue)
    }

    /// Runs `body` on one snapshot of the database.
    package func read<Value: Sendable, Failure: DatabaseFailure>(
        _ body: @escaping @Sendable (Connection) throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await submit(body, .crash, to: readQueue)
    }

    /// `write` for one who does not wait: queues `body` and returns at once. `deliver` is called on the writer's thread,
    /// once, and returns at once too.
    package func enqueueWrite<Value: Sendable, Failure: DatabaseFailure>(
        _ body: @escaping @Sendable (Connection) throws(Failure) -> Value,
        then deliver: @escaping @Sendable (Result<Value, Failure>) -> Void
    ) {
        writeQueue.add(WorkJob(.powerCut, body, deliver: deliver))
    }

    /// `write` for a thread that may block: the command line, a worker.
    @discardableResult
    package func writeBlocking<Value: Sendable, Failure: DatabaseFailure>(
        _ body: @escaping @Sendable (Connection) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try wait(for: body, in: writeQueue)
    }

    /// `read` for a thread that may block: the command line, a worker.
    package func readBlocking<Value: Sendable, Failure: DatabaseFailure>(
        _ body: @escaping @Sendable (Connection) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try wait(for: body, in: readQueue)
    }

    /// Runs what waits, then closes the file. Blocks; later jobs fail with `.closed`.
    package func close() {
        guard beginClosing() else { return }
        // The readers first: the last to close copies the log back and removes it, and a reader can't.
        readQueue.close()
        for reader in readers { reader.join() }
        writeQueue.close()
        writer.join()
        log?.join()
    }

    /// True for the first caller alone.
    private func beginClosing() -> Bool {
        isClosing.withLock { isClosing in
            defer { isClosing = true }
            return !isClosing
        }
    }

    private func submit<Value: Sendable, Failure: DatabaseFailure>(
        _ body: @escaping @Sendable (Connection) throws(Failure) -> Value, _ durability: Durability,
        to queue: JobQueue
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withUnsafeContinuation { continuation in
            queue.add(WorkJob(durability, body) { continuation.resume(returning: $0) })
        }
        return try result.get()
    }

    private func wait<Value: Sendable, Failure: DatabaseFailure>(
        for body: @escaping @Sendable (Connection) throws(Failure) -> Value, in queue: JobQueue
    ) throws(Failure) -> Value {
        let handover = Handover<Result<Value, Failure>>()
        queue.add(WorkJob(.powerCut, body) { handover.deliver($0) })
        return try handover.wait().get()
    }

    private static func prepare(
        _ connection: Connection, _ configuration: Configuration, isWriter: Bool
    ) throws(SQLiteError) {
        connection.setBusyTimeout(configuration.busyTimeout)
        if isWriter {
            try connection.script(
                """
                PRAGMA page_size = \(configuration.pageSize);
                PRAGMA auto_vacuum = \(configuration.givesBackSpace ? "INCREMENTAL" : "NONE");
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = \(configuration.synchronous.rawValue);
                PRAGMA foreign_keys = ON;
                PRAGMA secure_delete = FAST;
                PRAGMA journal_size_limit = 67108864;
                """)
            if configuration.pageLimit > 0 {
                try connection.script("PRAGMA max_page_count = \(configuration.pageLimit)")
            }
            connection.watchWAL()
        }
        try connection.script("PRAGMA cache_size = -\(configuration.cacheSize); PRAGMA temp_store = MEMORY")
    }

    private static func serveReads(_ connection: Connection, from queue: JobQueue) {
        while let job = queue.take(upTo: 1).first {
            do throws(SQLiteError) {
                try connection.execute("BEGIN")
                _ = job.run(on: connection)
                if connection.isInTransaction { try connection.execute("COMMIT") }
            } catch {
                if connection.isInTransaction { try? connection.script("ROLLBACK") }
                job.fail(error)
            }
            job.finish()
        }
    }
}

/// A connection on its way to the thread that will own it.
private final class Lent: @unchecked Sendable {
    private let connection: Connection
    init(_ connection: Connection) { self.connection = connection }
    func take() -> Connection { connection }
}
