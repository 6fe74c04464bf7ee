import Glibc
import Loop
import TestKit

/// Memory for each of 5,000 TLS clients that idle in one shared mailbox, and the upstream connections behind them.
enum IdleBenchmark {
    static let clients = 5000
    /// Clients that sign in at the same time.
    static let batch = 50

    static func run(_ bench: Bench, _ report: inout Report) async throws {
        guard let process = bench.posthouse.processID else { throw Failure("posthouse does not run") }
        let load = bench.through
        let port = bench.posthouse.imapsPort
        let kept = Kept()
        // A few first, so that what is needed once is there.
        try await enter(20, load, port, kept)
        let before = Process.residentKibibytes(process)
        var entered = 0
        while entered < clients {
            try await enter(min(batch, clients - entered), load, port, kept)
            entered += batch
        }
        let after = Process.residentKibibytes(process)
        let upstream = Process.connections(to: [bench.provider.imapPort, bench.provider.imapsPort])
        report.say("idle clients: resident memory \(before) KiB with 20 clients, \(after) KiB with \(clients) more")
        report.atMost(
            "memory of an idle TLS client", Double(after - before) / Double(clients), 24, unit: "KiB")
        report.atMost("upstream connections for all of them", Double(upstream), 2, unit: "connections", digits: 0)
        _ = try await load.run(clients: 1) { _ in kept.close() }
    }

    private static func enter(_ count: Int, _ load: Load, _ port: UInt16, _ kept: Kept) async throws {
        _ = try await load.run(clients: count) { [load] _ in
            let client = try await LineClient.connect(to: port, tls: load.tls, on: load.loop)
            try await client.open("INBOX", user: Bench.user, password: Bench.password)
            try await client.idle()
            kept.keep(client)
        }
    }

    /// Clients of one loop, touched there alone.
    private final class Kept: @unchecked Sendable {
        private var clients: [LineClient] = []

        func keep(_ client: LineClient) { clients.append(client) }

        func close() {
            for client in clients { client.close() }
            clients = []
        }
    }
}
