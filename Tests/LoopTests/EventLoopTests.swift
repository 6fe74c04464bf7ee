import Loop
import Testing

@Suite("Event loop")
struct EventLoopTests {
    @Test("Tasks run on the loop's thread, before and after a wait")
    func tasksStayOnTheLoop() async throws {
        try await withLoop { loop in
            let places = await loop.run { context in
                let before = context.loop.isCurrent
                await context.loop.yield()
                let afterYield = context.loop.isCurrent
                await context.loop.sleep(until: context.loop.now + .milliseconds(1))
                return [before, afterYield, context.loop.isCurrent]
            }
            #expect(places == [true, true, true])
        }
    }

    @Test("A non-Sendable object's async methods run on the loop")
    func plainObjectsStayOnTheLoop() async throws {
        final class Session {
            var steps = 0
            func step(_ loop: EventLoop) async -> Bool {
                steps += 1
                await loop.yield()
                steps += 1
                return loop.isCurrent
            }
        }
        try await withLoop { loop in
            let result = await loop.run { context in
                let session = Session()
                let isOnLoop = await session.step(context.loop)
                return (isOnLoop, session.steps)
            }
            #expect(result == (true, 2))
        }
    }

    @Test("Sleeps end in the order of their deadlines")
    func timerOrder() async throws {
        try await withLoop { loop in
            let order = Locked<[Int]>([])
            let delays = [30, 5, 20, 10, 1, 25, 15]
            await loop.run { context in
                let start = context.loop.now
                let done = Signal(on: context.loop)
                for delay in delays {
                    context.loop.spawn { context in
                        await context.loop.sleep(until: start + .milliseconds(delay))
                        let count = order.withLock {
                            $0.append(delay)
                            return $0.count
                        }
                        if count == delays.count { done.raise(.work) }
                    }
                }
                _ = await done.next()
            }
            #expect(order.withLock { $0 } == delays.sorted())
        }
    }

    @Test("A sleep is not shorter than asked for")
    func sleepsLongEnough() async throws {
        try await withLoop { loop in
            let slept = await loop.run { context in
                let start = context.loop.now
                await context.loop.sleep(until: start + .milliseconds(12))
                return context.loop.now - start
            }
            #expect(slept >= .milliseconds(12))
        }
    }

    @Test("Stopping ends sleeps and waits, and joining waits for their tasks")
    func stopEndsEverything() async throws {
        let loop = try EventLoop(name: "stop")
        let ended = Locked(0)
        let started = Locked(0)
        for index in 0..<10 {
            loop.spawn { context in
                started.withLock { $0 += 1 }
                if index.isMultiple(of: 2) {
                    let came = await context.loop.sleep(until: .distantFuture)
                    #expect(!came)
                } else {
                    let events = await Signal(on: context.loop).next()
                    #expect(events == .shutdown)
                }
                ended.withLock { $0 += 1 }
            }
        }
        loop.stop()
        #expect(loop.join() == 0)
        #expect(ended.withLock { $0 } == 10)
    }

    @Test("A task that does not end is abandoned after the grace")
    func graceEnds() async throws {
        let loop = try EventLoop(name: "grace")
        await loop.run { context in
            context.loop.spawn { context in
                let signal = Signal(on: context.loop)
                while true { _ = await signal.next(of: .input) }
            }
        }
        loop.stop(grace: .milliseconds(20))
        #expect(loop.join() == 1)
    }

    @Test("A busy task does not keep others from their turn")
    func yieldIsFair() async throws {
        try await withLoop { loop in
            let other = Locked(0)
            let seen = await loop.run { context in
                context.loop.spawn { context in
                    for _ in 0..<100 {
                        other.withLock { $0 += 1 }
                        await context.loop.yield()
                    }
                }
                for _ in 0..<100 { await context.loop.yield() }
                return other.withLock { $0 }
            }
            #expect(seen >= 98)
        }
    }

    @Test("What another thread posts runs on the loop")
    func postRuns() async throws {
        try await withLoop { loop in
            let isOnLoop: Bool = await withCheckedContinuation { continuation in
                loop.post { continuation.resume(returning: loop.isCurrent) }
            }
            #expect(isOnLoop)
        }
    }

    @Test("An actor that names the loop as its executor runs there, and is called without leaving it")
    func actorsOfTheLoop() async throws {
        actor Account {
            nonisolated let loop: EventLoop
            var total = 0
            init(_ loop: EventLoop) { self.loop = loop }
            nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
            func add(_ amount: Int) -> Bool {
                total += amount
                return loop.isCurrent
            }
        }
        try await withLoop { loop in
            let account = Account(loop)
            let (isAlwaysHome, foreign) = await loop.run { context in
                let before = context.loop.counted.foreignJobs
                var isAlwaysHome = true
                for number in 0..<1000 where !(await account.add(number)) { isAlwaysHome = false }
                return (isAlwaysHome, context.loop.counted.foreignJobs - before)
            }
            #expect(isAlwaysHome)
            #expect(foreign == 0)
            try await withLoop("other") { other in
                let isHome = await other.run { _ in await account.add(1) }
                #expect(isHome)
                #expect(await account.total == 499_501)
            }
        }
    }
}
