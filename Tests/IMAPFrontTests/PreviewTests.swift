import Store
import TestKit
import Testing

/// PREVIEW (RFC 8970), in front of a Dovecot with extensions and of one that seems to have none.
@Suite(.timeLimit(.minutes(20)))
struct PreviewTests {
    private func preview(_ what: String, _ client: TestKit.IMAPClient) async throws -> String {
        let line = try #require(try await client.ok(what).untagged.first)
        return String(try #require(line.split(separator: " PREVIEW ", maxSplits: 1).last).dropLast())
    }

    private static let mixed = """
        From: jan@customer.example\r
        Subject: mixed\r
        MIME-Version: 1.0\r
        Content-Type: multipart/mixed; boundary=m\r
        \r
        --m\r
        Content-Type: multipart/alternative; boundary=a\r
        \r
        --a\r
        Content-Type: text/plain; charset=iso-8859-2\r
        Content-Transfer-Encoding: quoted-printable\r
        \r
        Za=BF=F3=B3=E6 g=EA=B6l=B1\r
        \r
        > quoted\r
        --a\r
        Content-Type: text/html\r
        \r
        <p>Other</p>\r
        --a--\r
        --m\r
        Content-Type: application/octet-stream; name=big\r
        Content-Transfer-Encoding: base64\r
        \r
        \(String(repeating: "QUJD", count: 20_000))\r
        --m--\r

        """

    private static let htmlOnly = """
        Subject: html\r
        Content-Type: text/html; charset=utf-8\r
        \r
        <html><head><style>\(String(repeating: "p { color: red }\r\n", count: 1500))</style></head>\r
        <body><p>Dear <b>Jan</b>,</p><p>the bill</p></body></html>\r

        """

    @Test(arguments: UIDOnlyTests.upstreams) func isTheSameWhereverItComesFrom(dovecot: String) async throws {
        try await FrontHouse.with(dovecot: dovecot) { house in
            // Put there behind our back, so that nothing is cached.
            let behind = try await house.upstream()
            let messages = [
                letter("one", "Good morning,\r\nthe printer is on fire."), Self.mixed, Self.htmlOnly,
                "Subject: none\r\nContent-Type: image/png\r\n\r\nxyz\r\n", "Subject: empty\r\n\r\n",
            ]
            for _ in 0..<2 {
                for message in messages { #expect(try await behind.append(message, to: "INBOX").isOK) }
            }
            let client = try await house.client("support*alice")
            #expect(try await client.ok("CAPABILITY").untagged.contains { $0.contains(" PREVIEW") })
            try await client.ok("SELECT INBOX")
            #expect(try await preview("FETCH 1 PREVIEW (LAZY)", client) == "NIL")
            let wanted = [
                "\"Good morning, the printer is on fire.\"", "{15}\r\nZażółć gęślą", "\"Dear Jan, the bill\"", "\"\"",
                "\"\"",
            ]
            let lines = try await client.ok("FETCH 1:5 PREVIEW").untagged
            for (index, text) in wanted.enumerated() {
                let shown = try #require(lines[index].firstRange(of: " PREVIEW ")).upperBound
                #expect(lines[index][shown...].dropLast().hasSuffix(text.suffix(12)), "\(lines[index])")
                // From now on it is at hand.
                let again = try await preview("FETCH \(index + 1) (PREVIEW (LAZY))", client)
                #expect(again == lines[index][shown...].dropLast())
                // The same, of the cached body.
                try await client.ok("FETCH \(index + 6) BODY.PEEK[]")
                let cached = try await preview("FETCH \(index + 6) PREVIEW (LAZY)", client)
                #expect(cached == again, "\(index)")
            }
            #expect(try await client.ok("FETCH 1:* FLAGS").lines(containing: "Seen").isEmpty)
            #expect(try await client.command("FETCH 1 PREVIEW (EAGER)").status.hasPrefix("BAD"))
            for client in [client, behind] { try await client.logout() }
        }
    }

    /// What is attached is not fetched: the provider sends a small part of what it has.
    @Test func aThousandAtOnce() async throws {
        try await FrontHouse.with { house in
            let behind = try await house.upstream()
            let count = 1000
            try await behind.ok("CREATE Many")
            #expect(try await behind.append(Self.mixed, to: "Many").isOK)
            try await behind.ok("SELECT Many")
            var have = 1
            while have < count {
                let more = min(have, count - have)
                try await behind.ok("COPY 1:\(more) Many")
                have += more
            }
            let client = try await house.client("support*alice")
            try await client.ok("SELECT Many")
            let lines = try await client.ok("FETCH 1:* PREVIEW").untagged
            #expect(lines.count == count)
            #expect(lines.allSatisfy { $0.contains("Zażółć gęślą") })
            // No body has come.
            #expect(try await house.cache.bodySize() == 0)
            for client in [client, behind] { try await client.logout() }
        }
    }
}
