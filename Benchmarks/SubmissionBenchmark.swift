import Bytes
import Loop
import TestKit

/// 1,000 letters of 8 KB on 4 connections over TLS, with scanning, against Postfix directly.
enum SubmissionBenchmark {
    static let letters = 1000
    static let connections = 4
    static let size = 8192
    static let rounds = 3

    static func run(_ bench: Bench, _ report: inout Report) async throws {
        guard let process = bench.posthouse.processID else { throw Failure("posthouse does not run") }
        var (ours, peer, copies): ([Double], [Double], [Double]) = ([], [], [])
        var (cost, after): ([Double], [Double]) = ([], [])
        for round in 0..<rounds {
            peer.append(try await direct(bench, round))
            try await delivered(bench)
            let before = Process.cpuSeconds(process)
            ours.append(try await through(bench, round))
            let end = MonotonicTime.now
            let used = Process.cpuSeconds(process)
            cost.append((used - before) * 1e3 / Double(letters))
            try await delivered(bench)
            try await copied(bench, count: (round + 1) * letters)
            copies.append(Double(MonotonicTime.now.nanoseconds - end.nanoseconds) / 1e9)
            try await idle(process)
            after.append((Process.cpuSeconds(process) - used) * 1e3 / Double(letters))
        }
        report.say(
            "  processor time of Posthouse: \(median(cost).text(2)) ms a letter until it is accepted, "
                + "\(median(after).text(2)) ms for its copy")
        report.say("  copies in Sent: the last \(median(copies).text(1)) s after the last letter was accepted")
        report.ratio(
            "submission of \(letters) letters of 8 KB", unit: "letters/s", ours: ours, peer: peer,
            peerName: "postfix", target: 0.6)
    }

    /// Whom to submit to, and how to get in.
    private struct Door: Sendable {
        let port: UInt16
        let startTLS: LineClient.StartTLS?
        let user: String
        let password: String
    }

    private static func direct(_ bench: Bench, _ round: Int) async throws -> Double {
        let door = Door(
            port: bench.provider.smtpPort, startTLS: .smtp, user: Bench.account, password: Bench.accountPassword)
        return try await measure(bench.direct, round * 2, door)
    }

    private static func through(_ bench: Bench, _ round: Int) async throws -> Double {
        let door = Door(
            port: bench.posthouse.submissionsPort, startTLS: nil, user: Bench.user, password: Bench.password)
        return try await measure(bench.through, round * 2 + 1, door)
    }

    /// Letters a second, from the moment when all clients have signed in until the last letter is accepted.
    private static func measure(_ load: Load, _ round: Int, _ door: Door) async throws -> Double {
        let line = StartingLine(connections)
        let each = letters / connections
        let ends = try await load.run(clients: connections) { [load] number in
            let client = try await LineClient.connect(
                to: door.port, tls: load.tls, startTLS: door.startTLS, on: load.loop)
            try await client.expect(250, "EHLO benchmark")
            let token = Base64.encode("\0\(door.user)\0\(door.password)".utf8)
            try await client.expect(235, "AUTH PLAIN \(String(decoding: token, as: UTF8.self))")
            let made = (0..<each).map {
                Bench.letter((round * connections + number) * each + $0, size: size, from: "Support <\(Bench.address)>")
            }
            await line.arrive()
            for letter in made { try await client.submit(letter, from: Bench.address, to: "customer@customer.test") }
            let end = MonotonicTime.now
            try await client.expect(221, "QUIT")
            client.close()
            return end
        }
        let last = ends.max() ?? .now
        return Double(letters) / (Double(last.nanoseconds - line.start.nanoseconds) / 1e9)
    }

    /// Waits until the copies of all letters are saved: work that we have put off must not fall into Postfix's round.
    private static func copied(_ bench: Bench, count: Int) async throws {
        let client = try await IMAPClient.connect("support", port: bench.provider.imapPort)
        try await client.ok("LOGIN \(Bench.account) \(Bench.accountPassword)")
        try await eventually("Sent has \(count) copies", within: .seconds(120)) {
            let status = try await client.command("STATUS Sent (MESSAGES)")
            return status.untagged.contains { $0.hasSuffix("(MESSAGES \(count))") }
        }
        try await client.logout()
    }

    /// Waits until Posthouse has noted where the copies are, and has used no processor time for half a second.
    private static func idle(_ process: Int32) async throws {
        var (used, calm) = (Process.cpuSeconds(process), 0)
        try await eventually("Posthouse has nothing left to do", within: .seconds(120)) {
            let now = Process.cpuSeconds(process)
            calm = now == used ? calm + 1 : 0
            used = now
            return calm > 25
        }
    }

    /// Waits until Postfix has handed everything on, so that one round does not work off another's queue.
    private static func delivered(_ bench: Bench) async throws {
        try await eventually(
            "Postfix's queue is empty", within: .seconds(120), holds: { !bench.provider.hasQueuedMail })
    }
}
