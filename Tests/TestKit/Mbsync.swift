internal import Foundation

/// mbsync between Posthouse and a Maildir of the test's own: INBOX, both ways, with what is deleted at one end removed at
/// both.
package struct Mbsync: Sendable {
    private let directory: TemporaryDirectory

    /// A message of the Maildir.
    package struct Letter: Sendable {
        /// Its path.
        package let path: String
        package let subject: String
        /// The letters of its flags, such as `FS`, sorted.
        package let flags: String
    }

    /// Writes the configuration; nothing is synchronised yet.
    package init(
        _ house: House, _ user: String, mechanism: String = "PLAIN", in directory: TemporaryDirectory
    ) throws {
        self.directory = directory
        try directory.write("", to: "mail/.keep")
        try directory.write(
            """
            IMAPAccount posthouse
            Host localhost
            Port \(house.posthouse.imapPort)
            User \(user)
            Pass \(House.passwords[user] ?? "")
            AuthMechs \(mechanism)
            SSLType STARTTLS
            SystemCertificates no
            CertificateFile \(house.posthouse.certificates.authority)

            IMAPStore far
            Account posthouse

            MaildirStore near
            Path \(directory("mail"))/
            Inbox \(directory("mail/INBOX"))

            Channel all
            Far :far:
            Near :near:
            Patterns INBOX
            Create Near
            Expunge Both
            SyncState *

            """, to: "mbsyncrc", mode: 0o600)
    }

    /// Runs it once, to its end.
    package func run(within patience: Duration = .seconds(60)) async throws {
        try await ChildProcess.succeed(
            ["mbsync", "-c", directory("mbsyncrc"), "all"], environment: ["HOME": directory.path], within: patience)
    }

    /// What the Maildir has.
    package func letters() throws -> [Letter] {
        var letters: [Letter] = []
        for folder in ["cur", "new"] {
            let path = directory("mail/INBOX/\(folder)")
            for name in try FileManager.default.contentsOfDirectory(atPath: path) {
                let text = String(
                    decoding: FileManager.default.contents(atPath: "\(path)/\(name)") ?? Data(), as: UTF8.self)
                let subject = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("Subject: ") }?.dropFirst(9)
                let flags = name.firstRange(of: ":2,").map { String(name[$0.upperBound...].sorted()) } ?? ""
                letters.append(Letter(path: "\(path)/\(name)", subject: String(subject ?? ""), flags: flags))
            }
        }
        return letters
    }

    /// Gives a message other flags, as a Maildir client does.
    package func set(_ flags: String, of letter: Letter) throws {
        let name = (letter.path as NSString).lastPathComponent
        let base = name.firstRange(of: ":2,").map { String(name[..<$0.lowerBound]) } ?? name
        try FileManager.default.moveItem(atPath: letter.path, toPath: directory("mail/INBOX/cur/\(base):2,\(flags)"))
    }

    /// Puts a message into the Maildir.
    package func add(_ text: String, number: Int) throws {
        try directory.write(text.replacing("\r\n", with: "\n"), to: "mail/INBOX/new/1700000000.test_\(number).here")
    }
}
