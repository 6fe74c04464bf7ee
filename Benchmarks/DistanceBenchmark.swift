import Loop
import TestKit

/// What a client feels of a provider that is 20 ms away in each direction, when the cache is warm.
enum DistanceBenchmark {
    static let delay = Duration.milliseconds(20)
    static let rounds = 5
    static let fetches = 2000

    static func run(_ bench: Bench, _ report: inout Report) async throws {
        guard let relay = bench.relay else { throw Failure("nothing lies between Posthouse and its provider") }
        try await bench.fill("Tall", with: 1...10_000)
        let port = bench.posthouse.imapsPort
        _ = try await OpenBenchmark.open(bench.through, port, Bench.user, Bench.password, "Tall", 1)
        _ = try await fetch(bench)
        var behaviour = Relay.Behaviour()
        behaviour.delay = delay
        relay.set(behaviour)
        var (opens, rates): ([Double], [Double]) = ([], [])
        var count = 10_000
        for _ in 0..<rounds {
            try await bench.fill("Tall", with: count + 1...count + 100)
            count += 100
            try await noticed(bench, count)
            opens.append(
                try await OpenBenchmark.open(bench.through, port, Bench.user, Bench.password, "Tall", count - 99))
            rates.append(try await fetch(bench))
        }
        report.say("  opens: \(opens.map { $0.text(1) }) ms")
        report.atMost("open of 10,000 messages, 100 of them new, 20 ms away", median(opens), 25, unit: "ms")
        report.atLeast("cached fetches on one connection, 20 ms away", median(rates), 2300, unit: "messages/s")
    }

    /// Waits until a client that has the mailbox open, as mail programs do, has heard of the new messages.
    private static func noticed(_ bench: Bench, _ count: Int) async throws {
        let load = bench.through
        let port = bench.posthouse.imapsPort
        _ = try await load.run(clients: 1) { [load] _ in
            let client = try await LineClient.connect(to: port, tls: load.tls, on: load.loop)
            try await client.open("Tall", user: Bench.user, password: Bench.password)
            let deadline = load.loop.now + LineClient.patience
            while try await client.imap("UID SEARCH RETURN (COUNT) UID \(count)") == 0
                || client.lastUntagged.hasSuffix("COUNT 0")
            {
                guard await load.loop.sleep(until: load.loop.now + .milliseconds(50)), load.loop.now < deadline else {
                    throw Failure("message \(count) has not arrived")
                }
                try await client.imap("NOOP")
            }
        }
    }

    /// Bodies a second, one a command.
    private static func fetch(_ bench: Bench) async throws -> Double {
        let load = bench.through
        let port = bench.posthouse.imapsPort
        return try await load.run(clients: 1) { [load] _ in
            let client = try await LineClient.connect(to: port, tls: load.tls, on: load.loop)
            try await client.open("Tall", user: Bench.user, password: Bench.password)
            let start = MonotonicTime.now
            for uid in 1...fetches { try await client.imap("UID FETCH \(uid) BODY.PEEK[]") }
            let end = MonotonicTime.now
            try await client.imap("LOGOUT")
            client.close()
            return Double(fetches) / (Double(end.nanoseconds - start.nanoseconds) / 1e9)
        }.first ?? 0
    }
}
