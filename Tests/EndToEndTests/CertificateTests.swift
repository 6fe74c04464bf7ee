import TestKit
import Testing

/// Programs that people use, which show a certificate where others send a password.
@Suite("Client certificates")
struct CertificateTests {
    private static var plan: Plan {
        var plan = Plan.sending
        plan.settings += "\nclient-certificates: {authority-file: certs/ca.crt, user: email}"
        return plan
    }

    @Test func `curl and msmtp sign in with a certificate, a mailbox or an account alone`() async throws {
        try await House.with(Self.plan) { house in
            try await house.arrive(Letters.plain("hello"))
            try await house.imap("alice").open("INBOX", messages: 1)
            let alice = try await house.posthouse.certificates.sign(
                .init("Alice Adams", emails: ["alice@example.test"]), as: "alice")
            for (scheme, path) in [("imaps", "/INBOX;MAILINDEX=1"), ("imap", "/INBOX;MAILINDEX=1")] {
                for name in ["alice", "support*alice"] {
                    let read = try await house.curl(name, showing: alice, scheme, path)
                    #expect(read.output.contains("Subject: hello"), "\(scheme) \(name): \(read)")
                }
                #expect(try await !house.curl("support*bob", showing: alice, scheme, path).succeeded)
            }
            for scheme in ["smtps", "smtp"] {
                let sent = try await house.curl("alice", showing: alice, scheme, "", ["--request", "NOOP"])
                #expect(sent.succeeded, "\(scheme): \(sent)")
            }
            for isImplicit in [true, false] {
                let sent = try await house.msmtp(
                    "alice", from: "support@example.test", to: ["jan@example.test"],
                    "Subject: by certificate\n\nHello.\n", mechanism: "external", implicitTLS: isImplicit,
                    showing: alice)
                #expect(sent.succeeded, "\(sent)")
            }
            #expect(house.posthouse.log.contains("mechanism=EXTERNAL"))
        }
    }

    @Test func `Without a certificate, or with somebody else's, everything goes on with passwords`() async throws {
        try await House.with(Self.plan) { house in
            let strange = try await Certificates.make(in: house.posthouse.directory("strange"))
            let forged = try await strange.sign(.init("Alice Adams", emails: ["alice@example.test"]), as: "alice")
            #expect(try await !house.curl("alice", showing: forged, "imaps", "/").succeeded)
            let words = ["--cert", forged.certificate, "--key", forged.key]
            #expect(try await house.curl("alice", "imaps", "/", words).output.contains("INBOX"))
            #expect(try await house.curl("alice", "imaps", "/").output.contains("INBOX"))
            let sent = try await house.swaks(
                "alice", from: "support@example.test", to: ["jan@example.test"],
                ["--tls-cert", forged.certificate, "--tls-key", forged.key])
            #expect(sent.succeeded, "\(sent)")
        }
    }

    @Test func `Another list of what is revoked is taken over while the program runs`() async throws {
        try await House.with(Self.plan) { house in
            let authority = house.posthouse.certificates
            let alice = try await authority.sign(.init("Alice", emails: ["alice@example.test"]), as: "alice")
            #expect(try await house.curl("alice", showing: alice, "imaps", "/").succeeded)
            let list = try await authority.revocations([alice])
            let settings = house.posthouse.directory.read("posthouse.yaml")
            try house.posthouse.directory.write(
                settings.replacing("user: email", with: "user: email, revocation-file: \(list)"), to: "posthouse.yaml")
            house.posthouse.hangUp()
            try await eventually("her certificate is refused") {
                try await !house.curl("alice", showing: alice, "imaps", "/").succeeded
            }
            let refusals = house.posthouse.log.split(separator: "\n")
                .filter { $0.contains("certificate is not accepted") }
            #expect(refusals.contains { $0.contains("certificate revoked") && $0.contains("/CN=Alice") })
        }
    }
}

extension House {
    /// curl with a certificate in place of the password.
    fileprivate func curl(
        _ user: String, showing shown: PersonalCertificate, _ scheme: String, _ path: String, _ options: [String] = []
    ) async throws -> ChildProcess.Finished {
        let port =
            switch scheme {
            case "imap": posthouse.imapPort
            case "imaps": posthouse.imapsPort
            case "smtp": posthouse.submissionPort
            default: posthouse.submissionsPort
            }
        return try await ChildProcess.run(
            [
                "curl", "-sS", "--max-time", "30", "--ssl-reqd", "--cacert", posthouse.certificates.authority, "--cert",
                shown.certificate, "--key", shown.key, "--login-options", "AUTH=EXTERNAL", "--user", "\(user):",
            ] + options + ["\(scheme)://localhost:\(port)\(path)"])
    }
}
