import Foundation
import TestKit
import Testing

/// The program with a configuration and databases of the test's own.
struct Desk {
    let directory: TemporaryDirectory
    private let certificates: Certificates

    static func with(_ body: (Desk) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let desk = Desk(directory: directory, certificates: try await Certificates.make(in: directory("certs")))
        try desk.configure()
        try await body(desk)
    }

    var configuration: String { directory("posthouse.yaml") }

    func configure(site: String = "") throws {
        try directory.write(
            """
            host-name: localhost
            data-directory: data
            master-key-file: master.key
            site-file: site.yaml
            listeners: [{service: imaps, address: 127.0.0.1, port: 0}]
            certificate: {chain-file: \(certificates.chain), key-file: \(certificates.key)}
            """, to: "posthouse.yaml")
        try directory.write(site, to: "site.yaml")
    }

    /// Runs a command to its end; with `plain`, without naming the configuration.
    func run(_ words: [String], input: String = "", plain: Bool = false) async throws -> ChildProcess.Finished {
        let configured = plain || words.isEmpty ? words : words + ["--config", configuration]
        return try await ChildProcess.run([Repository.posthouse] + configured, input: input)
    }

    @discardableResult
    func succeed(_ words: [String], input: String = "") async throws -> String {
        let finished = try await run(words, input: input)
        #expect(finished.exit == .code(0), "\(words): \(finished.errors)")
        #expect(finished.errors == "", "\(words)")
        return finished.output
    }

    /// The answer of a command as JSON.
    func json(_ words: [String]) async throws -> Any {
        let text = try await succeed(words + ["--json"])
        return try JSONSerialization.jsonObject(with: Data(text.utf8))
    }

    /// Expects a command to end with this status and to say `text`.
    func refused(
        _ status: Int32, _ words: [String], _ text: String, input: String = "", plain: Bool = false
    ) async throws {
        let finished = try await run(words, input: input, plain: plain)
        #expect(finished.exit == .code(status), "\(words): \(finished.errors)")
        #expect(finished.errors.contains(text), "\(words): \(finished.errors)")
        #expect(finished.output == "", "\(words)")
    }

    /// Everything in the database's files, as far as it is text.
    var databaseText: String {
        get throws {
            let data = directory("data")
            return try FileManager.default.contentsOfDirectory(atPath: data).map { name in
                String(decoding: FileManager.default.contents(atPath: "\(data)/\(name)") ?? Data(), as: UTF8.self)
            }.joined()
        }
    }
}
