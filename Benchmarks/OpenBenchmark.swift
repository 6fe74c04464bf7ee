import Loop
import TestKit

/// How long it takes to open a large mailbox as Thunderbird does: SELECT, the flags of all, headers of what is new to it.
/// Somebody has opened it before and has it open still, so both sides have seen all but the newest messages.
enum OpenBenchmark {
    static let rounds = 5
    static let arrivals = 100

    /// What Thunderbird asks of a message that it has not seen.
    static let headers =
        "UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID Priority X-Priority "
        + "References Newsgroups In-Reply-To Content-Type Reply-To)]"

    static func run(_ bench: Bench, _ report: inout Report) async throws {
        try await bench.fill("Tall", with: 1...10_000)
        try await compare(bench, &report, "Tall", count: 10_000, arrivals: 0, "open of 10,000 messages, all headers")
        try await bench.fill("Huge", with: 1...100_000)
        try await compare(
            bench, &report, "Huge", count: 100_000, arrivals: arrivals, "open of 100,000 messages, 100 of them new")
    }

    private static func compare(
        _ bench: Bench, _ report: inout Report, _ mailbox: String, count: Int, arrivals: Int, _ name: String
    ) async throws {
        var (ours, peer): ([Double], [Double]) = ([], [])
        _ = try await direct(bench, mailbox, from: 1)
        _ = try await through(bench, mailbox, from: 1)
        let watchers = [
            try await Watcher.open(
                mailbox, bench.direct, bench.provider.imapsPort, Bench.account, Bench.accountPassword),
            try await Watcher.open(mailbox, bench.through, bench.posthouse.imapsPort, Bench.user, Bench.password),
        ]
        var count = count
        for number in 0..<rounds {
            let first = arrivals == 0 ? 1 : count + 1
            if arrivals > 0 { try await bench.deliver(count + 1...count + arrivals, to: mailbox) }
            count += arrivals
            if arrivals > 0 { for watcher in watchers { try await watcher.hear(of: count) } }
            // What one does may make Dovecot look at something that the other needs.
            if number % 2 == 0 { ours.append(try await through(bench, mailbox, from: first)) }
            peer.append(try await direct(bench, mailbox, from: first))
            if number % 2 == 1 { ours.append(try await through(bench, mailbox, from: first)) }
        }
        for watcher in watchers { try await watcher.close() }
        report.time(name, ours: ours, peer: peer, peerName: "dovecot", target: 0.5)
    }

    private static func direct(_ bench: Bench, _ mailbox: String, from first: Int) async throws -> Double {
        try await open(bench.direct, bench.provider.imapsPort, Bench.account, Bench.accountPassword, mailbox, first)
    }

    private static func through(_ bench: Bench, _ mailbox: String, from first: Int) async throws -> Double {
        try await open(bench.through, bench.posthouse.imapsPort, Bench.user, Bench.password, mailbox, first)
    }

    /// Milliseconds from SELECT to the last header.
    static func open(
        _ load: Load, _ port: UInt16, _ user: String, _ password: String, _ mailbox: String, _ first: Int
    ) async throws -> Double {
        try await load.run(clients: 1) { [load] _ in
            let client = try await LineClient.connect(to: port, tls: load.tls, on: load.loop)
            try await client.imap("LOGIN \"\(user)\" \"\(password)\"")
            let start = MonotonicTime.now
            try await client.imap("SELECT \(mailbox)")
            let flags = try await client.imap("UID FETCH 1:* (FLAGS)")
            let fetched = try await client.imap("UID FETCH \(first):* (\(headers))")
            let end = MonotonicTime.now
            guard flags >= first, fetched >= max(1, flags - first + 1) else {
                throw Failure("messages are missing: \(flags) with flags, \(fetched) from \(first) on")
            }
            try await client.imap("LOGOUT")
            client.close()
            return Double(end.nanoseconds - start.nanoseconds) / 1e6
        }.first ?? 0
    }
}
