import TestKit
import Testing

/// Mail goes out through Posthouse: from identities alone, with the provider's word on it, and with one copy in Sent.
@Suite("Submission")
struct SubmissionTests {
    private static func letter(_ subject: String, from: String = "support@example.test", number: Int = 1) -> String {
        Letters.plain(subject, from: from, to: "jan@customer.test", number: number)
    }

    /// The subjects in a mailbox of the provider.
    static func subjects(_ house: House, _ user: String, _ mailbox: String) async throws -> [String] {
        let client = try await house.upstream(user)
        guard try await client.command("EXAMINE \(mailbox)").isOK else { return [] }
        // A FETCH in an empty mailbox is an error to Dovecot.
        guard try await client.ok("UID SEARCH ALL").untagged.first != "SEARCH" else { return [] }
        let answer = try await client.ok("UID FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]")
        try await client.logout()
        return answer.untagged.compactMap { line in
            guard let range = line.firstRange(of: "Subject: ") else { return nil }
            return String(line[range.upperBound...].prefix { $0 != "\r\n" && $0 != "\r" })
        }
    }

    @Test func `swaks and curl send, the customer gets it, Sent has one copy`() async throws {
        try await House.with(.sending) { house in
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let file = try directory.write(Self.letter("by swaks"), to: "letter")
            let swaks = try await house.swaks(
                "alice", from: "support@example.test", to: ["jan@customer.test"], ["--data", "@\(file)"])
            #expect(swaks.succeeded, "\(swaks)")
            try directory.write(Self.letter("by curl", number: 2), to: "letter")
            for scheme in ["smtp", "smtps"] {
                let curl = try await house.curl(
                    "alice", scheme, "",
                    [
                        "--mail-from", "support@example.test", "--mail-rcpt", "jan@customer.test", "--upload-file",
                        file,
                    ])
                #expect(curl.succeeded, "\(curl)")
                try directory.write(Self.letter("by curl over TLS", number: 3), to: "letter")
            }
            let wanted = ["by swaks", "by curl", "by curl over TLS"]
            try await eventually(
                "the customer has all three",
                holds: {
                    try await Self.subjects(house, "jan", "INBOX").sorted() == wanted.sorted()
                })
            try await eventually(
                "Sent has one copy of each",
                holds: {
                    try await Self.subjects(house, "support", "Sent").sorted() == wanted.sorted()
                })
        }
    }

    @Test func `A client that saves its own copy makes no second one`() async throws {
        try await House.with(.sending) { house in
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            // mutt sends first and saves then, after 250 has been said and our copy has been made.
            let mutt = try Mutt(house, "alice", from: "support@example.test", in: directory)
            try await mutt.send("text", subject: "saved by mutt", to: "jan@customer.test")

            // The other order: the client saves first.
            let alice = try await house.imap("alice")
            let letter = Self.letter("saved before")
            #expect(try await alice.append(letter, to: "Sent", flags: "\\Seen").isOK)
            let sender = try await house.smtp("alice")
            let reply = try await sender.deliver(letter, from: "support@example.test", to: ["jan@customer.test"])
            #expect(reply.code == 250)
            try await eventually(
                "the customer has both",
                holds: {
                    try await Self.subjects(house, "jan", "INBOX").count == 2
                })
            let copies = try await Self.subjects(house, "support", "Sent").sorted()
            #expect(copies == ["saved before", "saved by mutt"])
        }
    }

    /// Recorded mail is in the store anyway; other mail is kept there until its copy is saved.
    @Test(arguments: [true, false]) func `A copy that is owed when the program is killed is saved by the next run`(
        records: Bool
    ) async throws {
        var plan = Plan.sending
        if !records { plan.scanner = nil }
        try await House.with(plan) { house in
            house.imapRelay.close()
            let sender = try await house.smtp("alice")
            let large = Self.letter("large", number: 2) + String(repeating: "And so on, and so on.\r\n", count: 60_000)
            for letter in [Self.letter("small"), large] {
                let reply = try await sender.deliver(letter, from: "support@example.test", to: ["jan@customer.test"])
                #expect(reply.code == 250)
            }
            house.posthouse.kill()
            #expect(try await Self.subjects(house, "support", "Sent") == [])
            try house.imapRelay.open()
            // Once more, for what is saved is not saved again.
            for _ in 0..<2 {
                try await house.posthouse.start()
                try await eventually(
                    "Sent has one copy of each", within: .seconds(60),
                    holds: { try await Self.subjects(house, "support", "Sent").sorted() == ["large", "small"] })
                try await house.posthouse.stop()
            }
            let support = try await house.upstream("support")
            try await support.ok("EXAMINE Sent")
            let copy = try await support.ok("UID FETCH 1:* BODY.PEEK[TEXT]").untagged.max {
                $0.utf8.count < $1.utf8.count
            }
            #expect(copy?.contains(String(repeating: "And so on, and so on.\r\n", count: 60_000)) == true)
        }
    }

