internal import CLinux
internal import Glibc

/// A connected stream socket: non-blocking, closed on exec, without Nagle's delay. Closed when let go of.
///
/// It may be handed from loop to loop; one owner at a time reads and writes.
package final class Socket: Sendable {
    package let descriptor: Int32
    /// Who is at the other end.
    package let peer: SocketAddress

    /// Takes over a descriptor.
    init(descriptor: Int32, peer: SocketAddress) {
        self.descriptor = descriptor
        self.peer = peer
        set(IPPROTO_TCP, TCP_NODELAY, 1)
    }

    deinit { close(descriptor) }

    /// What a read or a write came to.
    package enum Transfer: Equatable, Sendable {
        /// This many octets, more than none.
        case done(Int)
        /// Nothing now: the watch will say when.
        case wouldBlock
        /// The peer has closed its side (reading only).
        case end
        /// errno.
        case failed(Int32)
    }

    /// Reads what is there, as much as the buffer takes.
    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .done(count) }
            if count == 0 { return .end }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case let code: return .failed(code)
            }
        }
    }

    /// Writes as much as the kernel takes.
    /// - Precondition: the buffer is not empty.
    package func write(_ buffer: UnsafeRawBufferPointer) -> Transfer {
        guard let base = buffer.baseAddress else { preconditionFailure("nothing to write") }
        while true {
            let count = posthouse_send(descriptor, base, buffer.count)
            if count >= 0 { return .done(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case let code: return .failed(code)
            }
        }
    }

    /// Says that nothing more will be written.
    package func finishWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Our end's address; nil when the socket is no longer connected.
    package var localAddress: SocketAddress? { Self.name(of: descriptor) }

    static func name(of descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return code == 0 ? SocketAddress(storage) : nil
    }

    /// Has the kernel ask an idle peer whether it is still there: after `idle` seconds, every `interval` seconds,
    /// and give up after `count` questions.
    package func keepAlive(idle: Int32 = 120, interval: Int32 = 30, count: Int32 = 4) {
        set(Int(SOL_SOCKET), SO_KEEPALIVE, 1)
        set(Int(IPPROTO_TCP), TCP_KEEPIDLE, idle)
        set(Int(IPPROTO_TCP), TCP_KEEPINTVL, interval)
        set(Int(IPPROTO_TCP), TCP_KEEPCNT, count)
    }

    /// How long sent octets may stay unacknowledged before the connection counts as dead, in milliseconds.
    package func limitUnacknowledged(milliseconds: Int32) { set(Int(IPPROTO_TCP), TCP_USER_TIMEOUT, milliseconds) }

    /// Makes the kernel's buffers small or large, in octets; the kernel rounds. For tests and odd links.
    package func setBuffers(receive: Int32? = nil, send: Int32? = nil) {
        if let receive { set(Int(SOL_SOCKET), SO_RCVBUF, receive) }
        if let send { set(Int(SOL_SOCKET), SO_SNDBUF, send) }
    }

    /// Makes closing send a reset, so that the peer learns that what it sent was not all read.
    package func resetOnClose() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    }

    /// The error that an asynchronous operation, such as connecting, ended with; 0 for none.
    func takeError() -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : errno
    }

    private func set(_ level: Int, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, Int32(level), option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
