import Bytes
import Loop
import TLS
import Testing

func serverTLS(_ certificate: String, key: String? = nil) throws -> ServerTLS {
    let all = try Certificates.shared.get()
    return try ServerTLS(
        certificateFile: all.path(certificate + ".pem"), keyFile: all.path((key ?? certificate) + ".key"))
}

func clientTLS(_ authority: String = "ca") throws -> ClientTLS {
    try ClientTLS(trust: .file(Certificates.shared.get().path(authority + ".pem")))
}

/// One side of a conversation.
typealias Side = @Sendable (Connection) async throws(ConnectionError) -> Void

/// What each side ended with: nil when it ended well.
struct Outcome: Sendable {
    var server: ConnectionError?
    var client: ConnectionError?
}

/// Connects the two sides over loopback, each a task on a loop of its own, and waits until both have ended.
func converse(
    buffers: Int32? = nil, sourceLocation: SourceLocation = #_sourceLocation, server: @escaping Side,
    client: @escaping Side
) async throws -> Outcome {
    let serverLoop = try EventLoop(name: "server")
    let clientLoop = try EventLoop(name: "client")
    defer {
        for loop in [serverLoop, clientLoop] {
            loop.stop()
            #expect(loop.join() == 0, "tasks were left on the loop", sourceLocation: sourceLocation)
        }
    }
    let listener = try Listener(on: .loopback())
    async let serverEnd = run(server, on: serverLoop, buffers) { loop in
        do throws(LoopError) {
            let acceptor = try Acceptor(listener, on: loop)
            return await acceptor.next()
        } catch {
            return nil
        }
    }
    async let clientEnd = run(client, on: clientLoop, buffers) { loop in
        try? await Socket.connect(to: listener.address, until: loop.now + .seconds(30), on: loop)
    }
    return await Outcome(server: serverEnd, client: clientEnd)
}

private func run(
    _ side: @escaping Side, on loop: EventLoop, _ buffers: Int32?,
    _ socket: @escaping @Sendable (EventLoop) async -> Socket?
) async -> ConnectionError? {
    await loop.run { context in
        guard let socket = await socket(context.loop) else { return .closed }
        if let buffers { socket.setBuffers(receive: 2 * buffers, send: buffers) }
        do throws(ConnectionError) {
            let connection = try Connection(socket, on: context.loop)
            defer { connection.close() }
            try await side(connection)
            return nil
        } catch {
            return error
        }
    }
}

extension Connection {
    /// A deadline that only a hanging test reaches.
    var soon: MonotonicTime { signal.loop.now + .seconds(60) }

    /// The next line, without its LF.
    func line() async throws(ConnectionError) -> String {
        while true {
            if let end = input.firstOffset(of: 0x0A) {
                let line = input.take(end)
                input.drop(1)
                return String(decoding: line, as: UTF8.self)
            }
            try await receiveMore(until: soon)
        }
    }

    func say(_ text: String) async throws(ConnectionError) {
        output.append(text: text)
        try await flush(until: soon)
    }
}

/// A value that the sides of a conversation leave for the test.
final class Noted<Value: Sendable>: Sendable {
    private let values = Locked<[Value]>([])
    func note(_ value: Value) { values.withLock { $0.append(value) } }
    var all: [Value] { values.withLock { $0 } }
}
