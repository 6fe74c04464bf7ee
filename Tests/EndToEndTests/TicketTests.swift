internal import Foundation
import TestKit
import Testing

/// A customer's mail becomes a ticket, once; the answer, sent from a mail client, answers it.
@Suite("Tickets")
struct TicketTests {
    @Test func `A letter arrives, a ticket stands, and nobody had to look`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.customer)
            let tickets = try await house.tickets(count: 1)
            #expect(tickets[0].number == 1)
            #expect(tickets[0].subject == "Zażółć gęślą jaźń")
            #expect(tickets[0].status == "open" && tickets[0].needsReaction)
            let shown = try await house.posthouse.succeed(["ticket", "show", "1"])
            #expect(shown.contains("jan@customer.test"), "\(shown)")
        }
    }

    @Test func `What lay there before is no ticket, where scanning starts from now`() async throws {
        var plan = Plan()
        plan.wrapper = []
        try await House.with(plan) { house in
            // Another mailbox is entered for the first time: what it holds is old.
            let upstream = try await house.upstream("support")
            try await upstream.make("Old")
            for number in 1...5 {
                try await house.arrive(Letters.plain("old", number: number), in: "Old")
            }
            try await house.posthouse.stop()
            try await house.posthouse.start()
            try await house.arrive(Letters.plain("new", number: 10))
            let tickets = try await house.tickets(count: 1)
            #expect(tickets.map(\.subject) == ["new"])
        }
    }

    @Test func `Two clients, a copy, a restart and a kill make no second ticket`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.customer)
            try await house.tickets(count: 1)
            let clients = [try await house.imap("alice"), try await house.imap("support*alice")]
            for client in clients {
                try await client.open("INBOX", messages: 1)
                try await client.ok("UID FETCH 1 BODY[]")
            }
            try await clients[0].ok("CREATE Copies")
            try await clients[0].ok("UID COPY 1 Copies")
            try await clients[1].ok("SELECT Copies")
            try await clients[1].ok("UID FETCH 1 BODY[]")
            #expect(try await clients[1].append(Letters.customer, to: "Copies").isOK)
            #expect(try await house.tickets().count == 1)

            try await house.posthouse.stop()
            try await house.posthouse.start()
            let again = try await house.imap("alice")
            try await again.ok("SELECT INBOX")
            try await again.ok("UID FETCH 1 BODY[]")
            house.posthouse.kill()
            try await house.posthouse.start()
            // The same letter delivered once more is the same letter.
            try await house.arrive(Letters.customer)
            // And one that is new shows that everything before it has been looked at.
            try await house.arrive(Letters.plain("another", number: 7))
            let tickets = try await house.tickets(count: 2)
            #expect(tickets.map(\.subject) == ["Zażółć gęślą jaźń", "another"])
        }
    }

    @Test func `Killed again and again while letters arrive, each makes one ticket`() async throws {
        try await House.with { house in
            let count = 24
            let upstream = try await house.upstream("support")
            for number in 1...count {
                let answer = try await upstream.append(
                    // Each of another customer: there is a limit to the tickets of one.
                    Letters.plain("letter \(number)", from: "c\(number)@customer.test", number: number), to: "INBOX")
                #expect(answer.isOK)
                if number % 4 == 0 {
                    // At another moment of its work each time.
                    try await pause(.milliseconds(number * 7))
                    house.posthouse.kill()
                    try await house.posthouse.start()
                }
            }
            let tickets = try await house.tickets(count: count, within: .seconds(60))
            #expect(Set(tickets.map(\.subject)) == Set((1...count).map { "letter \($0)" }))
            let alice = try await house.imap("alice")
            try await alice.open("INBOX", messages: count)
        }
    }

    @Test func `The answer waits for the customer, his answer comes back to it`() async throws {
        try await House.with(.sending) { house in
            try await house.arrive(Letters.customer)
            try await house.tickets(count: 1)
            let answer = Letters.plain(
                "Re: Zażółć", from: "Support <support@example.test>", to: "jan@customer.test", number: 2,
                headers: ["In-Reply-To: <customer-1@customer.test>", "References: <customer-1@customer.test>"])
            try await house.reply(answer)
            let waiting = try await house.tickets(count: 1)[0]
            #expect(waiting.status == "waiting-for-response" && !waiting.needsReaction, "\(waiting)")

            // The customer's program quotes what it got.
            let jan = try await house.upstream("jan")
            let received = try await eventually("the customer has the answer") { () async throws -> String? in
                guard try await jan.ok("SELECT INBOX").untagged.contains("1 EXISTS") else { return nil }
                return try await jan.ok("FETCH 1 BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]").untagged.first
            }
            let identifier = received.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("<") } ?? ""
            try await house.arrive(
                Letters.plain(
                    "Re: Zażółć", number: 3, headers: ["In-Reply-To: \(identifier)", "References: \(identifier)"]))
            let answered = try await eventually("the ticket is answered") {
                try await house.tickets().first { $0.status == "answered" }
            }
            #expect(answered.number == 1 && answered.needsReaction)
            #expect(try await house.tickets().count == 1)
        }
    }

    @Test func `A number alone from a stranger opens a new ticket`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.customer)
            try await house.tickets(count: 1)
            try await house.arrive(
                Letters.plain("about [#1]", from: "Mallory <mallory@elsewhere.test>", number: 20))
            #expect(try await house.tickets(count: 2).map(\.number) == [1, 2])
            try await house.arrive(Letters.plain("about [#1]", number: 21))
            try await house.journal(of: 21)
            #expect(try await house.tickets().count == 2)
        }
    }

    @Test func `Automatic mail and exceptions make none`() async throws {
        var plan = Plan()
        plan.scanner = """
            actions: [create-email, bind, open-ticket, create-ticket]
            start: from now
            exceptions:
              addresses: [newsletter@news.test, "*.spam.test"]
              subjects: ["[SPAM]*"]
            """
        try await House.with(plan) { house in
            let letters = [
                Letters.plain("away", number: 1, headers: ["Auto-Submitted: auto-replied"]),
                Letters.plain("list", number: 2, headers: ["List-Id: <a.list.test>", "Precedence: list"]),
                Letters.plain("news", from: "newsletter@news.test", number: 3),
                Letters.plain("offer", from: "a@deep.spam.test", number: 4),
                Letters.plain("[SPAM] offer", number: 5),
                Letters.plain("from us", from: "alice@example.test", number: 6),
                Letters.plain("a real question", number: 7),
            ]
            for letter in letters { try await house.arrive(letter) }
            try await house.journal(of: 7)
            #expect(try await house.tickets().map(\.subject) == ["a real question"])
            try await house.journal(of: 1)
        }
    }

    @Test func `A letter that a client saves passes too`() async throws {
        try await House.with { house in
            let alice = try await house.imap("alice")
            try await alice.ok("CREATE Imported")
            #expect(try await alice.append(Letters.plain("by hand", number: 30), to: "Imported").isOK)
            #expect(try await house.tickets(count: 1).map(\.subject) == ["by hand"])
        }
    }

    @Test func `A ticket that nobody sees is nobody's business`() async throws {
        try await House.with { house in
            // `sales` has no scanner.
            try await house.arrive(Letters.plain("for sales", number: 40), for: "sales")
            let bob = try await house.imap("bob")
            try await bob.open("INBOX", messages: 1)
            try await bob.ok("UID FETCH 1 BODY[]")
            try await house.arrive(Letters.plain("for support", number: 41))
            #expect(try await house.tickets(count: 1).map(\.subject) == ["for support"])
        }
    }
}
