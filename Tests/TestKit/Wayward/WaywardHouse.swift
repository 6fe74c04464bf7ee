/// Posthouse in front of many wayward servers at once, an account for each, all of them Alice's.
package final class WaywardHouse: Sendable {
    package let posthouse: Posthouse
    /// By the name of their manner, which is the account's too.
    package let upstreams: [WaywardUpstream]

    /// Silence of an upstream after which Posthouse takes it for gone, in seconds.
    package static let patience = 2

    private init(_ posthouse: Posthouse, _ upstreams: [WaywardUpstream]) {
        self.posthouse = posthouse
        self.upstreams = upstreams
    }

    /// Builds it for these manners, lets the test live in it, and tears it down, whatever happens.
    package static func with(_ manners: [Manner], _ body: (WaywardHouse) async throws -> Void) async throws {
        try await Slots.servers.hold {
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let upstreams = try manners.map { try WaywardUpstream($0) }
            defer { for upstream in upstreams { upstream.close() } }
            let house = WaywardHouse(try await Posthouse(in: directory), upstreams)
            defer { house.posthouse.kill() }
            try await house.open()
            try await body(house)
        }
    }

    private func open() async throws {
        var servers = ""
        var accounts = ""
        var grants = ""
        var scanners = ""
        for upstream in upstreams {
            let name = upstream.manner.rawValue
            // Nobody is asked for the password: the server greets with PREAUTH.
            try posthouse.directory.write("unused\n", to: "secrets/\(name)", mode: 0o600)
            servers += """
                  \(name.lowercased()):
                    imap: {host: 127.0.0.1, port: \(upstream.port), tls: none, connect-time: \(Self.patience)s, reply-time: \(Self.patience)s}

                """
            accounts += """
                  \(name.lowercased()):
                    {server: \(name.lowercased()), address: \(name)@example.test, login: x, password-file: secrets/\(name)}

                """
            grants += "  - {account: \(name.lowercased()), user: alice, rights: [all]}\n"
            scanners += "  \(name.lowercased()): {actions: [create-email], start: everything}\n"
        }
        try posthouse.configure(
            settings: "",
            site: """
                users:
                  alice: {name: Alice Adams, addresses: [alice@example.test]}
                servers:
                \(servers)accounts:
                \(accounts)grants:
                \(grants)scanners:
                \(scanners)
                """)
        let password = House.passwords["alice"] ?? ""
        try await posthouse.succeed(["user", "password", "alice", "--password-fd", "0"], input: "\(password)\n")
        try await posthouse.start()
    }

    /// An IMAP client of Alice's in the account in front of `upstream`.
    package func imap(_ upstream: WaywardUpstream) async throws -> IMAPClient {
        let user = "\(upstream.manner.rawValue.lowercased())*alice"
        let client = try await IMAPClient.connect(
            user, port: posthouse.imapsPort, security: .tls(authority: posthouse.certificates.authority))
        let answer = try await client.login(user, House.passwords["alice"] ?? "")
        guard answer.isOK else { throw RigFailure("\(user) cannot sign in: \(answer.status)") }
        return client
    }
}
