import MailTypes
import Mirror
import Store
import Testing

@testable import Engine

/// Who gets which body, and what the upstream is asked for.
@Suite struct AwaitedBodiesTests {
    private let epoch = Self.epoch(7)

    private static func epoch(_ uidValidity: UInt32) -> MailboxMirror.Epoch {
        MailboxMirror(
            uidValidity: UIDValidity(rawValue: uidValidity), uidNext: 1, highestModSeq: ModSeq(rawValue: 1), rows: [],
            expunges: ExpungeLog(completeAfter: ModSeq(rawValue: 0), entries: [], limit: 10)
        ).epoch
    }

    private static func message(_ uid: UInt32) -> KnownMessage {
        KnownMessage(metadata: MessageMetadata(uid: UID(uid)), body: nil)
    }

    private static func uids(_ numbers: [UInt32]) -> [UID] { numbers.map { UID($0) } }

    /// The bodies, and what has become of requests.
    private actor Desk {
        var bodies = AwaitedBodies()
        private(set) var waiting = 0
        private var outcomes: [String: AwaitedBodies.Outcome] = [:]

        func ask(_ name: String, _ uids: [UInt32], in epoch: MailboxMirror.Epoch, scansItself: Bool) async {
            let outcome = await withUnsafeContinuation { waiter in
                waiting += 1
                bodies.append(AwaitedBodiesTests.uids(uids), in: epoch, scansItself: scansItself, waiter)
            }
            outcomes[name] = outcome
        }

        func run(_ steps: @Sendable (isolated Desk) -> Void) { steps(self) }
        func found(_ name: String) -> [UInt32]? { outcomes[name].map { $0.found.keys.map(\.rawValue).sorted() } }
        func failure(_ name: String) -> EngineError? { outcomes[name]?.failure }
    }

    /// Runs the steps while these requests wait, in this order; each must have its end by them.
    private func wait(
        _ requests: (name: String, uids: [UInt32], scansItself: Bool)...,
        steps: @escaping @Sendable (isolated Desk) -> Void
    ) async -> Desk {
        let desk = Desk()
        await withTaskGroup { group in
            for (number, request) in requests.enumerated() {
                group.addTask {
                    await desk.ask(request.name, request.uids, in: epoch, scansItself: request.scansItself)
                }
                while await desk.waiting <= number { await Task.yield() }
            }
            await desk.run(steps)
        }
        return desk
    }

    @Test func severalGetTheSameMessageAndItIsAskedForOnce() async {
        let epoch = epoch
        let desk = await wait(("a", [1, 2], false), ("b", [2, 3], true), ("c", [3], true)) { desk in
            #expect(desk.bodies.take(atMost: 10, in: epoch) == Self.uids([1, 2, 3]))
            #expect(!desk.bodies.scanThemselves(UID(2), in: epoch) && desk.bodies.scanThemselves(UID(3), in: epoch))
            desk.bodies.give(Self.message(3), in: epoch)
            desk.bodies.give(Self.message(2), in: epoch)
            desk.bodies.give(Self.message(1), in: epoch)
            #expect(desk.bodies.isEmpty)
        }
        #expect(await desk.found("a") == [1, 2])
        #expect(await desk.found("b") == [2, 3])
        #expect(await desk.found("c") == [3])
    }

    @Test func oneCommandForAllAndEachMessageOnce() async {
        let epoch = epoch
        let desk = await wait(("a", [1, 2, 3], false)) { desk in
            #expect(desk.bodies.take(atMost: 2, in: epoch) == Self.uids([1, 2]))
            #expect(desk.bodies.take(atMost: 10, in: epoch) == Self.uids([3]))
            #expect(desk.bodies.take(atMost: 10, in: epoch) == [])
            #expect(!desk.bodies.isIdle && !desk.bodies.isLow)
            for uid: UInt32 in [2, 1, 3] { desk.bodies.give(Self.message(uid), in: epoch) }
            #expect(desk.bodies.isEmpty && desk.bodies.isIdle)
        }
        #expect(await desk.found("a") == [1, 2, 3])
        #expect(await desk.failure("a") == nil)
    }

