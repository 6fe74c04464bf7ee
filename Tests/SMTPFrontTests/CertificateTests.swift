import Bytes
import Loop
import SMTPFront
import Store
import TLS
import TestKit
import Testing

/// Signing in to send by a certificate: EXTERNAL (RFC 4422 appendix A, RFC 4954), which `openssl s_client` shows.
@Suite("Client certificates at submission", .timeLimit(.minutes(20)))
struct CertificateTests {
    private func with(_ body: @escaping @Sendable (SubmissionHouse) async throws -> Void) async throws {
        try await SubmissionHouse.with { _, house in
            try house.tls.reload(
                certificateFile: house.certificates.chain, keyFile: house.certificates.key,
                clients: ClientCertificates(authorityFile: house.certificates.authority, naming: .email))
            try await body(house)
        }
    }

    private func person(_ name: String) -> Certificates.Person {
        Certificates.Person(name, emails: ["\(name)@ours.example"])
    }

    @Test(
        "At both doors, with both versions of TLS, and sending then", arguments: ["-tls1_3", "-tls1_2"], [true, false])
    func signsIn(version: String, isImplicit: Bool) async throws {
        try await with { house in
            let alice = try await house.certificates.sign(person("alice"), as: "alice")
            let client = try await house.connect(showing: alice, [version], isImplicit: isImplicit)
            let offers = try await client.expect(250, "EHLO client.example").lines
            #expect(offers.contains("AUTH EXTERNAL SCRAM-SHA-256 PLAIN LOGIN"), "\(offers)")
            try await client.expect(235, "AUTH EXTERNAL =")
            try await client.expect(503, "AUTH EXTERNAL =")
            try await client.expect(250, "MAIL FROM:<support@ours.example>")
            try await client.expect(250, "RCPT TO:<jan@customer.example>")
            try await client.expect(354, "DATA")
            try await client.expect(250, "From: support@ours.example\r\nSubject: hello\r\n\r\nHello.\r\n.")
            try await client.expect(221, "QUIT")
        }
    }

    @Test("In every form, given up, and garbage")
    func exchanges() async throws {
        try await with { house in
            let alice = try await house.certificates.sign(person("alice"), as: "alice")
            for (identity, opens) in [
                ("alice", true), ("support", true), ("sales*alice", true), ("support*carol", false), ("carol", false),
                ("support\0", false),
            ] {
                let client = try await house.connect(showing: alice)
                let reply = try await client.command("AUTH EXTERNAL \(Self.base64(identity))")
                #expect(reply.code == (opens ? 235 : 535), "\(identity): \(reply.code) \(reply.text)")
                // An account alone is what she may send as then.
                if opens {
                    let sender = try await client.command("MAIL FROM:<support@ours.example>")
                    #expect((sender.code == 250) == !identity.hasPrefix("sales"), "\(identity): \(sender.text)")
                }
                await client.dialogue.close()
            }
            let client = try await house.connect(showing: alice)
            try await client.dialogue.play(
                """
                C: AUTH EXTERNAL
                S: 334 \("")
                C: *
                S: 501 5.7.0 …
                C: AUTH EXTERNAL
                S: 334 \("")
                C: no base 64
                S: 501 5.5.2 …
                C: AUTH EXTERNAL /////w==
                S: 535 5.7.8 …
                C: auth external
                S: 334 \("")
                C: \("")
                S: 235 2.7.0 Welcome
                """)
            await client.dialogue.close()
        }
    }

    @Test("What is not good is not taken, and nobody comes in whom the certificate does not name")
    func refused() async throws {
        try await with { house in
            let strange = try await Certificates.make(in: house.directory("strange"))
            let alice = person("alice")
            for certificate in [
                nil, try await strange.sign(alice, as: "alice"),
                try await house.certificates.sign(alice.with { $0.days = -1 }, as: "old"),
                try await house.certificates.sign(alice.with { $0.purpose = "serverAuth" }, as: "server-purpose"),
            ] {
                let client = try await house.connect(showing: certificate)
                let offers = try await client.expect(250, "EHLO client.example").lines
                #expect(offers.contains("AUTH SCRAM-SHA-256 PLAIN LOGIN"), "\(offers)")
                try await client.expect(504, "AUTH EXTERNAL =")
                #expect(try await client.authenticate("alice", "pencil").code == 235)
                await client.dialogue.close()
            }
            for name in ["zoe", "dave"] {
                let client = try await house.connect(
                    showing: try await house.certificates.sign(person(name), as: name))
                #expect(try await client.command("AUTH EXTERNAL =").code == 535, "\(name)")
                await client.dialogue.close()
            }
        }
    }

    private static func base64(_ text: String) -> String { String(lossy: Base64.encode(Array(text.utf8))) }
}

extension SubmissionHouse {
    /// A client in TLS that shows this certificate and has said EHLO. It comes from an address of its own, so that it is not
    /// held back for the failures of others.
    fileprivate func connect(
        showing shown: PersonalCertificate?, _ options: [String] = [], isImplicit: Bool = true
    ) async throws -> SMTPClient {
        let address = "127.0.\(UInt8.random(in: 1...254)).\(UInt8.random(in: 1...254))"
        let options = ["-bind", "\(address):0"] + options + (shown?.options ?? [])
        let authority = certificates.authority
        return try await SMTPClient.connect(
            address, port: isImplicit ? secureListener.address.port : listener.address.port,
            security: isImplicit
                ? .tls(authority: authority, options: options)
                : .startTLS(authority: authority, protocol: "smtp", options: options))
    }
}
