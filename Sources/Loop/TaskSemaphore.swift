/// Lets so many tasks in at a time, the others in the order they came. For what would take too much memory if everybody
/// did it at once.
package final class TaskSemaphore: Sendable {
    private struct State {
        var free: Int
        var waiting: [UnsafeContinuation<Void, Never>] = []
    }

    private let state: Locked<State>

    /// - Parameter places: how many may be in at a time, at least 1.
    package init(places: Int) {
        precondition(places > 0)
        state = Locked(State(free: places))
    }

    /// Waits for a place, and gives it back when `body` has ended, however it ended.
    package func run<Value, Failure: Error>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        await enter()
        defer { leave() }
        return try await body()
    }

    /// How many wait.
    package var waitingCount: Int { state.withLock { $0.waiting.count } }

    private func enter(isolation: isolated (any Actor)? = #isolation) async {
        await withUnsafeContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    private func leave() {
        let next = state.withLock { state -> UnsafeContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
