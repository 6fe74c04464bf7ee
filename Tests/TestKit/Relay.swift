internal import Foundation
internal import Glibc

/// A TCP relay on loopback that goes wrong on request: between Posthouse and its provider, or a client and Posthouse.
package final class Relay: @unchecked Sendable {
    /// Which way octets travel.
    package enum Direction: Sendable {
        case toServer
        case toClient
    }

    /// What happens to what travels.
    package struct Behaviour: Sendable {
        /// Waits so long before it passes anything on.
        package var delay: Duration = .zero
        /// Cuts a connection when it has carried so many octets to the client.
        package var cutAfter: Int?
        /// Passes nothing on and says nothing either.
        package var isStalled = false
        /// Changes what passes, knowing the position of its first octet in the connection.
        package var change: (@Sendable (Direction, Int, [UInt8]) -> [UInt8])?

        /// Passes everything on as it is.
        package init() {}
    }

    /// Where it listens.
    package let port: UInt16
    /// Where it connects to.
    package let target: UInt16

    private let lock = NSLock()
    private var behaviour = Behaviour()
    private var listener: Int32 = -1
    private var connections: [Int: (client: Int32, server: Int32)] = [:]
    private var accepted = 0
    private var carried: [UInt8] = []
    private var recording = false

    /// Listens on a free port and relays to `target`.
    package init(to target: UInt16) throws {
        self.target = target
        port = try Port.free()
        try open()
    }

    deinit { close() }

    /// Takes effect on connections that stand as well.
    package func set(_ behaviour: Behaviour) { lock.withLock { self.behaviour = behaviour } }

    /// Passes everything on again.
    package func mend() { set(Behaviour()) }

    /// How many connections stand.
    package var connectionCount: Int { lock.withLock { connections.count } }
    /// How many connections there have been.
    package var acceptedCount: Int { lock.withLock { accepted } }

    /// Keeps what clients send from now on, for `sent`.
    package func record() { lock.withLock { (recording, carried) = (true, []) } }
    /// What clients have sent since `record`, if it was not encrypted.
    package var sent: String { lock.withLock { String(decoding: carried, as: UTF8.self) } }

    /// Refuses connections from now on and cuts those that stand.
    package func close() {
        let (listener, standing) = lock.withLock {
            defer { (self.listener, connections) = (-1, [:]) }
            return (self.listener, connections)
        }
        if listener >= 0 {
            shutdown(listener, Int32(SHUT_RDWR))
            Glibc.close(listener)
        }
        for pair in standing.values { cut(pair) }
    }

    /// Cuts the connections that stand; new ones are accepted.
    package func cut() {
        let standing = lock.withLock {
            defer { connections = [:] }
            return connections
        }
        for pair in standing.values { cut(pair) }
    }

    /// Accepts connections again after `close`.
    package func open() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        closeOnExec(descriptor)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        guard Port.withAddress(port, { bind(descriptor, $0, $1) == 0 }), listen(descriptor, 128) == 0 else {
            throw RigFailure("cannot listen on \(port): \(String(cString: strerror(errno)))")
        }
        lock.withLock { listener = descriptor }
        Thread.detachNewThread { [weak self] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                closeOnExec(client)
                guard let self else {
                    Glibc.close(client)
                    return
                }
                self.connect(client)
            }
        }
    }

    private func connect(_ client: Int32) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        closeOnExec(server)
        var one: Int32 = 1
        for descriptor in [client, server] {
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        }
        let number = lock.withLock {
            accepted += 1
            connections[accepted] = (client, server)
            return accepted
        }
        guard Port.withAddress(target, { Glibc.connect(server, $0, $1) == 0 }) else {
            end(number)
            Glibc.close(client)
            Glibc.close(server)
            return
        }
        // Each direction has a thread; the descriptors are closed when both have ended, and only then.
        let both = DispatchGroup()
        both.enter()
        both.enter()
        for (from, to, direction) in [(client, server, Direction.toServer), (server, client, .toClient)] {
            Thread.detachNewThread { [self] in
                pump(from, to, direction, number)
                end(number)
                shutdown(from, Int32(SHUT_RDWR))
                shutdown(to, Int32(SHUT_RDWR))
                both.leave()
            }
        }
        both.notify(queue: .global()) {
            Glibc.close(client)
            Glibc.close(server)
        }
    }

    private func pump(_ from: Int32, _ to: Int32, _ direction: Direction, _ number: Int) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        var position = 0
        while true {
            let count = recv(from, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            var octets = Array(buffer[..<count])
            var behaviour = lock.withLock { self.behaviour }
            while behaviour.isStalled {
                usleep(10_000)
                let (now, stands) = lock.withLock { (self.behaviour, connections[number] != nil) }
                guard stands else { return }
                behaviour = now
            }
            if behaviour.delay > .zero { usleep(useconds_t(behaviour.delay / .microseconds(1))) }
            if direction == .toServer { lock.withLock { if recording { carried += octets } } }
            if let change = behaviour.change { octets = change(direction, position, octets) }
            position += count
            if direction == .toClient, let limit = behaviour.cutAfter, position > limit {
                octets = Array(octets.prefix(max(0, octets.count - (position - limit))))
                _ = send(to, octets)
                return
            }
            guard send(to, octets) else { return }
        }
    }

    private func send(_ to: Int32, _ octets: [UInt8]) -> Bool {
        var sent = 0
        while sent < octets.count {
            let count = octets.withUnsafeBytes { bytes in
                Glibc.send(to, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private func end(_ number: Int) { lock.withLock { connections[number] = nil } }

    private func cut(_ pair: (client: Int32, server: Int32)) {
        shutdown(pair.client, Int32(SHUT_RDWR))
        shutdown(pair.server, Int32(SHUT_RDWR))
    }
}
