import TestKit
import Testing

/// REPLACE (RFC 8508), in front of a Dovecot with UIDPLUS and of one that seems to have nothing.
@Suite(.timeLimit(.minutes(20)))
struct ReplaceTests {
    private func send(_ text: String, _ client: TestKit.IMAPClient) async throws {
        try await client.dialogue.send(octets: Array(text.utf8))
    }

    @Test(arguments: UIDOnlyTests.upstreams) func aDraftTakesThePlaceOfAnother(dovecot: String) async throws {
        try await FrontHouse.with(dovecot: dovecot) { house in
            let client = try await house.client("support*alice")
            #expect(try await client.ok("CAPABILITY").untagged.contains { $0.contains(" REPLACE") })
            try await client.ok("CREATE Drafts")
            for subject in ["one", "two", "three"] {
                #expect(try await client.append(letter(subject), to: "Drafts").isOK)
            }
            try await client.ok("SELECT Drafts")
            let other = try await house.client("support*alice")
            try await other.ok("SELECT Drafts")
            let new = letter("two again")
            try await send("a REPLACE 2 Drafts (\\Draft \\Seen) {\(new.utf8.count)}\r\n", client)
            #expect(try await client.dialogue.line().hasPrefix("+"))
            try await send("\(new)\r\n", client)
            let told = try await lines(to: "a", client)
            #expect(told.first?.contains("[APPENDUID ") ?? false && told.first?.contains(" 4] ") ?? false, "\(told)")
            #expect(told.contains("* 2 EXPUNGE"), "\(told)")
            #expect(told.last?.hasPrefix("a OK") ?? false)
            let flags = try await client.ok("UID FETCH 1:* FLAGS").untagged
            #expect(flags.count == 3 && flags.last == "3 FETCH (UID 4 FLAGS (\\Seen \\Draft))", "\(flags)")
            #expect(try await client.ok("UID FETCH 4 BODY.PEEK[]").untagged.joined().contains("Subject: two again"))
            // The others hear of it, and of nothing else.
            try await eventually(
                "the other hears of it",
                holds: {
                    let heard = try await other.ok("UID FETCH 1:* FLAGS").untagged
                    return heard.filter { $0.contains("FETCH (UID") }.count == 3
                        && heard.contains { $0.contains("UID 4 ") }
                })
            // By UID, into another mailbox, with QRESYNC.
            try await client.ok("ENABLE QRESYNC")
            try await client.ok("CREATE Done")
            try await send("b UID REPLACE 4 Done {\(new.utf8.count)+}\r\n\(new)\r\n", client)
            let moved = try await lines(to: "b", client)
            #expect(moved.first?.contains("[APPENDUID ") ?? false, "\(moved)")
            #expect(moved.contains("* VANISHED 4"), "\(moved)")
            #expect(moved.last?.hasPrefix("b OK [HIGHESTMODSEQ ") ?? false, "\(moved)")
            let status = try await client.ok("STATUS Done (MESSAGES)").untagged
            #expect(status == ["STATUS \"Done\" (MESSAGES 1)"], "\(status)")
            // `*` is the last one.
            try await send("c UID REPLACE * Drafts {\(new.utf8.count)+}\r\n\(new)\r\n", client)
            #expect(try await lines(to: "c", client).contains("* VANISHED 3"))
            for client in [client, other] { try await client.logout() }
        }
    }

    private func lines(to tag: String, _ client: TestKit.IMAPClient) async throws -> [String] {
        var lines: [String] = []
        repeat { lines.append(try await client.dialogue.line()) } while !(lines.last?.hasPrefix("\(tag) ") ?? true)
        return lines
    }

    /// What is refused leaves everything as it was.
    @Test func whatCanNotBeReplacedStays() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("support*alice")
            #expect(try await client.append(letter("one"), to: "INBOX").isOK)
            let new = letter("new")
            let literal = "{\(new.utf8.count)+}\r\n\(new)"
            #expect(try await client.command("REPLACE 1 INBOX \(literal)").status.hasPrefix("BAD"))
            try await client.ok("SELECT INBOX")
            for (command, refusal) in [
                ("REPLACE 2 INBOX \(literal)", "BAD"), ("UID REPLACE 9 INBOX \(literal)", "NO [NONEXISTENT]"),
                ("REPLACE 1 Nowhere \(literal)", "NO [TRYCREATE]"), ("REPLACE 1 INBOX {0+}\r\n", "NO [CANNOT]"),
                ("REPLACE 1:2 INBOX \(literal)", "BAD"), ("REPLACE 1 INBOX {9999999}", "NO [TOOBIG]"),
                ("REPLACE 1 INBOX CATENATE (URL \"/INBOX/;UID=7\")", "NO [BADURL"),
                ("REPLACE 1 INBOX \(literal) \(literal)", "BAD"),
            ] {
                let answer = try await client.command(command)
                #expect(answer.status.hasPrefix(refusal), "\(command): \(answer)")
            }
            #expect(try await client.ok("UID FETCH 1:* UID").untagged == ["1 FETCH (UID 1)"])
            try await client.ok("EXAMINE INBOX")
            #expect(try await client.command("REPLACE 1 INBOX \(literal)").status.hasPrefix("NO"))
            try await client.ok("ENABLE UIDONLY")
            try await client.ok("SELECT INBOX")
            #expect(try await client.command("REPLACE 1 INBOX \(literal)").status.hasPrefix("BAD [UIDREQUIRED]"))
            #expect(try await client.ok("UID REPLACE 1 INBOX \(literal)").untagged.contains("VANISHED 1"))
            let carol = try await house.client("carol")
            try await carol.ok("SELECT INBOX")
            #expect(try await carol.command("UID REPLACE 2 INBOX \(literal)").status.hasPrefix("NO"))
            #expect(try await carol.ok("UID SEARCH ALL").untagged == ["SEARCH 2"])
            for client in [client, carol] { try await client.logout() }
        }
    }
}
