internal import Foundation
internal import Glibc

/// Numbers of TCP ports on 127.0.0.1.
package enum Port {
    /// A port that nobody listens on and that this process has not handed out before.
    ///
    /// Taken from below the range that the system gives to outgoing connections, so that none of those takes it
    /// between here and the server's start.
    package static func free() throws -> UInt16 {
        try state.withLock { next in
            for _ in 0..<4000 {
                next = next >= 29_999 ? 20_000 : next + 1
                if isFree(next) { return next }
            }
            throw RigFailure("no free port")
        }
    }

    /// Whether somebody accepts connections there.
    package static func isOpen(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return withAddress(port) { connect(descriptor, $0, $1) == 0 }
    }

    /// Calls `body` with the socket address of a loopback port.
    static func withAddress<Value>(
        _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private final class State: @unchecked Sendable {
        private let lock = NSLock()
        // Two test runs on one machine start at different places.
        private var next = UInt16(20_000 + Int(getpid()) * 37 % 10_000)

        func withLock<Value>(_ body: (inout UInt16) throws -> Value) rethrows -> Value {
            try lock.withLock { try body(&next) }
        }
    }

    private static let state = State()

    private static func isFree(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        return withAddress(port) { bind(descriptor, $0, $1) == 0 && listen(descriptor, 1) == 0 }
    }
}

/// Keeps a descriptor from programs that this process starts.
func closeOnExec(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
}
