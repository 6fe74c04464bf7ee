import Configuration
import Loop
import TestKit
import Testing
import YAML

/// A directory with files that are all right, to be spoilt one at a time.
private struct Place {
    let directory: TemporaryDirectory
    let certificates: Certificates

    init() async throws {
        directory = try TemporaryDirectory()
        certificates = try await Certificates.make(in: directory("certs"))
        try directory.write("secret\n", to: "secrets/support", mode: 0o600)
        try directory.write(process, to: "posthouse.yaml")
        try directory.write(Self.site, to: "site.yaml")
    }

    var process: String {
        """
        host-name: localhost
        data-directory: data
        master-key-file: keys/master.key
        site-file: site.yaml
        listeners: [{service: imaps, address: 127.0.0.1, port: 1993}]
        certificate:
          chain-file: \(certificates.chain)
          key-file: \(certificates.key)
        """
    }

    static let site = """
        servers:
          one: {imap: {host: localhost, ca-file: certs/ca.crt}}
        accounts:
          support: {server: one, address: support@example.com, password-file: secrets/support}
        """

    /// Everything that `check` finds, each as file name, line and the beginning of what it says.
    func problems(now: Int64 = now, credentials: String? = nil) -> [String] {
        let reading = Settings.read(directory("posthouse.yaml"))
        let machine = reading.settings.map {
            SystemCheck.problems(of: $0, now: now, credentialsDirectory: credentials)
        }
        return (reading.problems + (machine ?? [])).map { problem in
            let file = problem.file.split(separator: "/").last ?? ""
            #expect(!problem.remedy.isEmpty)
            return "\(file):\(problem.position?.line ?? 0) \(problem.severity.rawValue) \(problem.setting): "
                + problem.message.replacing(directory.path, with: "DIR")
        }
    }

    /// Seconds since 1970: a minute after the certificates were made.
    static var now: Int64 { WallClock.system.now.seconds + 60 }
}

@Suite struct SystemCheckTests {
    @Test func nothingIsWrong() async throws {
        let place = try await Place()
        defer { place.directory.remove() }
        #expect(place.problems() == [])
    }

