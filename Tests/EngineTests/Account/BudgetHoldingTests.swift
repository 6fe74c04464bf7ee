import Engine
import Loop
import MailTypes
import Mirror
import Rules
import SMTPRig
import SMTPSyntax
import Store
import TestKit
import Testing

/// What waits for the next day when a daily byte budget is used up, and then comes by itself.
@Suite(.timeLimit(.minutes(20))) struct BudgetHoldingTests {
    private static let budget = 60_000

    /// A message that uses up most of the budget, but not all of it.
    private func large(_ subject: String) -> String {
        letter(subject, String(repeating: String(repeating: "x", count: 78) + "\r\n", count: 650))
    }

    @Test func scanningGoesOnTheNextDay() async throws {
        let time = MovableClock()
        let lines = LogLines()
        var rules = ScannerRules.helpDesk
        rules.start = .everything
        let scanner = Scanner(account: "support", rules: rules)
        let change: (inout SiteDescription) -> Void = { site in
            site.servers[0].dailyDownload = Self.budget
            site.scanners = [scanner]
            for index in site.accounts.indices where site.accounts[index].name == "support" {
                site.accounts[index].monitored = [.inbox]
            }
        }
        try await EngineHouse.with(clock: time.clock, log: lines.log, site: change) { house in
            func tickets() async throws -> [String] {
                try await house.store.read { r throws(StoreError) in try r.tickets() }.map(\.ticket.subject).sorted()
            }
            let upstream = try await IMAPClient.connect("upstream", port: house.provider.imapPort)
            #expect(try await upstream.login("support", "support-upstream").isOK)
            #expect(try await upstream.append(large("fire"), to: "INBOX").isOK)
            // Above the share that clients have for themselves the scanner still has its turn.
            try await eventually("a ticket", holds: { try await tickets() == ["fire"] })
            #expect(lines.containing("nearly used up").count == 1)
            #expect(try await upstream.append(large("water"), to: "INBOX").isOK)
            try await eventually("another ticket", holds: { try await tickets() == ["fire", "water"] })
            #expect(lines.containing("is used up").count == 1)
            #expect(try await upstream.append(letter("earth"), to: "INBOX").isOK)
            let alice = try house.principal("alice", account: "support")
            let mailbox = try await house.engine.open(.inbox, for: alice, readOnly: true)
            let viewer = try await Viewer(mailbox)
            try await eventually(
                "the third message is there",
                holds: {
                    _ = try await viewer.poll()
                    return viewer.view.exists == 3
                })
            let uid = try #require(viewer.view.uid(at: 3))
            #expect(try await mailbox.messages([uid], needs: [.envelope]).messages.count == 1)
            let refused = try await mailbox.messages([uid], needs: [.body])
            #expect(refused.messages.isEmpty && refused.failure == .overBudget(.download))
            #expect(try await tickets() == ["fire", "water"])
            time.nextDay()
            try await eventually("a third ticket", holds: { try await tickets() == ["earth", "fire", "water"] })
            #expect(lines.containing("is open again").count == 1)
            #expect(lines.containing("can't be read").isEmpty)
            try await upstream.logout()
        }
    }

    @Test func aLargerBudgetIsTakenOver() async throws {
        let change: (inout SiteDescription) -> Void = { $0.servers[0].dailyUpload = 1000 }
        try await EngineHouse.with(site: change) { house in
            let alice = try house.principal("alice", account: "support")
            _ = try await house.append(letter("one", String(repeating: "x", count: 900)), as: alice)
            await #expect(throws: EngineError.overBudget(.upload)) {
                _ = try await house.append(letter("two"), as: alice)
            }
            let directory = house.store.directory
            var site = SiteDescription()
            site.users = directory.users.map(\.value)
            site.servers = directory.servers.map(\.value)
            site.servers[0].dailyUpload = nil
            site.accounts = directory.accounts.map(\.value)
            site.grants = directory.grants.map(\.value)
            let changed = site
            _ = try await house.store.transaction { t throws(StoreError) in try t.apply(changed) }
            await house.engine.reload()
            _ = try await house.append(letter("two"), as: alice)
        }
    }

    @Test func aSentCopyIsSavedTheNextDay() async throws {
        let loop = try EventLoop(name: "upstream")
        defer {
            loop.stop(grace: .seconds(1))
            loop.join()
        }
        let submission = try FakeUpstream(on: loop)
        defer { submission.stop() }
        submission.behave { $0.offersSignIn = false }
        let time = MovableClock()
        let lines = LogLines()
        let change: (inout SiteDescription) -> Void = { site in
            site.servers[0].dailyUpload = Self.budget
            site.servers[0].smtp = .init(host: "127.0.0.1", port: submission.port, security: .none)
        }
        try await EngineHouse.with(clock: time.clock, log: lines.log, site: change) { house in
            let alice = try house.principal("alice")
            let account = try house.principal("alice", account: "support")
            for subject in ["one", "two"] { _ = try await house.append(large(subject), as: account) }
            let reply = try await house.loop.run { _ in
                let origin = SubmissionOrigin(
                    peer: .loopback(port: 40_000), clientName: "client.example", isEncrypted: true, usesSMTPUTF8: false)
                let submission = try house.engine.beginSubmission(
                    from: .mailbox(EmailAddress(local: "support", domain: "example.test")),
                    parameters: MailParameters(), by: alice, origin: origin)
                _ = await submission.open([QueueHouse.recipient("jan")])
                let spool = house.engine.makeSpool()
                try await spool.append(
                    Array(
                        ("From: support@example.test\r\nTo: jan@customer.example\r\nSubject: sent\r\n"
                            + "Message-ID: <sent@example.test>\r\nDate: Fri, 20 Nov 2026 10:00:00 +0100\r\n\r\nHello.\r\n")
                            .utf8))
                return await submission.deliver(spool)
            }
            #expect(reply.code == 250)
            func copies() async throws -> Int {
                let client = try await IMAPClient.connect("support upstream", port: house.provider.imapPort)
                #expect(try await client.login("support", "support-upstream").isOK)
                let answer = try await client.command("STATUS Sent (MESSAGES)")
                try await client.logout()
                return answer.lines(containing: "MESSAGES 1").count
            }
            try await eventually("the first attempt is over", holds: { !lines.containing("not saved yet").isEmpty })
            #expect(try await copies() == 0)
            time.nextDay()
            try await eventually("there is a copy", within: .seconds(40), holds: { try await copies() == 1 })
        }
    }
}
