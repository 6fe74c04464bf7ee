import Bytes
import IMAPFront
import Loop
import MailTypes
import SMTPRig
import Store
import TLS
import TestKit
import Testing

/// Signing in by a certificate: EXTERNAL (RFC 4422 appendix A) over TLS, to which `openssl s_client` shows it.
@Suite("Client certificates", .timeLimit(.minutes(20)))
struct CertificateTests {
    /// A house that goes by the addresses of its users. Erin has Alice's other address, Dave is inactive.
    private func with(
        naming: ClientCertificates.Naming = .email, limits: IMAPConfiguration.Limits = .init(), log: Log = .silent,
        _ body: (FrontHouse) async throws -> Void
    ) async throws {
        try await FrontHouse.with(upstream: false, limits: limits, log: log, site: Self.describe) { house in
            try house.take(ClientCertificates(authorityFile: house.provider.certificates.authority, naming: naming))
            try await body(house)
        }
    }

    private static func describe(_ site: inout SiteDescription) {
        site.users += [User(name: "dave"), User(name: "erin")]
        for index in site.users.indices {
            let name = site.users[index].name
            site.users[index].addresses = [EmailAddress(local: name, domain: "ours.example")]
            site.users[index].isActive = name != "dave"
            if ["alice", "erin"].contains(name) {
                site.users[index].addresses.append(EmailAddress(local: "both", domain: "ours.example"))
            }
        }
        site.grants.append(Grant(account: "support", grantee: .user("dave"), rights: .all))
    }

    private func person(_ name: String, email: String? = nil) -> Certificates.Person {
        Certificates.Person(name, emails: ["\(email ?? name)@ours.example"])
    }

    @Test(arguments: ["-tls1_3", "-tls1_2"], ["implicit", "STARTTLS"])
    func signsIn(version: String, door: String) async throws {
        try await with { house in
            let shown = try await house.provider.certificates.sign(person("Alice Adams", email: "Alice"), as: "alice")
            let client = try await house.connect(showing: shown, [version], isImplicit: door == "implicit")
            #expect(try await client.ok("CAPABILITY").untagged.joined().contains("AUTH=EXTERNAL AUTH=SCRAM"))
            let answer = try await client.ok("AUTHENTICATE EXTERNAL =")
            #expect(answer.status.hasPrefix("OK [CAPABILITY") && !answer.status.contains("AUTH="))
            #expect(try await client.ok("NAMESPACE").untagged.joined().contains("Shared/"))
            // The channel still shows who she is (RFC 8437 §3).
            #expect(try await client.ok("UNAUTHENTICATE").status.contains("AUTH=EXTERNAL"))
            try await client.ok("AUTHENTICATE EXTERNAL =")
            try await client.logout()
        }
    }

    @Test("With and without an initial response, as oneself and as one of her accounts, given up, and garbage")
    func exchanges() async throws {
        try await with { house in
            let shown = try await house.provider.certificates.sign(person("alice"), as: "alice")
            for (identity, opens) in [
                ("", true), ("alice", true), ("ALICE", true), ("support", true), ("support*alice", true),
                ("support*bob", false), ("bob", false), ("carol", false), ("support*", false), ("nothing", false),
                ("support\0", false), (String(repeating: "x", count: 600), false),
            ] {
                let client = try await house.connect(showing: shown)
                let response = identity.isEmpty ? "=" : String(lossy: Base64.encode(Array(identity.utf8)))
                let answer = try await client.command("AUTHENTICATE EXTERNAL \(response)")
                #expect(answer.isOK == opens, "\(identity): \(answer.status)")
                if opens {
                    let isWhole = try await client.ok("NAMESPACE").untagged.joined().contains("Shared/")
                    #expect(isWhole == !identity.hasPrefix("support"), "\(identity)")
                } else {
                    #expect(answer.status.hasPrefix("NO [AUTHENTICATIONFAILED] Name or password"), "\(answer.status)")
                }
                await client.dialogue.close()
            }
            let client = try await house.connect(showing: shown)
            try await client.dialogue.play(
                """
                C: a AUTHENTICATE EXTERNAL
                S: + \("")
                C: *
                S: a BAD …
                C: b AUTHENTICATE EXTERNAL
                S: + \("")
                C: this is no base 64
                S: b BAD …
                C: c AUTHENTICATE EXTERNAL /////w==
                S: c NO [AUTHENTICATIONFAILED] …
                C: d authenticate external
                S: + \("")
                C: \("")
                S: d OK …
                C: e AUTHENTICATE EXTERNAL =
                S: e BAD …
                """)
            await client.dialogue.close()
        }
    }

