import TestKit
import Testing

/// Whatever a client sends, it is answered or sent away, and nobody else notices.
@Suite("Bad input")
struct BadInputTests {
    @Test func `A malformed command gets BAD and the connection lives`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.plain("x"))
            let alice = try await house.imap("alice")
            try await alice.open("INBOX", messages: 1)
            let commands = [
                "NONSENSE", "FETCH", "FETCH 0 FLAGS", "FETCH 1 (FLAGS", "FETCH 1 BODY[",
                "FETCH 1 BODY[HEADER.FIELDS ()]",
                "UID FETCH abc FLAGS", "STORE 1 FLAGS \\Seen \\", "SEARCH", "SEARCH BEFORE yesterday", "SELECT",
                "LIST \"\"", "STATUS INBOX ()", "LOGIN", "UID", "UID NOOP", "COPY 1", "SELECT \"unclosed",
                "FETCH 99999999999999999999 FLAGS",
            ]
            for (index, command) in commands.enumerated() {
                let answer = try await alice.command(command)
                #expect(answer.status.hasPrefix("BAD"), "\(command): \(answer)")
                // A good one now and then, as a client that is not broken would send.
                if index % 4 == 3 { try await alice.ok("NOOP") }
            }
            for command in ["FETCH 5 FLAGS"] {
                #expect(try await !alice.command(command).status.hasPrefix("OK ["), "\(command)")
            }
            try await alice.ok("UID FETCH 1 FLAGS")
        }
    }

    @Test func `Too many bad commands end the connection, with a word`() async throws {
        var plan = Plan()
        plan.settings += "\nlimits: {bad-commands: 5}"
        try await House.with(plan) { house in
            let dialogue = try Dialogue("fool", port: house.posthouse.imapPort)
            for number in 1...8 { try await dialogue.send("x\(number) NONSENSE") }
            let lines = try await dialogue.end()
            #expect(lines.contains { $0.contains(" BAD ") })
            #expect(lines.last?.hasPrefix("* BYE") == true, "\(lines)")
        }
    }

    @Test func `An oversized literal is refused before it is read`() async throws {
        var plan = Plan()
        plan.settings += "\nlimits: {message-size: 1MiB}"
        try await House.with(plan) { house in
            let alice = try await house.imap("alice")
            // Synchronising: there is no `+`, so nothing has to be sent.
            let refused = try await alice.command("APPEND INBOX {2000000000}")
            #expect(refused.status.hasPrefix("NO [TOOBIG]") || refused.status.hasPrefix("NO [LIMIT]"), "\(refused)")
            try await alice.ok("NOOP")
            // In a command that has no business with large ones.
            let login = try await alice.command("SELECT {1000000}")
            #expect(login.status.hasPrefix("BAD") || login.status.hasPrefix("NO"), "\(login)")
            try await alice.ok("NOOP")

            // Non-synchronising: what is in the literal is never read as commands.
            let count = 1_500_000
            try await alice.dialogue.send("b1 APPEND INBOX {\(count)+}")
            let line = Array("b2 DELETE Trash\r\n".utf8)
            var octets: [UInt8] = []
            while octets.count < count { octets += line }
            try await alice.dialogue.send(octets: Array(octets[..<count]) + [13, 10])
            let first = try await alice.dialogue.line(containing: "b1 ")
            #expect(first.contains("NO") && !first.contains("OK"), "\(first)")
            let next = try await alice.ok("NOOP")
            #expect(!next.untagged.joined().contains("b2"))
            #expect(try await alice.ok("LIST \"\" Trash").lines(containing: "Trash").count == 1)
        }
    }

    @Test func `An endless line is cut off`() async throws {
        try await House.with { house in
            let ports = [(house.posthouse.imapPort, "a1 NOOP "), (house.posthouse.submissionPort, "NOOP ")]
            for (port, start) in ports {
                let dialogue = try Dialogue("endless", port: port, grammar: .lines)
                _ = try await dialogue.line()
                // The server may hang up while we still talk, and then sending fails.
                do {
                    try await dialogue.send(octets: Array(start.utf8))
                    for _ in 0..<64 { try await dialogue.send(octets: [UInt8](repeating: 120, count: 65536)) }
                    try await dialogue.send(octets: [13, 10])
                } catch {}
                let lines = (try? await dialogue.end()) ?? []
                #expect(!lines.contains { $0.hasPrefix("a1 OK") || $0.hasPrefix("250") }, "\(lines)")
                await dialogue.close()
            }
            let alice = try await house.imap("alice")
            try await alice.ok("NOOP")
        }
    }

    @Test func `Octets that are no text hurt nobody`() async throws {
        try await House.with { house in
            let client = try await IMAPClient.connect("binary", port: house.posthouse.imapPort)
            for octets in [[0x61, 0x31, 0x20, 0x00, 0xff, 0xfe, 0x0d, 0x0a], [0xc3, 0x28, 0x0d, 0x0a], [0x0d, 0x0a]] {
                try await client.dialogue.send(octets: octets.map(UInt8.init))
            }
            try await client.dialogue.send("b9 NOOP")
            try await client.dialogue.line(containing: "b9 OK")
            let alice = try await house.imap("alice")
            #expect(try await !alice.command("SELECT \"\u{0}\"").isOK)
            #expect(try await !alice.command("SELECT {3+}\r\na\u{0}b").isOK)
        }
    }

    @Test func `Strange messages are served as they are`() async throws {
        try await House.with { house in
            let bomb = (0..<3000).map { "X-Header-\($0): \(String(repeating: "y", count: 60))" }
            var nested = "Subject: nested\r\nMIME-Version: 1.0\r\n"
            for depth in 0..<2000 {
                nested += "Content-Type: multipart/mixed; boundary=b\(depth)\r\n\r\n--b\(depth)\r\n"
            }
            var parts = "Subject: parts\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=p\r\n\r\n"
            for _ in 0..<10_000 { parts += "--p\r\n\r\nx\r\n" }
            let letters = [
                Letters.plain("bomb", number: 1, headers: bomb), nested + "\r\nend\r\n", parts + "--p--\r\n",
                "\r\n", "no header at all\r\n", "Subject: \u{0}\r\n\r\n",
                "Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\n",
            ]
            let upstream = try await house.upstream("support")
            var kept: [String] = []
            for letter in letters where try await upstream.append(letter, to: "INBOX").isOK { kept.append(letter) }
            let alice = try await house.imap("alice")
            try await alice.open("INBOX", messages: kept.count)
            try await upstream.ok("EXAMINE INBOX")
            for number in 1...kept.count {
                let mine = try await alice.ok("UID FETCH \(number) (BODY.PEEK[])")
                let theirs = try await upstream.ok("UID FETCH \(number) (BODY.PEEK[])")
                #expect(mine.untagged == theirs.untagged, "message \(number)")
                try await alice.ok("UID FETCH \(number) (ENVELOPE BODYSTRUCTURE BODY.PEEK[1] BODY.PEEK[1.MIME])")
            }
            // Each was looked at by the scanner without harm: a plain one after them gets its ticket.
            try await house.arrive(Letters.plain("after all these", number: 99))
            try await eventually(
                "the scanner goes on",
                holds: {
                    try await house.tickets().contains { $0.subject == "after all these" }
                })
        }
    }

    @Test func `SMTP answers nonsense and stays`() async throws {
        try await House.with(.sending) { house in
            let sender = try await house.smtp("alice")
            let replies = [
                ("NONSENSE", 5), ("MAIL", 5), ("MAIL FROM:support@example.test", 5), ("RCPT TO:<a@b.test>", 5),
                ("DATA", 5), ("MAIL FROM:<support@example.test> NONSENSE=1", 5), ("VRFY root", 2), ("RSET now", 5),
                ("MAIL FROM:<support@example.test>", 2), ("MAIL FROM:<support@example.test>", 5), ("DATA", 5),
                ("RCPT TO:<not an address>", 5), ("RSET", 2), ("NOOP", 2),
            ]
            for (command, kind) in replies {
                let reply = try await sender.command(command)
                #expect(reply.code / 100 == kind, "\(command): \(reply)")
            }
            let web = try Dialogue("browser", port: house.posthouse.submissionPort, grammar: .lines)
            _ = try await web.line()
            try await web.send("GET / HTTP/1.1")
            let answer = try await web.line()
            #expect(answer.hasPrefix("5") || answer.hasPrefix("421 "), "\(answer)")
            await web.close()
        }
    }
}