    @Test func certificates() async throws {
        let place = try await Place()
        defer { place.directory.remove() }
        #expect(
            place.problems(now: Place.now + 100 * 365 * 86_400) == [
                "posthouse.yaml:7 error certificate.chain-file: the certificate has expired"
            ])
        #expect(
            place.problems(now: 0) == [
                "posthouse.yaml:7 error certificate.chain-file: the certificate is not valid yet"
            ])
        let other = try await Certificates.make(in: place.directory("other"))
        try place.directory.write(
            place.process.replacing(place.certificates.key, with: other.key)
                .replacing("host-name: localhost", with: "host-name: mail.example.com"), to: "posthouse.yaml")
        let mismatch = place.problems()
        #expect(mismatch.count == 1)
        #expect(mismatch.first?.hasPrefix("posthouse.yaml:8 error certificate.key-file: the key in DIR/other") == true)
        try place.directory.write(
            place.process.replacing("host-name: localhost", with: "host-name: mail.example.com"), to: "posthouse.yaml")
        let wrongName = place.problems()
        #expect(wrongName.count == 1)
        #expect(
            wrongName.first?.hasPrefix("posthouse.yaml:7 warning certificate.chain-file: the certificate is for")
                == true)
        try place.directory.write(
            place.process.replacing(place.certificates.chain, with: "missing.crt"), to: "posthouse.yaml")
        #expect(place.problems().first?.hasPrefix("posthouse.yaml:7 error certificate.chain-file: cannot read") == true)
    }

    @Test func clientCertificates() async throws {
        let place = try await Place()
        defer { place.directory.remove() }
        let list = try await place.certificates.revocations([])
        func problems(_ authority: String, _ list: String, later: Int64 = 0) throws -> [String] {
            try place.directory.write(
                place.process + """

                    client-certificates:
                      authority-file: \(authority)
                      revocation-file: \(list)
                      user: email
                    """, to: "posthouse.yaml")
            return place.problems(now: Place.now + later)
        }
        let authority = place.certificates.authority
        #expect(try problems(authority, list) == [])
        #expect(
            try problems(authority, list, later: 2 * 86_400) == [
                "posthouse.yaml:11 warning client-certificates.revocation-file: a revocation list is out of date: nobody "
                    + "can sign in by a certificate"
            ])
        let missing = try problems("missing.crt", list)
        #expect(missing.count == 1)
        #expect(missing[0].hasPrefix("posthouse.yaml:10 error client-certificates.authority-file: cannot read"))
        let wrong = try problems(authority, authority)
        #expect(wrong.count == 1)
        #expect(wrong[0].hasPrefix("posthouse.yaml:11 error client-certificates.revocation-file: cannot read"))
    }

    @Test func keysAndDirectories() async throws {
        let place = try await Place()
        defer { place.directory.remove() }
        try place.directory.write("x", to: "keys/master.key", mode: 0o644)
        try place.directory.write("x", to: "data", mode: 0o644)
        #expect(
            place.problems() == [
                "posthouse.yaml:2 error data-directory: DIR/data is no directory",
                "posthouse.yaml:3 error master-key-file: DIR/keys/master.key has mode 0644: others can reach the key",
            ])
        try place.directory.write("x", to: "credentials/posthouse-master-key", mode: 0o400)
        #expect(place.problems(credentials: place.directory("credentials")).count == 1)
        try place.directory.write(
            place.process.replacing("keys/master.key", with: "store/master.key")
                .replacing("data-directory: data", with: "data-directory: store"), to: "posthouse.yaml")
        let inside = place.problems()
        #expect(inside.count == 1)
        #expect(inside.first?.hasPrefix("posthouse.yaml:3 warning master-key-file: the key lies in the data") == true)
    }

    @Test func passwordFiles() async throws {
        let place = try await Place()
        defer { place.directory.remove() }
        let setting = "site.yaml:4 error accounts.support.password-file"
        try place.directory.write("secret\n", to: "secrets/support", mode: 0o640)
        #expect(place.problems() == ["\(setting): DIR/secrets/support has mode 0640: others can read the password"])
        try place.directory.write("\n", to: "secrets/support", mode: 0o600)
        #expect(place.problems() == ["\(setting): DIR/secrets/support is empty"])
        try place.directory.write("a\nb\n", to: "secrets/support", mode: 0o600)
        #expect(
            place.problems() == [
                "\(setting): DIR/secrets/support has more than one line, or a character that no password has"
            ])
        try place.directory.write(Place.site.replacing("secrets/support", with: "nowhere"), to: "site.yaml")
        #expect(place.problems() == ["\(setting): DIR/nowhere: No such file or directory"])
    }

    @Test func servers() async throws {
        let place = try await Place()
        defer { place.directory.remove() }
        try place.directory.write(
            Place.site.replacing("host: localhost, ca-file: certs/ca.crt", with: "host: a.example, ca-file: none.crt")
                .replacing(
                    "}}\naccounts", with: ", verify-certificate: no}, smtp: {host: b.example, tls: none}}\naccounts"),
            to: "site.yaml")
        let problems = place.problems()
        #expect(problems.count == 3)
        #expect(problems.first?.hasPrefix("site.yaml:2 error servers.one.imap.ca-file: cannot read trusted") == true)
        #expect(
            problems.dropFirst() == [
                "site.yaml:2 warning servers.one.imap.verify-certificate: anybody between here and a.example can pass for it",
                "site.yaml:2 warning servers.one.smtp.tls: passwords and mail travel unencrypted to b.example",
            ])
    }

    @Test func filesThatAreMissingOrUnreadable() async throws {
        let place = try await Place()
        defer { place.directory.remove() }
        try place.directory.write(place.process.replacing("site.yaml", with: "nowhere.yaml"), to: "posthouse.yaml")
        #expect(
            place.problems() == [
                "posthouse.yaml:4 error site-file: DIR/nowhere.yaml: No such file or directory"
            ])
        try place.directory.write("listeners: [", to: "posthouse.yaml")
        #expect(place.problems().first?.contains("error : this is not YAML") == true)
        let missing = Settings.read(place.directory("nothing.yaml"))
        #expect(missing.settings == nil)
        #expect(missing.problems.map(\.message) == ["No such file or directory"])
    }

    @Test func whatIssuersNeed() async throws {
        let place = try await Place()
        let issuers = """

            issuers:
              - url: https://id.example.com
                ca-file: certs/ca.crt
                introspection: {client-id: c, client-secret-file: secrets/issuer}
            """
        try place.directory.write(place.process + issuers, to: "posthouse.yaml")
        let setting = "posthouse.yaml:12 error issuers[0].introspection.client-secret-file"
        #expect(place.problems() == ["\(setting): DIR/secrets/issuer: No such file or directory"])
        try place.directory.write("s3cret\n", to: "secrets/issuer", mode: 0o644)
        #expect(place.problems() == ["\(setting): DIR/secrets/issuer has mode 0644: others can read the password"])
        try place.directory.write("s3cret\n", to: "secrets/issuer", mode: 0o600)
        #expect(place.problems() == [])
        try place.directory.write("nonsense", to: "certs/ca.crt")
        #expect(place.problems().contains { $0.hasPrefix("posthouse.yaml:10 error issuers[0].ca-file: ") })
    }
}