    @Test func `Only identities may be sent as`() async throws {
        try await House.with(.sending) { house in
            let sender = try await house.smtp("alice")
            for address in ["sales@example.test", "boss@example.test", "jan@customer.test"] {
                let reply = try await sender.command("MAIL FROM:<\(address)>")
                #expect(reply.code == 550 || reply.code == 553, "\(address): \(reply)")
                #expect(reply.text.hasPrefix("5.7."), "\(address): \(reply)")
            }
            // An account of others and a made-up address are refused in the same words.
            let known = try await sender.command("MAIL FROM:<sales@example.test>").text
            let unknown = try await sender.command("MAIL FROM:<salex@example.test>").text
            #expect(known.replacing("sales@", with: "") == unknown.replacing("salex@", with: ""))

            #expect(try await sender.command("MAIL FROM:<help@example.test>").code == 250)
            try await sender.expect(250, "RSET")
            let forged = try await sender.deliver(
                Self.letter("forged", from: "boss@example.test"), from: "support@example.test",
                to: ["jan@customer.test"])
            #expect(forged.code == 550 && forged.text.contains("5.7."), "\(forged)")
            #expect(try await sender.command("NOOP").code == 250)
            #expect(try await Self.subjects(house, "jan", "INBOX").isEmpty)
            #expect(try await Self.subjects(house, "support", "Sent").isEmpty)
        }
    }

    @Test func `The provider's refusals are passed on with their code and text`() async throws {
        try await House.with(.sending) { house in
            let sender = try await house.smtp("alice")
            let from = "support@example.test"
            let letter = Self.letter("refused")
            let nobody = try await sender.deliver(letter, from: from, to: ["nobody@example.test"])
            #expect(nobody.code == 550 && nobody.text.contains("5.1.1"), "\(nobody)")
            #expect(nobody.text.contains("There is nobody here by that name"), "\(nobody)")
            try await sender.expect(250, "RSET")
            let later = try await sender.deliver(letter, from: from, to: ["later@example.test"])
            #expect(later.code == 451 && later.text.contains("4.2.1 "), "\(later)")
            try await sender.expect(250, "RSET")
            let content = try await sender.deliver(
                Self.letter("refuse-this-content"), from: from, to: ["jan@customer.test"])
            #expect(content.code == 550 && content.text.contains("5.7.1"), "\(content)")
            #expect(content.text.contains("The content is not welcome"), "\(content)")
            // And the session goes on.
            #expect(try await sender.deliver(letter, from: from, to: ["jan@customer.test"]).code == 250)
            try await eventually(
                "only the last one was sent",
                holds: {
                    try await Self.subjects(house, "support", "Sent") == ["refused"]
                })
        }
    }

    @Test func `One refused recipient does not keep the others from their mail`() async throws {
        try await House.with(.sending) { house in
            let sender = try await house.smtp("alice")
            try await sender.expect(250, "MAIL FROM:<support@example.test>")
            try await sender.expect(550, "RCPT TO:<nobody@example.test>")
            try await sender.expect(250, "RCPT TO:<jan@customer.test>")
            try await sender.expect(354, "DATA")
            try await sender.dialogue.send(octets: Array((Self.letter("for one") + ".\r\n").utf8))
            #expect(try await sender.reply().code == 250)
            try await eventually(
                "it arrived",
                holds: {
                    try await Self.subjects(house, "jan", "INBOX") == ["for one"]
                })
        }
    }

    @Test func `Without the provider mail is put off, not lost and not pretended`() async throws {
        try await House.with(.sending) { house in
            house.smtpRelay.close()
            let sender = try await house.smtp("alice")
            let letter = Self.letter("put off")
            let reply = try await sender.deliver(letter, from: "support@example.test", to: ["jan@customer.test"])
            #expect(reply.code / 100 == 4, "\(reply)")
            #expect(try await Self.subjects(house, "support", "Sent").isEmpty)
            try house.smtpRelay.open()
            try await eventually(
                "service resumes by itself", within: .seconds(40),
                holds: {
                    let again = try await house.smtp("alice")
                    defer { Task { await again.dialogue.close() } }
                    return try await again.deliver(letter, from: "support@example.test", to: ["jan@customer.test"]).code
                        == 250
                })
        }
    }

    @Test func `The connection to the provider breaks in the middle of a message`() async throws {
        try await House.with(.sending) { house in
            let sender = try await house.smtp("alice")
            try await sender.expect(250, "MAIL FROM:<support@example.test>")
            try await sender.expect(250, "RCPT TO:<jan@customer.test>")
            try await sender.expect(354, "DATA")
            try await sender.dialogue.send(octets: Array(Self.letter("half").utf8))
            house.smtpRelay.close()
            try await sender.dialogue.send(octets: Array("the rest\r\n.\r\n".utf8))
            let reply = try await sender.reply()
            #expect(reply.code / 100 == 4, "\(reply)")
            #expect(try await Self.subjects(house, "support", "Sent").isEmpty)
        }
    }

