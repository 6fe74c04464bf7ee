import Loop
import SMTPFront
import SMTPRig
import Store
import Testing

/// How much may be sent: what is told of it beforehand, and what is said of too much.
@Suite("Limits", .timeLimit(.minutes(20)))
struct LimitTests {
    @Test("The most recipients of a message are told at EHLO (RFC 9422)")
    func announced() async throws {
        var limits = SMTPLimits()
        limits.recipients = 123
        try await SubmissionHouse.with(limits: limits) { _, house in
            let client = try await house.greeted()
            #expect(try await house.hello(client).contains("LIMITS RCPTMAX=123"))
        }
    }

    @Test("Recipients beyond the upstream's own limit are refused, and it is not asked about them")
    func upstreamRecipients() async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave { $0.capabilities.append("LIMITS RCPTMAX=2") }
            let client = try await house.signedIn()
            try await client.say("MAIL FROM:<support@ours.example>")
            _ = try await client.expect(prefix: "250 2.1.0 ")
            for (name, answer) in [("a", "250 2.1.5 "), ("b", "250 2.1.5 "), ("c", "452 4.5.3 ")] {
                try await client.say("RCPT TO:<\(name)@customer.example>")
                _ = try await client.expect(prefix: answer)
            }
            #expect(house.upstream.commands.count { $0.hasPrefix("RCPT") } == 2)
        }
    }

    @Test("An upstream that takes so many messages of a session gets another session for the next")
    func upstreamMessages() async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave { $0.capabilities.append("LIMITS MAILMAX=2") }
            let client = try await house.signedIn()
            for _ in 0..<5 {
                try await client.play(
                    """
                    C: MAIL FROM:<support@ours.example>
                    S: 250 …
                    C: RCPT TO:<jan@customer.example>
                    S: 250 …
                    C: DATA
                    S: 354 …
                    """)
                try await client.say(octets: RelayTests.message + ".\r\n")
                _ = try await client.expect(prefix: "250 2.0.0 ")
            }
            #expect(house.upstream.deliveries.map(\.connection) == [1, 1, 2, 2, 3])
        }
    }

    @Test("What a user may send in an hour counts over her sessions; only what is sent counts")
    func hourly() async throws {
        try await SubmissionHouse.with(
            site: { site in
                for index in site.users.indices where site.users[index].name == "alice" {
                    site.users[index].messagesPerHour = .atMost(1)
                    site.users[index].recipientsPerHour = .atMost(2)
                }
            },
            { _, house in
                let client = try await house.signedIn()
                let other = try await house.signedIn()
                try await client.say(
                    "MAIL FROM:<support@ours.example>", "RCPT TO:<a@c.example>", "RCPT TO:<b@c.example>",
                    "RCPT TO:<d@c.example>")
                for answer in ["250 2.1.0 ", "250 2.1.5 ", "250 2.1.5 ", "450 4.7.1 You may write to 2 recipients in "]
                {
                    _ = try await client.expect(prefix: answer)
                }
                try await other.play("C: MAIL FROM:<sales@ours.example>\nS: 250 …\nC: RCPT TO:<a@c.example>\nS: 250 …")
                try await client.play("C: DATA\nS: 354 …")
                try await client.say(octets: RelayTests.message + ".\r\n")
                _ = try await client.expect(prefix: "250 2.0.0 ")
                // Begun before the limit was reached, and still one too many.
                try await other.play("C: DATA\nS: 354 …")
                try await other.say(octets: "From: sales@ours.example\r\n\r\nHello.\r\n.\r\n")
                _ = try await other.expect(prefix: "450 4.7.1 You may send 1 message in an hour, ")
                try await other.play("C: MAIL FROM:<sales@ours.example>\nS: 450 4.7.1 …\nC: NOOP\nS: 250 …")
                #expect(house.upstream.deliveries.count == 1)
            })
    }
}
