import TestKit
import Testing

/// BINARY (RFC 3516), in front of a Dovecot that has it and of one that seems to have nothing.
@Suite(.timeLimit(.minutes(20)))
struct BinaryTests {
    private static let encoded = """
        From: jan@customer.example\r
        Subject: parts\r
        MIME-Version: 1.0\r
        Content-Type: multipart/mixed; boundary=b\r
        \r
        --b\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Transfer-Encoding: quoted-printable\r
        \r
        Za=C5=BC=\r
        =C3=B3=C5=82=C4=87\r
        --b\r
        Content-Type: application/octet-stream\r
        Content-Transfer-Encoding: base64\r
        \r
        AAECAwQFBgc=\r
        --b\r
        Content-Type: application/octet-stream\r
        Content-Transfer-Encoding: x-uuencode\r
        \r
        begin\r
        --b--\r

        """

    @Test(arguments: UIDOnlyTests.upstreams) func partsAreDecoded(dovecot: String) async throws {
        try await FrontHouse.with(dovecot: dovecot) { house in
            let client = try await house.client("support*alice")
            #expect(try await client.ok("CAPABILITY").untagged.contains { $0.contains(" BINARY") })
            #expect(try await client.append(Self.encoded, to: "INBOX").isOK)
            try await client.ok("SELECT INBOX")
            let sizes = try await client.ok("FETCH 1 (BINARY.SIZE[1] BINARY.SIZE[2] BINARY.SIZE[9])")
            #expect(sizes.untagged == ["1 FETCH (UID 1 BINARY.SIZE[1] 10 BINARY.SIZE[2] 8 BINARY.SIZE[9] 0)"])
            let text = try await client.ok("FETCH 1 BINARY.PEEK[1]")
            #expect(text.untagged == ["1 FETCH (UID 1 BINARY[1] {10}\r\nZażółć)"])
            // A literal8 only where there is a NUL.
            let octets = try await client.ok("FETCH 1 BINARY.PEEK[2]")
            #expect(octets.untagged == ["1 FETCH (UID 1 BINARY[2] ~{8}\r\n\0\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7})"])
            let some = try await client.ok("FETCH 1 BINARY.PEEK[2]<1.3>")
            #expect(some.untagged.first?.hasSuffix("BINARY[2]<1> ~{3}\r\n\u{1}\u{2}\u{3})") ?? false, "\(some)")
            #expect(try await client.ok("FETCH 1 FLAGS").untagged == ["1 FETCH (UID 1 FLAGS ())"])
            for item in ["BINARY.PEEK[3]", "BINARY.SIZE[3]"] {
                #expect(try await client.command("FETCH 1 \(item)").status.hasPrefix("NO [UNKNOWN-CTE]"), "\(item)")
            }
            #expect(try await client.ok("FETCH 1 BINARY.PEEK[7]").untagged == ["1 FETCH (UID 1 BINARY[7] NIL)"])
            // Without PEEK the message is read.
            let read = try await client.ok("FETCH 1 BINARY[1]<0.2>")
            #expect(read.untagged.contains { $0.hasPrefix("1 FETCH (UID 1 BINARY[1]<0> {2}\r\nZa") })
            #expect(try await client.ok("FETCH 1 FLAGS").untagged == ["1 FETCH (UID 1 FLAGS (\\Seen))"])
            try await client.logout()
        }
    }

    /// The message as a whole has no encoding to be undone, whatever its header says of its body.
    @Test func aWholeMessageStaysAsItIs() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("support*alice")
            let message = "Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8=\r\n"
            #expect(try await client.append(message, to: "INBOX").isOK)
            try await client.ok("SELECT INBOX")
            let whole = try await client.ok("FETCH 1 (BINARY.SIZE[] BINARY.PEEK[] BINARY.PEEK[1])")
            let count = message.utf8.count
            #expect(
                whole.untagged
                    == [
                        "1 FETCH (UID 1 BINARY.SIZE[] \(count) BINARY[] {\(count)}\r\n\(message) BINARY[1] {5}\r\nHello)"
                    ])
            try await client.logout()
        }
    }

    private func append(_ octets: [UInt8], _ client: TestKit.IMAPClient) async throws -> String {
        try await client.dialogue.send("bin APPEND INBOX ~{\(octets.count)}")
        try await client.dialogue.expect("+ …")
        try await client.dialogue.send(octets: octets + [13, 10])
        return try await client.dialogue.line(containing: "bin ")
    }

    @Test func aLiteralWithNULGoesWhereItIsTaken() async throws {
        let plain = Array("Subject: a\r\n\r\nHello\r\n".utf8)
        let binary = Array("Subject: b\r\nContent-Transfer-Encoding: binary\r\n\r\nx\0y\r\n".utf8)
        for dovecot in UIDOnlyTests.upstreams {
            try await FrontHouse.with(dovecot: dovecot) { house in
                let client = try await house.client("support*alice")
                #expect(try await append(plain, client).hasPrefix("bin OK"))
                let answer = try await append(binary, client)
                try await client.ok("SELECT INBOX")
                if dovecot.isEmpty {
                    #expect(answer.hasPrefix("bin OK"), "\(answer)")
                    let content = try await client.ok("FETCH 2 BINARY.PEEK[1]").untagged.joined()
                    #expect(content.hasPrefix("2 FETCH (UID 2 BINARY[1] ~{") && content.contains("x\0y"), "\(content)")
                } else {
                    #expect(answer.hasPrefix("bin NO [UNKNOWN-CTE]"), "\(answer)")
                    #expect(try await client.ok("STATUS INBOX (MESSAGES)").untagged.joined().contains("MESSAGES 1"))
                }
                // What has no NUL is an ordinary message.
                #expect(try await client.ok("FETCH 1 BODY.PEEK[TEXT]").untagged.joined().contains("Hello"))
                try await client.logout()
            }
        }
    }
}
