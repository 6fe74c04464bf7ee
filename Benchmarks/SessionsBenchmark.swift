import TestKit

/// Letters of 8 KB over TLS, with scanning, against Postfix directly: many in one session, and each in a session of its
/// own.
enum SessionsBenchmark {
    /// Letters in one session.
    static let letters = 400
    /// Letters with a session of their own, and how many of them are under way at once.
    static let sessions = 200
    static let connections = 4
    static let rounds = 3

    static func run(_ bench: Bench, _ report: inout Report) async throws {
        guard let process = bench.posthouse.processID else { throw Failure("posthouse does not run") }
        let (direct, through) = (SubmissionBenchmark.direct(bench), SubmissionBenchmark.through(bench))
        var (ours, peer): ([Double], [Double]) = ([], [])
        var (ourSessions, peerSessions): ([Double], [Double]) = ([], [])
        for round in 1...rounds {
            peer.append(try await direct.letters(letters, over: 1))
            try await Settling.delivered(bench)
            ours.append(try await through.letters(letters, over: 1))
            try await settle(bench, process, copies: round * letters + (round - 1) * sessions)
            peerSessions.append(try await direct.sessions(sessions, over: connections))
            try await Settling.delivered(bench)
            ourSessions.append(try await through.sessions(sessions, over: connections))
            try await settle(bench, process, copies: round * (letters + sessions))
        }
        report.ratio(
            "submission of \(letters) letters of 8 KB in one session", unit: "letters/s", ours: ours, peer: peer,
            peerName: "postfix", target: 0.9)
        report.ratio(
            "submission of \(sessions) letters of 8 KB, a session each", unit: "letters/s", ours: ourSessions,
            peer: peerSessions, peerName: "postfix", target: 0.9)
    }

    private static func settle(_ bench: Bench, _ process: Int32, copies: Int) async throws {
        try await Settling.delivered(bench)
        try await Settling.copied(bench, count: copies)
        try await Settling.idle(process)
    }
}
