import Loop
import TestKit

/// Letters of 8 KB that are accepted into an account's queue on 8 connections, against Postfix, which queues as well.
enum QueuedBenchmark {
    static let letters = 1000
    static let connections = 8
    static let rounds = 3

    static func run(_ bench: Bench, _ report: inout Report) async throws {
        guard let process = bench.posthouse.processID else { throw Failure("posthouse does not run") }
        var (ours, peer, emptied): ([Double], [Double], [Double]) = ([], [], [])
        for round in 1...rounds {
            peer.append(try await SubmissionBenchmark.direct(bench).letters(letters, over: connections))
            try await Settling.delivered(bench)
            ours.append(try await SubmissionBenchmark.through(bench).letters(letters, over: connections))
            let end = MonotonicTime.now
            try await eventually("the queue is empty", within: .seconds(300)) {
                let listed = try await bench.posthouse.succeed(["queue", "list", "--json"])
                return !listed.contains("{")
            }
            emptied.append(Double(MonotonicTime.now.nanoseconds - end.nanoseconds) / 1e9)
            try await Settling.delivered(bench)
            try await Settling.copied(bench, count: round * letters)
            try await Settling.idle(process)
        }
        report.say("  the queue was empty \(median(emptied).text(1)) s after the last letter was accepted")
        report.ratio(
            "queueing of \(letters) letters of 8 KB", unit: "letters/s", ours: ours, peer: peer, peerName: "postfix",
            target: 0.6)
    }
}
