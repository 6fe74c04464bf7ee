internal import Foundation

/// A Cyrus or Courier of the test's own, with the one user `support`: other upstreams than Dovecot.
package final class OtherUpstream: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case cyrus
        case courier
    }

    package static let password = "support-upstream"
    /// IMAP without TLS.
    package let port: UInt16
    private let directory: String

    /// Starts the server, with its files in a new directory.
    package init(_ kind: Kind, in directory: String) async throws {
        self.directory = directory
        port = try Port.free()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(Self.password.utf8).write(to: URL(fileURLWithPath: "\(directory)/password"))
        try await ChildProcess.succeed(
            [Repository.file("scripts/other-upstreams"), "start", directory, kind.rawValue, "\(port)"])
        let number = try String(contentsOfFile: "\(directory)/process", encoding: .utf8)
        if let process = Int32(number.filter(\.isNumber)) { try Reaper.shared.adopt(process: process) }
    }

    /// Ends it at once.
    package func kill() async {
        _ = try? await ChildProcess.run([Repository.file("scripts/other-upstreams"), "stop", directory])
    }

    /// A client that has gone around Posthouse.
    package func client() async throws -> IMAPClient {
        let client = try await IMAPClient.connect("support upstream", port: port)
        let answer = try await client.login("support", Self.password)
        guard answer.isOK else { throw RigFailure("support cannot sign in upstream: \(answer.status)") }
        // Courier greets once more after the sign-in.
        try await client.ok("NOOP")
        return client
    }

    /// Posthouse in front of it, with Alice, who may do everything in the account `support`; the scanner makes tickets.
    package static func with(_ kind: Kind, _ body: (OtherUpstream, Posthouse) async throws -> Void) async throws {
        try await Slots.servers.hold {
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let upstream = try await OtherUpstream(kind, in: directory("upstream"))
            let posthouse = try await Posthouse(in: directory)
            do {
                try await upstream.serve(posthouse)
                try await body(upstream, posthouse)
            } catch {
                let report = "\(kind.rawValue): \(error)\nposthouse:\n\(posthouse.tail())"
                posthouse.kill()
                await upstream.kill()
                throw RigFailure(report)
            }
            posthouse.kill()
            await upstream.kill()
        }
    }

    private func serve(_ posthouse: Posthouse) async throws {
        try posthouse.directory.write("\(Self.password)\n", to: "secrets/support", mode: 0o600)
        try posthouse.configure(
            settings: "",
            site: """
                users:
                  alice: {name: Alice Adams, addresses: [alice@example.test]}
                servers:
                  provider:
                    imap: {host: 127.0.0.1, port: \(port), tls: none}
                accounts:
                  support: {server: provider, address: support@example.test, login: support, password-file: secrets/support}
                grants:
                  - {account: support, user: alice, rights: [all]}
                scanners:
                  support:
                    actions: [create-email, bind, open-ticket, create-ticket]
                    start: from now
                """)
        let password = House.passwords["alice"] ?? ""
        try await posthouse.succeed(["user", "password", "alice", "--password-fd", "0"], input: "\(password)\n")
        try await posthouse.start()
    }
}
