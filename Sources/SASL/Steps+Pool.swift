package import Loop

// Steps as a session runs them: on a worker, while its loop goes on with others.

extension SASLServer {
    /// `step` on a worker. Fails only when the work could not be queued.
    package func step(_ response: [UInt8]?, on pool: WorkerPool) async throws(LoopError) -> Outcome {
        try await pool.perform { self.step(response) }
    }
}

extension SASLClient {
    /// `start` on a worker.
    package func start(on pool: WorkerPool) async throws(SASLError) -> [UInt8]? {
        try await Self.run(on: pool) { () throws(SASLError) in try self.start() }
    }

    /// `step` on a worker.
    package func step(_ challenge: [UInt8], on pool: WorkerPool) async throws(SASLError) -> [UInt8] {
        try await Self.run(on: pool) { () throws(SASLError) in try self.step(challenge) }
    }

    private static func run<Value: Sendable>(
        on pool: WorkerPool, _ work: @escaping @Sendable () throws(SASLError) -> Value
    ) async throws(SASLError) -> Value {
        let result: Result<Value, SASLError>
        do {
            result = try await pool.perform { Result(catching: work) }
        } catch {
            throw .overloaded
        }
        return try result.get()
    }
}
