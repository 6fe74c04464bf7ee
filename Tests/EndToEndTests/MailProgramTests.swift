import Foundation
import TestKit
import Testing

/// Mail programs send through Posthouse, each in every way that it knows to sign in.
@Suite("Mail programs")
struct MailProgramTests {
    private static let sender = "support@example.test"

    private static var plan: Plan {
        var plan = Plan.sending
        plan.settings += "\nlimits: {message-size: 1MiB}"
        return plan
    }

    /// A letter beyond ASCII, with two attachments, one of them of every octet.
    private static func letter(_ subject: String, number: Int) -> String {
        let octets = Data((0..<2000).map { UInt8(truncatingIfNeeded: $0) })
        return """
            From: Support <\(sender)>
            To: jan@customer.test
            Subject: \(subject)
            Date: Sat, 21 Nov 2026 10:00:00 +0100
            Message-ID: <program-\(number)@example.test>
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 8bit

            Zażółć gęślą jaźń.
            .
            ..dots

            --b
            Content-Type: application/octet-stream; name=all.bin
            Content-Transfer-Encoding: base64

            \(octets.base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed]))
            --b--

            """
    }

    /// Waits until the provider has letters with just these subjects for Jan, each whole and unchanged.
    private func arrived(_ house: House, _ subjects: [String]) async throws {
        try await eventually(
            "\(subjects) arrived",
            holds: { try await SubmissionTests.subjects(house, "jan", "INBOX").sorted() == subjects.sorted() })
        let checked = try await house.python(
            """
            import email, email.policy, imaplib, sys
            jan = imaplib.IMAP4("127.0.0.1", int(sys.argv[1]))
            jan.login("jan", sys.argv[2])
            jan.select("INBOX", readonly=True)
            for number in jan.search(None, "ALL")[1][0].split():
                octets = jan.fetch(number, "(BODY.PEEK[])")[1][0][1]
                letter = email.message_from_bytes(octets, policy=email.policy.default)
                text, attachment = letter.iter_parts()
                body = text.get_content().replace("\\r\\n", "\\n")
                assert body == "Zażółć gęślą jaźń.\\n.\\n..dots\\n", repr(body)
                assert attachment.get_content() == bytes(i % 256 for i in range(2000))
                assert not letter.defects, letter.defects
            """, ["\(house.provider.imapPort)", House.upstreamPasswords["jan"] ?? ""])
        #expect(checked.succeeded, "\(checked)")
    }

    @Test func `swaks signs in by PLAIN and LOGIN, pipelines, and hears of each recipient`() async throws {
        try await House.with(Self.plan) { house in
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            var subjects: [String] = []
            for mechanism in ["PLAIN", "LOGIN"] {
                for implicitTLS in [false, true] {
                    for pipelines in [false, true] {
                        subjects.append("swaks \(mechanism) \(implicitTLS) \(pipelines)")
                        let file = try directory.write(
                            Self.letter(subjects.last ?? "", number: subjects.count), to: "letter")
                        let sent = try await house.swaks(
                            "alice", from: Self.sender, to: ["nobody@example.test", "jan@customer.test"],
                            ["--data", "@\(file)"] + (pipelines ? ["--pipeline"] : []), mechanism: mechanism,
                            implicitTLS: implicitTLS)
                        #expect(sent.succeeded, "\(sent)")
                        #expect(sent.output.contains("550 5.1.1 <nobody@example.test>"), "\(sent)")
                    }
                }
            }
            try await arrived(house, subjects)
            let refused = try await house.swaks(
                "alice", from: Self.sender, to: ["nobody@example.test", "later@example.test"], [])
            #expect(refused.exit == .code(24), "\(refused)")
            let file = try directory.write(String(repeating: "x\r\n", count: 500_000), to: "large")
            let large = try await house.swaks(
                "alice", from: Self.sender, to: ["jan@customer.test"], ["--data", "@\(file)"])
            #expect(large.exit == .code(26) && large.output.contains("552 5.3.4"), "\(large.exit)")
        }
    }

    @Test func `msmtp signs in by PLAIN, LOGIN and SCRAM, and says what was refused`() async throws {
        try await House.with(Self.plan) { house in
            var subjects: [String] = []
            for mechanism in ["plain", "login", "scram-sha-256"] {
                for implicitTLS in [false, true] {
                    subjects.append("msmtp \(mechanism) \(implicitTLS)")
                    let sent = try await house.msmtp(
                        "alice", from: Self.sender, to: ["jan@customer.test", "eva@customer.test"],
                        Self.letter(subjects.last ?? "", number: subjects.count), mechanism: mechanism,
                        implicitTLS: implicitTLS)
                    #expect(sent.succeeded, "\(mechanism) \(implicitTLS): \(sent)")
                }
            }
            try await arrived(house, subjects)
            let letter = Self.letter("refused", number: 100)
            let refused = try await house.msmtp(
                "alice", from: Self.sender, to: ["jan@customer.test", "nobody@example.test"], letter)
            #expect(!refused.succeeded && refused.errors.contains("550 5.1.1 <nobody@example.test>"), "\(refused)")
            let foreign = try await house.msmtp(
                "alice", from: "boss@example.test", to: ["jan@customer.test"], letter)
            #expect(!foreign.succeeded && foreign.errors.contains("550 5.7.1"), "\(foreign)")
            let large = try await house.msmtp(
                "alice", from: Self.sender, to: ["jan@customer.test"],
                letter + String(repeating: "x\n", count: 600_000))
            #expect(!large.succeeded && large.errors.contains("552 5.3.4"), "\(large)")
        }
    }

