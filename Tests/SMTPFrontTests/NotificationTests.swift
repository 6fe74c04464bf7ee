import Loop
import SMTPFront
import SMTPRig
import SMTPSyntax
import Store
import Testing

/// RFC 3461 as clients see it.
@Suite("Delivery status notifications", .timeLimit(.minutes(20)))
struct NotificationTests {
    private func offers(_ house: SubmissionHouse, _ client: ScriptedPeer) async throws -> Bool {
        try await house.hello(client).contains("DSN")
    }

    @Test("An upstream that can't be asked is left alone for a while, also by many at once")
    func askedInVain() async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave { $0.credentials = "of somebody else" }
            for _ in 1...3 {
                let client = try await house.signedIn()
                let isOffered = try await offers(house, client)
                #expect(!isOffered)
            }
            #expect(house.upstream.connectionCount == 1)
        }
    }

    @Test("They are offered for an upstream that offers them, which is asked for it once")
    func offered() async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave { $0.capabilities.append("DSN") }
            let client = try await house.greeted()
            #expect(try await !offers(house, client))
            try await client.say("AUTH PLAIN \(house.plain("alice"))")
            try await client.expect("235 2.7.0 Welcome")
            #expect(try await offers(house, client))
            // Now it is known of every account, so everybody is told at once.
            #expect(try await offers(house, try await house.greeted()))
            #expect(try await !offers(house, try await house.signedIn("carol")))
            #expect(house.upstream.connectionCount == 1)
        }
    }

    @Test("What a client wants to hear goes to the upstream unchanged, also on a connection that is new")
    func passedOn() async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave { $0.capabilities.append("DSN") }
            let client = try await house.signedIn()
            try await client.play(
                """
                C: MAIL FROM:<support@ours.example> RET=FULL ENVID=QQ+2B1
                S: 250 2.1.0 Sender fine
                C: RCPT TO:<jan@customer.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Jan+3D1@old.example
                S: 250 2.1.5 Recipient fine
                C: RCPT TO:<eva@customer.example> NOTIFY=NEVER
                S: 250 2.1.5 Recipient fine
                C: DATA
                S: 354 End data with <CR><LF>.<CR><LF>
                """)
            try await client.say(octets: RelayTests.message + ".\r\n")
            try await client.expect("250 2.0.0 queued as TEST")
            let delivery = try #require(house.upstream.deliveries.first)
            #expect(delivery.sender.hasSuffix(" RET=FULL ENVID=QQ+2B1"))
            #expect(
                delivery.recipients == [
                    "RCPT TO:<jan@customer.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Jan+3D1@old.example",
                    "RCPT TO:<eva@customer.example> NOTIFY=NEVER",
                ])
        }
    }

    @Test("An upstream without them: not offered, and refused rather than forgotten")
    func lacking() async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            #expect(try await !offers(house, client))
            try await client.play(
                """
                C: MAIL FROM:<support@ours.example> RET=FULL
                S: 555 5.5.4 …
                C: MAIL FROM:<support@ours.example>
                S: 250 2.1.0 Sender fine
                C: RCPT TO:<jan@customer.example> NOTIFY=SUCCESS
                S: 555 5.5.4 …
                C: RCPT TO:<jan@customer.example> ORCPT=rfc822;jan@old.example
                S: 555 5.5.4 …
                C: RCPT TO:<jan@customer.example>
                S: 250 2.1.5 Recipient fine
                """)
            #expect(house.upstream.commands.allSatisfy { !$0.contains("NOTIFY") && !$0.contains("RET=") })
        }
    }

    @Test("What is written otherwise than RFC 3461 has it is refused, and nobody upstream sees it")
    func malformed() async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave { $0.capabilities.append("DSN") }
            let client = try await house.signedIn()
            for parameter in ["RET=SOME", "ENVID=a+0D+0Ab", "RET=FULL RET=FULL"] {
                try await client.say("MAIL FROM:<support@ours.example> \(parameter)")
                _ = try await client.expect(prefix: "501 5.5.4 ")
            }
            try await client.play("C: MAIL FROM:<support@ours.example>\nS: 250 2.1.0 Sender fine")
            for parameter in ["NOTIFY=NEVER,DELAY", "NOTIFY=", "ORCPT=rfc822", "ORCPT=rfc822;é@b"] {
                try await client.say("RCPT TO:<jan@customer.example> \(parameter)")
                _ = try await client.expect(prefix: "501 5.5.4 ")
            }
            // Beyond ASCII only in a transaction that says so.
            try await client.say("RCPT TO:<jan@customer.example> ORCPT=utf-8;é@b")
            _ = try await client.expect(prefix: "553 5.6.7 ")
            #expect(house.upstream.commands.allSatisfy { !$0.hasPrefix("RCPT") })
        }
    }

    @Test("An account with a queue always has them, and keeps what is wanted with the message")
    func queued() async throws {
        try await SubmissionHouse.with(
            site: { site in
                for index in site.accounts.indices { site.accounts[index].outbox = .queue }
            },
            { _, house in
                // The message stays in the queue.
                house.upstream.behave { $0.mail = { _ in nil } }
                let client = try await house.greeted()
                #expect(try await offers(house, client))
                try await client.say("AUTH PLAIN \(house.plain("alice"))")
                try await client.expect("235 2.7.0 Welcome")
                #expect(try await offers(house, client))
                #expect(house.upstream.connectionCount == 0)
                try await client.play(
                    """
                    C: MAIL FROM:<support@ours.example> RET=HDRS ENVID=QQ+2B1
                    S: 250 2.1.0 Sender fine
                    C: RCPT TO:<jan@customer.example> NOTIFY=NEVER ORCPT=rfc822;Jan@old.example
                    S: 250 2.1.5 …
                    C: DATA
                    S: 354 End data with <CR><LF>.<CR><LF>
                    """)
                try await client.say(octets: RelayTests.message + ".\r\n")
                _ = try await client.expect(prefix: "250 2.0.0 Queued as 1")
                let rows = try await house.store.read { reader throws(StoreError) in try reader.outbox() }
                let entry = try #require(rows.first).entry
                #expect(entry.returns == .headers && entry.envelopeID == "QQ+1")
                #expect(entry.recipients[0].notify == [])
                #expect(
                    entry.recipients[0].original == OriginalRecipient(kind: "rfc822", address: "Jan@old.example"))
            })
    }
}
