import Loop
import TestKit

/// Sign-ins a second, 16 at a time: each a new TLS connection, LOGIN and LOGOUT. The peer is a proxy too: Dovecot's.
enum SignInBenchmark {
    static let connections = 16
    static let each = 40
    static let rounds = 5

    static func run(_ bench: Bench, _ report: inout Report) async throws {
        let proxy = try await DovecotProxy(of: bench)
        do {
            var (ours, peer): ([Double], [Double]) = ([], [])
            for number in 0...rounds {
                let there = try await round(proxy.load, proxy.port, Bench.account, Bench.accountPassword)
                let here = try await round(bench.through, bench.posthouse.imapsPort, Bench.user, Bench.password)
                // The first is for both to get ready.
                guard number > 0 else { continue }
                peer.append(there)
                ours.append(here)
            }
            report.ratio(
                "sign-in, \(connections) at a time", unit: "sign-ins/s", ours: ours, peer: peer,
                peerName: "dovecot's proxy", target: 1.0)
        } catch {
            await proxy.tearDown()
            throw error
        }
        await proxy.tearDown()
    }

    private static func round(_ load: Load, _ port: UInt16, _ user: String, _ password: String) async throws -> Double {
        let line = StartingLine(connections)
        let ends = try await load.run(clients: connections) { [load] _ in
            await line.arrive()
            for _ in 0..<each {
                let client = try await LineClient.connect(to: port, tls: load.tls, on: load.loop)
                try await client.imap("LOGIN \"\(user)\" \"\(password)\"")
                try await client.imap("LOGOUT")
                client.close()
            }
            return MonotonicTime.now
        }
        let last = ends.max() ?? .now
        return Double(connections * each) / (Double(last.nanoseconds - line.start.nanoseconds) / 1e9)
    }
}
