package import Engine
package import Loop
package import TLS

/// Takes the connections of mail clients that send, on one address.
package final class SMTPListener: Sendable {
    /// How a listener's connections begin.
    package enum Security: Hashable, Sendable {
        /// TLS after STARTTLS (RFC 6409, usually port 587).
        case startTLS
        /// TLS from the first octet (RFC 8314 §3.3, usually port 465).
        case implicit
    }

    /// Where it listens, with the port that the system chose.
    package let address: SocketAddress

    private struct State {
        var acceptor: Signal?
        var sessions: [ObjectIdentifier: Signal] = [:]
        /// Of those that were let in.
        var perAddress: [SocketAddress.Host: Int] = [:]
        var welcomeCount = 0
        var isStopping = false
        var next = 0
        var waiters: [Signal] = []
    }

    private let listener: Listener
    private let security: Security
    private let house: SMTPHouse
    private let loops: [EventLoop]
    private let state = Locked(State())

    /// - Parameters:
    ///   - listener: already bound.
    ///   - tls: the certificate that clients see.
    ///   - loops: at least one; sessions are spread over them.
    package init(
        _ listener: Listener, security: Security, tls: ServerTLS, engine: Engine, loops: [EventLoop],
        limits: SMTPLimits = SMTPLimits()
    ) {
        precondition(!loops.isEmpty, "a listener needs a loop")
        self.listener = listener
        self.security = security
        self.loops = loops
        address = listener.address
        house = SMTPHouse(engine: engine, tls: tls, limits: limits)
    }

    /// Begins to accept.
    package func start() {
        loops[0].spawn { context in await self.accept(on: context.loop) }
    }

    /// Accepts no more, and tells every session to end: an idle one at once, a busy one after its command.
    package func stop() {
        let signals = state.withLock { state in
            state.isStopping = true
            return Array(state.sessions.values) + (state.acceptor.map { [$0] } ?? [])
        }
        for signal in signals { signal.raise(.shutdown) }
    }

    /// Waits until every session has ended, or the deadline has come; true when all have.
    /// - Precondition: called on one of the loops.
    package func drained(until deadline: MonotonicTime) async -> Bool {
        guard let loop = loops.first(where: \.isCurrent) else { return sessionCount == 0 }
        while loop.now < deadline {
            let signal = Signal(on: loop)
            let isEmpty = state.withLock { state in
                if !state.sessions.isEmpty { state.waiters.append(signal) }
                return state.sessions.isEmpty
            }
            if isEmpty { return true }
            _ = await signal.next(of: .work, until: deadline)
        }
        return sessionCount == 0
    }

    /// How many sessions there are.
    package var sessionCount: Int { state.withLock { $0.sessions.count } }

    private func accept(on loop: EventLoop) async {
        let acceptor: Acceptor
        do throws(LoopError) {
            acceptor = try Acceptor(listener, on: loop)
        } catch {
            house.engine.log.error("can't accept connections", ["address": address, "reason": error])
            return
        }
        let isStopping = state.withLock { state in
            state.acceptor = acceptor.signal
            return state.isStopping
        }
        if isStopping { acceptor.signal.raise(.shutdown) }
        while let socket = await acceptor.next() {
            let target = state.withLock { state in
                state.next += 1
                return loops[state.next % loops.count]
            }
            target.spawn { context in await self.serve(socket, on: context.loop) }
        }
        acceptor.close()
        state.withLock { $0.acceptor = nil }
    }

    private func serve(_ socket: Socket, on loop: EventLoop) async {
        let connection: Connection
        do throws(ConnectionError) {
            connection = try Connection(socket, on: loop)
        } catch {
            house.engine.log.warning("connection not taken", ["peer": socket.peer.hostText, "reason": error])
            return
        }
        let key = ObjectIdentifier(connection)
        let admission = admit(connection, key)
        let session = SMTPSession(connection, house: house, security: security)
        await session.run(admission)
        leave(connection, key, admission)
    }

    private func admit(_ connection: Connection, _ key: ObjectIdentifier) -> SMTPSession.Admission {
        let limits = house.limits
        return state.withLock { state in
            let host = connection.peer.host
            state.sessions[key] = connection.signal
            if state.isStopping { return .stopping }
            let count = state.perAddress[host, default: 0]
            guard count < limits.connectionsPerAddress, state.welcomeCount < limits.connections else {
                return .tooMany
            }
            state.perAddress[host] = count + 1
            state.welcomeCount += 1
            return .welcome
        }
    }

    private func leave(_ connection: Connection, _ key: ObjectIdentifier, _ admission: SMTPSession.Admission) {
        let waiters = state.withLock { state -> [Signal] in
            state.sessions[key] = nil
            if admission == .welcome {
                let host = connection.peer.host
                let count = state.perAddress[host, default: 1] - 1
                state.perAddress[host] = count > 0 ? count : nil
                state.welcomeCount -= 1
            }
            defer { if state.sessions.isEmpty { state.waiters = [] } }
            return state.sessions.isEmpty ? state.waiters : []
        }
        for waiter in waiters { waiter.raise(.work) }
    }
}

/// What the sessions of a listener share.
struct SMTPHouse: Sendable {
    let engine: Engine
    let tls: ServerTLS
    let limits: SMTPLimits
}
