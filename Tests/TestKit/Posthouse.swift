internal import Foundation
internal import Glibc

/// The `posthouse` program, with its configuration and data in a directory of the test's own.
package final class Posthouse: @unchecked Sendable {
    /// Where configuration, data and log are.
    package let directory: TemporaryDirectory
    /// What clients trust and connect with.
    package let certificates: Certificates
    /// IMAP with STARTTLS.
    package let imapPort: UInt16
    /// IMAP over TLS.
    package let imapsPort: UInt16
    /// Submission with STARTTLS.
    package let submissionPort: UInt16
    /// Submission over TLS.
    package let submissionsPort: UInt16

    private let lock = NSLock()
    private var child: ChildProcess?

    /// How long the program may take to start, and to end after SIGTERM (it gives its sessions ten seconds).
    private static let patience = Duration.seconds(30)

    /// Chooses ports and makes certificates; writes and starts nothing.
    package init(in directory: TemporaryDirectory) async throws {
        self.directory = directory
        certificates = try await Certificates.make(in: directory("certs"))
        imapPort = try Port.free()
        imapsPort = try Port.free()
        submissionPort = try Port.free()
        submissionsPort = try Port.free()
    }

    /// The path of the configuration.
    package var configuration: String { directory("posthouse.yaml") }

    /// Writes both files. `settings` are lines added to the one of the process.
    package func configure(settings: String, logLevel: String = "debug", site: String) throws {
        try directory.write(
            """
            host-name: localhost
            listeners:
              - {service: imap, address: 127.0.0.1, port: \(imapPort)}
              - {service: imaps, address: 127.0.0.1, port: \(imapsPort)}
              - {service: submission, address: 127.0.0.1, port: \(submissionPort)}
              - {service: submissions, address: 127.0.0.1, port: \(submissionsPort)}
            certificate:
              chain-file: \(certificates.chain)
              key-file: \(certificates.key)
            data-directory: data
            master-key-file: master.key
            site-file: site.yaml
            log:
              level: \(logLevel)
            \(settings)

            """, to: "posthouse.yaml")
        try directory.write(site, to: "site.yaml")
    }

    /// Runs a command of the program to its end, with the configuration of this directory.
    package func run(_ words: [String], input: String = "") async throws -> ChildProcess.Finished {
        try await ChildProcess.run([Repository.posthouse] + words + ["--config", configuration], input: input)
    }

    /// The same, for a command that must succeed; gives its output.
    @discardableResult
    package func succeed(_ words: [String], input: String = "") async throws -> String {
        let finished = try await run(words, input: input)
        guard finished.succeeded else {
            throw RigFailure(
                "posthouse \(words.joined(separator: " ")): \(finished.exit)\n\(finished.output)\(finished.errors)")
        }
        return finished.output
    }

    /// Starts the daemon and waits until it accepts connections. `under` is put before its command line.
    package func start(under wrapper: [String] = []) async throws {
        let log = open(directory("posthouse.log"), O_WRONLY | O_CREAT | O_APPEND, 0o644)
        let null = open("/dev/null", O_RDWR)
        defer {
            close(log)
            close(null)
        }
        let child = try ChildProcess(
            wrapper + [Repository.posthouse, "serve", "--config", configuration], input: null, output: log,
            errors: log)
        lock.withLock { self.child = child }
        try await eventually(
            "posthouse accepts connections", within: Self.patience,
            holds: {
                if let exit = child.poll() { throw RigFailure("posthouse ended: \(exit)\n\(tail())") }
                return [imapPort, imapsPort, submissionPort, submissionsPort].allSatisfy(Port.isOpen)
            })
    }

    /// SIGTERM, and its end. Gives how it ended.
    @discardableResult
    package func stop() async throws -> ChildProcess.Exit {
        guard let child = running else { throw RigFailure("posthouse does not run") }
        child.signal(SIGTERM)
        return try await child.wait(within: Self.patience)
    }

    /// SIGKILL.
    package func kill() {
        running?.kill()
    }

    /// SIGHUP: configuration and certificates are read again.
    package func hangUp() {
        running?.signal(SIGHUP)
    }

    /// Sends a signal.
    package func signal(_ number: Int32) {
        running?.signal(number)
    }

    /// Its process number while it runs.
    package var processID: Int32? { running?.processID }

    /// Waits for it to end by itself.
    package func end() async throws -> ChildProcess.Exit {
        guard let child = lock.withLock({ self.child }) else { throw RigFailure("posthouse was never started") }
        return try await child.wait(within: Self.patience)
    }

    private var running: ChildProcess? {
        lock.withLock { child.flatMap { $0.poll() == nil ? $0 : nil } }
    }

    /// What it has logged.
    package var log: String { directory.read("posthouse.log") }

    /// The last lines of the log.
    package func tail(_ count: Int = 40) -> String {
        log.split(separator: "\n").suffix(count).map { "    \($0)\n" }.joined()
    }

    /// Waits until the log contains `text`.
    package func logged(_ text: String, within patience: Duration = .seconds(20)) async throws {
        do {
            try await eventually("the log says “\(text)”", within: patience, holds: { log.contains(text) })
        } catch {
            throw RigFailure("\(error)\n\(tail())")
        }
    }
}
