extension House {
    /// curl against Posthouse; `path` stands after the port, such as `/INBOX;UID=1`.
    /// - Parameter token: what it signs in with in place of her password.
    package func curl(
        _ user: String, _ scheme: String = "imaps", _ path: String, _ options: [String] = [], token: String? = nil
    ) async throws -> ChildProcess.Finished {
        let name = String(user.split(separator: "*").last ?? "")
        let credentials =
            token.map { ["--user", user, "--oauth2-bearer", $0] }
            ?? ["--user", "\(user):\(Self.passwords[name] ?? "")"]
        return try await ChildProcess.run(
            ["curl", "-sS", "--max-time", "30", "--ssl-reqd", "--cacert", posthouse.certificates.authority]
                + credentials + options + ["\(scheme)://localhost:\(port(scheme))\(path)"])
    }

    /// swaks against Posthouse, with STARTTLS or TLS from the start.
    package func swaks(
        _ user: String, from: String, to recipients: [String], _ options: [String], mechanism: String = "PLAIN",
        implicitTLS: Bool = false
    ) async throws -> ChildProcess.Finished {
        try await ChildProcess.run(
            [
                "swaks", "--server",
                "localhost:\(implicitTLS ? posthouse.submissionsPort : posthouse.submissionPort)",
                implicitTLS ? "--tls-on-connect" : "--tls", "--tls-verify", "--tls-ca-path",
                posthouse.certificates.authority, "--auth", mechanism, "--auth-user", user, "--auth-password",
                Self.passwords[user] ?? "", "--from", from, "--to", recipients.joined(separator: ","), "--timeout",
                "30s",
            ] + options)
    }

    /// msmtp against Posthouse; the letter's lines may end as they like.
    /// - Parameter token: what it signs in with in place of her password.
    package func msmtp(
        _ user: String, from: String, to recipients: [String], _ letter: String, mechanism: String = "plain",
        implicitTLS: Bool = false, token: String? = nil, showing shown: PersonalCertificate? = nil
    ) async throws -> ChildProcess.Finished {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        // A token is too long for a line of its settings.
        let secret =
            try token.map { "passwordeval cat \(try directory.write($0, to: "token", mode: 0o600))" }
            ?? "password \(Self.passwords[user] ?? "")"
        let settings = try directory.write(
            """
            account default
            host localhost
            port \(implicitTLS ? posthouse.submissionsPort : posthouse.submissionPort)
            tls on
            tls_starttls \(implicitTLS ? "off" : "on")
            tls_trust_file \(posthouse.certificates.authority)
            auth \(mechanism)
            user \(user)
            \(shown.map { "tls_cert_file \($0.certificate)\ntls_key_file \($0.key)" } ?? secret)
            from \(from)

            """, to: "msmtprc", mode: 0o600)
        return try await ChildProcess.run(["msmtp", "-C", settings, "--"] + recipients, input: letter)
    }

    /// A Python program; `arguments` follow in `sys.argv`.
    package func python(_ program: String, _ arguments: [String]) async throws -> ChildProcess.Finished {
        try await ChildProcess.run(["python3", "-c", program] + arguments)
    }

    private func port(_ scheme: String) -> UInt16 {
        switch scheme {
        case "imap": posthouse.imapPort
        case "imaps": posthouse.imapsPort
        case "smtp": posthouse.submissionPort
        default: posthouse.submissionsPort
        }
    }
}
