import Desk
import Engine
import Loop
import MailTypes
import Mirror
import Rules
import Store
import TestKit
import Testing

/// Passages as they happen: by arrival, by reading, by saving, in front of a real Dovecot.
@Suite(.timeLimit(.minutes(20)))
struct ArrivalTests {
    private static var rules: ScannerRules {
        var rules = ScannerRules.helpDesk
        rules.start = .everything
        return rules
    }

    private func with(
        _ rules: ScannerRules = rules, _ body: (EngineHouse) async throws -> Void
    ) async throws {
        try await EngineHouse.with(
            site: { site in
                site.scanners = [Scanner(account: "support", rules: rules)]
                for index in site.accounts.indices where site.accounts[index].name == "support" {
                    site.accounts[index].monitored = [.inbox]
                }
            }, body)
    }

    private func upstream(_ house: EngineHouse) async throws -> IMAPClient {
        let client = try await IMAPClient.connect("upstream", port: house.provider.imapPort)
        #expect(try await client.login("support", "support-upstream").isOK)
        return client
    }

    private func tickets(_ house: EngineHouse) async throws -> [NumberedTicket] {
        try await house.store.read { reader throws(StoreError) in try reader.tickets() }
    }

    @Test func whatArrivesBecomesATicketWithoutAnyClient() async throws {
        try await with { house in
            let other = try await upstream(house)
            #expect(try await other.append(letter("fire"), to: "INBOX").isOK)
            try await eventually("a ticket", holds: { try await tickets(house).count == 1 })
            #expect(try await other.append(letter("water"), to: "INBOX").isOK)
            try await eventually("another ticket", holds: { try await tickets(house).count == 2 })
            // A copy of it, in the same mailbox and in another one, is the same message.
            #expect(try await other.append(letter("fire"), to: "INBOX").isOK)
            #expect(try await other.append(letter("earth"), to: "INBOX").isOK)
            try await eventually("a third ticket", holds: { try await tickets(house).count == 3 })
            #expect(try await tickets(house).map(\.ticket.subject).sorted() == ["earth", "fire", "water"])
            try await other.logout()
        }
    }

    @Test func aScannedMessageIsMovedAsConfigured() async throws {
        var rules = Self.rules
        rules.onSuccess = .move("Done")
        rules.marksSeen = true
        try await with(rules) { house in
            let other = try await upstream(house)
            try await other.make("Done")
            #expect(try await other.append(letter("fire"), to: "INBOX").isOK)
            try await eventually("a ticket", holds: { try await tickets(house).count == 1 })
            try await eventually(
                "the message in Done",
                holds: {
                    try await other.ok("STATUS Done (MESSAGES UNSEEN)").lines(containing: "MESSAGES 1 UNSEEN 0").count
                        == 1
                })
            try await eventually(
                "an empty INBOX",
                holds: {
                    try await other.ok("STATUS INBOX (MESSAGES)").lines(containing: "MESSAGES 0").count == 1
                })
            #expect(try await tickets(house).count == 1)
            try await other.logout()
        }
    }

    @Test func whatAClientReadsIsScannedOnce() async throws {
        try await with { house in
            let other = try await upstream(house)
            try await other.make("Elsewhere")
            #expect(try await other.append(letter("fire"), to: "Elsewhere").isOK)
            let alice = try house.principal("alice", account: "support")
            let mailbox = try await house.engine.open(MailboxName("Elsewhere"), for: alice, readOnly: true)
            let uid = try #require((try await mailbox.begin()).0.uid(at: 1))
            // Its envelope alone is no reading.
            _ = try await mailbox.messages([uid], needs: [.envelope])
            #expect(try await tickets(house).isEmpty)
            _ = try await mailbox.messages([uid], needs: [.body])
            // The reader does not wait for the scanner.
            try await eventually("the one that was read", holds: { try await tickets(house).count == 1 })
            _ = try await mailbox.messages([uid], needs: [.body])
            #expect(try await other.append(letter("fire"), to: "INBOX").isOK)
            #expect(try await other.append(letter("water"), to: "INBOX").isOK)
            try await eventually("the one that is new", holds: { try await tickets(house).count == 2 })
            try await other.logout()
        }
    }

    @Test func whatAClientSavesIsScannedAndDraftsAreNot() async throws {
        try await with { house in
            let alice = try house.principal("alice", account: "support")
            _ = try await house.append(letter("draft"), flags: [.draft], as: alice)
            #expect(try await tickets(house).isEmpty)
            _ = try await house.append(letter("fire"), as: alice)
            #expect(try await tickets(house).count == 1)
            let answer = letter("answer").replacing(
                "From: Jan <jan@customer.example>", with: "From: support@example.test"
            )
            .replacing("To: support@example.test", with: "To: jan@customer.example")
            .replacing("\r\n\r\n", with: "\r\nReferences: <66697265@customer.example>\r\n\r\n")
            _ = try await house.append(answer, flags: [.seen], as: alice)
            let ticket = try #require(try await tickets(house).first?.ticket)
            #expect(ticket.status == .waitingForResponse)
            #expect(ticket.assignee == "alice")
        }
    }

    @Test func fromNowStartsWithTheEngine() async throws {
        var rules = Self.rules
        rules.start = .fromNow
        try await with(rules) { house in
            let other = try await upstream(house)
            let old = letter("old")
            try await other.dialogue.send("o1 APPEND INBOX \"01-Jan-2020 10:00:00 +0000\" {\(old.utf8.count)+}")
            try await other.dialogue.send(old)
            _ = try await other.dialogue.line(containing: "o1 OK")
            #expect(try await other.append(letter("new"), to: "INBOX").isOK)
            try await eventually("a ticket", holds: { try await tickets(house).map(\.ticket.subject) == ["new"] })
            let journal = try await house.store.read { reader throws(StoreError) in try reader.journal() }
            #expect(journal.map(\.entry.subject) == ["new"])
        }
    }
}
