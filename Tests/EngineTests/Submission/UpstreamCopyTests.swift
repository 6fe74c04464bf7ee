import Engine
import Loop
import MailTypes
import Rules
import SMTPRig
import SMTPSyntax
import Store
import TestKit
import Testing

/// The copy in Sent at a provider that saves it by itself.
@Suite("The provider's own copy in Sent", .timeLimit(.minutes(20)))
struct UpstreamCopyTests {
    /// A house in front of such a provider, whose copies the test saves.
    private func with(
        patience: Duration = .seconds(30), site change: (inout SiteDescription) -> Void = { _ in },
        _ body: (QueueHouse) async throws -> Void
    ) async throws {
        try await QueueHouse.with(
            site: { site in
                site.servers[0].savesSent = true
                for index in site.accounts.indices { site.accounts[index].outbox = .inline }
                change(&site)
            },
            configuration: { $0.upstreamCopyTime = patience }, body)
    }

    /// Saves a copy as the provider does: what it was given, with fields of its own.
    private func saveAtProvider(_ subject: String, _ rig: QueueHouse, from author: String? = nil) async throws {
        var text = "Received: from the provider itself\r\n" + QueueHouse.letter(subject)
        if let author { text = text.replacing("From: support@example.test", with: "From: \(author)") }
        let client = try await IMAPClient.connect("provider", port: rig.house.provider.imapPort)
        try #require(try await client.login("support", "support-upstream").isOK)
        _ = try await client.command("CREATE Sent")
        #expect(try await client.append(text, to: "Sent", flags: "\\Seen").isOK)
        try await client.logout()
    }

    private func mark(_ rig: QueueHouse) async throws -> SentMark? {
        let support = try rig.support
        return try await rig.house.store.read { reader throws(StoreError) in
            guard let row = try reader.journal(JournalFilter(account: support, limit: 9)).first else { return nil }
            return try reader.sentMark(account: support, identity: row.entry.identity)
        }
    }

    @Test("Posthouse saves none, and a client that saves its own hears where the provider's is")
    func recognised() async throws {
        try await with { rig in
            let alice = try rig.house.principal("alice", account: "support")
            #expect(try await rig.send("one").isPositive)
            // The client saves before the provider has, and waits for it.
            async let saved = rig.house.append(QueueHouse.letter("one"), to: MailboxName("Sent"), as: alice)
            try await saveAtProvider("one", rig)
            let uid = try await saved
            try await eventually("it is noted", holds: { try await mark(rig)?.copy == .savedByUpstream })
            #expect(try await rig.stored(in: "Sent").count == 1)
            // Again, in another form.
            #expect(
                try await rig.house.append(QueueHouse.letter("one"), to: MailboxName("Sent"), as: alice) == uid)
            #expect(try await rig.stored(in: "Sent").count == 1)
            #expect(try await mark(rig)?.content == nil)
        }
    }

    @Test("What the provider does not show in time is saved for the client, and by nobody else")
    func missing() async throws {
        try await with(patience: .milliseconds(300)) { rig in
            let alice = try rig.house.principal("alice", account: "support")
            #expect(try await rig.send("one").isPositive)
            try await eventually("it is given up", holds: { try await mark(rig)?.copy == .savedByUpstream })
            #expect(try await rig.stored(in: "Sent").isEmpty)
            _ = try await rig.house.append(QueueHouse.letter("one"), to: MailboxName("Sent"), as: alice)
            #expect(try await rig.stored(in: "Sent").count == 1)
        }
    }

    @Test("One that comes late is found when a client saves its own")
    func late() async throws {
        try await with(patience: .milliseconds(300)) { rig in
            let alice = try rig.house.principal("alice", account: "support")
            #expect(try await rig.send("one").isPositive)
            try await eventually("it is given up", holds: { try await mark(rig)?.copy == .savedByUpstream })
            try await saveAtProvider("one", rig)
            _ = try await rig.house.append(QueueHouse.letter("one"), to: MailboxName("Sent"), as: alice)
            #expect(try await rig.stored(in: "Sent").count == 1)
        }
    }

    @Test("The copy is no second message for the scanner, even when the provider writes another author")
    func onePassage() async throws {
        try await with(
            site: { site in
                for index in site.accounts.indices where site.accounts[index].name == "support" {
                    site.accounts[index].monitored = [.inbox, MailboxName("Sent")]
                }
                var rules = ScannerRules.helpDesk
                rules.start = .everything
                site.scanners = [Scanner(account: "support", rules: rules)]
            },
            { rig in
                #expect(try await rig.send("one").isPositive)
                try await saveAtProvider("one", rig, from: "Support <support@example.test>")
                try await eventually("it is noted", holds: { try await mark(rig)?.copy == .savedByUpstream })
                // Another one that arrives there shows that the first has been looked at.
                try await saveAtProvider("two", rig)
                let support = try rig.support
                let rows = try await eventually("the other has passed") { () async throws -> [JournalRow]? in
                    let rows = try await rig.house.store.read { reader throws(StoreError) in
                        try reader.journal(JournalFilter(account: support, limit: 9))
                    }
                    return rows.contains { $0.entry.messageID == "two@example.test" } ? rows : nil
                }
                #expect(rows.map(\.entry.messageID).sorted() == ["one@example.test", "two@example.test"])
            })
    }
}
