internal import CLinux

/// The loop's eye on one descriptor: turns the kernel's readiness into events of a signal.
///
/// Readiness is edge triggered: after `.input` whoever reads must read until the descriptor has no more,
/// or come back without being told. Lives on the loop's thread.
package final class Watch {
    package let signal: Signal
    /// Whether `.output` is wanted: set when a write could not finish.
    package var wantsOutput = false
    /// The peer's end has been seen: no further edge will tell of it, so who reads must read until it.
    package private(set) var sawEnd = false
    let descriptor: Int32
    private let owner: any AnyObject & Sendable
    private var generation: UInt32 = 0
    private var isOpen = true

    /// Begins to watch a socket.
    /// - Precondition: called on the signal's loop.
    package convenience init(_ socket: Socket, raising signal: Signal) throws(LoopError) {
        try self.init(descriptor: socket.descriptor, of: socket, raising: signal)
    }

    /// Begins to watch a descriptor that `owner` keeps open as long as it lives.
    /// - Precondition: called on the signal's loop.
    package init(
        descriptor: Int32, of owner: any AnyObject & Sendable, raising signal: Signal
    ) throws(LoopError) {
        self.descriptor = descriptor
        self.owner = owner
        self.signal = signal
        generation = try signal.loop.add(self)
    }

    /// Ends the watch; the descriptor stays open. Must be called before the watch is let go of.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        let loop = signal.loop
        if loop.isCurrent {
            loop.remove(descriptor: descriptor, generation: generation)
        } else {
            // An owner that ends off the loop: the descriptor is kept until the loop has let go of its number.
            let (descriptor, generation, owner) = (descriptor, generation, owner)
            loop.post {
                loop.remove(descriptor: descriptor, generation: generation)
                withExtendedLifetime(owner) {}
            }
        }
    }

    func ready(_ event: posthouse_event) {
        if event.end != 0 { sawEnd = true }
        var events: Signal.Events = event.input != 0 ? .input : []
        if event.output != 0, wantsOutput { events.insert(.output) }
        if !events.isEmpty { signal.raise(events) }
    }
}

/// The watch of a descriptor number.
struct WatchSlot {
    var generation: UInt32 = 0
    var watch: Watch?
}
