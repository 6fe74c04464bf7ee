import CLinux
import Glibc
import Loop
import Testing

@Suite("Sockets")
struct SocketTests {
    @Test(
        "Numeric addresses are read and written",
        arguments: [
            ("127.0.0.1", "127.0.0.1:25", true), ("127.9.9.9", "127.9.9.9:25", true),
            ("10.1.2.3", "10.1.2.3:25", false),
            ("::1", "[::1]:25", true), ("[::1]", "[::1]:25", true), ("2001:db8::7", "[2001:db8::7]:25", false),
            ("::ffff:127.0.0.1", "[::ffff:127.0.0.1]:25", true),
        ])
    func addresses(text: String, written: String, isLoopback: Bool) throws {
        let address = try #require(SocketAddress(numeric: text, port: 25))
        #expect(address.description == written)
        #expect(address.isLoopback == isLoopback)
    }

    @Test("What is no numeric address is refused", arguments: ["", "localhost", "1.2.3", "1.2.3.4.5", "::g", "[::1"])
    func notAddresses(text: String) { #expect(SocketAddress(numeric: text, port: 1) == nil) }

    @Test("Throttling counts an IPv6 site as one")
    func origins() throws {
        let first = try #require(SocketAddress(numeric: "2001:db8:1:2:3::4", port: 1))
        let second = try #require(SocketAddress(numeric: "2001:db8:1:2:ffff::9", port: 2))
        let mapped = try #require(SocketAddress(numeric: "::ffff:10.0.0.1", port: 2))
        #expect(first.origin == second.origin)
        #expect(mapped.origin == "10.0.0.1")
    }

    @Test("A taken port is told with its address")
    func takenPort() throws {
        let listener = try Listener(on: .loopback())
        #expect(throws: LoopError.bind(listener.address, EADDRINUSE)) { try Listener(on: listener.address) }
    }

    @Test("Connecting by name tries the addresses that it has")
    func connectByName() async throws {
        let pool = try WorkerPool(threads: 1)
        defer { pool.stop() }
        try await withLoop { loop in
            let listener = try Listener(on: .loopback())
            try await loop.run { context in
                let acceptor = try Acceptor(listener, on: context.loop)
                let deadline = context.loop.now + .seconds(20)
                let socket = try await Socket.connect(
                    host: "localhost", port: listener.address.port, until: deadline, on: context.loop, resolver: pool)
                #expect(socket.peer == listener.address)
                let accepted = await acceptor.next()
                #expect(accepted?.peer == socket.localAddress)
            }
        }
    }

    @Test("A closed port and an unknown host are told apart")
    func connectFails() async throws {
        let pool = try WorkerPool(threads: 1)
        defer { pool.stop() }
        try await withLoop { loop in
            let port = try Listener(on: .loopback()).address.port
            try await loop.run { context in
                let deadline = context.loop.now + .seconds(20)
                let address = SocketAddress.loopback(port: port)
                let refused = LoopError.unreachable(
                    host: "127.0.0.1", port: port, attempts: [.init(address: address, code: ECONNREFUSED)])
                await #expect(throws: refused) {
                    try await Socket.connect(
                        host: "127.0.0.1", port: port, until: deadline, on: context.loop, resolver: pool)
                }
                do {
                    _ = try await Socket.connect(
                        host: "nowhere.invalid", port: 1, until: deadline, on: context.loop, resolver: pool)
                    Issue.record("connected to nowhere")
                } catch LoopError.unknownHost(let host, _) {
                    #expect(host == "nowhere.invalid")
                }
            }
        }
    }

