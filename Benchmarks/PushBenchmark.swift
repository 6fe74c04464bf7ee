import Loop
import TestKit

/// How soon 100 clients in IDLE have seen a flag that somebody changes: through Posthouse, and at the provider.
enum PushBenchmark {
    static let clients = 100
    static let rounds = 16

    static func run(_ bench: Bench, _ report: inout Report) async throws {
        try await bench.deliver(1...1, to: "INBOX")
        let (through, direct) = (bench.through, bench.direct)
        let (ours, theirs) = (bench.posthouse.imapsPort, bench.provider.imapsPort)
        let watchers = Watchers()
        _ = try await through.run(clients: clients) { [through] _ in
            let client = try await LineClient.connect(to: ours, tls: through.tls, on: through.loop)
            try await client.open("INBOX", user: Bench.user, password: Bench.password)
            try await client.idle()
            watchers.add(client, isDirect: false)
        }
        _ = try await direct.run(clients: 1) { [direct] _ in
            let client = try await LineClient.connect(to: theirs, tls: direct.tls, on: direct.loop)
            try await client.open("INBOX", user: Bench.account, password: Bench.accountPassword)
            try await client.idle()
            watchers.add(client, isDirect: true)
        }
        let upstream = Process.connections(to: [bench.provider.imapPort])
        report.atMost(
            "upstream connections for 100 idle clients of one mailbox", Double(upstream), 1, unit: "connections",
            digits: 0)
        let passing = try await round(through, ours, Bench.user, Bench.password, watchers)
        report.atMost("push of a change that passes through Posthouse", median(passing.map(\.last)), 10, unit: "ms")
        let behind = try await round(direct, theirs, Bench.account, Bench.accountPassword, watchers)
        report.say("  the provider's own notice: \(median(behind.map(\.provider)).text(1)) ms")
        report.atMost(
            "push of a change at the provider, beyond its own notice", median(behind.map { $0.last - $0.provider }), 10,
            unit: "ms")
        _ = try await through.run(clients: 1) { _ in watchers.close() }
    }

    /// Milliseconds after the change was asked for.
    private struct Times: Sendable {
        /// Until the last of the clients behind Posthouse has seen it.
        var last: Double
        /// Until the client that asks the provider directly has.
        var provider: Double
    }

    private static func round(
        _ load: Load, _ port: UInt16, _ user: String, _ password: String, _ watchers: Watchers
    ) async throws -> [Times] {
        try await load.run(clients: 1) { [load] _ in
            let client = try await LineClient.connect(to: port, tls: load.tls, on: load.loop)
            try await client.open("INBOX", user: user, password: password)
            var times: [Times] = []
            for number in 0..<rounds {
                let start = MonotonicTime.now
                try await client.imap("UID STORE 1 \(number % 2 == 0 ? "+" : "-")FLAGS.SILENT (\\Flagged)")
                let seen = try await watchers.next(on: load.loop)
                times.append(
                    Times(
                        last: Double(seen.last.nanoseconds - start.nanoseconds) / 1e6,
                        provider: Double(seen.provider.nanoseconds - start.nanoseconds) / 1e6))
            }
            try await client.imap("LOGOUT")
            client.close()
            return times
        }.flatMap { $0 }
    }

    /// Clients of one loop, touched there alone.
    private final class Watchers: @unchecked Sendable {
        private var behind: [LineClient] = []
        private var direct: [LineClient] = []

        func add(_ client: LineClient, isDirect: Bool) {
            if isDirect { direct.append(client) } else { behind.append(client) }
        }

        /// Waits until each has been told of a change, and says when the last was.
        func next(on loop: EventLoop) async throws -> (last: MonotonicTime, provider: MonotonicTime) {
            let times = Locked<(behind: [MonotonicTime], direct: [MonotonicTime])>(([], []))
            let failure = Locked<(any Error)?>(nil)
            for (client, isDirect) in behind.map({ ($0, false) }) + direct.map({ ($0, true) }) {
                let client = Unshared(client)
                loop.spawn { _ in
                    do {
                        while !String(decoding: try await client.value.line(), as: UTF8.self).contains(" FETCH ") {}
                        times.withLock {
                            if isDirect { $0.direct.append(.now) } else { $0.behind.append(.now) }
                        }
                    } catch { failure.withLock { $0 = error } }
                }
            }
            let deadline = loop.now + LineClient.patience
            while times.withLock({ $0.behind.count < behind.count || $0.direct.count < direct.count }) {
                if let error = failure.withLock({ $0 }) { throw error }
                guard await loop.sleep(until: loop.now + .milliseconds(1)), loop.now < deadline else {
                    throw Failure("not every client was told")
                }
            }
            return times.withLock { ($0.behind.max() ?? .now, $0.direct.max() ?? .now) }
        }

        func close() {
            for client in behind + direct { client.close() }
            (behind, direct) = ([], [])
        }
    }

    /// What stays on the loop it is on.
    private struct Unshared<Value>: @unchecked Sendable {
        let value: Value
        init(_ value: Value) { self.value = value }
    }
}
