/// Work that runs on a loop before its result is wanted, beside whoever began it. It runs to its end also when nobody asks
/// for the result.
package final class Begun<Value: Sendable, Failure: Error>: Sendable {
    private struct State {
        var result: Result<Value, Failure>?
        var waiter: UnsafeContinuation<Result<Value, Failure>, Never>?
    }

    private let state = Locked(State())

    /// Begins. On the same loop the work has its first turn when the caller next waits or yields.
    package init(on loop: EventLoop, _ work: @escaping @Sendable () async throws(Failure) -> Value) {
        let state = state
        loop.spawn { _ in
            let result: Result<Value, Failure>
            do throws(Failure) { result = .success(try await work()) } catch { result = .failure(error) }
            let waiter = state.withLock { state in
                state.result = result
                return state.waiter
            }
            waiter?.resume(returning: result)
        }
    }

    /// Waits for the result. To be called once.
    package func value() async throws(Failure) -> Value {
        let result = await withUnsafeContinuation { continuation in
            let present = state.withLock { state in
                if state.result == nil { state.waiter = continuation }
                return state.result
            }
            if let present { continuation.resume(returning: present) }
        }
        return try result.get()
    }
}