    @Test func `mutt signs in by PLAIN and SCRAM and sends attachments`() async throws {
        try await House.with(Self.plan) { house in
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            try Data((0..<2000).map { UInt8(truncatingIfNeeded: $0) }).write(
                to: URL(fileURLWithPath: directory("all.bin")))
            var subjects: [String] = []
            for mechanism in ["plain", "scram-sha-256"] {
                for implicitTLS in [false, true] {
                    subjects.append("mutt \(mechanism) \(implicitTLS)")
                    let mutt = try Mutt(
                        house, "alice", from: Self.sender, in: directory, implicitTLS: implicitTLS,
                        mechanism: mechanism)
                    try await mutt.send(
                        "Zażółć gęślą jaźń.\n.\n..dots\n", subject: subjects.last ?? "", to: "jan@customer.test",
                        attachments: [directory("all.bin")])
                }
            }
            try await arrived(house, subjects)
        }
    }

    @Test func `curl signs in by PLAIN and LOGIN, and goes on when one recipient is refused`() async throws {
        try await House.with(Self.plan) { house in
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            var subjects: [String] = []
            for mechanism in ["PLAIN", "LOGIN"] {
                for scheme in ["smtp", "smtps"] {
                    subjects.append("curl \(mechanism) \(scheme)")
                    let text = Self.letter(subjects.last ?? "", number: subjects.count)
                    let file = try directory.write(text.replacing("\n", with: "\r\n"), to: "letter")
                    let sent = try await house.curl(
                        "alice", scheme, "",
                        [
                            "--login-options", "AUTH=\(mechanism)", "--mail-from", Self.sender, "--mail-rcpt",
                            "nobody@example.test", "--mail-rcpt", "jan@customer.test", "--mail-rcpt-allowfails",
                            "--upload-file", file,
                        ])
                    #expect(sent.succeeded, "\(sent)")
                }
            }
            try await arrived(house, subjects)
            let file = try directory.write(String(repeating: "x\r\n", count: 500_000), to: "large")
            let large = try await house.curl(
                "alice", "smtps", "",
                ["--mail-from", Self.sender, "--mail-rcpt", "jan@customer.test", "--upload-file", file])
            #expect(!large.succeeded && large.errors.contains("552"), "\(large)")
        }
    }

    @Test func `Python's smtplib signs in by PLAIN and LOGIN, with everything that it can send`() async throws {
        try await House.with(Self.plan) { house in
            var subjects: [String] = []
            for mechanism in ["PLAIN", "LOGIN"] {
                for implicitTLS in [false, true] {
                    subjects.append("smtplib \(mechanism) \(implicitTLS)")
                    let port = implicitTLS ? house.posthouse.submissionsPort : house.posthouse.submissionPort
                    let sent = try await house.python(
                        Self.program,
                        [
                            "\(port)", implicitTLS ? "implicit" : "starttls", mechanism,
                            house.posthouse.certificates.authority, House.passwords["alice"] ?? "",
                            Self.letter(subjects.last ?? "", number: subjects.count),
                        ])
                    #expect(sent.succeeded, "\(sent)")
                }
            }
            try await arrived(house, subjects)
        }
    }

    private static let program = """
        import smtplib, ssl, sys
        # What is given as octets is sent as it is, and has to have its line ends.
        octets = sys.argv.pop().replace("\\n", "\\r\\n").encode()
        port, security, mechanism, authority, password = sys.argv[1:]
        context = ssl.create_default_context(cafile=authority)
        if security == "implicit":
            server = smtplib.SMTP_SSL("localhost", int(port), context=context, timeout=30)
        else:
            server = smtplib.SMTP("localhost", int(port), timeout=30)
            server.starttls(context=context)
        server.ehlo()
        server.user, server.password = "alice", password
        assert server.auth(mechanism, getattr(server, "auth_" + mechanism.lower()))[0] == 235
        us, jan, nobody = "support@example.test", "jan@customer.test", "nobody@example.test"
        refused = server.sendmail(us, [nobody, jan], octets, mail_options=["BODY=8BITMIME"])
        assert list(refused) == [nobody] and refused[nobody][0] == 550, refused
        def refusal(error, *message, **options):
            try: server.sendmail(*message, **options)
            except error as caught: return caught
            raise AssertionError("not refused")
        caught = refusal(smtplib.SMTPRecipientsRefused, us, [nobody, "later@example.test"], octets)
        assert {key: value[0] for key, value in caught.recipients.items()} == {nobody: 550, "later@example.test": 451}
        assert refusal(smtplib.SMTPSenderRefused, "boss@example.test", [jan], octets).smtp_code == 550
        large = refusal(smtplib.SMTPSenderRefused, us, [jan], b"x" * 2000000)
        assert large.smtp_code == 552 and b"5.3.4" in large.smtp_error, large
        content = refusal(smtplib.SMTPDataError, us, [jan], b"Subject: refuse-this-content\\r\\n\\r\\nx")
        assert content.smtp_code == 550 and b"not welcome" in content.smtp_error, content
        # An international address is for the provider to take, and only with SMTPUTF8.
        server.command_encoding = "utf-8"
        assert server.mail(us, ["SMTPUTF8"])[0] == 250
        assert server.rcpt("żółw@customer.test")[0] == 250
        server.rset()
        server.quit()
        """
}
