import Bytes
import MailTypes
import SMTPRig
import Testing
import Upstream

/// Reading messages by commands that follow each other without waiting.
@Suite("Bodies asked for without waiting", .timeLimit(.minutes(20)))
struct IMAPBodiesTests {
    let bench: Bench
    init() throws { bench = try Bench() }

    private static func fetch(_ uids: String) -> String { "UID FETCH \(uids) (UID INTERNALDATE BODY.PEEK[])" }

    private static func body(_ number: Int) -> String {
        "* \(number) FETCH (UID \(number) BODY[] {2}\r\nm\(number))\r\n"
    }

    /// Asks for one set after the other, the next as soon as a message of the last has come in.
    private final class Asking {
        let basket = BodyBasket()
        private(set) var answered: [(NumberSet, UpstreamError?)] = []
        private var sets: [NumberSet]
        private var due = 1

        init(_ sets: [ClosedRange<UInt32>]) { self.sets = sets.map { NumberSet($0) } }

        var requests: BodyRequests {
            BodyRequests { [self] in
                let complete = basket.messages.count(where: \.isComplete)
                guard !sets.isEmpty, complete + 1 >= due else { return nil }
                due = complete + 2
                return sets.removeFirst()
            } answered: { [self] in
                answered.append(($0, $1))
            }
        }
    }

    @Test("The next command comes before the last is answered, and each is told of when it is")
    func ahead() async throws {
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(4)
            let (first, text) = try await peer.command()
            #expect(text == Self.fetch("1:2"))
            try await peer.say(octets: Self.body(1))
            let (second, other) = try await peer.command()
            #expect(other == Self.fetch("3:4"))
            try await peer.say(
                octets: "\(Self.body(2))\(first) OK done\r\n\(Self.body(3))\(Self.body(4))\(second) OK done\r\n")
            try await peer.answer("NOOP")
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            let asking = Asking([1...2, 3...4])
            try await client.fetchBodies(asking.requests, into: asking.basket)
            #expect(asking.basket.messages.map { String(lossy: $0.bytes) } == ["m1", "m2", "m3", "m4"])
            #expect(asking.answered.map(\.0) == [NumberSet(1...2), NumberSet(3...4)])
            #expect(asking.answered.allSatisfy { $0.1 == nil })
            try await client.poll()
        }
    }

    @Test("A server may answer in another order, and refuse one of two")
    func order() async throws {
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(4)
            let (first, _) = try await peer.command()
            try await peer.say(octets: Self.body(2))
            let (second, _) = try await peer.command()
            try await peer.say(
                octets: "\(Self.body(3))\(second) OK done\r\n\(Self.body(4))\(first) NO [UNAVAILABLE] not now\r\n")
            try await peer.answer("NOOP")
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            let asking = Asking([1...2, 3...3])
            try await client.fetchBodies(asking.requests, into: asking.basket)
            // Nobody has asked for the fourth.
            #expect(asking.basket.messages.map(\.uid) == [UID(2), UID(3)])
            #expect(asking.answered.map(\.0) == [NumberSet(3...3), NumberSet(1...2)])
            #expect(asking.answered.first?.1 == nil)
            #expect(asking.answered.last?.1 == .refused(code: "UNAVAILABLE", text: "not now"))
            try await client.poll()
        }
    }

    @Test("What the sink can't take is told with the command that brought it, and not with the next")
    func sinkFails() async throws {
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(2)
            let (first, _) = try await peer.command()
            try await peer.say(octets: "\(Self.body(1))\(first) OK done\r\n")
            let (second, _) = try await peer.command()
            try await peer.say(octets: "\(Self.body(2))\(second) OK done\r\n")
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            let basket = BodyBasket()
            basket.failsAtBegin = [UID(1)]
            var sets = [NumberSet(1...1), NumberSet(2...2)]
            var answered: [UpstreamError?] = []
            let requests = BodyRequests {
                sets.count == 2 - answered.count && !sets.isEmpty ? sets.removeFirst() : nil
            } answered: {
                answered.append($1)
            }
            try await client.fetchBodies(requests, into: basket)
            #expect(answered == [.local("no room for 1"), nil])
            #expect(basket.messages.map(\.uid) == [UID(2)])
        }
    }
}
