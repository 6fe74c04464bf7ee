import Loop
import Testing

@Suite("Worker pool")
struct WorkerPoolTests {
    struct Refused: Error, Equatable {}

    @Test("Work runs elsewhere and its caller comes back to the loop")
    func comesBack() async throws {
        let pool = try WorkerPool(threads: 2)
        defer { pool.stop() }
        try await withLoop { loop in
            let (elsewhere, isBack) = try await loop.run { context in
                let loop = context.loop
                let elsewhere = try await pool.perform { !loop.isCurrent }
                return (elsewhere, loop.isCurrent)
            }
            #expect(elsewhere)
            #expect(isBack)
        }
    }

    @Test("What the work throws reaches the caller")
    func throwsOn() async throws {
        let pool = try WorkerPool(threads: 1)
        defer { pool.stop() }
        await #expect(throws: Refused()) { try await pool.run { () throws -> Int in throw Refused() } }
    }

    @Test("A full queue refuses, and a stopped pool finishes what it has")
    func bounds() async throws {
        let pool = try WorkerPool(threads: 1, queueLimit: 2)
        let gate = Locked(())
        let done = Locked(0)
        let isBlocked = Locked(false)
        try gate.withLock { _ in
            try pool.start {
                isBlocked.withLock { $0 = true }
                gate.withLock { _ in done.withLock { $0 += 1 } }
            }
            while !isBlocked.withLock({ $0 }) {}
            try pool.start { done.withLock { $0 += 1 } }
            try pool.start { done.withLock { $0 += 1 } }
            #expect(throws: LoopError.overloaded) { try pool.start {} }
        }
        pool.stop()
        #expect(done.withLock { $0 } == 3)
        #expect(throws: LoopError.stopping) { try pool.start {} }
    }
}
