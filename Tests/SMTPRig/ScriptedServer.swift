internal import Bytes
package import Loop
package import TLS

/// What a script's peer did not do.
package struct ScriptFailure: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// A server in the test's own process that says what a script tells it, on a loop and a free port.
package final class ScriptedServer: Sendable {
    /// Runs once for each connection.
    package typealias Script = @Sendable (ScriptedPeer) async throws -> Void

    package let address: SocketAddress
    package let loop: EventLoop

    private struct State {
        var connections = 0
        var running = 0
        var failures: [String] = []
        var acceptorSignal: Signal?
        var waiters: [Signal] = []
    }
    private let state = Locked(State())

    /// Listens on loopback. With `tls` every connection begins with a handshake.
    package init(on loop: EventLoop, implicitTLS tls: ServerTLS? = nil, script: @escaping Script) throws {
        let listener = try Listener(on: .loopback())
        address = listener.address
        self.loop = loop
        let state = state
        loop.spawn { [self] context in
            guard let acceptor = try? Acceptor(listener, on: context.loop) else { return }
            state.withLock { $0.acceptorSignal = acceptor.signal }
            while let socket = await acceptor.next() {
                let number = state.withLock { state in
                    state.connections += 1
                    state.running += 1
                    return state.connections
                }
                context.loop.spawn { context in
                    await self.serve(socket, number, tls, script, on: context.loop)
                }
            }
            acceptor.close()
        }
    }

    private func serve(
        _ socket: Socket, _ number: Int, _ tls: ServerTLS?, _ script: Script, on loop: EventLoop
    ) async {
        do {
            let peer = ScriptedPeer(try Connection(socket, on: loop), number: number)
            if let tls { try await peer.connection.startTLS(server: tls, until: peer.deadline) }
            try await script(peer)
            await peer.connection.finish(until: loop.now + .seconds(5))
        } catch {
            state.withLock { $0.failures.append("connection \(number): \(error)") }
        }
        let waiters = state.withLock { state in
            state.running -= 1
            defer { if state.running == 0 { state.waiters = [] } }
            return state.running == 0 ? state.waiters : []
        }
        for waiter in waiters { waiter.raise(.work) }
    }

    package var port: UInt16 { address.port }
    /// How many connections there were.
    package var connectionCount: Int { state.withLock { $0.connections } }
    /// What went otherwise than the script has it.
    package var failures: [String] { state.withLock { $0.failures } }

    /// Waits until no script runs any more, at most ten seconds, and returns what went wrong.
    package func settled() async -> [String] {
        let failures = await loop.run { [state] context in
            let deadline = context.loop.now + .seconds(10)
            while context.loop.now < deadline {
                let signal = Signal(on: context.loop)
                let isIdle = state.withLock { state in
                    if state.running > 0 { state.waiters.append(signal) }
                    return state.running == 0
                }
                if isIdle { return state.withLock { $0.failures } }
                _ = await signal.next(of: .work, until: deadline)
            }
            return state.withLock { $0.failures + ["\($0.running) scripts still run"] }
        }
        return failures
    }

    /// Stops to accept.
    package func stop() { state.withLock { $0.acceptorSignal }?.raise(.shutdown) }
}

/// The script's end of one connection.
package final class ScriptedPeer {
    package let connection: Connection
    /// 1 for the first connection of the server.
    package let number: Int
    /// How long any one thing may take.
    package var patience: Duration = .seconds(10)

    init(_ connection: Connection, number: Int) {
        self.connection = connection
        self.number = number
    }

    /// The other way round: a client that says what a test tells it.
    /// - Precondition: called on `loop`.
    package static func client(
        of port: UInt16, on loop: EventLoop, tls: ClientTLS? = nil, host: String = "localhost"
    ) async throws -> ScriptedPeer {
        let socket = try await Socket.connect(
            to: .loopback(port: port), until: loop.now + .seconds(10), on: loop)
        let peer = ScriptedPeer(try Connection(socket, on: loop), number: 1)
        if let tls { try await peer.startTLS(client: tls, host: host) }
        return peer
    }

    var deadline: MonotonicTime { connection.signal.loop.now + patience }

    /// Sends text as it is.
    package func say(octets text: String) async throws {
        connection.output.append(text: text)
        try await connection.flush(until: deadline)
    }

    /// Sends octets as they are.
    package func say(octets: some Collection<UInt8>) async throws {
        connection.output.append(contentsOf: octets)
        try await connection.flush(until: deadline)
    }

    /// Sends lines, each with its CRLF.
    package func say(_ lines: String...) async throws {
        try await say(octets: lines.map { $0 + "\r\n" }.joined())
    }

    /// The next line, without its CRLF.
    package func line() async throws -> String {
        while true {
            if let end = connection.input.firstOffset(of: ASCII.lf) {
                let line = connection.input.take(end + 1)
                guard line.dropLast().last == ASCII.cr else {
                    throw ScriptFailure("a line without CR: \(String(lossy: line))")
                }
                return String(lossy: line.dropLast(2))
            }
            try await connection.receiveMore(until: deadline)
        }
    }

    /// The next line is this one.
    package func expect(_ line: String) async throws {
        let came = try await self.line()
        guard came == line else { throw ScriptFailure("“\(came)” instead of “\(line)”") }
    }

    /// The next octets, as many as said.
    package func octets(_ count: Int) async throws -> [UInt8] {
        while connection.input.count < count { try await connection.receiveMore(until: deadline) }
        return connection.input.take(count)
    }

    /// The next line begins like this; the rest is returned.
    package func expect(prefix: String) async throws -> String {
        let came = try await line()
        guard came.hasPrefix(prefix) else { throw ScriptFailure("“\(came)” does not begin with “\(prefix)”") }
        return String(came.dropFirst(prefix.count))
    }

    /// Octets up to the end of data, stuffing and end included.
    package func data() async throws -> [UInt8] {
        var data: [UInt8] = []
        while true {
            let line = try await self.line()
            data += Array("\(line)\r\n".utf8)
            if line == "." { return data }
        }
    }

    /// The peer has closed, and said nothing before.
    package func end() async throws {
        do throws(ConnectionError) {
            try await connection.receiveMore(until: deadline)
        } catch {
            if error == .deadline { throw ScriptFailure("it did not close") }
            return
        }
        throw ScriptFailure("“\(String(lossy: connection.input.takeAll()))” instead of the end")
    }

    /// Cuts the connection.
    package func cut() { connection.close() }

    package func startTLS(client tls: ClientTLS, host: String = "localhost") async throws {
        try await connection.startTLS(client: tls, host: host, until: deadline)
    }

    /// Plays a transcript: `C: ` is sent with its CRLF, `S: ` is the next line, which may end in `…`.
    package func play(_ transcript: String) async throws {
        for row in transcript.split(separator: "\n") where !row.allSatisfy(\.isWhitespace) {
            let row = row.drop { $0 == " " }
            let text = String(row.dropFirst(3))
            if row.hasPrefix("C:") {
                try await say(text)
            } else if text.hasSuffix("…") {
                _ = try await expect(prefix: String(text.dropLast()))
            } else {
                try await expect(text)
            }
        }
    }

    package func startTLS(_ tls: ServerTLS) async throws {
        try await connection.startTLS(server: tls, until: deadline)
    }
}
