import Bytes
import Engine
import Loop
import MailTypes
import SMTPRig
import SMTPSyntax
import Store
import TestKit
import Testing

/// The copy of what was sent, in front of a real Dovecot and a submission server of the test's own.
@Suite("The copy in Sent", .timeLimit(.minutes(20)))
struct SentCopyTests {
    /// Runs `body` in a house whose `support` account sends through `upstream`.
    private func with(
        _ change: @escaping (inout AccountRecord) -> Void = { _ in },
        _ body: (EngineHouse, FakeUpstream) async throws -> Void
    ) async throws {
        let loop = try EventLoop(name: "upstream")
        defer {
            loop.stop(grace: .seconds(1))
            loop.join()
        }
        let upstream = try FakeUpstream(on: loop)
        defer { upstream.stop() }
        upstream.behave { $0.offersSignIn = false }
        try await EngineHouse.with(
            site: { site in
                site.servers[0].smtp = .init(host: "127.0.0.1", port: upstream.port, security: .none)
                for index in site.accounts.indices where site.accounts[index].name == "support" {
                    change(&site.accounts[index])
                }
            }, { house in try await body(house, upstream) })
    }

    private static func letter(_ subject: String, bcc: Bool = false, date: String = "10:00:00") -> String {
        "From: support@example.test\r\nTo: jan@customer.example\r\n\(bcc ? "Bcc: eva@customer.example\r\n" : "")"
            + "Subject: \(subject)\r\nMessage-ID: <\(subject)@example.test>\r\n"
            + "Date: Fri, 20 Nov 2026 \(date) +0100\r\n\r\nHello.\r\n"
    }

    private func send(_ text: String, _ house: EngineHouse) async throws -> SMTPReply {
        let alice = try house.principal("alice")
        return try await house.loop.run { _ in
            let origin = SubmissionOrigin(
                peer: .loopback(port: 40_000), clientName: "client.example", isEncrypted: true, usesSMTPUTF8: false)
            let submission = try house.engine.beginSubmission(
                from: .mailbox(EmailAddress(local: "support", domain: "example.test")), parameters: MailParameters(),
                by: alice, origin: origin)
            let answer = await submission.open([QueueHouse.recipient("jan")])
            guard answer.mail.isPositive else { return answer.mail }
            let spool = house.engine.makeSpool()
            try await spool.append(Array(text.utf8))
            return await submission.deliver(spool)
        }
    }

    /// The flags and headers of what lies in a mailbox of `support`, as the provider has it.
    private func stored(_ house: EngineHouse, in mailbox: String) async throws -> [String] {
        let support = try await IMAPClient.connect("support upstream", port: house.provider.imapPort)
        guard try await support.login("support", "support-upstream").isOK else { return [] }
        let selected = try await support.command("SELECT \(mailbox)")
        let answer = selected.isOK ? try await support.command("FETCH 1:* (FLAGS BODY.PEEK[])") : selected
        // Asked again and again: connections that stand about would use up Dovecot's.
        try await support.logout()
        return answer.untagged.filter { $0.contains("FETCH (") }
    }

    @Test("Saved once, read, and with its Bcc, which the wire does not have")
    func saves() async throws {
        try await with { house, upstream in
            #expect(try await send(Self.letter("one", bcc: true), house).code == 250)
            try await eventually("there is a copy", holds: { try await stored(house, in: "Sent").count == 1 })
            let copy = try #require(try await stored(house, in: "Sent").first)
            #expect(copy.contains("\\Seen") && copy.contains("Bcc: eva@customer.example"))
            #expect(!copy.contains("Received:"))
            #expect(upstream.deliveries.first?.fields("Bcc") == [])
            #expect(upstream.deliveries.first?.fields("Received").count == 1)
        }
    }

