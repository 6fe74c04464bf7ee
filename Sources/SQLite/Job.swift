/// Work for a database thread. Runs on that thread alone; `finish` hands its result to who waits.
class Job: @unchecked Sendable {
    /// What its commit has to survive.
    let durability: Database.Durability

    init(_ durability: Database.Durability) { self.durability = durability }

    /// Does the work. False when it failed and must leave no trace.
    func run(on connection: Connection) -> Bool { preconditionFailure("a job is a WorkJob") }
    /// Makes it a failure for a reason outside of it, its commit for one.
    func fail(_ error: SQLiteError) { preconditionFailure("a job is a WorkJob") }
    /// Hands over the result. Called once, last.
    func finish() { preconditionFailure("a job is a WorkJob") }
}

/// A job with its types.
final class WorkJob<Value: Sendable, Failure: DatabaseFailure>: Job, @unchecked Sendable {
    private let body: @Sendable (Connection) throws(Failure) -> Value
    private let deliver: @Sendable (Result<Value, Failure>) -> Void
    private var result: Result<Value, Failure>?

    init(
        _ durability: Database.Durability,
        _ body: @escaping @Sendable (Connection) throws(Failure) -> Value,
        deliver: @escaping @Sendable (Result<Value, Failure>) -> Void
    ) {
        self.body = body
        self.deliver = deliver
        super.init(durability)
    }

    override func run(on connection: Connection) -> Bool {
        do throws(Failure) {
            result = .success(try body(connection))
            return true
        } catch {
            result = .failure(error)
            return false
        }
    }

    override func fail(_ error: SQLiteError) { result = .failure(Failure(error)) }

    override func finish() { deliver(result ?? .failure(Failure(.closed))) }
}
