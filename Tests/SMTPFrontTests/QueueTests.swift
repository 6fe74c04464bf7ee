import Engine
import Loop
import MailTypes
import SMTPFront
import SMTPRig
import SMTPSyntax
import Store
import Testing

@Suite("A message into the queue", .timeLimit(.minutes(20)))
struct QueueTests {
    /// A house whose `support` has a queue, and whose `sales` has none.
    private static func with(
        _ body: @escaping @Sendable (isolated LoopContext, SubmissionHouse) async throws -> Void
    ) async throws {
        try await SubmissionHouse.with(
            site: { site in
                for index in site.accounts.indices where site.accounts[index].name == "support" {
                    site.accounts[index].outbox = .queue
                }
            }, body)
    }

    private func play(_ client: ScriptedPeer, _ command: String, _ answer: String) async throws {
        try await client.say(command)
        _ = try await client.expect(prefix: answer)
    }

    private func message(_ client: ScriptedPeer, _ answer: String) async throws {
        try await play(client, "DATA", "354 ")
        try await client.say(octets: RelayTests.message + ".\r\n")
        _ = try await client.expect(prefix: answer)
    }

    private func rows(_ house: SubmissionHouse) async throws -> [OutboxRow] {
        try await house.store.read { reader throws(StoreError) in try reader.outbox() }
    }

    @Test("Nobody upstream is asked before 250, which names the message's number")
    func queued() async throws {
        try await Self.with { _, house in
            house.upstream.behave { $0.mail = { _ in nil } }
            let client = try await house.signedIn()
            try await play(client, "MAIL FROM:<support@ours.example> SIZE=100", "250 2.1.0")
            try await play(client, "RCPT TO:<jan@customer.example>", "250 2.1.5")
            try await play(client, "RCPT TO:<postmaster>", "250 2.1.5")
            try await message(client, "250 2.0.0 Queued as 1")
            let row = try #require(try await rows(house).first)
            #expect(row.entry.recipients.map(\.name) == ["jan@customer.example", "postmaster"])
            #expect(row.entry.sender?.description == "support@ours.example" && row.entry.actor == "alice")
            #expect(house.upstream.deliveries.isEmpty)
        }
    }

    @Test("Who may not send as the account, and what a message may not be, is refused as ever")
    func refused() async throws {
        try await Self.with { _, house in
            let carol = try await house.signedIn("carol")
            try await play(carol, "MAIL FROM:<support@ours.example>", "550 5.7.1")
            let alice = try await house.signedIn()
            try await play(alice, "MAIL FROM:<support@ours.example>", "250 ")
            try await play(alice, "RCPT TO:<nobody>", "501 ")
            try await play(alice, "RCPT TO:<jan@customer.example>", "250 ")
            try await play(alice, "DATA", "354 ")
            try await alice.say(octets: "From: boss@ours.example\r\nSubject: forged\r\n\r\nHello.\r\n.\r\n")
            _ = try await alice.expect(prefix: "550 5.7.1")
            #expect(try await rows(house).isEmpty)
        }
    }

    @Test("FUTURERELEASE is told to who may send as an account with a queue, once it is known who that is")
    func announced() async throws {
        try await Self.with { _, house in
            let client = try await house.greeted()
            #expect(try await house.hello(client).allSatisfy { !$0.contains("FUTURERELEASE") })
            try await client.say("AUTH PLAIN \(house.plain("alice"))")
            try await client.expect("235 2.7.0 Welcome")
            let all = try await house.hello(client)
            let words = (all.last ?? "").split(separator: " ").map(String.init)
            #expect(words.count == 3 && words[0] == "FUTURERELEASE" && words[1] == "7776000", "\(all)")
            let carol = try await house.signedIn("carol")
            #expect(try await house.hello(carol).allSatisfy { !$0.contains("FUTURERELEASE") })
        }
    }

    @Test("A message is kept back for as long as it is asked for, within limits, and only where there is a queue")
    func futureRelease() async throws {
        try await Self.with { _, house in
            let client = try await house.signedIn()
            for (parameter, answer) in [
                ("HOLDFOR=7776001", "501 5.5.4"), ("HOLDUNTIL=2020-01-01T00:00:00Z", "501 5.5.4"),
                ("HOLDUNTIL=2999-01-01T00:00:00Z", "501 5.5.4"), ("HOLDFOR=soon", "501 "),
            ] {
                try await play(client, "MAIL FROM:<support@ours.example> \(parameter)", answer)
            }
            try await play(client, "MAIL FROM:<sales@ours.example> HOLDFOR=60", "555 5.5.4")
            try await play(client, "MAIL FROM:<support@ours.example> HOLDFOR=3600", "250 ")
            try await play(client, "RCPT TO:<jan@customer.example>", "250 ")
            try await message(client, "250 2.0.0 Queued as 1")
            // One that is not kept back overtakes it.
            try await play(client, "MAIL FROM:<support@ours.example>", "250 ")
            try await play(client, "RCPT TO:<eva@customer.example>", "250 ")
            try await message(client, "250 2.0.0 Queued as 2")
            while try await rows(house).count > 1 { await house.loop.yield() }
            #expect(house.upstream.deliveries.map(\.recipients) == [["RCPT TO:<eva@customer.example>"]])
            let entry = try #require(try await rows(house).first).entry
            // It counts from MAIL, and the message came some time after it.
            let wait = entry.nextAttempt.seconds - entry.created.seconds
            #expect((3000...3600).contains(wait) && entry.attempts == 0, "\(wait) s")
        }
    }
}
