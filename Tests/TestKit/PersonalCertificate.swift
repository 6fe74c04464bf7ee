internal import Foundation

/// A certificate that a client shows, with its key.
package struct PersonalCertificate: Sendable {
    /// PEM files.
    package let certificate: String
    package let key: String

    /// As options of `openssl s_client`.
    package var options: [String] { ["-cert", certificate, "-key", key] }
}

extension Certificates {
    /// What a personal certificate says.
    package struct Person: Sendable {
        /// The common names of its subject.
        package var commonNames: [String]
        /// The alternative names of its subject.
        package var emails: [String] = []
        /// The extended key usage.
        package var purpose = "clientAuth"
        /// How long it is valid; less than none for one that was valid once.
        package var days = 2

        package init(_ commonNames: String..., emails: [String] = []) {
            self.commonNames = commonNames
            self.emails = emails
        }

        /// The same, changed.
        package func with(_ change: (inout Person) -> Void) -> Person {
            var person = self
            change(&person)
            return person
        }
    }

    /// Signs a certificate for a person. The same file name makes it anew.
    package func sign(_ person: Person, as file: String) async throws -> PersonalCertificate {
        let place = "\(directory)/\(file)"
        let names = person.emails.map { "email:\($0)" }.joined(separator: ",")
        try Data(
            """
            [req]
            distinguished_name = name
            [name]
            [person]
            basicConstraints = critical,CA:FALSE
            extendedKeyUsage = \(person.purpose)
            \(names.isEmpty ? "" : "subjectAltName = \(names)")

            """.utf8
        ).write(to: URL(fileURLWithPath: "\(place).cnf"))
        let subject = person.commonNames.map { "/CN=\($0)" }.joined()
        try await ChildProcess.succeed([
            "openssl", "req", "-new", "-config", "\(place).cnf", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-utf8", "-subj", subject, "-keyout", "\(place).key", "-out",
            "\(place).csr",
        ])
        try await ChildProcess.succeed([
            "openssl", "x509", "-req", "-in", "\(place).csr", "-CA", authority, "-CAkey", "\(directory)/ca.key",
            "-set_serial", "\(UInt32.random(in: 1...UInt32.max))", "-days", "\(person.days)", "-extfile",
            "\(place).cnf", "-extensions", "person", "-out", "\(place).crt",
        ])
        return PersonalCertificate(certificate: "\(place).crt", key: "\(place).key")
    }

    /// The path of a list of what this authority has revoked, made now and valid for `seconds`.
    package func revocations(
        _ revoked: [PersonalCertificate], seconds: Int = 86_400
    ) async throws -> String {
        let place = "\(directory)/revoked"
        try? FileManager.default.removeItem(atPath: "\(place).txt")
        try Data().write(to: URL(fileURLWithPath: "\(place).txt"))
        try Data(
            """
            [ca]
            default_ca = house
            [house]
            database = \(place).txt
            default_md = sha256
            unique_subject = no

            """.utf8
        ).write(to: URL(fileURLWithPath: "\(place).cnf"))
        let words = [
            "openssl", "ca", "-config", "\(place).cnf", "-cert", authority, "-keyfile", "\(directory)/ca.key",
        ]
        for certificate in revoked {
            try await ChildProcess.succeed(words + ["-revoke", certificate.certificate])
        }
        try await ChildProcess.succeed(words + ["-gencrl", "-crlsec", "\(seconds)", "-out", "\(place).crl"])
        return "\(place).crl"
    }
}
