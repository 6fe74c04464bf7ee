internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// Carries a value that belongs to a loop's tasks into a task that is spawned on the same loop.
struct LoopBound<Value>: @unchecked Sendable {
    private let held: Value
    private let loop: EventLoop

    init(_ value: Value, on loop: EventLoop) {
        held = value
        self.loop = loop
    }

    /// - Precondition: on the loop.
    var value: Value {
        loop.checkIsolated()
        return held
    }
}
