import TestKit
import Testing

/// UTF8=ACCEPT (RFC 6855).
@Suite(.timeLimit(.minutes(20)))
struct UTF8Tests {
    private static let message = """
        From: Zoë Ż <zoë@bücher.example>\r
        To: support@example.test\r
        Subject: Grüße\r
        Message-ID: <utf8@customer.example>\r
        \r
        Hello.\r

        """

    @Test func namesAndHeadersAreInUTF8OnceThatIsEnabled() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("support*alice")
            let octets = Self.message.utf8.count
            let literal = "UTF8 (~{\(octets)+}\r\n\(Self.message))"
            #expect(try await client.ok("CAPABILITY").untagged.contains { $0.contains(" UTF8=ACCEPT") })
            for command in [
                "APPEND INBOX \(literal)", "APPEND INBOX CATENATE (\(literal))", "APPEND INBOX UTF8 (~{\(octets)}",
            ] {
                #expect(try await client.command(command).status == "BAD UTF8=ACCEPT is not enabled", "\(command)")
            }
            #expect(try await client.ok("ENABLE UTF8=ACCEPT").untagged == ["ENABLED UTF8=ACCEPT"])
            try await client.ok("CREATE \"Entwürfe\"")
            #expect(try await client.ok("LIST \"\" \"Entw*\"").untagged.contains { $0.contains("Entwürfe") })
            try await client.ok("APPEND \"Entwürfe\" \(literal)")
            try await client.ok("APPEND \"Entwürfe\" (\\Seen) CATENATE (\(literal) TEXT {4+}\r\nmore)")
            #expect(try await client.ok("STATUS \"Entwürfe\" (MESSAGES)").untagged.joined().contains("Entwürfe"))
            try await client.ok("SELECT \"Entwürfe\"")
            let envelope = try await client.ok("FETCH 1 ENVELOPE").untagged.joined()
            #expect(envelope.contains("Grüße") && envelope.contains("Zoë Ż") && envelope.contains("bücher.example"))
            #expect(
                try await client.ok("FETCH 2 RFC822.SIZE").untagged == ["2 FETCH (UID 2 RFC822.SIZE \(octets + 4))"])
            #expect(try await client.ok("SEARCH SUBJECT \"Grüße\"").untagged == ["SEARCH 1 2"])
            #expect(try await client.command("SEARCH CHARSET UTF-8 SUBJECT x").status.hasPrefix("BAD"))

            // Who has not enabled it gets names in modified UTF-7, and no UTF-8 in an envelope.
            let old = try await house.client("support*alice")
            #expect(try await old.ok("LIST \"\" \"Entw*\"").untagged.contains { $0.contains("Entw&APw-rfe") })
            try await old.ok("SELECT Entw&APw-rfe")
            let plain = try await old.ok("FETCH 1 ENVELOPE").untagged.joined()
            #expect(plain.utf8.allSatisfy { $0 < 0x80 }, "\(plain)")
            #expect(plain.contains("=?utf-8?") || plain.contains("=?UTF-8?"), "\(plain)")
            #expect(plain.contains("\"invalid\" \"internationalized-address.invalid\""), "\(plain)")
            let parts = """
                Subject: parts\r
                Content-Type: multipart/mixed; boundary=b\r
                \r
                --b\r
                Content-Type: text/plain; name="größe.txt"\r
                Content-Description: Größe\r
                Content-Disposition: attachment; filename="größe 2.txt"\r
                \r
                x\r
                --b\r
                Content-Type: message/rfc822\r
                \r
                \(Self.message)\r
                --b--\r

                """
            #expect(try await old.append(parts, to: "INBOX").isOK)
            try await old.ok("SELECT INBOX")
            let structure = try await old.ok("FETCH 1 (BODYSTRUCTURE BODY)").untagged.joined()
            #expect(structure.utf8.allSatisfy { $0 < 0x80 }, "\(structure)")
            #expect(structure.lowercased().contains("\"filename*\" \"utf-8''gr%c3%b6%c3%9fe%202.txt\""), "\(structure)")
            try await client.ok("SELECT INBOX")
            let whole = try await client.ok("FETCH 1 BODYSTRUCTURE").untagged.joined()
            #expect(whole.contains("größe 2.txt") && whole.contains("Grüße"), "\(whole)")
            for client in [client, old] { try await client.logout() }
        }
    }
}
