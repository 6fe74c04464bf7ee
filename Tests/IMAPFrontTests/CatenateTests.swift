import IMAPFront
import TestKit
import Testing

/// CATENATE (RFC 4469) with URL-PARTIAL (RFC 5550).
@Suite(.timeLimit(.minutes(20)))
struct CatenateTests {
    private static let parts = """
        Subject: parts\r
        From: jan@customer.example\r
        MIME-Version: 1.0\r
        Content-Type: multipart/mixed; boundary=b\r
        \r
        --b\r
        Content-Type: text/plain\r
        \r
        first\r
        --b\r
        Content-Type: application/octet-stream\r
        \r
        0123456789\r
        --b--\r

        """

    private func text(_ text: String) -> String { "TEXT {\(text.utf8.count)+}\r\n\(text)" }

    @Test func putsMessagesTogether() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("alice")
            let capabilities = try await client.ok("CAPABILITY").untagged.joined()
            #expect(capabilities.contains(" CATENATE") && capabilities.contains(" URL-PARTIAL"))
            #expect(try await client.append(Self.parts, to: "INBOX").isOK)
            let selected = try await client.ok("SELECT INBOX").untagged.joined()
            let validity = try #require(selected.firstMatch(of: /UIDVALIDITY (\d+)/)?.1)
            let cases: [(parts: String, expected: String)] = [
                ("URL \"/INBOX/;UID=1\"", Self.parts),
                (
                    "URL \"/INBOX;UIDVALIDITY=\(validity)/;UID=1/;SECTION=HEADER\"",
                    String(Self.parts.prefix { _ in true }.split(separator: "\r\n\r\n")[0]) + "\r\n\r\n"
                ),
                (
                    "\(text("Subject: x\r\n\r\n")) URL \"/INBOX/;UID=1/;SECTION=2\" \(text("\r\n"))",
                    "Subject: x\r\n\r\n0123456789\r\n"
                ),
                ("\(text("A: b\r\n\r\n")) URL \"/INBOX/;UID=1/;SECTION=2/;PARTIAL=2.3\"", "A: b\r\n\r\n234"),
                ("\(text("A: b\r\n\r\n")) URL \";UID=1/;SECTION=2/;PARTIAL=8\"", "A: b\r\n\r\n89"),
                ("\(text("A: b\r\n\r\n")) URL \"/INBOX/;UID=1/;SECTION=2/;PARTIAL=99.3\"", "A: b\r\n\r\n"),
                ("URL \"/INBOX/;UID=1/;SECTION=HEADER.FIELDS%20(SUBJECT)\" \(text("x"))", "Subject: parts\r\n\r\nx"),
                (
                    "URL \"imap://alice@posthouse.example.test/INBOX/;UID=1/;SECTION=1.MIME\" \(text("x"))",
                    "Content-Type: text/plain\r\n\r\nx"
                ),
                ("\(text("A: b")) \(text("")) URL {14+}\r\n/INBOX/;UID=1\u{3B}SECTION=1", ""),
            ]
            var uid = 1
            for (parts, expected) in cases.dropLast() {
                let answer = try await client.command("APPEND INBOX (\\Seen) CATENATE (\(parts))")
                uid += 1
                #expect(answer.status.hasPrefix("OK [APPENDUID \(validity) \(uid)]"), "\(parts): \(answer)")
                let saved = try await client.ok("UID FETCH \(uid) BODY.PEEK[]").untagged.last { $0.contains("BODY[]") }
                #expect(saved?.hasSuffix("BODY[] {\(expected.utf8.count)}\r\n\(expected))") ?? false, "\(saved ?? "")")
            }
            // Several messages, some put together and some not, with and without waiting for a go-ahead.
            let other = letter("plain")
            try await client.dialogue.send(
                octets: Array("m APPEND Shared/support/INBOX {\(other.utf8.count)+}\r\n\(other) CATENATE (".utf8))
            try await client.dialogue.send(octets: Array("URL \"/INBOX/;UID=1\" TEXT {4}\r\n".utf8))
            #expect(try await client.dialogue.line().hasPrefix("+"))
            try await client.dialogue.send(octets: Array("more)\r\n".utf8))
            #expect(try await client.dialogue.line(containing: "m ").hasPrefix("m OK [APPENDUID"))
            try await client.ok("SELECT Shared/support/INBOX")
            let sizes = try await client.ok("FETCH 1:2 RFC822.SIZE").untagged
            #expect(
                sizes == [
                    "1 FETCH (UID 1 RFC822.SIZE \(other.utf8.count))",
                    "2 FETCH (UID 2 RFC822.SIZE \(Self.parts.utf8.count + 4))",
                ])
            try await client.logout()
        }
    }

    /// Nothing is saved of a command with one bad URL, and nobody gets at what she may not read.
    @Test func savesNothingOfWhatCanNotBePutTogether() async throws {
        try await FrontHouse.with(limits: limits { $0.appendedOctets = 3000 }) { house in
            let client = try await house.client("support*alice")
            #expect(try await client.append(Self.parts, to: "INBOX").isOK)
            let sales = try await house.client("sales*alice")
            #expect(try await sales.append(letter("secret"), to: "INBOX").isOK)
            let large = String(repeating: "0123456789abcde\n", count: 50_000)
            #expect(try await client.append(large, to: "INBOX").isOK)
            let plain = letter("plain")
            let literal = "{\(plain.utf8.count)+}\r\n\(plain)"
            for url in [
                "/INBOX/;UID=9", "/INBOX;UIDVALIDITY=1/;UID=1", "/Nowhere/;UID=1", "/INBOX/;UID=1/;SECTION=7", "/INBOX",
                ";UID=1",
                "http://posthouse.example.test/INBOX/;UID=1", "imap://elsewhere.test/INBOX/;UID=1",
                "/INBOX?SUBJECT%20x",
                "imap://carol@posthouse.example.test/INBOX/;UID=1", "/Shared/sales/INBOX/;UID=1", "nonsense://", "",
                "/INBOX/;UID=1;URLAUTH=anonymous",
            ] {
                let answer = try await client.command("APPEND INBOX \(literal) CATENATE (\(text("x")) URL \"\(url)\")")
                #expect(answer.status.hasPrefix("NO [BADURL"), "\(url): \(answer)")
            }
            for (command, refusal) in [
                ("APPEND INBOX CATENATE (URL \"/INBOX/;UID=2\" URL \"/INBOX/;UID=2\")", "NO [TOOBIG]"),
                ("APPEND INBOX \(literal) CATENATE (URL \"/INBOX/;UID=2\")", "NO [TOOBIG]"),
                ("APPEND Nowhere CATENATE (URL \"/INBOX/;UID=1\")", "NO [TRYCREATE]"),
                ("APPEND Nowhere CATENATE (TEXT {4}", "NO [TRYCREATE]"),
                ("APPEND INBOX CATENATE (\(text("")))", "NO [CANNOT]"), ("APPEND INBOX CATENATE ()", "BAD"),
                ("APPEND INBOX CATENATE (URL \"/INBOX/;UID=1\"", "BAD"),
            ] {
                let answer = try await client.command(command)
                #expect(answer.status.hasPrefix(refusal), "\(command.prefix(60)): \(answer)")
            }
            let status = try await client.ok("STATUS INBOX (MESSAGES)").untagged
            #expect(status == ["STATUS \"INBOX\" (MESSAGES 2)"], "\(status)")
            let carol = try await house.client("carol")
            #expect(
                try await carol.command("APPEND INBOX CATENATE (URL \"/INBOX/;UID=1\")").status
                    .hasPrefix("NO [NOPERM]"))
            for client in [client, sales, carol] { try await client.logout() }
        }
    }
}
