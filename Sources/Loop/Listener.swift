internal import CLinux
internal import Glibc

/// A listening socket. Made anywhere; accepted from on one loop.
package final class Listener: Sendable {
    /// How many connections may wait to be accepted.
    package static let backlog: Int32 = 1024
    /// How long to wait when the process is out of descriptors.
    package static let pause: Duration = .milliseconds(100)

    /// The address that it listens on, with the port that the system chose.
    package let address: SocketAddress
    fileprivate let descriptor: Int32

    /// Listens on an address; port 0 for one that the system chooses. SO_REUSEADDR is set.
    package init(on wanted: SocketAddress) throws(LoopError) {
        let descriptor = posthouse_socket(wanted.family)
        guard descriptor >= 0 else { throw .system("socket", errno) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        // One listener for each family, so that both may be configured.
        if wanted.family == AF_INET6 {
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, socklen_t(MemoryLayout<Int32>.size))
        }
        guard wanted.withSystemAddress({ posthouse_bind(descriptor, $0, $1) }) == 0,
            listen(descriptor, Self.backlog) == 0
        else {
            let code = errno
            close(descriptor)
            throw .bind(wanted, code)
        }
        self.descriptor = descriptor
        address = Socket.name(of: descriptor) ?? wanted
    }

    /// Takes over a listening socket that another process opened (systemd's socket activation).
    package init(adopting descriptor: Int32) throws(LoopError) {
        guard let address = Socket.name(of: descriptor) else { throw .system("getsockname", errno) }
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else { throw .system("fcntl", errno) }
        self.descriptor = descriptor
        self.address = address
    }

    deinit { close(descriptor) }

    /// One connection that waits, or what stands in the way.
    fileprivate enum Accepted {
        case socket(Socket)
        case none
        case exhausted(Int32)
    }

    fileprivate func acceptNow() -> Accepted {
        while true {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let accepted = posthouse_accept(descriptor, &storage, &length)
            if accepted >= 0 {
                let peer = SocketAddress(storage)?.unmapped ?? .loopback()
                return .socket(Socket(descriptor: accepted, peer: peer))
            }
            switch errno {
            case EAGAIN: return .none
            // Connections that died in the queue, and what accept(2) lists as their pending errors.
            case EINTR, ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP,
                ENETUNREACH:
                continue
            case let code: return .exhausted(code)
            }
        }
    }
}

/// Takes a listener's connections on one loop. Lives on the loop's thread.
package final class Acceptor {
    /// After so many connections in a row the loop's other tasks have a turn.
    package static let turn = 32

    private let listener: Listener
    private let watch: Watch
    /// Raised with `.shutdown` to end it.
    package let signal: Signal
    private var inARow = 0

    /// - Precondition: called on `loop`.
    package init(_ listener: Listener, on loop: EventLoop) throws(LoopError) {
        self.listener = listener
        signal = Signal(on: loop)
        watch = try Watch(descriptor: listener.descriptor, of: listener, raising: signal)
    }

    deinit { watch.close() }

    /// The next connection; nil when the signal was raised with `.shutdown`. Out of descriptors, it waits.
    package func next() async -> Socket? {
        while !signal.peek.contains(.shutdown) {
            switch listener.acceptNow() {
            case .socket(let socket):
                inARow += 1
                if inARow.isMultiple(of: Self.turn) { await signal.loop.yield() }
                return socket
            case .none:
                inARow = 0
                if await signal.next().contains(.shutdown) { return nil }
            case .exhausted:
                if await signal.next(until: signal.loop.now + Listener.pause).contains(.shutdown) { return nil }
            }
        }
        return nil
    }

    /// Stops to listen for more on this loop. The listener itself closes when it is let go of.
    package func close() { watch.close() }
}