    @Test("A certificate that is not good, or none: no EXTERNAL, and the password as ever")
    func refused() async throws {
        let lines = LogLines()
        try await with(log: lines.log) { house in
            let authority = house.provider.certificates
            let strange = try await Certificates.make(in: house.directory("strange"))
            let alice = person("alice")
            let shown: [(String, PersonalCertificate?, reason: String)] = [
                ("none", nil, ""),
                ("strange", try await strange.sign(alice, as: "alice"), "unable to get local issuer"),
                ("expired", try await authority.sign(alice.with { $0.days = -1 }, as: "old"), "has expired"),
                (
                    "server", try await authority.sign(alice.with { $0.purpose = "serverAuth" }, as: "server-purpose"),
                    "unsuitable certificate purpose"
                ),
            ]
            for (what, certificate, reason) in shown {
                for version in ["-tls1_3", "-tls1_2"] {
                    let client = try await house.connect(showing: certificate, [version])
                    let capabilities = try await client.ok("CAPABILITY").untagged.joined()
                    #expect(!capabilities.contains("EXTERNAL") && capabilities.contains("AUTH=PLAIN"), "\(what)")
                    for response in ["", " =", " YWxpY2U="] {
                        let answer = try await client.command("AUTHENTICATE EXTERNAL\(response)")
                        #expect(answer.status.hasPrefix("NO [CANNOT]"), "\(what): \(answer.status)")
                    }
                    #expect(try await client.login("alice", "pencil").isOK, "\(what)")
                    try await client.logout()
                }
                let isLogged = lines.containing("not accepted").contains { $0.contains(reason) }
                #expect(certificate == nil || isLogged, "\(what): \(lines.containing(""))")
            }
        }
    }

    @Test("A certificate that names nobody, an inactive user or two users lets nobody in")
    func nobody() async throws {
        let lines = LogLines()
        try await with(log: lines.log) { house in
            let authority = house.provider.certificates
            for (file, person) in [
                ("unknown", person("alice", email: "zoe")), ("inactive", person("dave")),
                ("shared", person("alice", email: "both")), ("nameless", Certificates.Person("alice")),
                ("many", Certificates.Person("alice", emails: ["alice@ours.example", "carol@ours.example"])),
            ] {
                let client = try await house.connect(showing: try await authority.sign(person, as: file))
                let answer = try await client.command("AUTHENTICATE EXTERNAL =")
                #expect(answer.status == "NO [AUTHENTICATIONFAILED] Name or password is wrong", "\(file)")
                await client.dialogue.close()
            }
            let refusals = lines.containing("sign-in refused").filter { $0.contains("EXTERNAL") }
            #expect(refusals.count == 5 && refusals.allSatisfy { $0.contains("/CN=alice") || $0.contains("/CN=dave") })
            // Two addresses of one user are one user.
            let both = Certificates.Person("x", emails: ["nobody@ours.example", "Carol@OURS.example"])
            let carol = try await house.connect(showing: try await authority.sign(both, as: "carol"))
            #expect(try await carol.command("AUTHENTICATE EXTERNAL =").isOK)
            // What she may not enter she may not enter this way either.
            await carol.dialogue.close()
            let other = try await house.connect(showing: try await authority.sign(both, as: "carol"))
            let sales = String(lossy: Base64.encode(Array("sales".utf8)))
            #expect(try await other.command("AUTHENTICATE EXTERNAL \(sales)").status.hasPrefix("NO"))
        }
    }

    @Test("By common name: the user's name and nothing that merely looks like a sign-in name")
    func commonName() async throws {
        try await with(naming: .commonName) { house in
            let authority = house.provider.certificates
            for (file, person, opens) in [
                ("alice", Certificates.Person("Alice"), true), ("star", Certificates.Person("support*alice"), false),
                ("two", Certificates.Person("alice", "carol"), false),
                ("mail", person("someone", email: "alice"), false),
                ("dave", Certificates.Person("dave"), false),
            ] {
                let client = try await house.connect(showing: try await authority.sign(person, as: file))
                let answer = try await client.command("AUTHENTICATE EXTERNAL =")
                #expect(answer.isOK == opens, "\(file): \(answer.status)")
                await client.dialogue.close()
            }
        }
    }

