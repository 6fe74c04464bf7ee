import Glibc
import Loop
import Testing

@Suite("Process signals", .serialized)
struct ProcessSignalsTests {
    @Test("Signals arrive on the loop, once each")
    func arrive() async throws {
        try await withLoop { loop in
            try await loop.run { context in
                let signals = try ProcessSignals([.reload, .user], on: context.loop)
                kill(getpid(), SIGHUP)
                #expect(await signals.next() == [.reload])
                kill(getpid(), SIGUSR1)
                #expect(await signals.next() == [.user])
            }
        }
    }

    @Test("Stopping the loop ends the wait")
    func stop() async throws {
        try await withLoop { loop in
            let waiting = Signal(on: loop)
            loop.spawn { context in
                guard let signals = try? ProcessSignals([.user], on: context.loop) else { return }
                waiting.raise(.work)
                #expect(await signals.next().isEmpty)
            }
            _ = await loop.run { _ in await waiting.next(of: .work) }
        }
    }
}
