import TestKit
import Testing

/// Commands while the daemon runs: it takes over what they change without being told.
@Suite("Administration")
struct AdministrationTests {
    @Test func `A new user with a new grant can sign in, and is out when it is taken away`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.customer)
            let posthouse = house.posthouse
            try await posthouse.succeed(["user", "add", "zoe", "--password-fd", "0"], input: "zoe-at-home\n")
            try await posthouse.succeed(["grant", "add", "support", "--user", "zoe", "--rights", "read"])
            let zoe = try await eventually("zoe can sign in", within: .seconds(10)) { () async throws -> IMAPClient? in
                let client = try await IMAPClient.connect(
                    "zoe", port: posthouse.imapsPort, security: .tls(authority: posthouse.certificates.authority))
                return try await client.login("support*zoe", "zoe-at-home").isOK ? client : nil
            }
            try await zoe.ok("SELECT INBOX")
            try await zoe.ok("UID FETCH 1:* FLAGS")
            #expect(try await zoe.command("UID STORE 1:* +FLAGS (\\Seen)").isOK == false, "she may only read")

            let listed = try await posthouse.succeed(["grant", "list", "--user", "zoe"])
            let number = listed.split(separator: "\n").last?.split(separator: " ").first.map(String.init) ?? ""
            try await posthouse.succeed(["grant", "remove", number])
            try await eventually(
                "zoe is out", within: .seconds(10),
                holds: {
                    let client = try await IMAPClient.connect(
                        "zoe", port: posthouse.imapsPort, security: .tls(authority: posthouse.certificates.authority))
                    guard try await client.login("zoe", "zoe-at-home").isOK else { return true }
                    return try await !client.command("SELECT Shared/support/INBOX").isOK
                })
            try await posthouse.succeed(["user", "remove", "zoe"])
        }
    }

    @Test func `An account is tried at its servers`() async throws {
        try await House.with(.sending) { house in
            let good = try await house.posthouse.run(["account", "test", "support"])
            #expect(good.succeeded, "\(good)")
            #expect(good.output.contains("imap") && good.output.contains("signed in"))
            // The site file's password is the file's; another one is refused upstream.
            try await house.posthouse.succeed(
                ["account", "secret", "support", "--password-fd", "0"], input: "not-the-password\n")
            let bad = try await house.posthouse.run(["account", "test", "support"])
            #expect(bad.exit == .code(69), "\(bad)")
            #expect(!bad.output.contains("not-the-password"))
        }
    }
}
