import Loop
import Testing

@Suite("So many tasks at a time")
struct TaskSemaphoreTests {
    private struct Failure: Error, Equatable {}

    @Test func `No more than its places are in, and each comes in`() async throws {
        let semaphore = TaskSemaphore(places: 3)
        let inside = Locked((now: 0, most: 0, all: 0))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    await semaphore.run {
                        inside.withLock {
                            $0.now += 1
                            $0.all += 1
                            $0.most = max($0.most, $0.now)
                        }
                        await Task.yield()
                        inside.withLock { $0.now -= 1 }
                    }
                }
            }
        }
        #expect(inside.withLock { $0.all } == 200)
        #expect((1...3).contains(inside.withLock { $0.most }))
        #expect(semaphore.waitingCount == 0)
    }

    @Test func `A failure gives its place back, and those who wait come in their order`() async throws {
        let loop = try EventLoop(name: "semaphore")
        defer {
            loop.stop(grace: .seconds(1))
            loop.join()
        }
        let semaphore = TaskSemaphore(places: 1)
        let order = Locked<[Int]>([])
        await loop.run { _ in
            let waiting = (0..<3).map { number in
                Begun<Void, Failure>(on: loop) { () async throws(Failure) in
                    try await semaphore.run { () async throws(Failure) in
                        order.withLock { $0.append(number) }
                        await loop.yield()
                        throw Failure()
                    }
                }
            }
            for task in waiting {
                do throws(Failure) { try await task.value() } catch { order.withLock { $0.append(9) } }
            }
        }
        #expect(order.withLock { $0.filter { $0 < 9 } } == [0, 1, 2])
        #expect(order.withLock { $0.count } == 6)
        #expect(await semaphore.run { 7 } == 7)
    }
}
