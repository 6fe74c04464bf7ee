import Loop
import Testing

@testable import SQLite

@Suite struct DatabaseTests {
    @Test func aCommitIsSeenByTheNextRead() async throws {
        let scratch = Scratch()
        let database = try scratch.database()
        defer { database.close() }
        for key in 1...50 {
            try await database.insert(key, "\(key)")
            #expect(try await database.keys().last == key)
        }
    }

    @Test func aFailingJobOfAGroupIsUndoneAlone() async throws {
        let scratch = Scratch()
        let database = try scratch.database()
        defer { database.close() }
        // The writer is held up until all jobs wait, so that they make one group.
        let outcomes = database.asOneGroup(count: 20) { index, connection throws(SQLiteError) in
            try connection.execute("INSERT INTO pairs VALUES (?, ?)", [index * 2, "first \(index)"])
            // Every fourth job clashes after its first row.
            let key = index % 4 == 0 ? index * 2 : index * 2 + 1
            try connection.execute("INSERT INTO pairs VALUES (?, ?)", [key, "second \(index)"])
        }
        #expect(outcomes.enumerated().allSatisfy { ($0.offset % 4 == 0) == ($0.element?.isUniqueViolation == true) })
        let expected = (0..<20).filter { $0 % 4 != 0 }.flatMap { [$0 * 2, $0 * 2 + 1] }
        #expect(try await database.keys() == expected)
    }

    @Test func jobsThatWaitShareACommit() async throws {
        let scratch = Scratch()
        let database = try scratch.database()
        defer { database.close() }
        let version = "PRAGMA data_version"
        let reader = try Connection(path: scratch.file("test.db"), access: .readOnly)
        _ = try reader.number("SELECT count(*) FROM pairs")
        let before = try reader.number(version) ?? 0
        let commits = Locked<Set<Int64>>([])
        _ = database.asOneGroup(count: 100) { index, connection throws(SQLiteError) in
            try connection.execute("INSERT INTO pairs VALUES (?, ?)", [index, "\(index)"])
            // Another connection sees none of the group's rows, nor any commit, until the last job is done.
            let seen = try Connection(path: scratch.file("test.db"), access: .readOnly)
                .number("SELECT count(*) FROM pairs")
            commits.withLock { _ = $0.insert(seen ?? -1) }
        }
        #expect(commits.withLock { $0 } == [0])
        #expect(try await database.keys().count == 100)
        #expect(try reader.number(version) ?? 0 > before)
    }

    @Test func aFailureThatUndoesTheTransactionFailsItsJobAlone() async throws {
        let scratch = Scratch()
        let database = try scratch.database()
        defer { database.close() }
        let outcomes = database.asOneGroup(count: 10) { index, connection throws(SQLiteError) in
            try connection.execute("INSERT INTO pairs VALUES (?, ?)", [index, "\(index)"])
            if index == 5 {
                // What a full disk or an I/O error does without being told to.
                try connection.execute("ROLLBACK")
                try connection.execute("INSERT INTO nowhere VALUES (1)")
            }
        }
        #expect(outcomes.enumerated().allSatisfy { ($0.offset == 5) == ($0.element != nil) })
        #expect(try await database.keys() == [0, 1, 2, 3, 4, 6, 7, 8, 9])
    }

    @Test func aFullDiskIsATypedFailureAndTheDatabaseStaysUsable() async throws {
        let scratch = Scratch()
        var configuration = Database.Configuration()
        configuration.pageLimit = 40
        let database = try scratch.database(configuration)
        defer { database.close() }
        let big = String(repeating: "x", count: 20_000)
        var failure: SQLiteError?
        var stored: [Int] = []
        for key in 0..<20 {
            do throws(SQLiteError) {
                try await database.insert(key, big + "\(key)")
                stored.append(key)
            } catch { failure = error }
        }
        #expect(failure?.isFull == true)
        #expect(stored.count > 2 && stored.count < 20)
        #expect(try await database.keys() == stored)
        try await database.write { connection throws(SQLiteError) in try connection.execute("DELETE FROM pairs") }
        try await database.insert(1, big)
        #expect(try await database.keys() == [1])
    }

