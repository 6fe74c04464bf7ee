internal import Foundation

/// What listens at the provider's port for mail that is sent. All deliver through Dovecot, and refuse the same things.
extension Provider {
    /// A submission server.
    package enum SubmissionServer: String, CaseIterable, Sendable {
        case postfix
        case exim
        /// Dovecot's submission server, in front of Postfix.
        case dovecot
    }

    /// Octets of a message, above which every one of them but the usual Postfix refuses it.
    package static let messageLimit = 1 << 20

    /// Lines of Dovecot's configuration that this server needs.
    func dovecotLines(for server: SubmissionServer, implicitTLS: Bool) -> String {
        guard server == .dovecot else { return "" }
        return """
            protocols = imap lmtp submission
            hostname = mail.example.test
            submission_relay_host = 127.0.0.1
            submission_relay_port = \(relayPort)
            submission_max_mail_size = \(Self.messageLimit)
            service submission-login {
              inet_listener submission {
                address = 127.0.0.1
                port = \(smtpPort)
                ssl = \(implicitTLS ? "yes" : "no")
              }
            }
            """
    }

    /// Starts one; Dovecot runs already. `help@example.test` is put off at the end of data, and messages above
    /// `messageLimit` are refused.
    /// - Parameter implicitTLS: whether it speaks TLS from the start.
    package func start(_ server: SubmissionServer, implicitTLS: Bool) async throws {
        let refusals = """
            message_size_limit = \(Self.messageLimit)
            smtpd_end_of_data_restrictions = check_sender_access inline:{{help@example.test = 450 4.7.1 Not now}}
            """
        switch server {
        case .postfix:
            try await startPostfix(extra: refusals + (implicitTLS ? "\nsmtpd_tls_wrappermode = yes" : ""))
        case .dovecot: try await startPostfix(extra: refusals, port: relayPort)
        case .exim: try await startExim(extra: implicitTLS ? "tls_on_connect_ports = \(smtpPort)" : "")
        }
    }

    /// What the server has logged about sessions.
    package func submissionLog(of server: SubmissionServer) -> String {
        server == .exim ? text("exim/log/mainlog") : postfixLog
    }

    private func startExim(extra: String) async throws {
        try Data("\(extra)\n".utf8).write(to: URL(fileURLWithPath: "\(directory)/exim.extra"))
        try Reaper.shared.adopt(provider: directory)
        try await ChildProcess.succeed(
            [Repository.file("scripts/other-upstreams"), "start", directory, "exim", "\(smtpPort)"])
        let number = try String(contentsOfFile: "\(directory)/process", encoding: .utf8)
        if let process = Int32(number.filter(\.isNumber)) { try Reaper.shared.adopt(process: process) }
    }

    func killExim() async {
        guard FileManager.default.fileExists(atPath: "\(directory)/process") else { return }
        _ = try? await ChildProcess.run([Repository.file("scripts/other-upstreams"), "stop", directory])
    }
}
