internal import Engine

/// How far a long command has come (RFC 9585).
extension IMAPSession {
    /// Asks the engine what may take long; the client hears every `progressInterval` that the command goes on.
    ///
    /// `done` and `goal` are numbers of one kind; the goal takes a `done` (RFC 9585 §4).
    /// - Precondition: no response has been begun and not ended: a note may come at any time until this returns.
    func askPatiently<Value>(
        done: Int? = nil, of goal: Int? = nil, _ question: () async throws(EngineError) -> Value
    ) async throws(Fault) -> Value {
        try await ask { () async throws(EngineError) in try await patiently(done: done, of: goal, question) }
    }

    /// The same for who turns refusals into replies himself.
    func patiently<Value>(
        done: Int? = nil, of goal: Int? = nil, _ question: () async throws(EngineError) -> Value
    ) async throws(EngineError) -> Value {
        progress.counts = if let done, let goal { (UInt64(done), UInt64(goal)) } else { nil }
        progress.isWaiting = true
        defer { progress.isWaiting = false }
        return try await question()
    }
}