    @Test(
        "A session taken up again neither loses nor forges who the client is",
        arguments: ["-tls1_3", "-tls1_2"])
    func resumption(version: String) async throws {
        try await with { house in
            let alice = try await house.provider.certificates.sign(person("alice"), as: "alice")
            let (first, second) = (house.directory("first.pem"), house.directory("second.pem"))
            let shown = try await house.visit(showing: alice, [version, "-sess_out", first])
            #expect(shown.contains("AUTH=EXTERNAL") && shown.contains("New, TLS"), "\(shown)")
            // The ticket alone, in the hands of somebody without the key, is worth nothing.
            let stolen = try await house.visit([version, "-sess_in", first])
            #expect(!stolen.contains("EXTERNAL") && stolen.contains("New, TLS"), "\(stolen)")
            // Alice's own is a handshake like the first.
            let again = try await house.visit(showing: alice, [version, "-sess_in", first])
            #expect(again.contains("AUTH=EXTERNAL") && again.contains("New, TLS"), "\(again)")
            // A client without a certificate has its session again as ever.
            _ = try await house.visit([version, "-sess_out", second])
            let resumed = try await house.visit([version, "-sess_in", second])
            #expect(!resumed.contains("EXTERNAL") && resumed.contains("Reused, TLS"), "\(resumed)")
        }
    }

    @Test("What is revoked, and a list that is out of date; both files are read again")
    func revocation() async throws {
        try await with { house in
            let authority = house.provider.certificates
            let alice = try await authority.sign(person("alice"), as: "alice")
            let carol = try await authority.sign(person("carol"), as: "carol")
            func areGood() async throws -> [Bool] {
                var good: [Bool] = []
                for shown in [alice, carol] {
                    let client = try await house.connect(showing: shown)
                    good.append(try await client.ok("CAPABILITY").untagged.joined().contains("AUTH=EXTERNAL"))
                    await client.dialogue.close()
                }
                return good
            }
            let list = try await authority.revocations([])
            try house.take(
                ClientCertificates(authorityFile: authority.authority, revocationFile: list, naming: .email))
            #expect(try await areGood() == [true, true])
            _ = try await authority.revocations([alice])
            #expect(try await areGood() == [true, true])
            try house.tls.reload()
            #expect(try await areGood() == [false, true])
            #expect(house.tls.revocationsEnd ?? 0 > 0)
            _ = try await authority.revocations([], seconds: 1)
            try await eventually("the list is out of date") {
                try house.tls.reload()
                return try await areGood() == [false, false]
            }
            // Other authorities, and then none.
            let strange = try await Certificates.make(in: house.directory("strange"))
            try house.take(ClientCertificates(authorityFile: strange.authority, naming: .email))
            #expect(try await areGood() == [false, false])
            try house.take(ClientCertificates(authorityFile: authority.authority, naming: .email))
            #expect(try await areGood() == [true, true])
            try house.take(nil)
            #expect(try await areGood() == [false, false])
        }
    }

    @Test("Who keeps failing is sent away")
    func sentAway() async throws {
        try await with(limits: limits { $0.failedSignIns = 2 }) { house in
            let client = try await house.connect(
                showing: try await house.provider.certificates.sign(person("zoe"), as: "zoe"))
            #expect(try await !client.command("AUTHENTICATE EXTERNAL =").untagged.joined().contains("BYE"))
            #expect(try await client.command("AUTHENTICATE EXTERNAL =").untagged.joined().contains("BYE"))
            try await client.dialogue.end()
        }
    }
}

extension FrontHouse {
    /// Holds clients' certificates against these from now on.
    fileprivate func take(_ clients: ClientCertificates?) throws {
        let files = provider.certificates
        try tls.reload(certificateFile: files.chain, keyFile: files.key, clients: clients)
    }

    /// A client in TLS that shows this certificate. It comes from an address of its own, so that it is not held back for
    /// the failures of others.
    fileprivate func connect(
        showing shown: PersonalCertificate?, _ options: [String] = [], isImplicit: Bool = true
    ) async throws -> IMAPClient {
        let address = "127.0.\(UInt8.random(in: 1...254)).\(UInt8.random(in: 1...254))"
        let options = ["-bind", "\(address):0"] + options + (shown?.options ?? [])
        let authority = provider.certificates.authority
        guard isImplicit else {
            return try await IMAPClient.connect(
                address, port: port, security: .startTLS(authority: authority, protocol: "imap", options: options))
        }
        return try await IMAPClient.connect(
            address, port: tlsPort, security: .tls(authority: authority, options: options))
    }

    /// What `s_client` says of its session, and the greeting, of a client that comes and goes.
    fileprivate func visit(showing shown: PersonalCertificate? = nil, _ options: [String]) async throws -> String {
        let words = [
            "openssl", "s_client", "-ign_eof", "-connect", "127.0.0.1:\(tlsPort)", "-servername", "localhost",
            "-CAfile",
            provider.certificates.authority,
        ]
        return try await ChildProcess.succeed(words + options + (shown?.options ?? []), input: "a LOGOUT\r\n")
    }
}
