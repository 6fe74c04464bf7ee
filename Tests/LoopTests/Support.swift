import Loop
import Testing

/// Gives the body a loop of its own, ends it afterwards, and holds it to having no task left.
func withLoop<Value: Sendable>(
    _ name: String = "test", sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (EventLoop) async throws -> Value
) async throws -> Value {
    let loop = try EventLoop(name: name)
    let result: Result<Value, any Error>
    do { result = .success(try await body(loop)) } catch { result = .failure(error) }
    loop.stop()
    #expect(loop.join() == 0, "tasks were left on the loop", sourceLocation: sourceLocation)
    return try result.get()
}

/// A connection to itself over loopback: both ends.
func socketPair(on loop: EventLoop) async throws -> (Socket, Socket) {
    let listener = try Listener(on: .loopback())
    return try await loop.run { context in
        let acceptor = try Acceptor(listener, on: context.loop)
        let client = try await Socket.connect(
            to: listener.address, until: context.loop.now + .seconds(10), on: context.loop)
        guard let server = await acceptor.next() else { throw LoopError.stopping }
        acceptor.close()
        return (client, server)
    }
}
