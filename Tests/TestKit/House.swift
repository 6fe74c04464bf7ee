internal import Foundation

/// Everything at once: a provider, relays in front of it, and Posthouse before those.
package final class House: Sendable {
    /// Dovecot and, when the plan says so, Postfix.
    package let provider: Provider
    /// Between Posthouse and Dovecot.
    package let imapRelay: Relay
    /// Between Posthouse and Postfix.
    package let smtpRelay: Relay
    /// The program under test.
    package let posthouse: Posthouse
    /// What the house was built to.
    package let plan: Plan

    /// The passwords of people at Posthouse.
    package static let passwords = [
        "alice": "alice-at-home", "bob": "bob-at-home", "carol": "carol-at-home", "dave": "dave-at-home",
    ]
    /// The passwords at the provider, of the accounts and of a customer.
    package static let upstreamPasswords = [
        "support": "support-upstream", "sales": "sales-upstream", "jan": "jan-upstream",
    ]

    private init(provider: Provider, imapRelay: Relay, smtpRelay: Relay, posthouse: Posthouse, plan: Plan) {
        self.provider = provider
        self.imapRelay = imapRelay
        self.smtpRelay = smtpRelay
        self.posthouse = posthouse
        self.plan = plan
    }

    /// Builds a house, lets the test live in it, and tears it down, whatever happens. A failure tells what the servers
    /// logged.
    package static func with(_ plan: Plan = Plan(), _ body: (House) async throws -> Void) async throws {
        try await Slots.servers.hold {
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let house = try await build(plan, in: directory)
            do {
                try await house.open()
                try await body(house)
            } catch {
                let report = "\(error)\nposthouse:\n\(house.posthouse.tail())dovecot:\n\(house.dovecotTail)"
                await house.tearDown()
                throw RigFailure(report)
            }
            await house.tearDown()
        }
    }

    private static func build(_ plan: Plan, in directory: TemporaryDirectory) async throws -> House {
        let provider = try await Provider(in: directory("provider"), names: plan.providerNames)
        let imapRelay = try Relay(to: plan.upstreamTLS == "implicit" ? provider.imapsPort : provider.imapPort)
        let smtpRelay = try Relay(to: provider.smtpPort)
        let posthouse = try await Posthouse(in: directory)
        return House(provider: provider, imapRelay: imapRelay, smtpRelay: smtpRelay, posthouse: posthouse, plan: plan)
    }

    private func open() async throws {
        for (name, password) in Self.upstreamPasswords { try await provider.user(name, password: password) }
        let isImplicit = plan.upstreamTLS == "implicit"
        let submission = plan.submission.map { provider.dovecotLines(for: $0, implicitTLS: isImplicit) } ?? ""
        try await provider.startDovecot(extra: "\(plan.dovecot)\n\(submission)")
        if plan.sends { try await provider.startPostfix() }
        if let server = plan.submission { try await provider.start(server, implicitTLS: isImplicit) }
        for (name, password) in Self.upstreamPasswords {
            let used = name == "support" ? plan.supportPassword ?? password : password
            try posthouse.directory.write("\(used)\n", to: "secrets/\(name)", mode: 0o600)
        }
        try posthouse.configure(
            settings: plan.settings,
            site: plan.site(
                imap: imapRelay.port, smtp: smtpRelay.port, authority: provider.certificates.authority))
        for (name, password) in Self.passwords {
            try await posthouse.succeed(["user", "password", name, "--password-fd", "0"], input: "\(password)\n")
        }
        try await posthouse.start(under: plan.wrapper)
    }

    private func tearDown() async {
        posthouse.kill()
        imapRelay.close()
        smtpRelay.close()
        await provider.kill()
    }

    private var dovecotTail: String {
        provider.dovecotLog.split(separator: "\n").suffix(20).map { "    \($0)\n" }.joined()
    }

    // MARK: Clients

    /// An IMAP client that has signed in to Posthouse over TLS; `user` may name an account too (`support*alice`).
    package func imap(_ user: String) async throws -> IMAPClient {
        let client = try await IMAPClient.connect(
            user, port: posthouse.imapsPort, security: .tls(authority: posthouse.certificates.authority))
        let name = String(user.split(separator: "*").last ?? "")
        let answer = try await client.login(user, Self.passwords[name] ?? "")
        guard answer.isOK else { throw RigFailure("\(user) cannot sign in: \(answer.status)") }
        return client
    }

    /// An SMTP client that has signed in to Posthouse over TLS.
    package func smtp(_ user: String) async throws -> SMTPClient {
        let client = try await SMTPClient.connect(
            user, port: posthouse.submissionsPort, security: .tls(authority: posthouse.certificates.authority))
        let reply = try await client.authenticate(user, Self.passwords[user] ?? "")
        guard reply.code == 235 else { throw RigFailure("\(user) cannot sign in: \(reply.code) \(reply.text)") }
        return client
    }

    /// An IMAP client that has gone around Posthouse.
    package func upstream(_ user: String) async throws -> IMAPClient {
        let client = try await IMAPClient.connect("\(user) upstream", port: provider.imapPort)
        let answer = try await client.login(user, Self.upstreamPasswords[user] ?? "")
        guard answer.isOK else { throw RigFailure("\(user) cannot sign in upstream: \(answer.status)") }
        return client
    }

    /// A message arrives in a mailbox of the provider, without Posthouse having a hand in it.
    package func arrive(_ message: String, for user: String = "support", in mailbox: String = "INBOX") async throws {
        let client = try await upstream(user)
        let answer = try await client.append(message, to: mailbox)
        guard answer.isOK else { throw RigFailure("APPEND upstream: \(answer.status)") }
        try await client.logout()
    }
}
