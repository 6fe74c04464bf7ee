/// What the writer thread does: takes the jobs that wait, runs each in a savepoint, commits once, hands over results, or
/// hands the jobs on to who waits for the disk.
struct Writer: ~Copyable {
    let connection: Connection
    let queue: JobQueue
    /// Who waits for the disk; nil where a commit need not be on it.
    let log: LogSync?
    let configuration: Database.Configuration
    /// Pages in the log after the last group.
    private var pages = 0
    /// Pages in the log from which it is copied back, and from which it is emptied; put off while a reader stays in the
    /// way, for either then costs time and brings nothing.
    private var checkpointPages: Int
    private var truncationPages: Int

    /// Milliseconds for which the writer waits for readers before it puts off emptying the log.
    private static let readerPatience = 100

    init(connection: Connection, queue: JobQueue, log: LogSync?, configuration: Database.Configuration) {
        self.connection = connection
        self.queue = queue
        self.log = log
        self.configuration = configuration
        checkpointPages = configuration.checkpointPages
        truncationPages = configuration.logPageLimit
    }

    /// Serves the queue until it is closed and drained.
    mutating func serve() {
        while true {
            let group = queue.take(upTo: configuration.groupLimit)
            if group.isEmpty { break }
            if let failure = log?.failure {
                for job in group { job.fail(failure) }
            } else {
                commit(group)
            }
            for job in group {
                if let log, job.durability == .powerCut { log.add(job) } else { job.finish() }
            }
            tendLog()
        }
    }

    /// One transaction for all. A job that fails is undone alone; when the commit fails, or a failure has undone the
    /// whole transaction (https://www.sqlite.org/lang_transaction.html §3), each is tried by itself.
    private func commit(_ group: [Job]) {
        if group.count > 1 {
            do throws(SQLiteError) {
                try connection.execute("BEGIN IMMEDIATE")
                for job in group {
                    try connection.execute("SAVEPOINT job")
                    let succeeded = job.run(on: connection)
                    guard connection.isInTransaction else { throw .closed }
                    if !succeeded { try connection.execute("ROLLBACK TO job") }
                    try connection.execute("RELEASE job")
                }
                try connection.execute("COMMIT")
                return
            } catch {
                rollBack()
                if error.isBusy || error.isReadOnly {
                    for job in group { job.fail(error) }
                    return
                }
            }
        }
        for job in group { commit(job) }
    }

    private func commit(_ job: Job) {
        do throws(SQLiteError) {
            try connection.execute("BEGIN IMMEDIATE")
            guard job.run(on: connection) else { return rollBack() }
            try connection.execute("COMMIT")
        } catch {
            rollBack()
            job.fail(error)
        }
    }

    private func rollBack() {
        if connection.isInTransaction { try? connection.script("ROLLBACK") }
    }

    /// Copies the log back while nobody waits for the writer, or in any case once it has grown too long.
    private mutating func tendLog() {
        let before = pages
        pages = connection.walPageCount
        if pages < before {
            // It was begun anew.
            checkpointPages = configuration.checkpointPages
            truncationPages = configuration.logPageLimit
        }
        if pages >= truncationPages {
            connection.setBusyTimeout(Self.readerPatience)
            connection.checkpoint(truncating: true)
            connection.setBusyTimeout(configuration.busyTimeout)
            truncationPages = pages + configuration.logPageLimit
        } else if pages >= checkpointPages, queue.isEmpty {
            connection.checkpoint(truncating: false)
            checkpointPages = pages + configuration.checkpointPages
        }
    }
}
