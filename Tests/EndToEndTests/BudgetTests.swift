import TestKit
import Testing

/// A provider's daily byte budget, over the end of the program.
@Suite("The daily byte budget")
struct BudgetTests {
    @Test func `What is used up stays so after a restart, until the budget is larger`() async throws {
        var plan = Plan()
        plan.server = "download-per-day: 1MiB"
        plan.scanner = nil
        try await House.with(plan) { house in
            let upstream = try await house.upstream("support")
            try await upstream.make("Box")
            try await upstream.logout()
            let large =
                Letters.plain("large", from: "jan@customer.test", to: "support@example.test")
                + String(repeating: String(repeating: "x", count: 70) + "\r\n", count: 16_000)
            try await house.arrive(large, in: "Box")
            try await house.arrive(
                Letters.plain("small", from: "jan@customer.test", to: "support@example.test"), in: "Box")
            let alice = try await house.imap("support*alice")
            try await alice.open("Box", messages: 2)
            try await alice.ok("FETCH 1 BODY.PEEK[]")
            #expect(try await alice.command("FETCH 2 BODY.PEEK[]").status.hasPrefix("NO [LIMIT] "))
            // Before the count is written down by itself.
            #expect(try await house.posthouse.stop() == .code(0))
            let sheet = try await house.posthouse.succeed(["account", "show", "support"])
            #expect(sheet.contains("MB of 1 MB; no more mail is fetched until 00:00 UTC\n"), "\(sheet)")
            let others = try await house.posthouse.succeed(["account", "show", "sales"])
            #expect(!others.contains("no more"), "\(others)")

            try await house.posthouse.start()
            let again = try await house.imap("support*alice")
            try await again.open("Box", messages: 2)
            try await again.ok("FETCH 1 BODY.PEEK[]")
            try await again.ok("FETCH 1:2 (FLAGS ENVELOPE)")
            #expect(try await again.command("FETCH 2 BODY.PEEK[]").status.hasPrefix("NO [LIMIT] "))
            #expect(house.posthouse.log.matches(of: /a daily byte budget is used up/).count == 1)

            let site = house.posthouse.directory.read("site.yaml")
            try house.posthouse.directory.write(site.replacing("1MiB", with: "100MiB"), to: "site.yaml")
            house.posthouse.hangUp()
            try await house.posthouse.logged("a daily byte budget is open again")
            try await again.ok("FETCH 2 BODY.PEEK[]")
        }
    }
}
