import Loop
import TLS

/// Many clients at once on one loop, and what they measured.
struct Load: Sendable {
    let loop: EventLoop
    let tls: ClientTLS

    init(loop: EventLoop, tls: ClientTLS) {
        self.loop = loop
        self.tls = tls
    }

    /// On another's loop, trusting the authority in this file.
    init(sharing loop: EventLoop, authority: String) throws {
        self.init(loop: loop, tls: try ClientTLS(trust: .file(authority)))
    }

    /// Runs `clients` of `body` at once and gives what each came to; the first failure is everybody's.
    func run<Value: Sendable>(
        clients: Int, _ body: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> [Value] {
        let outcomes = Locked<[Result<Value, any Error>]>([])
        let all = await withCheckedContinuation {
            (continuation: CheckedContinuation<[Result<Value, any Error>], Never>) in
            for number in 0..<clients {
                loop.spawn { _ in
                    let outcome: Result<Value, any Error>
                    do {
                        outcome = .success(try await body(number))
                    } catch {
                        outcome = .failure(error)
                    }
                    let complete = outcomes.withLock { list in
                        list.append(outcome)
                        return list.count == clients ? list : nil
                    }
                    if let complete { continuation.resume(returning: complete) }
                }
            }
        }
        return try all.map { try $0.get() }
    }
}

/// Lets all clients of a load begin at the same moment, when each has signed in.
final class StartingLine: Sendable {
    private let count: Int
    private let state = Locked<(arrived: Int, waiting: [CheckedContinuation<Void, Never>], start: MonotonicTime?)>(
        (0, [], nil))

    init(_ count: Int) {
        self.count = count
    }

    /// Waits for everybody.
    func arrive() async {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state in
                state.arrived += 1
                state.waiting.append(continuation)
                guard state.arrived == count else { return [CheckedContinuation<Void, Never>]() }
                state.start = .now
                return state.waiting
            }
            for one in ready { one.resume() }
        }
    }

    /// When the last one arrived.
    var start: MonotonicTime { state.withLock { $0.start } ?? .now }
}
