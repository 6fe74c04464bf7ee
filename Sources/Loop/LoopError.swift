internal import Glibc

/// What the loop and its sockets can fail with.
package enum LoopError: Error, Sendable, Equatable {
    /// A system call failed: its name and errno.
    case system(String, Int32)
    /// The address of a socket that was to be bound is taken, not ours, or not permitted.
    case bind(SocketAddress, Int32)
    /// A host name has no address: the resolver's own words.
    case unknownHost(String, String)
    /// No address of the host took the connection: what each attempt ended with.
    case unreachable(host: String, port: UInt16, attempts: [Attempt])
    /// The deadline came first.
    case deadline
    /// The loop is being stopped.
    case stopping
    /// The worker pool's queue is full.
    case overloaded

    /// One address that was tried in vain.
    package struct Attempt: Sendable, Equatable {
        package let address: SocketAddress
        /// ETIMEDOUT when its share of the deadline had passed.
        package let code: Int32

        package init(address: SocketAddress, code: Int32) {
            self.address = address
            self.code = code
        }
    }
}

extension LoopError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .system(let call, let code): "\(call): \(Self.text(of: code))"
        case .bind(let address, let code): "cannot listen on \(address): \(Self.text(of: code))"
        case .unknownHost(let host, let reason): "\(host): \(reason)"
        case .unreachable(let host, let port, let attempts):
            "cannot connect to \(host) port \(port): "
                + attempts.map { "\($0.address) \(Self.text(of: $0.code))" }.joined(separator: ", ")
        case .deadline: "the time for it ran out"
        case .stopping: "the server is shutting down"
        case .overloaded: "too much work is waiting"
        }
    }

    /// The system's words for an error number.
    package static func text(of code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        return buffer.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress, strerror_r(code, base, buffer.count) == 0 else {
                return "error \(code)"
            }
            return String(cString: base)
        }
    }
}
