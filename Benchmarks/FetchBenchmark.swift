import Loop
import TestKit

/// UID FETCH BODY.PEEK[] of 2,000 messages on 8 connections over TLS, each connection an eighth of them.
enum FetchBenchmark {
    static let messages = 2000
    static let connections = 8
    static let rounds = 5
    static let mailbox = "Fetched"

    /// How the messages are asked for.
    enum Manner: String, CaseIterable, Sendable {
        /// A command for each message, the next when the last is answered.
        case one = "one a command"
        /// One command for all messages of a connection.
        case all = "all in one command"
    }

    static func run(_ bench: Bench, _ report: inout Report) async throws {
        try await fill(bench)
        for manner in Manner.allCases {
            var (ours, peer): ([Double], [Double]) = ([], [])
            // Once for the caches of both.
            _ = try await direct(bench, manner)
            _ = try await through(bench, manner)
            for _ in 0..<rounds {
                try await settle(bench)
                peer.append(try await direct(bench, manner))
                ours.append(try await through(bench, manner))
            }
            report.ratio(
                "FETCH cached, \(manner.rawValue)", unit: "messages/s", ours: ours, peer: peer, peerName: "dovecot",
                target: 2.0)
        }
        try await cost(bench, &report)
        for manner in Manner.allCases {
            var (ours, peer): ([Double], [Double]) = ([], [])
            for _ in 0..<rounds {
                try await settle(bench)
                peer.append(try await direct(bench, manner))
                try await forget(bench)
                ours.append(try await through(bench, manner))
            }
            report.ratio(
                "FETCH uncached, \(manner.rawValue)", unit: "messages/s", ours: ours, peer: peer, peerName: "dovecot",
                target: 0.8)
        }
    }

    /// Nothing that Posthouse has put off falls into Dovecot's round.
    private static func settle(_ bench: Bench) async throws {
        if let process = bench.posthouse.processID { try await Settling.idle(process) }
    }

    /// Processor time for 10,000 cached messages, against that of Dovecot's proxy.
    private static func cost(_ bench: Bench, _ report: inout Report) async throws {
        guard let process = bench.posthouse.processID else { throw Failure("posthouse does not run") }
        let proxy = try await DovecotProxy(of: bench)
        do {
            var (ours, peer): ([Double], [Double]) = ([], [])
            for _ in 0..<rounds {
                var before = proxy.cpuSeconds
                _ = try await round(proxy.load, proxy.port, Bench.account, Bench.accountPassword, .one)
                peer.append((proxy.cpuSeconds - before) / Double(messages) * 1e7)
                before = Process.cpuSeconds(process)
                _ = try await through(bench, .one)
                ours.append((Process.cpuSeconds(process) - before) / Double(messages) * 1e7)
            }
            report.time(
                "processor time of 10,000 cached fetches", ours: ours, peer: peer, peerName: "dovecot's proxy",
                target: 0.45)
            report.atMost("the same", median(ours) / 1000, 1.5, unit: "s", digits: 2)
        } catch {
            await proxy.tearDown()
            throw error
        }
        await proxy.tearDown()
    }

    /// 1,600 letters of 4 KB, 380 of 30 KB and 20 of 400 KB.
    private static func fill(_ bench: Bench) async throws {
        let load = bench.direct
        let port = bench.provider.imapsPort
        _ = try await load.run(clients: 1) { [load] _ in
            let client = try await LineClient.connect(to: port, tls: load.tls, on: load.loop)
            try await client.imap("LOGIN \(Bench.account) \(Bench.accountPassword)")
            try await client.imap("CREATE \(mailbox)")
            for number in 1...messages {
                let size = number % 100 == 0 ? 400_000 : number % 5 == 0 ? 30_000 : 4_000
                try await client.append([Bench.letter(number, size: size)], to: mailbox)
            }
            try await client.imap("LOGOUT")
        }
    }

    /// Posthouse starts anew with an empty cache, and has looked at the mailbox but at none of its bodies.
    private static func forget(_ bench: Bench) async throws {
        try await bench.posthouse.stop()
        bench.directory.removeFiles(in: "data", beginningWith: "cache.db")
        try await bench.start()
    }

    private static func direct(_ bench: Bench, _ manner: Manner) async throws -> Double {
        try await round(bench.direct, bench.provider.imapsPort, Bench.account, Bench.accountPassword, manner)
    }

    private static func through(_ bench: Bench, _ manner: Manner) async throws -> Double {
        try await round(bench.through, bench.posthouse.imapsPort, Bench.user, Bench.password, manner)
    }

    /// Messages a second, from the moment when all clients have selected the mailbox until the last has its last.
    private static func round(
        _ load: Load, _ port: UInt16, _ user: String, _ password: String, _ manner: Manner
    ) async throws -> Double {
        let line = StartingLine(connections)
        let each = messages / connections
        let ends = try await load.run(clients: connections) { [load] number in
            let client = try await LineClient.connect(to: port, tls: load.tls, on: load.loop)
            try await client.open(mailbox, user: user, password: password)
            await line.arrive()
            let (first, last) = (number * each + 1, (number + 1) * each)
            switch manner {
            case .one:
                for uid in first...last { try await client.imap("UID FETCH \(uid) BODY.PEEK[]") }
            case .all:
                try await client.imap("UID FETCH \(first):\(last) BODY.PEEK[]")
            }
            let end = MonotonicTime.now
            guard client.literalOctets > each * 4_000 else { throw Failure("messages are missing") }
            try await client.imap("LOGOUT")
            client.close()
            return end
        }
        let last = ends.max() ?? .now
        return Double(messages) / (Double(last.nanoseconds - line.start.nanoseconds) / 1e9)
    }
}
