import Loop
import TestKit

/// 1,000 letters of 8 KB on 4 connections over TLS, with scanning, against Postfix directly.
enum SubmissionBenchmark {
    static let letters = 1000
    static let connections = 4
    static let rounds = 3

    static func run(_ bench: Bench, _ report: inout Report) async throws {
        guard let process = bench.posthouse.processID else { throw Failure("posthouse does not run") }
        var (ours, peer, copies): ([Double], [Double], [Double]) = ([], [], [])
        var (cost, after): ([Double], [Double]) = ([], [])
        for round in 0..<rounds {
            peer.append(try await direct(bench).letters(letters, over: connections))
            try await Settling.delivered(bench)
            let before = Process.cpuSeconds(process)
            ours.append(try await through(bench).letters(letters, over: connections))
            let end = MonotonicTime.now
            let used = Process.cpuSeconds(process)
            cost.append((used - before) * 1e3 / Double(letters))
            try await Settling.delivered(bench)
            try await Settling.copied(bench, count: (round + 1) * letters)
            copies.append(Double(MonotonicTime.now.nanoseconds - end.nanoseconds) / 1e9)
            try await Settling.idle(process)
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

    /// Straight to Postfix.
    static func direct(_ bench: Bench) -> SubmissionLoad {
        SubmissionLoad(
            load: bench.direct, port: bench.provider.smtpPort, startTLS: .smtp, user: Bench.account,
            password: Bench.accountPassword)
    }

    /// Through Posthouse.
    static func through(_ bench: Bench) -> SubmissionLoad {
        SubmissionLoad(
            load: bench.through, port: bench.posthouse.submissionsPort, startTLS: nil, user: Bench.user,
            password: Bench.password)
    }
}
