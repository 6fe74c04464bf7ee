import Bytes
import Engine
import Loop
import MailTypes
import SMTPFront
import SMTPRig
import SMTPSyntax
import Store
import TLS
import Testing
import Vault

@Suite("A message through the house", .timeLimit(.minutes(20)))
struct RelayTests {
    static let message =
        "From: Support <support@ours.example>\r\nTo: jan@customer.example\r\nSubject: Hi\r\n\r\nHello.\r\n"

    /// MAIL, RCPT and DATA in one packet; the answers.
    private func begin(
        _ client: ScriptedPeer, from: String = "support@ours.example",
        to recipients: [String] = ["jan@customer.example"]
    ) async throws -> [String] {
        let lines = ["MAIL FROM:<\(from)>"] + recipients.map { "RCPT TO:<\($0)>" } + ["DATA"]
        try await client.say(octets: lines.map { $0 + "\r\n" }.joined())
        var answers: [String] = []
        for _ in lines { answers.append(try await client.line()) }
        return answers
    }

    private func send(_ client: ScriptedPeer, _ message: String = message) async throws -> String {
        try await client.say(octets: message + ".\r\n")
        return try await client.line()
    }

    @Test("What is missing is added, Bcc is taken away, the rest is untouched, and the upstream's word is passed on")
    func delivers() async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            let answers = try await begin(client, to: ["jan@customer.example", "secret@customer.example"])
            #expect(
                answers == [
                    "250 2.1.0 Sender fine", "250 2.1.5 Recipient fine", "250 2.1.5 Recipient fine",
                    "354 End data with <CR><LF>.<CR><LF>",
                ])
            let message =
                "From: Support <support@ours.example>\r\nTo: jan@customer.example\r\nBCC: secret@customer.example\r\n"
                + "Subject: =?utf-8?q?Za=C5=BC=C3=B3=C5=82=C4=87?=\r\nX-Odd:   two  blanks \r\n\r\n..stuffed\r\nlast\r\n"
            #expect(try await send(client, message) == "250 2.0.0 queued as TEST")
            let delivery = try #require(house.upstream.deliveries.first)
            #expect(delivery.sender.hasPrefix("MAIL FROM:<support@ours.example>"))
            #expect(delivery.recipients == ["RCPT TO:<jan@customer.example>", "RCPT TO:<secret@customer.example>"])
            #expect(delivery.fields("bcc").isEmpty)
            #expect(delivery.fields("Message-ID").count == 1 && delivery.fields("Date").count == 1)
            let received = delivery.fields("Received")
            #expect(
                received.count == 1 && received[0].hasPrefix("Received: by posthouse.example (Posthouse) with ESMTPSA;")
            )
            #expect(!delivery.message.contains("127.0.0.1") && !delivery.message.contains("client.example"))
            #expect(delivery.message.contains("X-Odd:   two  blanks \r\n"))
            #expect(delivery.message.hasSuffix("\r\n\r\n.stuffed\r\nlast\r\n"))
        }
    }

    @Test("The next message begins in the packet that ends this one, on the same upstream connection")
    func pipelined() async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            _ = try await begin(client)
            try await client.say(
                octets: Self.message
                    + ".\r\nMAIL FROM:<help@ours.example>\r\nRCPT TO:<eva@customer.example>\r\nDATA\r\n")
            for prefix in ["250 2.0.0 queued", "250 2.1.0", "250 2.1.5", "354 "] {
                _ = try await client.expect(prefix: prefix)
            }
            try await client.say(
                octets: "From: help@ours.example\r\nSubject: 2\r\n\r\nSecond.\r\n.\r\nQUIT\r\n")
            _ = try await client.expect(prefix: "250 2.0.0 queued")
            try await client.expect("221 2.0.0 Bye")
            try await client.end()
            #expect(house.upstream.deliveries.map(\.connection) == [1, 1])
            #expect(house.upstream.commands.filter { $0.hasPrefix("EHLO") }.count == 1)
        }
    }

    @Test("However the network cuts it, the message is the same")
    func byteByByte() async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            let all =
                "MAIL FROM:<support@ours.example>\r\nRCPT TO:<jan@customer.example>\r\nDATA\r\n" + Self.message
                + ".\r\nNOOP\r\n"
            for byte in all.utf8 {
                try await client.say(octets: String(lossy: [byte]))
            }
            for prefix in ["250 2.1.0", "250 2.1.5", "354 ", "250 2.0.0 queued", "250 2.0.0 OK"] {
                _ = try await client.expect(prefix: prefix)
            }
            #expect(house.upstream.deliveries.first?.message.hasSuffix("Subject: Hi\r\n\r\nHello.\r\n") == false)
            #expect(house.upstream.deliveries.first?.message.hasSuffix("\r\n\r\nHello.\r\n") == true)
        }
    }

    // MARK: Who may send as whom

    @Test(
        "A sender that is none of hers is refused at MAIL, and nobody upstream hears of it",
        arguments: [
            ("alice", "boss@ours.example"), ("alice", "support@other.example"), ("bob", "support@ours.example"),
            ("carol", "support@ours.example"), ("alice", ""),
        ])
    func foreignSender(_ user: String, _ sender: String) async throws {
        try await SubmissionHouse.with { _, house in
            try await house.signedIn(user).play(
                """
                C: MAIL FROM:<\(sender)>
                S: 550 5.7.1 You may not send as this address
                C: RCPT TO:<jan@customer.example>
                S: 503 5.5.1 …
                """)
            #expect(house.upstream.commands.isEmpty)
        }
    }

    @Test("An account of one's own choice lets a read receipt out")
    func nullSender() async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.greeted()
            try await client.play(
                """
                C: AUTH PLAIN \(house.plain("support*alice"))
                S: 235 …
                """)
            _ = try await begin(client, from: "")
            #expect(try await send(client).hasPrefix("250 2.0.0"))
            #expect(house.upstream.deliveries.first?.sender.hasPrefix("MAIL FROM:<>") == true)
        }
    }

    @Test(
        "An author who is none of hers is refused at the end of data",
        arguments: [
            "From: boss@ours.example", "From: support@ours.example, boss@ours.example",
            "From: support@ours.example\r\nFrom: boss@ours.example",
            "From: \"support@ours.example\" <boss@ours.example>",
            "From: support@ours.example\r\nSender: boss@ours.example", "From:", "From: nobody in particular",
            "From: sales@ours.example",
        ])
    func foreignAuthor(_ field: String) async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            _ = try await begin(client)
            #expect(try await send(client, "\(field)\r\nSubject: x\r\n\r\nPay.\r\n").hasPrefix("550 5."))
            #expect(house.upstream.deliveries.isEmpty)
            // The connection, ours and the upstream's, is good for another message.
            _ = try await begin(client)
            #expect(try await send(client).hasPrefix("250 2.0.0"))
            #expect(house.upstream.connectionCount == 1)
        }
    }

    @Test("A message without an author is by its sender; Sender may be the user")
    func repairedAuthor() async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            _ = try await begin(client, from: "help@ours.example")
            #expect(try await send(client, "Subject: x\r\n\r\nHello.\r\n").hasPrefix("250 2.0.0"))
            #expect(house.upstream.deliveries.last?.fields("From") == ["From: help@ours.example"])
            _ = try await begin(client)
            let signed = "From: support@ours.example\r\nSender: alice@ours.example\r\n\r\nHello.\r\n"
            #expect(try await send(client, signed).hasPrefix("250 2.0.0"))
        }
    }

    @Test("Recipients see the sender that the account shows")
    func shownSender() async throws {
        let site: @Sendable (inout SiteDescription) -> Void = { site in
            site.accounts[0].senderName = "Example Support"
            site.accounts[0].senderAddress = EmailAddress(local: "care", domain: "ours.example")
        }
        try await SubmissionHouse.with(site: site) { _, house in
            let client = try await house.signedIn()
            _ = try await begin(client)
            _ = try await send(client)
            #expect(house.upstream.deliveries.last?.fields("From") == ["From: Example Support <care@ours.example>"])
            // Another identity was chosen on purpose.
            _ = try await begin(client, from: "help@ours.example")
            _ = try await send(client, "From: H <help@ours.example>\r\n\r\nx\r\n")
            #expect(house.upstream.deliveries.last?.fields("From") == ["From: H <help@ours.example>"])
        }
    }

    // MARK: What the upstream says

    @Test("Each recipient gets the upstream's own answer; those accepted get their mail")
    func mixedRecipients() async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave {
                $0.recipient = { line in
                    if line.contains("bob") { return "550 5.1.1 No such bob" }
                    return line.contains("full") ? "452 4.2.2 Mailbox is full" : "250 fine"
                }
            }
            let client = try await house.signedIn()
            let answers = try await begin(client, to: ["bob@c.example", "eva@c.example", "full@c.example"])
            #expect(answers[1...3] == ["550 5.1.1 No such bob", "250 2.0.0 fine", "452 4.2.2 Mailbox is full"])
            #expect(try await send(client).hasPrefix("250 2.0.0"))
            #expect(house.upstream.deliveries.first?.recipients == ["RCPT TO:<eva@c.example>"])
            let none = try await begin(client, to: ["bob@c.example"])
            #expect(none.last == "554 5.5.1 There is no valid recipient")
            try await client.play(
                """
                C: RCPT TO:<eva@c.example>
                S: 250 2.0.0 fine
                C: RSET
                S: 250 2.0.0 OK
                """)
            #expect(house.upstream.commands.last == "RSET")
        }
    }

    @Test(
        "Its refusals keep their code and text",
        arguments: [
            ("mail", "553 5.7.1 Not from here", "553 5.7.1 Not from here"),
            ("mail", "451 4.3.0 Later", "451 4.3.0 Later"), ("data", "554 5.7.1 Policy", "554 5.7.1 Policy"),
            ("end", "554 5.7.1 Spam", "554 5.7.1 Spam"), ("end", "452 4.3.1 Disk full", "452 4.3.1 Disk full"),
            ("end", "550 no code", "550 5.0.0 no code"), ("end", "421 4.3.2 Bye", "451 4.3.2 Bye"),
        ])
    func refusals(_ stage: String, _ said: String, _ heard: String) async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave { behaviour in
                switch stage {
                case "mail": behaviour.mail = { _ in said }
                case "data": behaviour.data = { said }
                default: behaviour.end = { _ in said }
                }
            }
            let client = try await house.signedIn()
            let answers = try await begin(client)
            if stage == "mail" {
                #expect(answers.first == heard)
                #expect(answers[1].hasPrefix("503 5.5.1") && answers[2].hasPrefix("503 5.5.1"))
            } else {
                #expect(try await send(client) == heard)
            }
        }
    }

    @Test(
        "Away, refusing the sign-in, or not configured: put off with a reason", arguments: ["away", "password", "none"])
    func unavailable(_ kind: String) async throws {
        let site: @Sendable (inout SiteDescription) -> Void = { site in
            if kind == "away" { site.servers[0].smtp?.port = 1 }
            if kind == "none" { site.servers[0].smtp = nil }
        }
        try await SubmissionHouse.with(site: site) { _, house in
            house.upstream.behave { $0.credentials = "AUTH PLAIN bm90IHRoaXM=" }
            let client = try await house.signedIn()
            let sender = kind == "password" ? "sales@ours.example" : "support@ours.example"
            if kind == "password" {
                let vault = house.engine.vault
                let sealed = try vault.seal(
                    Secret(text: "wrong"), context: AccountRecord.secretContext(account: "sales"))
                _ = try await house.store.transaction { (transaction) throws(StoreError) in
                    try transaction.setSecret(sealed, ofAccount: "sales")
                }
                await house.engine.reload()
            }
            let answers = try await begin(client, from: sender)
            let expected = ["away": "451 4.4.1", "password": "451 4.7.0", "none": "451 4.3.5"][kind] ?? ""
            #expect(answers[0].hasPrefix(expected), "\(answers)")
        }
    }

    @Test("A connection that was closed while it waited is replaced; one lost at DATA too")
    func staleConnections() async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave { $0.farewell = "421 4.4.2 idle" }
            let client = try await house.signedIn()
            for _ in 0..<3 {
                _ = try await begin(client)
                #expect(try await send(client).hasPrefix("250 2.0.0"))
            }
            #expect(house.upstream.connectionCount == 3)
            // Cut at the first DATA, not at the second.
            let cuts = Locked(1)
            house.upstream.behave {
                $0.farewell = nil
                $0.data = {
                    cuts.withLock {
                        $0 -= 1
                        return $0 < 0 ? "354 go" : nil
                    }
                }
            }
            _ = try await begin(client)
            #expect(try await send(client).hasPrefix("250 2.0.0"))
            #expect(house.upstream.deliveries.count == 4)
        }
    }

    @Test("What is configured otherwise takes effect with the next message")
    func reconfigured() async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave { $0.offersSignIn = false }
            let client = try await house.signedIn()
            for _ in 0..<2 {
                _ = try await begin(client)
                #expect(try await send(client).hasPrefix("250 2.0.0"))
            }
            #expect(house.upstream.connectionCount == 1)
            let sealed = try house.engine.vault.seal(
                Secret(text: "new"), context: AccountRecord.secretContext(account: "support"))
            _ = try await house.store.transaction { (transaction) throws(StoreError) in
                try transaction.setSecret(sealed, ofAccount: "support")
            }
            await house.engine.reload()
            _ = try await begin(client)
            #expect(try await send(client).hasPrefix("250 2.0.0"))
            #expect(house.upstream.connectionCount == 2)
        }
    }

    @Test("An answer that is lost behind the end of data is not asked for again")
    func lostAnswer() async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave { $0.end = { _ in nil } }
            let client = try await house.signedIn()
            _ = try await begin(client)
            let answer = try await send(client)
            #expect(answer.hasPrefix("451 4.4.2 ") && answer.hasSuffix("the message may have been sent"))
            #expect(house.upstream.deliveries.count == 1)
            let marks = try await house.store.read { (reader) throws(StoreError) in try reader.openSentMarks() }
            #expect(marks.map(\.relay) == [.unknown])
        }
    }

    @Test("A server that offers BDAT gets it; one that then does not know it gets DATA from then on")
    func chunks() async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave { $0.capabilities.append("CHUNKING") }
            let client = try await house.signedIn()
            for _ in 0..<2 {
                _ = try await begin(client)
                #expect(try await send(client).hasPrefix("250 2.0.0"))
            }
            #expect(house.upstream.commands.filter { $0.hasPrefix("BDAT ") }.count == 1)
            #expect(house.upstream.commands.filter { $0 == "DATA" }.count == 2)
            #expect(house.upstream.deliveries.count == 2)
            house.upstream.behave { $0.knowsChunks = true }
            let other = try await house.signedIn()
            _ = try await begin(other)
            #expect(try await send(other).hasPrefix("250 2.0.0"))
            #expect(house.upstream.deliveries.map(\.message.isEmpty) == [false, false, false])
        }
    }

    @Test("A server without 8BITMIME gets no eighth bit")
    func sevenBits() async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave { $0.capabilities = [] }
            let client = try await house.signedIn()
            _ = try await begin(client)
            #expect(try await send(client, "From: support@ours.example\r\n\r\nZażółć\r\n").hasPrefix("554 5.6.3"))
            _ = try await begin(client)
            #expect(try await send(client).hasPrefix("250 2.0.0"))
            let foreign = try await house.signedIn()
            try await foreign.play(
                """
                C: MAIL FROM:<support@ours.example> SMTPUTF8
                S: 550 5.6.7 …
                """)
        }
    }

    // MARK: Bad messages

    @Test(
        "A smuggled message goes nowhere, and the dialogue goes on",
        arguments: ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\r\r\n.\r\r\n", "\r\n\0.\r\n"])
    func smuggling(_ end: String) async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            _ = try await begin(client)
            try await client.say(
                octets: "From: support@ours.example\r\n\r\nhello\(end)MAIL FROM:<sales@ours.example>\r\n"
                    + "RCPT TO:<all@ours.example>\r\nDATA\r\nFrom: sales@ours.example\r\n\r\npay\r\n.\r\nNOOP\r\n")
            _ = try await client.expect(prefix: "554 5.6.0 ")
            try await client.expect("250 2.0.0 OK")
            #expect(house.upstream.deliveries.isEmpty)
            #expect(!house.upstream.commands.contains { $0.contains("sales") })
        }
    }

    @Test("Too large, and too many recipients")
    func limits() async throws {
        var limits = SMTPLimits()
        limits.messageSize = 1000
        limits.recipients = 2
        try await SubmissionHouse.with(limits: limits) { _, house in
            let client = try await house.signedIn()
            let answers = try await begin(client, to: ["a@c.example", "b@c.example", "c@c.example"])
            #expect(answers[3] == "452 4.5.3 Too many recipients")
            let filler = String(repeating: "filling the line up\r\n", count: 100)
            #expect(try await send(client, Self.message + filler).hasPrefix("552 5.3.4 "))
            _ = try await begin(client)
            #expect(try await send(client).hasPrefix("250 2.0.0"))
            #expect(house.upstream.deliveries.count == 1)
        }
    }

    @Test("A header bomb and a message that goes round in circles")
    func odd() async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            _ = try await begin(client)
            let bomb =
                "From: support@ours.example\r\n"
                + String(repeating: "X: \(String(repeating: "y", count: 900))\r\n", count: 1300)
            #expect(try await send(client, bomb + "\r\nx\r\n").hasPrefix("552 5.3.4 "))
            _ = try await begin(client)
            let circles = String(repeating: "Received: by x; Fri, 20 Nov 2026 10:00:00 +0100\r\n", count: 101)
            #expect(try await send(client, circles + Self.message).hasPrefix("554 5.4.6 "))
            // Larger than what is kept in memory.
            _ = try await begin(client)
            let large =
                Self.message + String(repeating: "0123456789abcdef0123456789abcdef0123456789abcdef\r\n", count: 40_000)
            #expect(try await send(client, large).hasPrefix("250 2.0.0"))
            #expect(house.upstream.deliveries.last?.message.utf8.count ?? 0 > 2_000_000)
        }
    }
}
