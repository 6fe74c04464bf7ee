import Bytes
import Loop
import SMTPFront
import SMTPRig
import SMTPSyntax
import Store
import TLS
import Testing

/// BDAT (RFC 3030 §2) from a client.
@Suite("A message in chunks", .timeLimit(.minutes(20)))
struct ChunkTests {
    static let envelope = "MAIL FROM:<support@ours.example>\r\nRCPT TO:<jan@customer.example>\r\n"
    static let header = "From: Support <support@ours.example>\r\nTo: jan@customer.example\r\nSubject: Hi\r\n\r\n"

    static func chunk(_ text: String, isLast: Bool = false) -> String {
        "BDAT \(text.utf8.count)\(isLast ? " LAST" : "")\r\n\(text)"
    }

    static func expect(_ client: ScriptedPeer, _ prefixes: String...) async throws {
        for prefix in prefixes { _ = try await client.expect(prefix: prefix) }
    }

    /// Sends MAIL and RCPT.
    static func begin(_ client: ScriptedPeer) async throws {
        try await client.say(octets: envelope)
        try await expect(client, "250 2.1.0", "250 2.1.5")
    }

    @Test("All in one packet, cut in the middle of a line end, with the next command behind it")
    func pipelined() async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            #expect(try await house.hello(client).contains("CHUNKING"))
            let head = String(lossy: Array(Self.header.utf8).dropLast())
            try await client.say(
                octets: Self.envelope + Self.chunk(head) + Self.chunk("\nHello.\r\n..\r\n") + "BDAT 0\r\n"
                    + "BDAT 0 LAST\r\n" + Self.envelope + Self.chunk(Self.header + "Second.\r\n", isLast: true)
                    + "NOOP\r\n")
            try await Self.expect(
                client, "250 2.1.0", "250 2.1.5", "250 2.0.0 \(head.utf8.count) octets taken", "250 2.0.0 13 octets",
                "250 2.0.0 0 octets taken", "250 2.0.0 queued as TEST", "250 2.1.0", "250 2.1.5",
                "250 2.0.0 queued as TEST", "250 2.0.0 OK")
            let messages = house.upstream.deliveries.map(\.message)
            #expect(messages.count == 2)
            #expect(messages[0].contains("Subject: Hi\r\n") && messages[0].hasSuffix("\r\n\r\nHello.\r\n..\r\n"))
            #expect(messages[1].hasSuffix("\r\n\r\nSecond.\r\n"))
            #expect(house.upstream.deliveries[0].fields("Message-ID").count == 1)
        }
    }

    @Test("However the network cuts it, and however it is cut into chunks, the message is the same", arguments: 1..<9)
    func cutting(_ size: Int) async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            let message = Array((Self.header + "Hello.\r\n.\r\n\r\n.dot\r\nBDAT 3\r\nQUIT\r\n").utf8)
            var sent = Self.envelope
            for start in stride(from: 0, to: message.count, by: size) {
                sent += Self.chunk(String(lossy: message[start..<min(start + size, message.count)]))
            }
            sent += "BDAT 0 LAST\r\nNOOP\r\n"
            for byte in sent.utf8 { try await client.say(octets: String(lossy: [byte])) }
            try await Self.expect(client, "250 2.1.0", "250 2.1.5")
            for _ in stride(from: 0, to: message.count, by: size) { try await Self.expect(client, "250 2.0.0") }
            try await Self.expect(client, "250 2.0.0 queued", "250 2.0.0 OK")
            let end = "\r\n\r\nHello.\r\n.\r\n\r\n.dot\r\nBDAT 3\r\nQUIT\r\n"
            #expect(house.upstream.deliveries.first?.message.hasSuffix(end) == true)
        }
    }

    @Test("A last line without an end gets one only where the message leaves by DATA", arguments: [false, true])
    func lastLine(_ chunks: Bool) async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave {
                $0.knowsChunks = chunks
                if chunks { $0.capabilities.append("CHUNKING") }
            }
            let client = try await house.signedIn()
            try await Self.begin(client)
            try await client.say(octets: Self.chunk(Self.header + ".Hello", isLast: true))
            try await Self.expect(client, "250 2.0.0 queued")
            let message = try #require(house.upstream.deliveries.first?.message)
            #expect(message.hasSuffix(chunks ? "\r\n\r\n.Hello" : "\r\n\r\n.Hello\r\n"))
            #expect(house.upstream.commands.contains("DATA") == !chunks)
        }
    }

    @Test("It goes into the queue as well")
    func queued() async throws {
        let site: @Sendable (inout SiteDescription) -> Void = { $0.accounts[0].outbox = .queue }
        try await SubmissionHouse.with(site: site) { _, house in
            let client = try await house.signedIn()
            try await client.say(
                octets: Self.envelope + Self.chunk(Self.header) + Self.chunk("Hello.\r\n", isLast: true))
            try await Self.expect(client, "250 2.1.0", "250 2.1.5", "250 2.0.0", "250 2.0.0 Queued as 1")
            try await house.until("delivered") { !house.upstream.deliveries.isEmpty }
            #expect(house.upstream.deliveries.first?.message.hasSuffix("\r\n\r\nHello.\r\n") == true)
        }
    }

    // MARK: Bad messages

    @Test(
        "What is no line end, or a NUL, is refused, and nothing of it is a command",
        arguments: [
            "\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\r\r\n.\r\r\n", "\r\n\0.\r\n", "\n", "\r",
            "\0", "\r\0\n",
        ], [1, 2, 3, 1000])
    func smuggling(_ end: String, _ size: Int) async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            try await Self.begin(client)
            let bad = Array("hello\(end)MAIL FROM:<sales@ours.example>\r\nRSET\r\nx".utf8)
            var count = 0
            try await client.say(octets: Self.chunk(Self.header))
            for start in stride(from: 0, to: bad.count, by: size) {
                let piece = String(lossy: bad[start..<min(start + size, bad.count)])
                try await client.say(octets: Self.chunk(piece))
                count += 1
            }
            try await client.say(octets: "BDAT 0 LAST\r\nNOOP\r\n")
            var answers: [String] = []
            for _ in 0..<count + 3 { answers.append(try await client.line()) }
            #expect(answers.last == "250 2.0.0 OK", "\(answers)")
            #expect(answers.filter { $0.hasPrefix("554 5.6.0 ") }.count == 1, "\(answers)")
            #expect(house.upstream.deliveries.isEmpty)
            #expect(!house.upstream.commands.contains { $0.contains("sales") })
            try await Self.begin(client)
        }
    }

    @Test("The limit counts over all chunks; what is beyond it is read over, and the next message is fine")
    func tooLarge() async throws {
        var limits = SMTPLimits()
        limits.messageSize = 1000
        limits.badCommands = 5
        try await SubmissionHouse.with(limits: limits) { _, house in
            let client = try await house.signedIn()
            let filler = String(repeating: "RSET\r\n", count: 100)
            try await client.say(
                octets: Self.envelope + Self.chunk(Self.header) + Self.chunk(filler) + Self.chunk(filler)
                    + String(repeating: Self.chunk(filler), count: 10) + Self.chunk(filler, isLast: true)
                    + Self.envelope + Self.chunk(filler + filler, isLast: true) + Self.envelope
                    + Self.chunk(Self.header + "Hello.\r\n", isLast: true))
            try await Self.expect(client, "250 2.1.0", "250 2.1.5", "250 2.0.0", "250 2.0.0 600", "552 5.3.4 ")
            for _ in 0..<11 { try await Self.expect(client, "503 5.5.1 The message was refused") }
            try await Self.expect(client, "250 2.1.0", "250 2.1.5", "552 5.3.4 ", "250 2.1.0", "250 2.1.5", "250 2.0.0")
            #expect(house.upstream.deliveries.count == 1)
        }
    }

    @Test("Nothing that was refused goes out because its last chunk is fine; a new MAIL needs no RSET")
    func refusedForGood() async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            try await Self.begin(client)
            try await client.say(octets: Self.chunk(Self.header + "a\nb\r\n"))
            try await Self.expect(client, "554 5.6.0 ")
            try await client.say(octets: "RCPT TO:<eva@customer.example>\r\nDATA\r\n")
            try await Self.expect(client, "503 5.5.1 ", "503 5.5.1 ")
            try await client.say(octets: Self.chunk("fine\r\n", isLast: true))
            try await Self.expect(client, "503 5.5.1 ")
            try await Self.begin(client)
            try await client.say(octets: Self.chunk(Self.header + "a\nb\r\n"))
            try await Self.expect(client, "554 5.6.0 ")
            try await Self.begin(client)
            try await client.say(octets: Self.chunk(Self.header, isLast: true))
            try await Self.expect(client, "250 2.0.0 queued")
            #expect(house.upstream.deliveries.count == 1)
        }
    }

    // MARK: Order

    @Test("Without MAIL, without a recipient, behind the last chunk: read over and refused")
    func noRecipients() async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave { $0.recipient = { $0.contains("bob") ? "550 5.1.1 No bob" : "250 2.1.5 Fine" } }
            let client = try await house.signedIn()
            let hidden = "MAIL FROM:<support@ours.example>\r\n"
            try await client.say(octets: Self.chunk(hidden) + Self.chunk(hidden, isLast: true))
            try await Self.expect(client, "503 5.5.1 Say MAIL first", "503 5.5.1 Say MAIL first")
            try await client.say(
                octets: "MAIL FROM:<support@ours.example>\r\nRCPT TO:<bob@c.example>\r\n"
                    + Self.chunk(hidden, isLast: true) + "RCPT TO:<eva@c.example>\r\n"
                    + Self.chunk(Self.header, isLast: true) + Self.chunk("", isLast: true))
            try await Self.expect(
                client, "250 2.1.0", "550 5.1.1", "554 5.5.1 There is no valid recipient", "250 2.1.5",
                "250 2.0.0 queued", "503 5.5.1 Say MAIL first")
            #expect(house.upstream.deliveries.map(\.recipients) == [["RCPT TO:<eva@c.example>"]])
        }
    }

    @Test("RSET forgets the chunks; DATA, RCPT and MAIL have no place between them; the others have")
    func mixed() async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            try await Self.begin(client)
            try await client.say(octets: Self.chunk("From: support@ours.example\r\nX-Old: 1\r\n"))
            try await Self.expect(client, "250 2.0.0")
            try await client.play(
                """
                C: DATA
                S: 503 5.5.1 The message comes in pieces already
                C: RCPT TO:<eva@customer.example>
                S: 503 5.5.1 The message comes in pieces already
                C: MAIL FROM:<support@ours.example>
                S: 503 5.5.1 A message is already begun
                C: NOOP
                S: 250 2.0.0 OK
                C: RSET
                S: 250 2.0.0 OK
                """)
            try await client.say(octets: Self.chunk("X: 1\r\n", isLast: true))
            try await Self.expect(client, "503 5.5.1 Say MAIL first")
            try await Self.begin(client)
            try await client.say(octets: Self.chunk(Self.header) + Self.chunk("New.\r\n", isLast: true))
            try await Self.expect(client, "250 2.0.0", "250 2.0.0 queued")
            // DATA in the next transaction of the same session.
            try await Self.begin(client)
            try await client.say("DATA")
            try await Self.expect(client, "354 ")
            try await client.say(octets: Self.header + "By DATA.\r\n.\r\n")
            try await Self.expect(client, "250 2.0.0 queued")
            let messages = house.upstream.deliveries.map(\.message)
            #expect(messages.count == 2 && !messages[0].contains("X-Old") && messages[0].hasSuffix("\r\n\r\nNew.\r\n"))
        }
    }

    @Test("The upstream's refusal keeps its words, and ends the transaction")
    func refusedUpstream() async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave { $0.end = { _ in "554 5.7.1 Spam" } }
            let client = try await house.signedIn()
            try await Self.begin(client)
            try await client.say(octets: Self.chunk(Self.header) + Self.chunk("Buy.\r\n", isLast: true))
            try await Self.expect(client, "250 2.0.0", "554 5.7.1 Spam")
            try await client.say(octets: Self.chunk("x", isLast: true))
            try await Self.expect(client, "503 5.5.1 ")
            // An author who is none of hers, as with DATA.
            try await Self.begin(client)
            try await client.say(octets: Self.chunk("From: boss@ours.example\r\n\r\nPay.\r\n", isLast: true))
            try await Self.expect(client, "550 5.7.1 ")
        }
    }

    // MARK: Bad sizes, and ends

    @Test(
        "Behind a size that is none, or absurd, nothing is read",
        arguments: [
            ("BDAT", "501 5.5.4"), ("BDAT five", "501 5.5.4"), ("BDAT -1", "501 5.5.4"),
            ("BDAT 5 FIRST", "501 5.5.4"), ("BDAT 99999999999999999999 LAST", "501 5.5.4"),
            ("bdat 5 last\nRCPT TO:<eva@customer.example>", "501 5.5.4"), ("BDAT 5\0", "501 5.5.4"),
            ("BDAT 18446744073709551615 LAST", "552 5.3.4"), ("BDAT 1000000000", "552 5.3.4"),
        ])
    func badSize(_ line: String, _ answer: String) async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            try await Self.begin(client)
            try await client.say(octets: "\(line)\r\nRCPT TO:<eva@customer.example>\r\n")
            try await Self.expect(client, answer)
            try await client.end()
            #expect(!house.upstream.commands.contains { $0.contains("eva") })
        }
    }

    @Test("A stranger's chunks are not read")
    func stranger() async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.greeted()
            try await client.say(octets: Self.chunk("AUTH PLAIN \(house.plain("alice"))\r\n") + "NOOP\r\n")
            try await Self.expect(client, "530 5.7.0 ")
            try await client.end()
        }
    }

    @Test("Cut in the middle of a chunk, or between two, nothing is sent", arguments: [true, false])
    func cut(_ isWithin: Bool) async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            try await Self.begin(client)
            try await client.say(octets: Self.chunk(Self.header))
            try await Self.expect(client, "250 2.0.0")
            if isWithin { try await client.say(octets: "BDAT 100 LAST\r\nHello.\r\n") }
            client.cut()
            try await house.until("given up") { house.upstream.commands.last == "RSET" }
            #expect(house.upstream.deliveries.isEmpty)
        }
    }

    @Test("On the way out a chunk comes to its end, and a second word ends all", arguments: [false, true])
    func shutdown(_ isTwice: Bool) async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            try await Self.begin(client)
            let message = Self.header + "Hello.\r\n"
            try await client.say(octets: "NOOP\r\nBDAT \(message.utf8.count) LAST\r\n\(message.prefix(20))")
            // Answered once the rest of the chunk is waited for.
            try await client.expect("250 2.0.0 OK")
            house.secureListener.stop()
            if isTwice {
                for _ in 0..<8 { await house.loop.yield() }
                house.secureListener.stop()
            } else {
                try await client.say(octets: String(message.dropFirst(20)))
                try await Self.expect(client, "250 2.0.0 queued")
            }
            try await client.expect("421 4.3.2 The service is shutting down; come back soon")
            try await client.end()
            #expect(house.upstream.deliveries.isEmpty == isTwice)
        }
    }

    @Test("Nor does it cut a message off between two chunks", arguments: [0, 1, 2])
    func shutdownBetween(_ kind: Int) async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            try await Self.begin(client)
            try await client.say(octets: Self.chunk(Self.header))
            try await Self.expect(client, "250 2.0.0")
            house.secureListener.stop()
            for _ in 0..<8 { await house.loop.yield() }
            switch kind {
            case 0:
                try await client.say(octets: Self.chunk("Hello.\r\n") + Self.chunk("Bye.\r\n", isLast: true))
                try await Self.expect(client, "250 2.0.0 8", "250 2.0.0 queued")
            case 1:
                try await client.say(octets: Self.chunk("a\nb"))
                try await Self.expect(client, "554 5.6.0")
            default: house.secureListener.stop()
            }
            try await client.expect("421 4.3.2 The service is shutting down; come back soon")
            try await client.end()
            #expect(house.upstream.deliveries.count == (kind == 0 ? 1 : 0))
        }
    }

    @Test("Silence within a chunk ends the connection")
    func silence() async throws {
        var limits = SMTPLimits()
        limits.dataTime = .milliseconds(100)
        try await SubmissionHouse.with(limits: limits) { _, house in
            let client = try await house.signedIn()
            try await Self.begin(client)
            try await client.say(octets: "BDAT 100 LAST\r\nHello.\r\n")
            try await client.expect("421 4.4.2 Nothing was heard for too long")
            try await client.end()
            #expect(house.upstream.deliveries.isEmpty)
        }
    }
}
