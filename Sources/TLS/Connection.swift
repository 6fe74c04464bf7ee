package import Bytes
internal import Glibc
package import Loop

/// One stream to a peer, plain or TLS: what a session reads from and writes to.
///
/// Lives on its loop, owned by one task. Nothing is sent until `send` or `flush`; what an answer consists of leaves
/// together. `receive` never waits: the task waits on `signal`.
package final class Connection {
    /// What `receive` came to.
    package enum Received: Hashable, Sendable {
        /// There is more in `input` than before.
        case data
        /// Nothing was there.
        case nothing
        /// The peer will send nothing more.
        case end
    }

    /// The most that one `receive` takes in, in octets. What is left raises `.input` again.
    package static let receiveLimit = 65536
    /// The most that `finish` reads and drops while it waits for the peer's end, in octets.
    package static let lingerLimit = 1 << 20

    /// What was received and not yet consumed.
    package var input = ByteQueue()
    /// What is to be sent.
    package var output = ByteQueue()
    package private(set) var signal: Signal
    package let peer: SocketAddress
    /// Octets received and sent so far, TLS's own not counted.
    package private(set) var receivedCount = 0
    package private(set) var sentCount = 0
    /// Whether the peer's end was a cut: no FIN after a TLS close_notify.
    package private(set) var wasCut = false
    /// The certificate that the client has shown; nil when it was not asked for one or has none.
    package private(set) var clientCertificate: ClientCertificate?

    private var socket: Socket?
    private var watch: Watch?
    private var session: TLSSession?
    private var compression: Compression?
    /// What of `output` has been compressed and is to be sent.
    private var wire = ByteQueue()
    private var hasEnded = false
    private var failure: ConnectionError?
    /// TLS has to write before it can go on reading.
    private var readWaitsForOutput = false

    /// Takes over a socket.
    /// - Precondition: called on `loop`.
    package init(_ socket: Socket, on loop: EventLoop) throws(ConnectionError) {
        peer = socket.peer
        self.socket = socket
        signal = Signal(on: loop)
        watch = try Self.watch(socket, signal)
    }

    deinit { close() }

    package var isEncrypted: Bool { session != nil }
    package var isClosed: Bool { socket == nil }
    /// Octets that wait to be sent.
    package var unsentCount: Int { output.count + wire.count }
    /// Whether both directions are compressed.
    package var isCompressed: Bool { compression != nil }
    /// `TLSv1.3` and the like; nil for a plain connection.
    package var tlsVersion: String? { session?.version }
    package var tlsCipher: String? { session?.cipher }
    /// Whether the TLS session was taken up again instead of negotiated.
    package var isResumed: Bool { session?.isResumed ?? false }
    /// Who the client is by its certificate; nil when it has shown none that is good.
    package var certifiedClient: CertifiedClient? {
        if case .good(let client) = clientCertificate { client } else { nil }
    }
    /// Our end's address.
    package var localAddress: SocketAddress? { socket?.localAddress }

    // MARK: Receiving

    /// Takes in what is there, at most `limit` octets (and what TLS has already deciphered).
    ///
    /// When more may be there, `.input` is raised again. After `.end` it goes on to say `.end`.
    package func receive(limit: Int = Connection.receiveLimit) throws(ConnectionError) -> Received {
        if let failure { throw failure }
        guard let compression else { return try receiveOctets(limit) }
        let wasBehind = compression.mayHoldMore
        if !wasBehind {
            let received = try receiveOctets(limit)
            guard received == .data else { return received }
        }
        // A peer that only fills a window has sent something and said nothing.
        guard let count = compression.inflate(into: &input, limit: limit) else {
            throw fail(.protocolFault("what came is not compressed as agreed"))
        }
        // The socket was not looked at while there was something to inflate: what it has told meanwhile is told again.
        if wasBehind || compression.mayHoldMore { signal.raise(.input) }
        guard count == 0 else { return .data }
        return compression.isAtEnd ? .end : .nothing
    }

    /// Takes octets from the socket.
    private func receiveOctets(_ limit: Int) throws(ConnectionError) -> Received {
        if hasEnded { return .end }
        guard let socket else { throw .closed }
        return session == nil ? try receivePlain(socket, limit) : try receiveTLS(limit)
    }

    private func receivePlain(_ socket: Socket, _ limit: Int) throws(ConnectionError) -> Received {
        let buffer = UnsafeMutableRawBufferPointer(rebasing: signal.loop.scratch.prefix(limit))
        switch socket.read(into: buffer) {
        case .done(let count):
            take(buffer, count)
            // A short read is as good as "would block", unless the end came along with it: that edge is used up.
            if count == buffer.count || watch?.sawEnd == true { signal.raise(.input) }
            return .data
        case .wouldBlock: return .nothing
        case .end:
            hasEnded = true
            return .end
        case .failed(let code): throw fail(.broken(code))
        }
    }

    private func receiveTLS(_ limit: Int) throws(ConnectionError) -> Received {
        var total = 0
        while let session {
            guard total < limit else {
                signal.raise(.input)
                return .data
            }
            let buffer = UnsafeMutableRawBufferPointer(rebasing: signal.loop.scratch.prefix(limit - total))
            switch session.read(into: buffer) {
            case .complete(let count):
                take(buffer, count)
                total += count
            case .wantsRead: return total > 0 ? .data : .nothing
            case .wantsWrite:
                readWaitsForOutput = true
                watch?.wantsOutput = true
                return total > 0 ? .data : .nothing
            case .end(let isCut):
                hasEnded = true
                wasCut = isCut
                // The data first; the next call says that it was the last.
                guard total > 0 else { return .end }
                signal.raise(.input)
                return .data
            case .failed(let error):
                let error = fail(error)
                guard total > 0 else { throw error }
                signal.raise(.input)
                return .data
            }
        }
        return .nothing
    }

    private func take(_ buffer: UnsafeMutableRawBufferPointer, _ count: Int) {
        let octets = UnsafeRawBufferPointer(rebasing: buffer.prefix(count))
        if let compression { compression.receive(octets) } else { input.append(contentsOf: octets) }
        receivedCount += count
    }

    /// Waits until there is more in `input`, and takes in at most `limit` octets of it.
    ///
    /// Fails with `.ended` at the peer's end, with `.deadline`, with `.stopping` when `.shutdown` is raised
    /// (which stays raised), or as `receive` does.
    package func receiveMore(
        limit: Int = Connection.receiveLimit, until deadline: MonotonicTime?
    ) async throws(ConnectionError) {
        while true {
            switch try receive(limit: limit) {
            case .data: return
            case .end: throw .ended
            case .nothing: try await wait(for: .input, until: deadline)
            }
        }
    }

    // MARK: Sending

    /// Sends what is in `output` as far as it goes without waiting; the rest goes when `.output` is raised and the
    /// owner calls this again.
    package func send() throws(ConnectionError) {
        if let failure { throw failure }
        guard let socket else { throw .closed }
        if readWaitsForOutput {
            readWaitsForOutput = false
            signal.raise(.input)
        }
        if let compression, !compression.compress(&output, into: &wire) { throw fail(.system(ENOMEM)) }
        while true {
            let isCompressed = compression != nil
            guard isCompressed ? !wire.isEmpty : !output.isEmpty else { break }
            let step = (isCompressed ? wire : output).withUnsafeBytes { buffer in
                session?.write(buffer) ?? Self.step(socket.write(buffer))
            }
            switch step {
            case .complete(let count):
                if isCompressed { wire.drop(count) } else { output.drop(count) }
                sentCount += count
            case .wantsRead, .wantsWrite:
                watch?.wantsOutput = true
                return
            case .end: throw fail(.ended)
            case .failed(let error): throw fail(error)
            }
        }
        watch?.wantsOutput = readWaitsForOutput
    }

    private static func step(_ transfer: Socket.Transfer) -> TLSStep {
        switch transfer {
        case .done(let count): .complete(count)
        case .wouldBlock: .wantsWrite
        case .end: .end(isCut: false)
        case .failed(let code): .failed(.broken(code))
        }
    }

    /// Sends everything in `output`, waiting as long as that takes.
    package func flush(until deadline: MonotonicTime?) async throws(ConnectionError) {
        try await flush(below: 1, until: deadline)
    }

    /// Sends until less than `count` octets wait: for streams that must not pile up.
    package func flush(below count: Int, until deadline: MonotonicTime?) async throws(ConnectionError) {
        try send()
        while unsentCount >= count {
            let events = await signal.next(of: .output, until: deadline)
            if events == .deadline { throw .deadline }
            try send()
        }
    }

    /// Waits for an event, the deadline or the end of the server.
    private func wait(for events: Signal.Events, until deadline: MonotonicTime?) async throws(ConnectionError) {
        let raised = await signal.next(of: events.union(.shutdown), until: deadline)
        if raised.contains(.shutdown) {
            signal.raise(.shutdown)
            throw .stopping
        }
        if raised == .deadline { throw .deadline }
    }

    // MARK: TLS

    /// Begins TLS as the server. What was received before the handshake is dropped: it was not protected.
    package func startTLS(server: ServerTLS, until deadline: MonotonicTime) async throws(ConnectionError) {
        guard let socket, session == nil else { throw .closed }
        try await flush(until: deadline)
        try await handshake(
            TLSSession(server, descriptor: socket.descriptor, peerName: peer.hostText), until: deadline)
    }

    /// Begins TLS as the client toward a host, whose certificate must be for `host`. What was received before the
    /// handshake is dropped: it was not protected.
    package func startTLS(client: ClientTLS, host: String, until deadline: MonotonicTime) async throws(ConnectionError)
    {
        guard let socket, session == nil else { throw .closed }
        try await flush(until: deadline)
        try await handshake(
            TLSSession(client, host: host, port: peer.port, descriptor: socket.descriptor), until: deadline)
    }

    private func handshake(_ session: TLSSession, until deadline: MonotonicTime) async throws(ConnectionError) {
        input.removeAll()
        while true {
            switch session.handshake() {
            case .complete:
                input.removeAll()
                watch?.wantsOutput = false
                self.session = session
                clientCertificate = session.clientCertificate
                // OpenSSL may have read more than the handshake.
                signal.raise(.input)
                return
            case .wantsRead: try await wait(for: .input, until: deadline)
            case .wantsWrite:
                watch?.wantsOutput = true
                try await wait(for: .output, until: deadline)
            case .end: throw fail(.ended)
            case .failed(let error): throw fail(error)
            }
        }
    }

    // MARK: Compression

    /// Compresses both directions from now on (RFC 4978 §3): what is in `output` already is the last that goes as it is.
    package func startCompression(until deadline: MonotonicTime) async throws(ConnectionError) {
        try await flush(until: deadline)
        guard let compression = Compression() else { throw fail(.system(ENOMEM)) }
        self.compression = compression
    }

    /// Gives back what is only needed while there is something to say, if nothing waits to be sent.
    package func rest() {
        guard unsentCount == 0 else { return }
        output = ByteQueue()
        wire = ByteQueue()
        compression?.rest()
    }

    // MARK: The end

    /// Remembers why the connection is of no more use.
    private func fail(_ error: ConnectionError) -> ConnectionError {
        failure = error
        return error
    }

    /// Ends in order: sends what waits, says so, and waits for the peer's end so that nothing sent is lost to a reset.
    /// Never fails; at the deadline it just closes.
    package func finish(until deadline: MonotonicTime) async {
        guard !isClosed else { return }
        do throws(ConnectionError) {
            try await flush(until: deadline)
            session?.finish()
            socket?.finishWriting()
            var dropped = 0
            while dropped < Self.lingerLimit {
                let received = try receive()
                if received == .end { break }
                dropped += input.count
                input.removeAll()
                if received == .nothing, await signal.next(of: .input, until: deadline) == .deadline { break }
            }
        } catch {
            // It is ending anyway.
        }
        close()
    }

    /// Closes at once; what was not sent is dropped.
    package func close() {
        guard socket != nil else { return }
        watch?.close()
        watch = nil
        if failure == nil { session?.finish() }
        session = nil
        socket = nil
        input.removeAll()
        output.removeAll()
        wire.removeAll()
    }

    /// Closes at once with a reset, so that the peer learns that what it sent was not all read.
    package func reset() {
        socket?.resetOnClose()
        abandon()
    }

    /// Closes at once without TLS's word of farewell, so that the peer does not take what it got for all there was.
    package func abandon() {
        failure = failure ?? .closed
        close()
    }

    // MARK: From loop to loop

    /// Lets go of the loop, so that another one may take the connection over.
    package func detach() -> DetachedConnection {
        watch?.close()
        watch = nil
        return DetachedConnection(connection: self)
    }

    /// Takes over a connection that another loop let go of.
    /// - Precondition: called on `loop`.
    package static func attach(
        _ detached: DetachedConnection, on loop: EventLoop
    ) throws(ConnectionError) -> Connection {
        let connection = detached.connection
        connection.signal = Signal(on: loop)
        guard let socket = connection.socket else { throw .closed }
        let watch = try watch(socket, connection.signal)
        watch.wantsOutput = connection.unsentCount > 0
        connection.watch = watch
        connection.signal.raise(.input)
        return connection
    }

    private static func watch(_ socket: Socket, _ signal: Signal) throws(ConnectionError) -> Watch {
        do throws(LoopError) {
            return try Watch(socket, raising: signal)
        } catch {
            if case .system(_, let code) = error { throw .system(code) }
            throw .stopping
        }
    }
}

/// A connection on its way from one loop to another; used up by `Connection.attach`.
package struct DetachedConnection: @unchecked Sendable {
    fileprivate let connection: Connection
}