    @Test func aFullDiskFailsThoseOfAGroupThatDoNotFit() async throws {
        let scratch = Scratch()
        var configuration = Database.Configuration()
        configuration.pageLimit = 40
        let database = try scratch.database(configuration)
        defer { database.close() }
        let big = String(repeating: "x", count: 60_000)
        let outcomes = database.asOneGroup(count: 8) { index, connection throws(SQLiteError) in
            try connection.execute(
                "INSERT INTO pairs VALUES (?, ?)", [index, index % 2 == 0 ? big + "\(index)" : "\(index)"])
        }
        let failed = outcomes.indices.filter { outcomes[$0] != nil }
        #expect(!failed.isEmpty && failed.allSatisfy { $0 % 2 == 0 && outcomes[$0]?.isFull == true })
        #expect(try await database.keys() == outcomes.indices.filter { outcomes[$0] == nil })
    }

    @Test func aReadOnlyFileRefusesWritesAndServesReads() async throws {
        let scratch = Scratch()
        try await {
            let database = try scratch.database()
            defer { database.close() }
            try await database.insert(1, "a")
        }()
        let database = try scratch.database()
        defer { database.close() }
        try await database.write { connection throws(SQLiteError) in
            try connection.script("PRAGMA query_only = ON")
        }
        let error = await #expect(throws: SQLiteError.self) { try await database.insert(2, "b") }
        #expect(error?.isReadOnly == true)
        #expect(try await database.keys() == [1])
    }

    @Test func aLockHeldByAnotherProcessIsWaitedForAndThenReported() async throws {
        let scratch = Scratch()
        var configuration = Database.Configuration()
        configuration.busyTimeout = 50
        let database = try scratch.database(configuration)
        defer { database.close() }
        let other = try Connection(path: scratch.file("test.db"), access: .readWrite)
        try other.script("BEGIN IMMEDIATE")
        let error = await #expect(throws: SQLiteError.self) { try await database.insert(1, "a") }
        #expect(error?.isBusy == true)
        try other.script("ROLLBACK")
        try await database.insert(1, "a")
        #expect(try await database.keys() == [1])
    }