    @Test func whatDoesNotComeIsGone() async {
        let epoch = epoch
        let desk = await wait(("a", [1, 2], false)) { desk in
            _ = desk.bodies.take(atMost: 10, in: epoch)
            desk.bodies.give(Self.message(2), in: epoch)
            desk.bodies.close(Self.uids([1, 2]), nil, in: epoch)
            #expect(desk.bodies.isEmpty)
        }
        #expect(await desk.found("a") == [2])
        #expect(await desk.failure("a") == nil)
    }

    @Test func oneThatCantBeHadCostsNoOthers() async {
        let refusal = EngineError.refused(code: nil, text: "no")
        let epoch = epoch
        let desk = await wait(("a", [1, 2, 3], false)) { desk in
            #expect(desk.bodies.take(atMost: 10, in: epoch) == Self.uids([1, 2, 3]))
            desk.bodies.give(Self.message(1), in: epoch)
            desk.bodies.close(Self.uids([1, 2, 3]), refusal, in: epoch)
            // One by one, the next when the one before is settled.
            #expect(desk.bodies.take(atMost: 10, in: epoch) == Self.uids([2]))
            #expect(desk.bodies.take(atMost: 10, in: epoch) == [])
            desk.bodies.close(Self.uids([2]), refusal, in: epoch)
            #expect(desk.bodies.take(atMost: 10, in: epoch) == Self.uids([3]))
            desk.bodies.give(Self.message(3), in: epoch)
            desk.bodies.close(Self.uids([3]), nil, in: epoch)
        }
        #expect(await desk.found("a") == [1, 3])
        #expect(await desk.failure("a") == refusal)
    }

    @Test func aMessageThatEndsTheConnectionCostsNoOthers() async {
        let epoch = epoch
        let lost = EngineError.unavailable("lost")
        let desk = await wait(("a", [1], false), ("b", [2], false)) { desk in
            #expect(desk.bodies.take(atMost: 10, in: epoch) == Self.uids([1, 2]))
            desk.bodies.closeConnection(lost, in: epoch)
            desk.bodies.beginConnection()
            #expect(desk.bodies.take(atMost: 10, in: epoch) == Self.uids([1]))
            desk.bodies.closeConnection(lost, in: epoch)
            desk.bodies.beginConnection()
            #expect(desk.bodies.take(atMost: 10, in: epoch) == Self.uids([2]))
            desk.bodies.give(Self.message(2), in: epoch)
        }
        #expect(await desk.failure("a") == lost)
        #expect(await desk.found("b") == [2])
        #expect(await desk.failure("b") == nil)
    }

    @Test func whoCanNotBeAskedGivesNothingToAnybody() async {
        let epoch = epoch
        let away = EngineError.unavailable("away")
        let desk = await wait(("a", [1], false), ("b", [2], false)) { desk in
            desk.bodies.closeConnection(away, in: epoch)
            #expect(desk.bodies.isEmpty)
        }
        #expect(await desk.failure("a") == away)
        #expect(await desk.failure("b") == away)
    }

    @Test func anotherConnectionIsAskedAgain() async {
        let epoch = epoch
        let desk = await wait(("a", [1, 2], false)) { desk in
            _ = desk.bodies.take(atMost: 10, in: epoch)
            desk.bodies.give(Self.message(1), in: epoch)
            desk.bodies.beginConnection()
            #expect(desk.bodies.isLow)
            #expect(desk.bodies.take(atMost: 10, in: epoch) == Self.uids([2]))
            desk.bodies.give(Self.message(2), in: epoch)
        }
        #expect(await desk.found("a") == [1, 2])
    }

    @Test func anotherEpochsMessagesAreOthers() async {
        let other = Self.epoch(8)
        let epoch = epoch
        let desk = await wait(("a", [1], false)) { desk in
            #expect(desk.bodies.take(atMost: 10, in: other) == [])
            desk.bodies.give(Self.message(1), in: other)
            desk.bodies.fail(.newEpoch, in: other)
            #expect(desk.bodies.epoch == epoch)
            desk.bodies.fail(.newEpoch, in: epoch)
            #expect(desk.bodies.epoch == nil)
        }
        #expect(await desk.found("a") == [])
        #expect(await desk.failure("a") == .newEpoch)
    }
}
