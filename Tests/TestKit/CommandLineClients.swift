extension House {
    /// curl against Posthouse; `path` stands after the port, such as `/INBOX;UID=1`.
    package func curl(
        _ user: String, _ scheme: String = "imaps", _ path: String, _ options: [String] = []
    ) async throws -> ChildProcess.Finished {
        let name = String(user.split(separator: "*").last ?? "")
        return try await ChildProcess.run(
            [
                "curl", "-sS", "--max-time", "30", "--ssl-reqd", "--cacert", posthouse.certificates.authority, "--user",
                "\(user):\(Self.passwords[name] ?? "")",
            ] + options + ["\(scheme)://localhost:\(port(scheme))\(path)"])
    }

    /// swaks against Posthouse.
    package func swaks(
        _ user: String, from: String, to recipients: [String], _ options: [String]
    ) async throws -> ChildProcess.Finished {
        try await ChildProcess.run(
            [
                "swaks", "--server", "localhost:\(posthouse.submissionPort)", "--tls", "--tls-verify", "--tls-ca-path",
                posthouse.certificates.authority, "--auth", "PLAIN", "--auth-user", user, "--auth-password",
                Self.passwords[user] ?? "", "--from", from, "--to", recipients.joined(separator: ","), "--timeout",
                "30s",
            ] + options)
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
