import Loop
import TestKit

/// NOOP round trips over TLS in a selected mailbox.
enum NoopBenchmark {
    /// How long each round lasts.
    static let duration: Duration = .seconds(3)
    static let rounds = 5

    /// What one round came to.
    struct Round: Sendable {
        /// Round trips a second, of all connections together.
        var rate: Double
        /// The time in milliseconds that 99 of 100 round trips take at most.
        var p99: Double
    }

    static func run(_ bench: Bench, _ report: inout Report) async throws {
        for connections in [1, 16] {
            var (ours, peer): ([Round], [Round]) = ([], [])
            for _ in 0..<rounds {
                peer.append(
                    try await round(
                        bench.direct, bench.provider.imapsPort, Bench.account, Bench.accountPassword, connections))
                ours.append(
                    try await round(
                        bench.through, bench.posthouse.imapsPort, Bench.user, Bench.password, connections))
            }
            report.ratio(
                "NOOP, \(connections) connection\(connections == 1 ? "" : "s")", unit: "round trips/s",
                ours: ours.map(\.rate), peer: peer.map(\.rate), peerName: "dovecot", target: 1.0)
            report.say(
                "  p99: posthouse \(median(ours.map(\.p99)).text(2)) ms, dovecot \(median(peer.map(\.p99)).text(2)) ms")
            report.atMost(
                "NOOP, \(connections) connection\(connections == 1 ? "" : "s"), p99", median(ours.map(\.p99)), 39,
                unit: "ms")
        }
    }

    private static func round(
        _ load: Load, _ port: UInt16, _ user: String, _ password: String, _ connections: Int
    ) async throws -> Round {
        let line = StartingLine(connections)
        let times = try await load.run(clients: connections) { [load] _ in
            let client = try await LineClient.connect(to: port, tls: load.tls, on: load.loop)
            try await client.open("INBOX", user: user, password: password)
            await line.arrive()
            let end = line.start + duration
            var times: [Double] = []
            times.reserveCapacity(100_000)
            var before = MonotonicTime.now
            while before < end {
                try await client.imap("NOOP")
                let after = MonotonicTime.now
                times.append(Double(after.nanoseconds - before.nanoseconds) / 1e6)
                before = after
            }
            try await client.imap("LOGOUT")
            client.close()
            return times
        }.flatMap { $0 }
        return Round(rate: Double(times.count) / 3, p99: quantile(0.99, times))
    }
}
