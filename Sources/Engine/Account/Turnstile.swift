/// Lets the tasks of one actor through one at a time, in the order they came.
///
/// Actors are re-entrant: while one task waits for the upstream another may run. What must not be interleaved (a
/// connection's commands; a mirror's plan, commit and apply) passes a turnstile. Not Sendable: it belongs to the
/// actor that holds it.
final class Turnstile {
    private var isTaken = false
    private var waiting: [UnsafeContinuation<Void, Never>] = []
    private var head = 0

    /// How many tasks wait to get in.
    var waitingCount: Int { waiting.count - head }
    /// Whether somebody is in.
    var isBusy: Bool { isTaken }

    /// Waits for its turn. Every `enter` is followed by one `leave`.
    /// - Parameter whenBusy: asks who is in to make way; called once this waits in the queue.
    func enter(whenBusy: () -> Void = {}) async {
        guard isTaken else {
            isTaken = true
            return
        }
        // Looked at again inside: for a task of another loop, or of none, the call itself may be a suspension, and
        // whoever left meanwhile found nobody waiting.
        await withUnsafeContinuation { continuation in
            guard isTaken else {
                isTaken = true
                return continuation.resume()
            }
            waiting.append(continuation)
            whenBusy()
        }
    }

    /// Lets the next one in.
    func leave() {
        guard head < waiting.count else {
            isTaken = false
            return
        }
        let next = waiting[head]
        head += 1
        if head == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            head = 0
        }
        next.resume()
    }
}
