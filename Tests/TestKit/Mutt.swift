/// mutt without anybody in front of it: keys are pushed, the editor is a script, and a pseudo-terminal is lent by
/// script(1).
package struct Mutt: Sendable {
    private let directory: TemporaryDirectory
    private let settings: String

    /// For a user of a house; `login` may name an account too.
    /// - Parameters:
    ///   - implicitTLS: whether it sends over TLS from the start.
    ///   - mechanism: how it signs in to send; nil for its own choice.
    ///   - token: what it signs in with in place of her password.
    package init(
        _ house: House, _ login: String, from: String, in directory: TemporaryDirectory, implicitTLS: Bool = false,
        mechanism: String? = nil, token: String? = nil
    ) throws {
        self.directory = directory
        let name = String(login.split(separator: "*").last ?? "")
        let password = House.passwords[name] ?? ""
        let (scheme, port) =
            implicitTLS ? ("smtps", house.posthouse.submissionsPort) : ("smtp", house.posthouse.submissionPort)
        let folder = "imaps://localhost:\(house.posthouse.imapsPort)/"
        let tokens =
            try token.map { token in
                let command = "cat \(try directory.write(token, to: "token", mode: 0o600))"
                return """
                    set imap_authenticators="oauthbearer" imap_oauth_refresh_command="\(command)"
                    set smtp_authenticators="oauthbearer" smtp_oauth_refresh_command="\(command)"
                    """
            } ?? ""
        settings = """
            set ssl_ca_certificates_file="\(house.posthouse.certificates.authority)"
            set ssl_force_tls=yes ssl_starttls=yes sleep_time=0 wait_key=no move=no quit=yes beep=no charset=utf-8
            set imap_user="\(login)" imap_pass="\(password)" folder="\(folder)" spoolfile="\(folder)INBOX"
            set smtp_url="\(scheme)://\(login)@localhost:\(port)/" smtp_pass="\(password)"
            set from="\(from)" use_from=yes envelope_from=yes record="\(folder)Sent" copy=yes mail_check=60
            set pipe_decode=yes header_cache="" message_cachedir="" delete=yes fast_reply=yes include=no
            \(mechanism.map { "set smtp_authenticators=\"\($0)\"" } ?? "")
            \(tokens)
            set abort_unmodified=no edit_headers=no crypt_autosign=no postpone=no recall=no

            """
    }

    /// Starts mutt on INBOX and presses keys. They have to end with `<quit>`.
    package func press(_ keys: String, editor text: String = "") async throws {
        try directory.write(
            "#!/bin/sh\ncat \"\(directory("typed"))\" >\"$1\"\n", to: "editor", mode: 0o755)
        try directory.write(text, to: "typed")
        try directory.write("\(settings)set editor=\"\(directory("editor"))\"\npush \"\(keys)\"\n", to: "muttrc")
        let finished = try await ChildProcess.run(
            ["script", "-qec", "mutt -n -F \(directory("muttrc"))", "/dev/null"],
            environment: ["HOME": directory.path])
        guard finished.succeeded else { throw RigFailure("mutt: \(finished.exit)\n\(finished.output)") }
    }

    /// The message that the pattern finds, as mutt shows it to another program.
    package func read(_ pattern: String) async throws -> String {
        try await press("<limit>\(pattern)<enter><pipe-message>cat >\(directory("shown"))<enter><quit>")
        return directory.read("shown")
    }

    /// Replies to the message that the pattern finds.
    package func reply(to pattern: String, _ text: String) async throws {
        try await press("<limit>\(pattern)<enter><reply><send-message><quit>", editor: text)
    }

    /// Sends a new message from the command line, with a copy in Sent.
    package func send(_ text: String, subject: String, to recipient: String, attachments: [String] = []) async throws {
        try directory.write(settings, to: "muttrc")
        let files = attachments.isEmpty ? [] : ["-a"] + attachments
        try await ChildProcess.succeed(
            ["mutt", "-n", "-F", directory("muttrc"), "-s", subject] + files + ["--", recipient], input: text,
            environment: ["HOME": directory.path])
    }
}
