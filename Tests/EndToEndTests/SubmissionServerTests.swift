import Foundation
import TestKit
import Testing

/// Mail goes out through submission servers that differ: Postfix, Exim, and Dovecot's.
@Suite("Through submission servers")
struct SubmissionServerTests {
    private typealias Server = Provider.SubmissionServer

    private static let sender = "support@example.test"

    private static func letter(
        _ subject: String, number: Int = 1, from: String = sender, text: String = "Hello.\n"
    ) -> String {
        Letters.plain(subject, from: from, to: "jan@customer.test", number: number, text: text)
    }

    @discardableResult
    private func deliver(
        _ client: SMTPClient, _ letter: String, from: String = sender, to recipient: String = "jan@customer.test"
    ) async throws -> SMTPClient.Reply {
        try await client.deliver(letter, from: from, to: [recipient])
    }

    private struct Queued: Decodable {
        let attempts: Int
    }

    private static func queue(_ house: House) async throws -> [Queued] {
        let text = try await house.posthouse.succeed(["queue", "list", "--json"])
        return try JSONDecoder().decode([Queued].self, from: Data(text.utf8))
    }

    private func arrived(_ house: House, _ subjects: [String]) async throws {
        try await eventually(
            "\(subjects) arrived",
            holds: { try await SubmissionTests.subjects(house, "jan", "INBOX").sorted() == subjects.sorted() })
    }

