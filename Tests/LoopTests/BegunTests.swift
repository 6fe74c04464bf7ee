import Loop
import Testing

@Suite("Work that is begun before its result is wanted")
struct BegunTests {
    private struct Failure: Error, Equatable {}

    @Test func `Its result is there whether it is asked for early or late`() async throws {
        let loop = try EventLoop(name: "begun")
        defer {
            loop.stop(grace: .seconds(1))
            loop.join()
        }
        let values = try await loop.run { (_) async throws(Failure) in
            let early = Begun(on: loop) { () async throws(Failure) in
                await loop.yield()
                return 1
            }
            let late = Begun(on: loop) { () async throws(Failure) in 2 }
            let first = try await early.value()
            await loop.yield()
            return [first, try await late.value()]
        }
        #expect(values == [1, 2])
        await #expect(throws: Failure()) {
            try await loop.run { (_) async throws(Failure) in
                let failed = Begun<Int, Failure>(on: loop) { () async throws(Failure) in throw Failure() }
                _ = try await failed.value()
            }
        }
    }

    @Test func `It runs beside who began it, from the next wait on`() async throws {
        let loop = try EventLoop(name: "begun")
        defer {
            loop.stop(grace: .seconds(1))
            loop.join()
        }
        let order = Locked<[String]>([])
        await loop.run { _ in
            let work = Begun<Void, Never>(on: loop) { order.withLock { $0.append("work") } }
            order.withLock { $0.append("before") }
            await loop.yield()
            order.withLock { $0.append("after") }
            await work.value()
        }
        #expect(order.withLock { $0 } == ["before", "work", "after"])
    }
}
