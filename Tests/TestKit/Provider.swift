internal import Foundation

/// The mail provider behind Posthouse: a Dovecot and, when asked for, a Postfix of the test's own.
package final class Provider: Sendable {
    /// The directory of both.
    package let directory: String
    /// The certificates that both present.
    package let certificates: Certificates
    /// IMAP with STARTTLS; passwords are accepted in clear as well.
    package let imapPort: UInt16
    /// IMAP over TLS.
    package let imapsPort: UInt16
    /// SMTP with STARTTLS and AUTH; takes mail for any address, and Postfix everything from the machine itself.
    package let smtpPort: UInt16
    /// Where Postfix is when it stands behind Dovecot's submission server.
    let relayPort: UInt16

    /// Lines of configuration with which Dovecot offers neither CONDSTORE nor QRESYNC.
    package static let withoutModSeqs = """
        imap_capability = IMAP4rev1 SASL-IR LITERAL+ ID ENABLE IDLE NAMESPACE UIDPLUS UNSELECT MOVE ESEARCH \
        LIST-EXTENDED CHILDREN SPECIAL-USE
        """

    /// Chooses ports and makes certificates for `names`; starts nothing.
    package init(in directory: String, names: [String] = ["localhost"]) async throws {
        self.directory = directory
        certificates = try await Certificates.make(in: "\(directory)/certs", names: names)
        imapPort = try Port.free()
        imapsPort = try Port.free()
        smtpPort = try Port.free()
        relayPort = try Port.free()
    }

    /// Adds a user or changes the password; takes effect at once.
    package func user(_ name: String, password: String) async throws {
        try await ChildProcess.succeed(
            [Repository.file("scripts/upstream"), "user", directory, name], input: "\(password)\n")
    }

    /// Starts Dovecot, with `extra` lines of configuration after the usual ones.
    package func startDovecot(extra: String = "") async throws {
        try Reaper.shared.adopt(provider: directory)
        // Tests read back what they wrote at once and throw it away after: no fsync.
        try Data("mail_fsync = never\n\(extra)\n".utf8).write(to: URL(fileURLWithPath: "\(directory)/dovecot.extra"))
        try await ChildProcess.succeed(
            [Repository.file("scripts/upstream"), "start", directory, "dovecot", "\(imapPort)", "\(imapsPort)"])
    }

    /// Starts Postfix, with `extra` lines of configuration after the usual ones. It delivers through Dovecot.
    /// - Parameter port: where, when not at `smtpPort`.
    package func startPostfix(extra: String = "", port: UInt16? = nil) async throws {
        try Reaper.shared.adopt(provider: directory)
        try Data("\(extra)\n".utf8).write(to: URL(fileURLWithPath: "\(directory)/postfix.extra"))
        try await ChildProcess.succeed(
            [Repository.file("scripts/upstream"), "start", directory, "postfix", "\(port ?? smtpPort)"])
    }

    /// Ends Dovecot, at once when told so.
    package func stopDovecot(atOnce: Bool = false) async throws {
        try await ChildProcess.succeed(
            [Repository.file("scripts/upstream"), atOnce ? "kill" : "stop", directory, "dovecot"])
    }

    /// Ends Postfix, at once when told so.
    package func stopPostfix(atOnce: Bool = false) async throws {
        try await ChildProcess.succeed(
            [Repository.file("scripts/upstream"), atOnce ? "kill" : "stop", directory, "postfix"])
    }

    /// Ends both without ceremony.
    package func kill() async {
        await killExim()
        _ = try? await ChildProcess.run([Repository.file("scripts/upstream"), "kill", directory])
        Reaper.shared.release(provider: directory)
    }

    /// Whether Postfix has mail that it has not handed on.
    package var hasQueuedMail: Bool {
        ["incoming", "active", "deferred", "maildrop"].contains { queue in
            let path = "\(directory)/postfix/queue/\(queue)"
            // Deferred mail lies in directories that are made when they are needed and stay.
            return FileManager.default.enumerator(atPath: path)?.contains { name in
                ((name as? String)?.split(separator: "/").last?.count ?? 0) > 1
            } ?? false
        }
    }

    /// What Dovecot has logged.
    package var dovecotLog: String { text("dovecot/log") }
    /// What Postfix has logged.
    package var postfixLog: String { text("postfix/log") }

    func text(_ name: String) -> String {
        let data = FileManager.default.contents(atPath: "\(directory)/\(name)") ?? Data()
        return String(decoding: data, as: UTF8.self)
    }
}