    @Test(arguments: Provider.SubmissionServer.allCases)
    func `Letters go out on one connection, unchanged, and each has one copy in Sent`(
        server: Provider.SubmissionServer
    ) async throws {
        try await House.with(.sending(through: server)) { house in
            let client = try await house.smtp("alice")
            let text = ".\n..\n.x\nZażółć gęślą jaźń \n\n\n" + String(repeating: "l", count: 990) + "\n.\n"
            try await client.expect(250, "MAIL FROM:<\(Self.sender)> BODY=8BITMIME")
            try await client.expect(250, "RCPT TO:<jan@customer.test>")
            try await client.expect(354, "DATA")
            let stuffed = Self.letter("strange", text: text).replacing("\r\n.", with: "\r\n..")
            try await client.dialogue.send(octets: Array("\(stuffed).\r\n".utf8))
            #expect(try await client.reply().code == 250)
            for number in 2...4 {
                let reply = try await deliver(client, Self.letter("letter \(number)", number: number))
                #expect(reply.code == 250, "\(reply)")
            }
            let all = ["strange", "letter 2", "letter 3", "letter 4"]
            try await arrived(house, all)
            try await eventually(
                "Sent has one copy of each",
                holds: { try await SubmissionTests.subjects(house, "support", "Sent").sorted() == all.sorted() })
            #expect(house.smtpRelay.acceptedCount == 1)
            for (user, mailbox) in [("jan", "INBOX"), ("support", "Sent")] {
                let reader = try await house.upstream(user)
                try await reader.ok("EXAMINE \(mailbox)")
                let found = try await reader.ok("UID SEARCH HEADER Subject strange").untagged.first ?? ""
                let body = try await reader.ok("UID FETCH \(found.dropFirst(7)) BODY.PEEK[TEXT]").untagged.joined()
                #expect(body.contains("\r\n" + text.replacing("\n", with: "\r\n") + ")"), "\(mailbox): \(body)")
                try await reader.logout()
            }
            // In chunks, where the server offers that and tells whether it was used.
            if server == .exim {
                let log = house.provider.submissionLog(of: server)
                for word in [" K ", "A=PLAIN:support"] { #expect(log.contains(word), "\(word): \(log)") }
            } else if server == .postfix {
                try await client.quit()
                house.smtpRelay.cut()
                try await eventually(
                    "Postfix has logged the session",
                    holds: { house.provider.submissionLog(of: server).contains("bdat=4") })
            }
        }
    }

    @Test(arguments: Provider.SubmissionServer.allCases)
    func `Refusals are passed on with their codes, and the session goes on`(
        server: Provider.SubmissionServer
    ) async throws {
        try await House.with(.sending(through: server)) { house in
            let client = try await house.smtp("alice")
            // Three recipients in one packet: one refused, one put off, one taken.
            let packet = ["nobody@example.test", "later@example.test", "jan@customer.test"].map {
                "RCPT TO:<\($0)>\r\n"
            }
            try await client.dialogue.send(
                octets: Array("MAIL FROM:<\(Self.sender)>\r\n\(packet.joined())DATA\r\n".utf8))
            #expect(try await client.reply().code == 250)
            let (nobody, later) = (try await client.reply(), try await client.reply())
            #expect(nobody.code == 550 && nobody.text.contains("5.1.1"), "\(nobody)")
            #expect(nobody.text.contains("There is nobody here by that name"), "\(nobody)")
            #expect(later.code == 451 && later.text.contains("4.2.1"), "\(later)")
            #expect(later.text.contains("Come back later"), "\(later)")
            #expect(try await client.reply().code == 250)
            #expect(try await client.reply().code == 354)
            try await client.dialogue.send(octets: Array("\(Self.letter("for one")).\r\n".utf8))
            #expect(try await client.reply().code == 250)

            let content = try await deliver(client, Self.letter("refuse-this-content", number: 2))
            #expect(content.code == 550 && content.text.contains("The content is not welcome"), "\(content)")
            let late = try await deliver(
                client, Self.letter("not now", number: 3, from: "help@example.test"), from: "help@example.test")
            #expect(late.code / 100 == 4 && late.text.contains("4.7.1") && late.text.contains("Not now"), "\(late)")

            let announced = try await client.command("MAIL FROM:<\(Self.sender)> SIZE=2000000")
            #expect(announced.code == 552 && announced.text.contains("5.3.4"), "\(announced)")
            try await client.command("RSET")
            let large = String(repeating: String(repeating: "x", count: 70) + "\n", count: 20_000)
            let sent = try await deliver(client, Self.letter("large", number: 4, text: large))
            #expect(sent.code == 552, "\(sent)")

            #expect(try await deliver(client, Self.letter("the last", number: 5)).code == 250)
            try await arrived(house, ["for one", "the last"])
            // What came in one packet went on in one packet: no minus behind the dot.
            if server == .exim { #expect(house.provider.submissionLog(of: server).contains(" L. ")) }
            try await eventually(
                "Sent has what was sent",
                holds: {
                    try await SubmissionTests.subjects(house, "support", "Sent").sorted() == ["for one", "the last"]
                })
        }
    }

    @Test(arguments: Provider.SubmissionServer.allCases)
    func `A connection that breaks in the data phase loses nothing, and the next one serves`(
        server: Provider.SubmissionServer
    ) async throws {
        try await House.with(.sending(through: server)) { house in
            let client = try await house.smtp("alice")
            #expect(try await deliver(client, Self.letter("before")).code == 250)
            try await client.expect(250, "MAIL FROM:<\(Self.sender)>")
            try await client.expect(250, "RCPT TO:<jan@customer.test>")
            try await client.expect(354, "DATA")
            // The server is gone for good: the client is told to come again.
            house.smtpRelay.close()
            try await client.dialogue.send(octets: Array("\(Self.letter("lost", number: 2)).\r\n".utf8))
            let reply = try await client.reply()
            #expect(reply.code / 100 == 4, "\(reply)")
            try house.smtpRelay.open()
            // The connection alone is gone: another one is made.
            #expect(try await deliver(client, Self.letter("again", number: 3)).code == 250)
            try await client.expect(250, "MAIL FROM:<\(Self.sender)>")
            try await client.expect(250, "RCPT TO:<jan@customer.test>")
            try await client.expect(354, "DATA")
            house.smtpRelay.cut()
            try await client.dialogue.send(octets: Array("\(Self.letter("cut", number: 4)).\r\n".utf8))
            let second = try await client.reply()
            #expect(second.code == 250, "\(second)")
            try await arrived(house, ["before", "again", "cut"])
        }
    }

    @Test(arguments: Provider.SubmissionServer.allCases)
    func `A server that is not who it should be hears no password and gets no mail`(
        server: Provider.SubmissionServer
    ) async throws {
        var plan = Plan.sending(through: server)
        plan.providerNames = ["elsewhere.example.test"]
        try await House.with(plan) { house in
            let client = try await house.smtp("alice")
            let reply = try await deliver(client, Self.letter("to nobody"))
            #expect(reply.code / 100 == 4, "\(reply)")
            #expect(!house.posthouse.log.contains("support-upstream"))
            let log = house.provider.submissionLog(of: server)
            #expect(!log.contains("from=<\(Self.sender)>") && !log.contains("<= \(Self.sender)"), "\(log)")
        }
    }

    @Test(arguments: Provider.SubmissionServer.allCases)
    func `A server that speaks TLS from the start is signed in to, when it is who it should be`(
        server: Provider.SubmissionServer
    ) async throws {
        for name in ["localhost", "elsewhere.example.test"] {
            var plan = Plan.sending(through: server)
            plan.upstreamTLS = "implicit"
            plan.providerNames = [name]
            try await House.with(plan) { house in
                let client = try await house.smtp("alice")
                let reply = try await deliver(client, Self.letter("by \(name)"))
                #expect(reply.code / 100 == (name == "localhost" ? 2 : 4), "\(reply)")
                if reply.code == 250 { try await arrived(house, ["by \(name)"]) }
            }
        }
    }

    @Test(arguments: Provider.SubmissionServer.allCases)
    func `What waits in the queue is sent when the server is there, and refusals come back as reports`(
        server: Provider.SubmissionServer
    ) async throws {
        var plan = Plan.sending(through: server)
        plan.support = "outbox: queue"
        try await House.with(plan) { house in
            house.smtpRelay.close()
            let client = try await house.smtp("alice")
            let reply = try await client.deliver(
                Self.letter("queued"), from: Self.sender, to: ["jan@customer.test", "nobody@example.test"])
            #expect(reply.code == 250 && reply.text.contains("Queued as 1"), "\(reply)")
            // The next attempt is a minute away then, and is asked for once.
            try await eventually("it has been tried", holds: { try await Self.queue(house).map(\.attempts) == [1] })
            try house.smtpRelay.open()
            try await house.posthouse.succeed(["queue", "release", "1"])
            try await arrived(house, ["queued"])
            try await eventually(
                "the report has arrived, and Sent has the copy",
                holds: {
                    let reports = try await SubmissionTests.subjects(house, "support", "INBOX")
                    let copies = try await SubmissionTests.subjects(house, "support", "Sent")
                    return reports == ["Not delivered: queued"] && copies == ["queued"]
                })
        }
    }
}
