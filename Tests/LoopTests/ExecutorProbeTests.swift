import CLinux
import Glibc
import Loop
import Testing

/// Keeps the executor honest: a wait on the loop must cost the one wake-up that it is, and no hop to another thread.
@Suite("Executor probe", .serialized)
struct ExecutorProbeTests {
    /// The most context switches a round trip beyond the one wake-up.
    static let allowance = 0.05

    @Test("A round trip costs one wake-up of the loop's thread")
    func switchesPerRoundTrip() async throws {
        try await withLoop("probe") { loop in
            let roundTrips = 4000
            var best = Double.infinity
            // Other programs on the machine add switches and never take any away: the least of some runs counts.
            for _ in 0..<8 where best > Self.allowance {
                best = min(best, try await Self.switchesBeyondWakeUps(roundTrips, on: loop))
            }
            #expect(best <= Self.allowance)
        }
    }

    @Test("No continuation is resumed by another thread")
    func noForeignJobs() async throws {
        try await withLoop("probe") { loop in
            let (client, server) = try await socketPair(on: loop)
            let foreign = try await loop.run { context in
                let peer = Peer(client.descriptor)
                peer.start(roundTrips: 1000)
                defer { peer.join() }
                let before = context.loop.counted.foreignJobs
                try await Self.answer(server, roundTrips: 1000, on: context.loop)
                return context.loop.counted.foreignJobs - before
            }
            #expect(foreign == 0)
        }
    }

    /// How many times the loop's thread was switched out for each round trip, beyond its waits in the kernel.
    private static func switchesBeyondWakeUps(_ roundTrips: Int, on loop: EventLoop) async throws -> Double {
        let (client, server) = try await socketPair(on: loop)
        return try await loop.run { context in
            let peer = Peer(client.descriptor)
            peer.start(roundTrips: roundTrips)
            defer { peer.join() }
            let switches = posthouse_thread_switches()
            try await answer(server, roundTrips: roundTrips, on: context.loop)
            return Double(posthouse_thread_switches() - switches) / Double(roundTrips) - 1
        }
    }

    /// The server's side, as sessions do it: an async method of an object of the loop, three calls deep.
    private static func answer(_ socket: Socket, roundTrips: Int, on loop: EventLoop) async throws {
        let session = try EchoSession(socket, on: loop)
        defer { session.close() }
        for _ in 0..<roundTrips { try await session.serveOne() }
    }
}

private final class EchoSession {
    struct Ended: Error {}

    let socket: Socket
    let signal: Signal
    let watch: Watch

    init(_ socket: Socket, on loop: EventLoop) throws {
        self.socket = socket
        signal = Signal(on: loop)
        watch = try Watch(socket, raising: signal)
    }

    func close() { watch.close() }

    func serveOne() async throws {
        let octet = try await read()
        withUnsafeBytes(of: octet) { _ = socket.write($0) }
    }

    private func read() async throws -> UInt8 {
        var octet: UInt8 = 0
        while true {
            switch withUnsafeMutableBytes(of: &octet, { socket.read(into: $0) }) {
            case .done: return octet
            case .wouldBlock: try await readable()
            case .end, .failed: throw Ended()
            }
        }
    }

    private func readable() async throws {
        if await signal.next(until: signal.loop.now + .seconds(60)) != .input { throw Ended() }
    }
}

/// The client's side: a thread of its own that writes an octet and waits for the answer, blocking.
private final class Peer: @unchecked Sendable {
    private let descriptor: Int32
    private var roundTrips = 0
    private var thread = pthread_t()

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    func start(roundTrips: Int) {
        self.roundTrips = roundTrips
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK)
        pthread_create(&thread, nil, peerThread, Unmanaged.passUnretained(self).toOpaque())
    }

    func join() { pthread_join(thread, nil) }

    func run() {
        var octet: UInt8 = 65
        for _ in 0..<roundTrips where Glibc.write(descriptor, &octet, 1) == 1 {
            if Glibc.read(descriptor, &octet, 1) != 1 { return }
        }
    }
}

private func peerThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<Peer>.fromOpaque(argument).takeUnretainedValue().run()
    return nil
}