    @Test("A thousand connections echo on one loop")
    func thousandConnections() async throws {
        try await withLoop { loop in
            let listener = try Listener(on: .loopback())
            let count = 1000
            loop.spawn { context in
                guard let acceptor = try? Acceptor(listener, on: context.loop) else { return }
                while let socket = await acceptor.next() {
                    context.loop.spawn { await echo(socket, on: $0.loop) }
                }
            }
            try await withLoop("clients") { clients in
                let echoed = try await clients.run { context in
                    var sockets: [Socket] = []
                    for _ in 0..<count {
                        sockets.append(
                            try await Socket.connect(
                                to: listener.address, until: context.loop.now + .seconds(30), on: context.loop))
                    }
                    let left = Locked(count)
                    let echoed = Locked(0)
                    let done = Signal(on: context.loop)
                    for (number, socket) in sockets.enumerated() {
                        context.loop.spawn { context in
                            let word = Array("connection \(number)\n".utf8)
                            let answer = await exchange(word, over: socket, on: context.loop)
                            if answer == word { echoed.withLock { $0 += 1 } }
                            if left.withLock({ left in
                                left -= 1
                                return left
                            }) == 0 {
                                done.raise(.work)
                            }
                        }
                    }
                    _ = await done.next(of: .work)
                    return echoed.withLock { $0 }
                }
                #expect(echoed == count)
            }
        }
    }

    @Test("The next descriptor of a number gets no event of the one before")
    func descriptorReuse() async throws {
        try await withLoop { loop in
            for _ in 0..<50 {
                let (client, server) = try await socketPair(on: loop)
                try await loop.run { context in
                    // Both have something to tell: the client's number is used again for a socket that has not.
                    let old = Signal(on: context.loop)
                    let watch = try Watch(client, raising: old)
                    _ = server.write([1, 2, 3].span.bytes)
                    watch.close()
                }
                let number = client.descriptor
                let (first, second) = try await socketPair(on: loop)
                try await loop.run { context in
                    let signal = Signal(on: context.loop)
                    let watch = try Watch(first, raising: signal)
                    for _ in 0..<4 { await context.loop.yield() }
                    #expect(signal.peek == [], "descriptor \(number), then \(first.descriptor)")
                    watch.close()
                    withExtendedLifetime(second) {}
                }
            }
        }
    }

    @Test("Output is told only to who wants it, and when there is room again")
    func outputInterest() async throws {
        try await withLoop { loop in
            let (client, server) = try await socketPair(on: loop)
            try await loop.run { context in
                client.setBuffers(send: 8192)
                let signal = Signal(on: context.loop)
                let watch = try Watch(client, raising: signal)
                defer { watch.close() }
                await context.loop.yield()
                #expect(signal.peek == [])
                let block = [UInt8](repeating: 7, count: 65536)
                var sent = 0
                while case .done(let count) = client.write(block.span.bytes) { sent += count }
                watch.wantsOutput = true
                let scratch = context.loop.scratch
                var received = 0
                while received < sent, case .done(let count) = server.read(into: scratch) { received += count }
                #expect(await signal.next(until: context.loop.now + .seconds(20)) == .output)
            }
        }
    }
}

extension Socket {
    /// Writes from a span.
    fileprivate func write(_ bytes: RawSpan) -> Transfer { bytes.withUnsafeBytes { write($0) } }
}

/// Sends back what comes until the peer ends.
private func echo(_ socket: Socket, on loop: EventLoop) async {
    let signal = Signal(on: loop)
    guard let watch = try? Watch(socket, raising: signal) else { return }
    defer { watch.close() }
    while true {
        switch socket.read(into: loop.scratch) {
        case .done(let count): _ = socket.write(UnsafeRawBufferPointer(rebasing: loop.scratch.prefix(count)))
        case .wouldBlock: if await signal.next().contains(.shutdown) { return }
        case .end, .failed: return
        }
    }
}

/// Sends a line and returns the line that comes back.
private func exchange(_ line: [UInt8], over socket: Socket, on loop: EventLoop) async -> [UInt8] {
    let signal = Signal(on: loop)
    guard let watch = try? Watch(socket, raising: signal) else { return [] }
    defer { watch.close() }
    _ = line.withUnsafeBytes { socket.write($0) }
    var answer: [UInt8] = []
    while answer.last != 0x0A {
        switch socket.read(into: loop.scratch) {
        case .done(let count): answer += loop.scratch.prefix(count)
        case .wouldBlock:
            if await signal.next(until: loop.now + .seconds(60)) != .input { return answer }
        case .end, .failed: return answer
        }
    }
    return answer
}
