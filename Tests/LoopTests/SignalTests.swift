import Loop
import Testing

@Suite("Signals")
struct SignalTests {
    @Test("Events raised before the wait are kept, and several of a kind are one")
    func eventsAreSticky() async throws {
        try await withLoop { loop in
            let events = await loop.run { context in
                let signal = Signal(on: context.loop)
                signal.raise(.input)
                signal.raise([.input, .mailbox])
                let first = await signal.next()
                let second = await signal.next(until: context.loop.now)
                return [first, second]
            }
            #expect(events == [[.input, .mailbox], .deadline])
        }
    }

    @Test("Events that are not waited for stay for later")
    func otherEventsStay() async throws {
        try await withLoop { loop in
            let events = await loop.run { context in
                let signal = Signal(on: context.loop)
                context.loop.spawn { _ in
                    signal.raise(.input)
                    signal.raise(.mailbox)
                    signal.raise(.output)
                }
                let first = await signal.next(of: .output)
                let second = await signal.next()
                return [first, second]
            }
            #expect(events == [.output, [.input, .mailbox]])
        }
    }

    @Test("A deadline that moves is kept: later, earlier, and away")
    func deadlinesMove() async throws {
        try await withLoop { loop in
            await loop.run { context in
                let loop = context.loop
                let signal = Signal(on: loop)
                // Armed for a while; an event takes it away, and the next wait is longer.
                let start = loop.now
                loop.spawn { _ in signal.raise(.input) }
                #expect(await signal.next(until: start + .seconds(2)) == .input)
                #expect(await signal.next(until: start + .milliseconds(2050)) == .deadline)
                #expect(loop.now - start >= .milliseconds(2050))
                // Armed for an hour; the next wait is short.
                let again = loop.now
                loop.spawn { _ in signal.raise(.input) }
                #expect(await signal.next(until: again + .seconds(3600)) == .input)
                #expect(await signal.next(until: again + .milliseconds(5)) == .deadline)
                #expect(loop.now - again < .seconds(60))
                // Armed, then waited without a deadline: the old one must not show.
                loop.spawn { _ in signal.raise(.input) }
                #expect(await signal.next(until: loop.now + .seconds(2)) == .input)
                loop.spawn { context in
                    await context.loop.sleep(until: context.loop.now + .milliseconds(2050))
                    signal.raise(.work)
                }
                #expect(await signal.next() == .work)
            }
        }
    }

    @Test("Two loops play ping-pong by signals")
    func crossLoop() async throws {
        let rounds = 2000
        try await withLoop("ping") { first in
            try await withLoop("pong") { second in
                let ping = Signal(on: first)
                let pong = Signal(on: second)
                second.spawn { context in
                    for _ in 0..<rounds {
                        _ = await pong.next(of: .work)
                        #expect(context.loop.isCurrent)
                        ping.raise(.work)
                    }
                }
                let count = await first.run { context in
                    var count = 0
                    for _ in 0..<rounds {
                        pong.raise(.work)
                        let events = await ping.next(until: context.loop.now + .seconds(60))
                        if events == .work, context.loop.isCurrent { count += 1 }
                    }
                    return count
                }
                #expect(count == rounds)
            }
        }
    }

    @Test("Raised by many threads at once, no event is lost")
    func manyRaisers() async throws {
        let pool = try WorkerPool(threads: 4)
        defer { pool.stop() }
        try await withLoop { loop in
            let total = 4000
            let left = Locked(total)
            let signal = Signal(on: loop)
            for _ in 0..<total {
                try pool.start {
                    left.withLock { $0 -= 1 }
                    signal.raise(.work)
                }
            }
            await loop.run { context in
                while left.withLock({ $0 }) > 0 {
                    #expect(await signal.next(until: context.loop.now + .seconds(60)) == .work)
                }
            }
        }
    }

    @Test("A signal that is let go of leaves nothing behind")
    func signalsGoAway() async throws {
        try await withLoop { loop in
            weak var gone: Signal?
            gone = await loop.run { context in
                let signal = Signal(on: context.loop)
                _ = await signal.next(until: context.loop.now + .milliseconds(1))
                context.loop.spawn { _ in signal.raise(.input) }
                _ = await signal.next(until: context.loop.now + .seconds(3600))
                return signal
            }
            for _ in 0..<200 where gone != nil { await loop.run { await $0.loop.yield() } }
            #expect(gone == nil)
        }
    }
}
