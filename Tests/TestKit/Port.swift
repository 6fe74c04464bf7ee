internal import Foundation
internal import Glibc

/// Numbers of TCP ports on 127.0.0.1.
package enum Port {
    /// A port that nobody listens on and that this process has not handed out before.
    ///
    /// Taken from below the range that the system gives to outgoing connections, so that none of those takes it
    /// between here and the server's start; and from a block that is this process's own, so that no other test run
    /// does.
    package static func free() throws -> UInt16 {
        try state.withLock { next in
            let block = try block.get()
            for _ in block {
                next = next >= block.upperBound ? block.lowerBound : max(next + 1, block.lowerBound)
                if isFree(next) { return next }
            }
            throw RigFailure("no free port in \(block)")
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
        private var next: UInt16 = 0

        func withLock<Value>(_ body: (inout UInt16) throws -> Value) rethrows -> Value {
            try lock.withLock { try body(&next) }
        }
    }

    private static let state = State()

    /// A thousand ports. Who has them holds a socket with a name of the abstract kind (unix(7)), which is free again when
    /// the process ends, however it does.
    private static let block: Result<ClosedRange<UInt16>, RigFailure> = {
        for number in 0..<UInt16(10) where claim("posthouse test ports \(number)") {
            let first = 20_000 + number * 1000
            return .success(first...first + 999)
        }
        return .failure(RigFailure("ten test runs have taken all ports"))
    }()

    private static func claim(_ name: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        closeOnExec(descriptor)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.dropFirst().copyBytes(from: name.utf8) }
        let length = MemoryLayout<sa_family_t>.size + 1 + name.utf8.count
        let claimed = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(length)) == 0 }
        }
        if !claimed { close(descriptor) }
        return claimed
    }

    /// Never listens itself: a program that is being started by another thread at this moment would go on to listen until
    /// it has closed what it was born with.
    private static func isFree(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        return withAddress(port) { bind(descriptor, $0, $1) == 0 }
    }
}

/// Keeps a descriptor from programs that this process starts.
func closeOnExec(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
}