    @Test func readersSeeOneSnapshotAndCanNotWrite() async throws {
        let scratch = Scratch()
        let database = try scratch.database()
        defer { database.close() }
        try await database.insert(1, "a")
        let counts = try await database.read { connection throws(SQLiteError) in
            let first = try connection.number("SELECT count(*) FROM pairs")
            _ = try? database.writeBlocking { writer throws(SQLiteError) in
                try writer.execute("INSERT INTO pairs VALUES (2, 'b')")
            }
            return [first, try connection.number("SELECT count(*) FROM pairs")]
        }
        #expect(counts == [1, 1])
        #expect(try await database.keys() == [1, 2])
        let error = await #expect(throws: SQLiteError.self) {
            try await database.read { connection throws(SQLiteError) in try connection.execute("DELETE FROM pairs") }
        }
        #expect(error?.isReadOnly == true)
    }

    @Test func theQueueHasALimit() async throws {
        let scratch = Scratch()
        var configuration = Database.Configuration()
        configuration.queueLimit = 5
        let database = try scratch.database(configuration)
        defer { database.close() }
        let outcomes = database.asOneGroup(count: 8) { index, connection throws(SQLiteError) in
            try connection.execute("INSERT INTO pairs VALUES (?, ?)", [index, "\(index)"])
        }
        #expect(outcomes.filter { $0 == .overloaded }.count == 3)
        #expect(try await database.keys() == [0, 1, 2, 3, 4])
    }

    @Test func afterClosingJobsAreRefusedAndTheLogIsGone() async throws {
        let scratch = Scratch()
        let database = try scratch.database()
        try await database.insert(1, "a")
        database.close()
        await #expect(throws: SQLiteError.closed) { try await database.insert(2, "b") }
        #expect(scratch.mode(of: "test.db-wal") == nil)
        let again = try scratch.database()
        #expect(try await again.keys() == [1])
        again.close()
    }

    @Test func aCommitThatNeedOnlySurviveTheProcessIsThereWithTheNext() async throws {
        let scratch = Scratch()
        let database = try scratch.database()
        try await database.write(surviving: .crash) { (connection) throws(SQLiteError) in
            _ = try connection.execute("INSERT INTO pairs VALUES (1, 'a')")
        }
        // Another connection sees it as soon as it is committed: it is in the file, though perhaps not on the disk.
        let other = try Connection(path: scratch.file("test.db"), access: .readOnly)
        #expect(try other.number("SELECT count(*) FROM pairs") == 1)
        try await database.write { (connection) throws(SQLiteError) in
            _ = try connection.execute("INSERT INTO pairs VALUES (2, 'b')")
        }
        #expect(try await database.keys() == [1, 2])
        database.close()
    }

    @Test func oneWaitForTheDiskServesAllThatWait() {
        let queue = JobQueue(limit: 10)
        let (finished, broken) = (Locked<[Result<Int, SQLiteError>]>([]), Locked<SQLiteError?>(nil))
        func job(_ value: Int) -> Job {
            let job = WorkJob(.powerCut) { (_) throws(SQLiteError) in
                value
            } deliver: { result in
                finished.withLock { $0.append(result) }
            }
            job.fail(.overloaded)
            return job
        }
        for value in 0..<10 { queue.put(job(value)) }
        var waits = 0
        LogSync.serve(queue, broken) {
            waits += 1
            // Whoever comes meanwhile waits for the next turn.
            if waits == 1 { queue.put(job(10)) }
            if waits == 2 { queue.close() }
            return nil
        }
        #expect(waits == 2 && finished.withLock { $0.count } == 11)
    }

    @Test func nothingIsPromisedOnceTheDiskHasFailed() {
        let queue = JobQueue(limit: 10)
        let (finished, broken) = (Locked<[Result<Int, SQLiteError>]>([]), Locked<SQLiteError?>(nil))
        @Sendable func put(_ value: Int) {
            queue.put(
                WorkJob(.powerCut) { (_) throws(SQLiteError) in
                    value
                } deliver: { result in
                    finished.withLock { $0.append(result) }
                    if value < 3 { put(value + 1) } else { queue.close() }
                })
        }
        put(0)
        var waits = 0
        LogSync.serve(queue, broken) {
            waits += 1
            return .closed
        }
        #expect(waits == 1 && broken.withLock { $0 } == .closed)
        #expect(finished.withLock { $0 } == Array(repeating: .failure(.closed), count: 4))
    }

    @Test func theLogIsCopiedBack() async throws {
        let scratch = Scratch()
        var configuration = Database.Configuration()
        configuration.checkpointPages = 10
        configuration.logPageLimit = 100
        configuration.synchronous = .normal
        let database = try scratch.database(configuration)
        defer { database.close() }
        for key in 0..<400 { try await database.insert(key, String(repeating: "\(key)", count: 1000)) }
        #expect((scratch.size(of: "test.db-wal") ?? .max) < 200 * 4120)
        #expect((scratch.size(of: "test.db") ?? 0) > 400 * 1000)
    }

    /// Were the writer to wait for it each time, with the timeout for other processes, this would take hours.
    @Test(.timeLimit(.minutes(20))) func aReaderThatStaysDoesNotHoldTheWriterUp() async throws {
        let scratch = Scratch()
        var configuration = Database.Configuration()
        configuration.checkpointPages = 10
        configuration.logPageLimit = 100
        configuration.synchronous = .normal
        let database = try scratch.database(configuration)
        defer { database.close() }
        let reader = try Connection(path: scratch.file("test.db"), access: .readOnly)
        try reader.script("BEGIN")
        #expect(try reader.number("SELECT count(*) FROM pairs") == 0)
        for key in 0..<300 { try await database.insert(key, String(repeating: "\(key)", count: 1000)) }
        #expect(try reader.number("SELECT count(*) FROM pairs") == 0)
        try reader.script("COMMIT")
        for key in 300..<600 { try await database.insert(key, String(repeating: "\(key)", count: 1000)) }
        #expect(try await database.keys().count == 600)
    }
}