    @Test func `A message cannot be smuggled inside another`() async throws {
        try await House.with(.sending) { house in
            let ends = [
                "\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\n.\r", "\r.\n", "\r.\r\n", "\r\n\0.\r\n",
            ]
            for (index, end) in ends.enumerated() {
                let sender = try await house.smtp("alice")
                try await sender.expect(250, "MAIL FROM:<support@example.test>")
                try await sender.expect(250, "RCPT TO:<jan@customer.test>")
                try await sender.expect(354, "DATA")
                let hidden =
                    "MAIL FROM:<boss@example.test>\r\nRCPT TO:<jan@customer.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nx"
                let message = Self.letter("outer", number: index) + "x\(end)\(hidden)\r\n.\r\n"
                try await sender.dialogue.send(octets: Array(message.utf8))
                let reply = try await sender.reply()
                // Refused for its bare CR or LF, or taken as one message with strange octets in it: never two.
                #expect(reply.code / 100 == 5 || end.contains("\0"), "\(end.debugDescription): \(reply)")
                await sender.dialogue.close()
            }
            #expect(try await !Self.subjects(house, "jan", "INBOX").contains("smuggled"))
            #expect(!house.provider.postfixLog.contains("from=<boss@example.test>"))
        }
    }

    @Test func `Commands in one packet are answered in order`() async throws {
        try await House.with(.sending) { house in
            let sender = try await house.smtp("alice")
            let greeting = try await sender.expect(250, "EHLO client.example.test").lines
            for word in ["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"] {
                #expect(greeting.contains(word), "\(greeting)")
            }
            #expect(greeting.contains { $0.hasPrefix("SIZE ") })
            let packet =
                "MAIL FROM:<support@example.test> BODY=8BITMIME SIZE=500\r\nRCPT TO:<nobody@example.test>\r\nRCPT TO:<jan@customer.test>\r\nDATA\r\n"
            try await sender.dialogue.send(octets: Array(packet.utf8))
            var codes: [Int] = []
            for _ in 0..<4 { codes.append(try await sender.reply().code) }
            #expect(codes == [250, 550, 250, 354])
            try await sender.dialogue.send(octets: Array((Self.letter("packed") + ".\r\n").utf8))
            #expect(try await sender.reply().code == 250)
        }
    }

    @Test func `Addresses beyond ASCII and lines that begin with dots arrive as they were`() async throws {
        try await House.with(.sending) { house in
            let sender = try await house.smtp("alice")
            let text = ".\n..\n.leading\nZażółć\n"
            // A header beyond ASCII would bounce behind Postfix, since Dovecot's LMTP does not take SMTPUTF8.
            let subject = "=?utf-8?q?G=C4=99=C5=9Bl=C4=85?="
            let letter = Letters.plain(subject, from: "support@example.test", to: "jan@customer.test", text: text)
            try await sender.expect(250, "MAIL FROM:<support@example.test> BODY=8BITMIME")
            try await sender.expect(250, "RCPT TO:<jan@customer.test>")
            try await sender.expect(354, "DATA")
            let stuffed = letter.replacing("\r\n.", with: "\r\n..")
            try await sender.dialogue.send(octets: Array((stuffed + ".\r\n").utf8))
            #expect(try await sender.reply().code == 250)
            // The provider takes international addresses; that its own delivery does not is its affair.
            try await sender.expect(250, "MAIL FROM:<support@example.test> SMTPUTF8 BODY=8BITMIME")
            try await sender.expect(250, "RCPT TO:<żółw@customer.test>")
            try await sender.expect(250, "RSET")
            try await eventually(
                "it arrived unchanged",
                holds: {
                    let jan = try await house.upstream("jan")
                    guard try await jan.ok("SELECT INBOX").untagged.contains("1 EXISTS") else { return false }
                    let body = try await jan.ok("FETCH 1 BODY.PEEK[TEXT]").untagged.joined()
                    #expect(body.contains(text.replacing("\n", with: "\r\n")), "\(body)")
                    return true
                })
        }
    }

    @Test func `A message that is too large is refused before it is sent`() async throws {
        var plan = Plan.sending
        plan.settings += "\nlimits: {message-size: 64KiB}"
        try await House.with(plan) { house in
            let sender = try await house.smtp("alice")
            let announced = try await sender.command("MAIL FROM:<support@example.test> SIZE=100000")
            #expect(announced.code == 552 && announced.text.contains("5.3.4"), "\(announced)")
            let letter = Self.letter("big") + String(repeating: String(repeating: "x", count: 70) + "\r\n", count: 2000)
            let sent = try await sender.deliver(letter, from: "support@example.test", to: ["jan@customer.test"])
            #expect(sent.code == 552, "\(sent)")
            #expect(try await sender.command("NOOP").code == 250)
            #expect(try await Self.subjects(house, "jan", "INBOX").isEmpty)
        }
    }
}
