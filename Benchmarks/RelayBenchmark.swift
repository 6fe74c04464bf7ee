import Loop
import SMTPRig
import TestKit

/// Letters to a sink that keeps nothing, through Posthouse with scanning, and through an HAProxy that only passes octets
/// on: many in one session, and each in a session of its own.
enum RelayBenchmark {
    static let letters = 1000
    /// Letters with a session of their own, and how many of them are under way at once.
    static let sessions = 200
    static let connections = 4
    static let rounds = 5

    static var manner: MessageSink.Manner {
        var manner = MessageSink.Manner()
        manner.capabilities.append("CHUNKING")
        manner.keepsMessages = false
        return manner
    }

    static func run(_ bench: Bench, _ report: inout Report) async throws {
        guard let sink = bench.sink, let process = bench.posthouse.processID else { throw Failure("no sink") }
        guard let program = HAProxy.program else {
            report.say("relay: skipped: HAProxy is not installed (apt-get install --no-install-recommends haproxy)")
            return
        }
        let proxy = try await HAProxy(program, to: sink.port, in: bench.directory)
        defer { proxy.stop() }
        let direct = SubmissionLoad(
            load: bench.direct, port: proxy.port, startTLS: nil, user: Bench.account, password: Bench.accountPassword)
        let through = SubmissionBenchmark.through(bench)
        var (ours, peer): ([Double], [Double]) = ([], [])
        var (ourSessions, peerSessions): ([Double], [Double]) = ([], [])
        for round in 1...rounds {
            peer.append(try await direct.letters(letters, over: 1))
            ours.append(try await through.letters(letters, over: 1))
            peerSessions.append(try await direct.sessions(sessions, over: connections))
            ourSessions.append(try await through.sessions(sessions, over: connections))
            try await Settling.copied(bench, count: round * (letters + sessions))
            try await Settling.idle(process)
        }
        report.ratio(
            "relay of \(letters) letters of 8 KB in one session", unit: "letters/s", ours: ours, peer: peer,
            peerName: "haproxy", target: 0.15)
        report.ratio(
            "relay of \(sessions) letters of 8 KB, a session each", unit: "letters/s", ours: ourSessions,
            peer: peerSessions, peerName: "haproxy", target: 0.3)
    }
}
