import TestKit
import Testing

/// Messages that come otherwise than by DATA, through the daemon to a real Postfix.
@Suite("Submission in pieces")
struct SubmissionPiecesTests {
    private static func letter(_ subject: String) -> String {
        Letters.plain(subject, from: "support@example.test", to: "jan@customer.test")
    }

    private func begin(_ sender: SMTPClient) async throws {
        try await sender.expect(250, "MAIL FROM:<support@example.test>")
        try await sender.expect(250, "RCPT TO:<jan@customer.test>")
    }

    @Test func `Chunks and a draft in the mailbox reach the customer, and Sent has one copy of each`() async throws {
        try await House.with(.sending) { house in
            let sender = try await house.smtp("alice")
            let offered = try await sender.expect(250, "EHLO client.example.test").lines
            #expect(offered.contains("CHUNKING") && offered.contains("BURL imap"), "\(offered)")

            let chunked = Array(Self.letter("in chunks").utf8)
            try await begin(sender)
            try await sender.dialogue.send(octets: Array("BDAT 10\r\n".utf8) + chunked[..<10])
            #expect(try await sender.reply().code == 250)
            try await sender.dialogue.send(octets: Array("BDAT \(chunked.count - 10) LAST\r\n".utf8) + chunked[10...])
            #expect(try await sender.reply().code == 250)

            let reader = try await house.imap("support*alice")
            #expect(try await reader.append(Self.letter("a draft"), to: "Drafts", flags: "\\Draft").isOK)
            let uid = try await reader.open("Drafts", messages: 1).isOK ? 1 : 0
            let host = try #require(try await sender.expect(250, "EHLO client.example.test").lines.first)
            let rump = "imap://support*alice@\(host)/Drafts/;UID=\(uid);URLAUTH=submit+alice"
            let answer = try await reader.ok("GENURLAUTH \"\(rump)\" INTERNAL")
            let line = try #require(answer.untagged.first { $0.hasPrefix("GENURLAUTH \"") })
            try await begin(sender)
            try await sender.expect(250, "BURL \(line.dropFirst("GENURLAUTH \"".count).dropLast()) LAST")
            try await reader.logout()

            let wanted = ["a draft", "in chunks"]
            try await eventually(
                "the customer has both",
                holds: { try await SubmissionTests.subjects(house, "jan", "INBOX").sorted() == wanted })
            try await eventually(
                "Sent has one copy of each",
                holds: { try await SubmissionTests.subjects(house, "support", "Sent").sorted() == wanted })
            // Smuggled in a chunk: refused, and nothing of it is a command.
            try await begin(sender)
            let hidden = Array((Self.letter("hidden") + "\n.\nRSET\r\n").utf8)
            try await sender.dialogue.send(octets: Array("BDAT \(hidden.count) LAST\r\n".utf8) + hidden)
            #expect(try await sender.reply().code == 554)
            try await sender.expect(250, "NOOP")
        }
    }
}