    @Test("A client that saves its own copy afterwards is told of ours, even when it writes another Date")
    func clientAfterwards() async throws {
        try await with { house, _ in
            let alice = try house.principal("alice", account: "support")
            let text = Self.letter("two")
            #expect(try await send(text, house).code == 250)
            let same = try await house.append(text, to: MailboxName("Sent"), flags: [.seen], as: alice)
            let other = try await house.append(
                Self.letter("two", date: "10:00:02"), to: MailboxName("Sent"), flags: [.seen], as: alice)
            #expect(same == other)
            #expect(try await stored(house, in: "Sent").count == 1)
            // Elsewhere it is a message like any other.
            _ = try await house.append(text, to: MailboxName("Drafts"), as: alice)
            #expect(try await stored(house, in: "Drafts").count == 1)
        }
    }

    @Test("A client that saves its own copy before it sends leaves none to save")
    func clientBefore() async throws {
        try await with { house, _ in
            let alice = try house.principal("alice", account: "support")
            _ = try await house.append(Self.letter("three"), to: MailboxName("Sent"), flags: [.seen], as: alice)
            #expect(try await send(Self.letter("three"), house).code == 250)
            // A second message's copy shows that the first one's would have been made by now.
            #expect(try await send(Self.letter("four"), house).code == 250)
            try await eventually(
                "the other has its copy",
                holds: { try await stored(house, in: "Sent").contains { $0.contains("Subject: four") } })
            #expect(try await stored(house, in: "Sent").count == 2)
        }
    }

    @Test("Copies of letters that follow one another closely are saved together, each once")
    func together() async throws {
        try await with { house, _ in
            for number in 0..<20 { #expect(try await send(Self.letter("letter-\(number)"), house).code == 250) }
            try await eventually("there are copies", holds: { try await stored(house, in: "Sent").count == 20 })
            let copies = try await stored(house, in: "Sent")
            for number in 0..<20 {
                #expect(copies.filter { $0.contains("Message-ID: <letter-\(number)@") }.count == 1)
            }
            // The journal knows where each is: a client's own copy is told of ours.
            let alice = try house.principal("alice", account: "support")
            var uids: Set<UID> = []
            for number in 0..<20 {
                let letter = Self.letter("letter-\(number)")
                uids.insert(try await house.append(letter, to: MailboxName("Sent"), as: alice))
            }
            #expect(uids.count == 20)
            #expect(try await stored(house, in: "Sent").count == 20)
        }
    }

    @Test("While the mailboxes are away mail is sent all the same, and its copy comes later")
    func later() async throws {
        try await with { house, upstream in
            let alice = try house.principal("alice", account: "support")
            _ = try await house.engine.list(for: alice)
            house.relay.close()
            #expect(try await send(Self.letter("five"), house).code == 250)
            #expect(upstream.deliveries.count == 1)
            // A client's own copy waits until the first attempt has failed, and fails then itself.
            await #expect(throws: EngineError.self) {
                _ = try await house.append(Self.letter("five"), to: MailboxName("Sent"), as: alice)
            }
            try house.relay.open()
            try await eventually(
                "there is a copy", within: .seconds(40), holds: { try await stored(house, in: "Sent").count == 1 })
        }
    }

    @Test("Into the mailbox that is configured, which is made when it is missing")
    func configured() async throws {
        let change: (inout AccountRecord) -> Void = { $0.sentMailbox = MailboxName("Outgoing/2026") }
        try await with(change) { house, _ in
            #expect(try await send(Self.letter("six"), house).code == 250)
            try await eventually(
                "there is a copy", holds: { try await stored(house, in: "Outgoing/2026").count == 1 })
            #expect(try await stored(house, in: "Sent").isEmpty)
        }
    }

    @Test("What was refused has no copy")
    func refused() async throws {
        try await with { house, upstream in
            upstream.behave { $0.end = { _ in "554 5.7.1 no" } }
            #expect(try await send(Self.letter("seven"), house).code == 554)
            upstream.behave { $0.end = { _ in "250 2.0.0 yes" } }
            #expect(try await send(Self.letter("eight"), house).code == 250)
            try await eventually("there is a copy", holds: { try await stored(house, in: "Sent").count == 1 })
            #expect(try await stored(house, in: "Sent").first?.contains("Subject: eight") == true)
        }
    }
}
