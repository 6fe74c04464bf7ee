internal import Dispatch

/// Runs work that blocks on a serial queue of its own, so that waiting for a peer never holds a thread of the shared pool.
func blocking<Value: Sendable>(
    on queue: DispatchQueue, _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        queue.async { continuation.resume(with: Result { try work() }) }
    }
}

/// Asks again and again, 20 ms apart, until the answer is not nil; fails when that takes longer than `patience`.
@discardableResult
package func eventually<Value>(
    _ what: String, within patience: Duration = .seconds(20), _ ask: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + patience
    while true {
        if let answer = try await ask() { return answer }
        guard ContinuousClock.now < deadline else { throw RigFailure("not within \(patience): \(what)") }
        try await pause(.milliseconds(20))
    }
}

/// The same for something that must come to hold; use it when there is no answer to be had.
package func eventually(
    _ what: String, within patience: Duration = .seconds(20), holds: () async throws -> Bool
) async throws {
    try await eventually(what, within: patience) { () async throws -> Bool? in try await holds() ? true : nil }
}

/// Lets time pass for something that is asked again afterwards; never a way of hoping that something has happened.
package func pause(_ duration: Duration) async throws {
    let (seconds, attoseconds) = duration.components
    let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    await withCheckedContinuation { continuation in
        DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { continuation.resume() }
    }
}
