internal import CLinux
internal import Glibc

extension Socket {
    /// The longest that one address of a host may take when the host has others.
    package static let addressPatience: Duration = .seconds(15)

    /// Connects to a host by name or number: resolves it on the pool, and tries its addresses in the resolver's order.
    ///
    /// Fails with `.unknownHost`, with `.unreachable` and what each address answered, with `.deadline` when
    /// the resolver took too long, or with `.stopping`.
    /// - Precondition: called on `loop`.
    package static func connect(
        host: String, port: UInt16, until deadline: MonotonicTime, on loop: EventLoop, resolver: WorkerPool
    ) async throws(LoopError) -> Socket {
        let addresses = try await resolve(host: host, port: port, until: deadline, on: loop, resolver: resolver)
        var attempts: [LoopError.Attempt] = []
        for (index, address) in addresses.enumerated() {
            let isLast = index == addresses.count - 1
            let limit = isLast ? deadline : min(deadline, loop.now + addressPatience)
            let code: Int32
            do throws(LoopError) {
                return try await connect(to: address, until: limit, on: loop)
            } catch .system(_, let number) {
                code = number
            } catch .deadline {
                code = ETIMEDOUT
            }
            attempts.append(LoopError.Attempt(address: address, code: code))
            if loop.now >= deadline { break }
        }
        throw .unreachable(host: host, port: port, attempts: attempts)
    }

    /// Connects to one address.
    /// - Precondition: called on `loop`.
    package static func connect(
        to address: SocketAddress, until deadline: MonotonicTime, on loop: EventLoop
    ) async throws(LoopError) -> Socket {
        let descriptor = posthouse_socket(address.family)
        guard descriptor >= 0 else { throw .system("socket", errno) }
        let socket = Socket(descriptor: descriptor, peer: address)
        let result = address.withSystemAddress { posthouse_connect(descriptor, $0, $1) }
        if result == 0 { return socket }
        guard errno == EINPROGRESS else { throw .system("connect", errno) }
        let signal = Signal(on: loop)
        let watch = try Watch(socket, raising: signal)
        watch.wantsOutput = true
        defer { watch.close() }
        let events = await signal.next(until: deadline)
        if events.contains(.output) || events.contains(.input) {
            let code = socket.takeError()
            guard code == 0 else { throw .system("connect", code) }
            return socket
        }
        throw events.contains(.shutdown) ? .stopping : .deadline
    }

    /// The addresses of a host; a numeric one without asking.
    private static func resolve(
        host: String, port: UInt16, until deadline: MonotonicTime, on loop: EventLoop, resolver: WorkerPool
    ) async throws(LoopError) -> [SocketAddress] {
        if let address = SocketAddress(numeric: host, port: port) { return [address] }
        let signal = Signal(on: loop)
        let answer = Locked<Resolution?>(nil)
        try resolver.start {
            let found = Resolution.of(host, port: port)
            answer.withLock { $0 = found }
            signal.raise(.work)
        }
        let events = await signal.next(until: deadline)
        switch answer.withLock({ $0 }) {
        case .addresses(let addresses): return addresses
        case .failed(let reason): throw .unknownHost(host, reason)
        case nil: throw events.contains(.shutdown) ? .stopping : .deadline
        }
    }
}

/// What the resolver answered.
enum Resolution: Sendable {
    case addresses([SocketAddress])
    case failed(String)

    /// The most addresses of one host that are tried.
    static let addressLimit = 16

    /// Asks the system's resolver; blocks, for as long as its own timeouts are.
    static func of(_ host: String, port: UInt16) -> Resolution {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        var code = getaddrinfo(host, nil, &hints, &list)
        if code != 0 {
            // With loopback alone AI_ADDRCONFIG hides even localhost.
            hints.ai_flags = 0
            code = getaddrinfo(host, nil, &hints, &list)
        }
        guard code == 0 else { return .failed(String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = list
        while let current = entry, addresses.count < addressLimit {
            if let address = SocketAddress(current.pointee, port: port), !addresses.contains(address) {
                addresses.append(address)
            }
            entry = current.pointee.ai_next
        }
        return addresses.isEmpty ? .failed("the name has no address") : .addresses(addresses)
    }
}

extension SocketAddress {
    fileprivate init?(_ entry: addrinfo, port: UInt16) {
        guard let address = entry.ai_addr else { return nil }
        var storage = sockaddr_storage()
        let length = min(Int(entry.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: length))
        }
        guard let found = SocketAddress(storage) else { return nil }
        self.init(found.host, port: port)
    }
}
