internal import Bytes
package import Engine
package import Loop
internal import TLS

/// The door for IMAP clients: accepts connections, counts them, and ends them.
package final class IMAPListener: Sendable {
    private struct State {
        var configuration: IMAPConfiguration
        var acceptors: [Signal] = []
        /// Each live session by its number.
        var sessions: [Int: Signal] = [:]
        var origins: [String: Int] = [:]
        var lastNumber = 0
        var isStopping = false
        /// Raised with `.work` when the last session has ended.
        var drained: Signal?
    }

    let engine: Engine
    let log: Log
    private let loops: [EventLoop]
    private let state: Locked<State>
    private let accepted: Counter
    private let refused: Counter
    private let live: Counter
    let commands: Counter
    let badCommands: Counter

    /// - Parameter loops: at least one; sessions are spread over them until they sign in.
    package init(
        configuration: IMAPConfiguration, engine: Engine, loops: [EventLoop], log: Log, counters: Counters
    ) {
        precondition(!loops.isEmpty, "sessions need a loop")
        self.engine = engine
        self.log = log
        self.loops = loops
        state = Locked(State(configuration: configuration))
        accepted = counters.counter("imap_connections_total")
        refused = counters.counter("imap_connections_refused_total")
        live = counters.counter("imap_sessions")
        commands = counters.counter("imap_commands_total")
        badCommands = counters.counter("imap_bad_commands_total")
    }

    /// What holds now. A session goes by what held when it began.
    package var configuration: IMAPConfiguration { state.withLock { $0.configuration } }

    /// Puts other limits or another certificate in place for the connections that come.
    package func update(_ configuration: IMAPConfiguration) { state.withLock { $0.configuration = configuration } }

    /// How many sessions there are.
    package var sessionCount: Int { state.withLock { $0.sessions.count } }

    /// Takes connections of `listener` from now on, until `stop`.
    package func accept(on listener: Listener, security: IMAPConfiguration.Security) {
        loops[0].spawn { context in
            do throws(LoopError) {
                let acceptor = try Acceptor(listener, on: context.loop)
                guard self.add(acceptor.signal) else { return }
                while let socket = await acceptor.next() { self.admit(socket, security) }
                acceptor.close()
            } catch {
                self.log.error("can't listen for IMAP", ["address": "\(listener.address)", "reason": "\(error)"])
            }
        }
    }

    /// False when the end has come before the beginning.
    private func add(_ acceptor: Signal) -> Bool {
        state.withLock { state in
            if !state.isStopping { state.acceptors.append(acceptor) }
            return !state.isStopping
        }
    }

    // MARK: Sessions

    private func admit(_ socket: Socket, _ security: IMAPConfiguration.Security) {
        accepted.add()
        // A client that is gone without a word is noticed before its silence ends it.
        socket.keepAlive()
        let origin = socket.peer.origin
        let (number, configuration) = state.withLock { state -> (Int?, IMAPConfiguration) in
            let limits = state.configuration.limits
            state.lastNumber += 1
            guard !state.isStopping, live.value < limits.connections,
                state.origins[origin, default: 0] < limits.connectionsPerAddress
            else { return (nil, state.configuration) }
            state.origins[origin, default: 0] += 1
            live.add()
            return (state.lastNumber, state.configuration)
        }
        let loop = loops[(number ?? 0) % loops.count]
        loop.spawn { context in
            guard let connection = try? Connection(socket, on: context.loop) else {
                if number != nil { self.release(origin) }
                return
            }
            guard let number else {
                self.refused.add()
                await self.turnAway(connection, security)
                return
            }
            let session = IMAPSession(
                connection, number: number, security: security, listener: self, configuration: configuration)
            await self.serve(session, number, origin)
        }
    }

    /// Runs a session to its end, in one task after another.
    private func serve(_ session: IMAPSession, _ number: Int, _ origin: String) async {
        enter(number, session.connection.signal)
        switch await session.run() {
        case .ended:
            leave(number)
            release(origin)
        case .rests:
            let resting = RestingSession(session: session)
            session.connection.signal.loop.spawn { _ in await self.serve(resting.session, number, origin) }
        case .moves(let move):
            move.loop.spawn { context in
                guard let session = IMAPSession(move.seed, on: context.loop, listener: self) else {
                    self.leave(number)
                    self.release(origin)
                    return
                }
                await self.serve(session, number, origin)
            }
        }
    }

    private func enter(_ number: Int, _ signal: Signal) {
        let isStopping = state.withLock { state in
            state.sessions[number] = signal
            return state.isStopping
        }
        if isStopping { signal.raise(.shutdown) }
    }

    private func leave(_ number: Int) {
        let drained = state.withLock { state in
            state.sessions[number] = nil
            return state.sessions.isEmpty ? state.drained : nil
        }
        drained?.raise(.work)
    }

    private func release(_ origin: String) {
        live.add(-1)
        state.withLock { state in
            guard let count = state.origins[origin] else { return }
            state.origins[origin] = count > 1 ? count - 1 : nil
        }
    }

    /// Too many are here. Where TLS comes first, saying so would cost a handshake.
    private func turnAway(_ connection: Connection, _ security: IMAPConfiguration.Security) async {
        log.warning("too many IMAP connections", ["peer": "\(connection.peer)"])
        if security == .startTLS {
            connection.output.append(text: "* BYE [UNAVAILABLE] Too many connections, try again later\r\n")
            await connection.finish(until: connection.signal.loop.now + .seconds(1))
        }
        connection.close()
    }

    // MARK: End

    /// Accepts no more, says BYE to every session, and waits until all have ended, at most the drain time.
    /// Returns how many are left then.
    @discardableResult
    package func stop() async -> Int {
        let signals = state.withLock { state in
            state.isStopping = true
            return state.acceptors + Array(state.sessions.values)
        }
        for signal in signals { signal.raise(.shutdown) }
        let drainTime = configuration.limits.drainTime
        await loops[0].run { context in
            let limit = context.loop.now + drainTime
            let signal = Signal(on: context.loop)
            self.state.withLock { $0.drained = signal }
            while self.sessionCount > 0, context.loop.now < limit { _ = await signal.next(of: .work, until: limit) }
        }
        return sessionCount
    }
}

/// A session between two tasks of one loop: the one before touches it no more.
private struct RestingSession: @unchecked Sendable {
    let session: IMAPSession
}
