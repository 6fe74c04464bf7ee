import Loop
import TestKit

/// What a client feels of a provider that is 20 ms away in each direction, when the cache is warm and somebody has the
/// mailbox open.
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
        let watcher = try await Watcher.open("Tall", bench.through, port, Bench.user, Bench.password)
        var (opens, rates): ([Double], [Double]) = ([], [])
        var count = 10_000
        for _ in 0..<rounds {
            try await bench.deliver(count + 1...count + 100, to: "Tall")
            count += 100
            try await watcher.hear(of: count)
            // What has arrived is opened a second later: nobody is quicker.
            try await Task.sleep(for: .seconds(1))
            opens.append(
                try await OpenBenchmark.open(bench.through, port, Bench.user, Bench.password, "Tall", count - 99))
            rates.append(try await fetch(bench))
        }
        try await watcher.close()
        report.say("  opens: \(opens.map { $0.text(1) }) ms")
        report.atMost("open of 10,000 messages, 100 of them new, 20 ms away", median(opens), 25, unit: "ms")
        report.atLeast("cached fetches on one connection, 20 ms away", median(rates), 2300, unit: "messages/s")
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
