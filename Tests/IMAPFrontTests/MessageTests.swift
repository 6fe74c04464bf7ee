import Bytes
import IMAPFront
import TestKit
import Testing

@Suite(.timeLimit(.minutes(20)))
struct MessageTests {
    private static let mixed = """
        From: Jan <jan@customer.example>\r
        To: support@example.test\r
        Subject: parts\r
        Message-ID: <parts@customer.example>\r
        Date: Fri, 20 Nov 2026 10:00:00 +0100\r
        MIME-Version: 1.0\r
        Content-Type: multipart/mixed; boundary=b\r
        \r
        --b\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Transfer-Encoding: base64\r
        \r
        WmHFvMOzxYLEhw==\r
        --b\r
        Content-Type: application/octet-stream\r
        Content-Transfer-Encoding: base64\r
        \r
        AAEC\r
        --b--\r

        """

    @Test func fetchesEveryPart() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("support*alice")
            let size = Self.mixed.utf8.count
            #expect(try await client.append(Self.mixed, to: "INBOX", flags: "\\Flagged $x").isOK)
            try await client.dialogue.play(
                """
                C: a SELECT INBOX
                S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $x)
                S: * 1 EXISTS
                S: * 0 RECENT
                S: * OK [UNSEEN 1] …
                S: * OK [UIDVALIDITY …] …
                S: * OK [UIDNEXT 2] …
                S: * OK [PERMANENTFLAGS (…\\*)] …
                S: a OK [READ-WRITE] …
                C: b FETCH 1 (RFC822.SIZE FLAGS UID)
                S: * 1 FETCH (UID 1 RFC822.SIZE \(size) FLAGS (\\Flagged $x))
                S: b OK …
                C: c FETCH 1 BODY
                S: * 1 FETCH (UID 1 BODY (("text" "plain" ("charset" "utf-8") NIL NIL "base64" 16 …)(…) "mixed"))
                S: c OK …
                C: d FETCH 1 ENVELOPE
                S: * 1 FETCH (UID 1 ENVELOPE ("Fri, 20 Nov 2026 10:00:00 +0100" "parts" (("Jan" NIL "jan" "customer.example")) …
                S: d OK …
                C: e FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]
                S: * 1 FETCH (UID 1 BODY[HEADER.FIELDS (SUBJECT)] {18}…Subject: parts…
                S: e OK …
                C: f FETCH 1 (BODY.PEEK[1] BODY.PEEK[2.MIME] BODY.PEEK[3])
                S: * 1 FETCH (UID 1 BODY[1] {16}…WmHFvMOzxYLEhw== BODY[2.MIME] {…}…octet-stream… BODY[3] NIL)
                S: f OK …
                C: g FETCH 1 (BINARY.PEEK[1] BINARY.SIZE[2] BINARY.PEEK[2]<1.9>)
                S: * 1 FETCH (UID 1 BINARY[1] {10}…Zażółć BINARY.SIZE[2] 3 BINARY[2]<1> ~{2}…
                S: g OK …
                C: h UID FETCH 1 BODY.PEEK[]<5.10>
                S: * 1 FETCH (UID 1 BODY[]<5> {10}… Jan <jan@)
                S: h OK …
                C: i FETCH 1 BODY.PEEK[]<99999.10>
                S: * 1 FETCH (UID 1 BODY[]<99999> {0}…)
                S: i OK …
                C: j FETCH 1 RFC822.HEADER
                S: * 1 FETCH (UID 1 RFC822.HEADER {…
                N: …\\Seen…
                S: j OK …
                C: k FETCH 1 BODY[TEXT]
                S: * 1 FETCH (UID 1 BODY[TEXT] {…
                S: * 1 FETCH (UID 1 FLAGS (\\Flagged \\Seen $x))
                S: k OK …
                C: l FETCH 2 FLAGS
                S: l BAD …
                C: m UID FETCH 2:5 FLAGS
                N: * …
                S: m OK …
                """)
            try await client.logout()
        }
    }

    @Test func sendsLargeMessagesInPieces() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("support*alice")
            let text = letter("large", String(repeating: "0123456789abcdef\r\n", count: 40_000))
            #expect(try await client.append(text, to: "INBOX").isOK)
            try await client.ok("SELECT INBOX")
            let whole = try await client.ok("FETCH 1 BODY.PEEK[]")
            #expect(whole.untagged.first == "1 FETCH (UID 1 BODY[] {\(text.utf8.count)}\r\n\(text))")
            let many = String(repeating: " BODY.PEEK[]<0.700000>", count: 1)
            for _ in 0..<3 { #expect(try await client.ok("UID FETCH 1 (\(many.dropFirst()))").isOK) }
            let tooLarge = try await client.command("APPEND INBOX {\(2 << 20)}")
            #expect(tooLarge.status.hasPrefix("NO [TOOBIG]"))
            // One that does not wait is read to its end all the same.
            try await client.dialogue.send("x APPEND INBOX {\((1 << 20) + 10)+}")
            try await client.dialogue.send(octets: [UInt8](repeating: 0x78, count: (1 << 20) + 10))
            try await client.dialogue.send(octets: Array("\r\n".utf8))
            #expect(try await client.dialogue.line().hasPrefix("x NO [TOOBIG]"))
            try await client.ok("NOOP")
            try await client.logout()
        }
    }

    @Test func savesSeveralMessagesAtOnce() async throws {
        var small = limits { _ in }
        small.appendedMessages = 3
        small.appendedOctets = 2000
        try await FrontHouse.with(limits: small) { house in
            let client = try await house.client("support*alice")
            let (one, two) = (letter("one"), letter("two", "A longer one."))
            func send(_ text: String) async throws { try await client.dialogue.send(octets: Array(text.utf8)) }
            // With and without waiting for a go-ahead.
            try await send("a APPEND INBOX (\\Seen) {\(one.utf8.count)}\r\n")
            #expect(try await client.dialogue.line().hasPrefix("+"))
            try await send("\(one) (\\Flagged) \"20-Nov-2026 09:00:00 +0000\" {\(two.utf8.count)}\r\n")
            #expect(try await client.dialogue.line().hasPrefix("+"))
            try await send("\(two) {\(one.utf8.count)+}\r\n\(one)\r\n")
            let saved = try await client.dialogue.line()
            #expect(saved.hasPrefix("a OK [APPENDUID ") && saved.contains(" 1:3] "), "\(saved)")
            try await client.dialogue.play(
                """
                C: b SELECT INBOX
                S: * 3 EXISTS
                S: b OK …
                C: c FETCH 1:3 (FLAGS RFC822.SIZE)
                S: * 1 FETCH (UID 1 FLAGS (\\Seen) RFC822.SIZE \(one.utf8.count))
                S: * 2 FETCH (UID 2 FLAGS (\\Flagged) RFC822.SIZE \(two.utf8.count))
                S: * 3 FETCH (UID 3 FLAGS () RFC822.SIZE \(one.utf8.count))
                S: c OK …
                C: d FETCH 2 INTERNALDATE
                S: * 2 FETCH (UID 2 INTERNALDATE "20-Nov-2026 09:00:00 +0000")
                S: d OK …
                """)
            // What is refused at any message is refused as a whole, and read to its end.
            let literal = "{\(one.utf8.count)+}\r\n\(one)"
            for (tag, text, refusal) in [
                ("e", " \(literal) \(literal) \(literal) \(literal)", "NO [LIMIT]"),
                ("f", " \(literal) {0+}\r\n", "NO [CANNOT]"),
                ("g", " \(literal) {1990+}\r\n\(String(repeating: "x", count: 1990))", "NO [TOOBIG]"),
                ("h", " \(literal) (\\Seen)", "BAD"),
            ] {
                try await send("\(tag) APPEND INBOX\(text)\r\n")
                let answer = try await client.dialogue.line()
                #expect(answer.hasPrefix("\(tag) \(refusal)"), "\(answer)")
            }
            #expect(try await client.ok("NOOP").untagged.isEmpty)
            try await client.logout()
        }
    }

    /// The upstream takes two messages of three, by one command or one by one.
    @Test(arguments: UIDOnlyTests.upstreams) func severalMessagesAreSavedAllOrNone(dovecot: String) async throws {
        let quota = """
            mail_plugins = $mail_plugins quota
            plugin {
              quota = maildir:User quota
              quota_rule = *:messages=2
            }
            """
        try await FrontHouse.with(dovecot: quota + "\n" + dovecot) { house in
            let client = try await house.client("support*alice")
            try await client.ok("SELECT INBOX")
            let text = letter("n")
            let literal = "{\(text.utf8.count)+}\r\n\(text)"
            try await client.dialogue.send(octets: Array("a APPEND INBOX \(literal) \(literal) \(literal)\r\n".utf8))
            #expect(try await client.dialogue.line(containing: "a ").hasPrefix("a NO [OVERQUOTA]"))
            let upstream = try await house.upstream()
            let left = try await upstream.ok("STATUS INBOX (MESSAGES)").untagged
            #expect(left == ["STATUS INBOX (MESSAGES 0)"], "\(house.provider.dovecotLog)")
            try await client.dialogue.send(octets: Array("b APPEND INBOX \(literal) \(literal)\r\n".utf8))
            #expect(try await client.dialogue.line(containing: "b ").hasPrefix("b OK [APPENDUID"))
            for client in [client, upstream] { try await client.logout() }
        }
    }

    @Test func changesFlagsCopiesMovesAndExpunges() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("support*alice")
            for subject in ["one", "two", "three", "four"] {
                #expect(try await client.append(letter(subject), to: "INBOX").isOK)
            }
            try await client.dialogue.play(
                """
                C: a SELECT INBOX
                S: * 4 EXISTS
                S: a OK …
                C: b STORE 1:2 +FLAGS (\\Seen $new)
                S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $new)
                S: * 1 FETCH (UID 1 FLAGS (\\Seen $new))
                S: * 2 FETCH (UID 2 FLAGS (\\Seen $new))
                S: b OK …
                C: c UID STORE 2 -FLAGS.SILENT ($new)
                N: * …
                S: c OK …
                C: d STORE 1 FLAGS (\\Seen)
                S: * 1 FETCH (UID 1 FLAGS (\\Seen))
                S: d OK …
                C: e STORE 1 FLAGS (\\Seen)
                S: * 1 FETCH (UID 1 FLAGS (\\Seen))
                S: e OK …
                C: f STORE 1 FLAGS (\\Recent)
                S: f BAD …
                C: g CREATE Box
                S: g OK …
                C: h COPY 1,3 Box
                S: h OK [COPYUID … 1,3 1:2] …
                C: i COPY 1 Nowhere
                S: i NO [TRYCREATE] …
                C: j MOVE 4 Box
                S: * OK [COPYUID … 4 3] …
                S: * 4 EXPUNGE
                S: j OK …
                C: k STORE 1:2 +FLAGS.SILENT (\\Deleted)
                S: k OK …
                C: l UID EXPUNGE 2
                S: * 2 EXPUNGE
                N: * 1 EXPUNGE
                S: l OK …
                C: m EXPUNGE
                S: * 1 EXPUNGE
                S: m OK …
                C: n FETCH 1:* (FLAGS)
                S: * 1 FETCH (UID 3 FLAGS ())
                S: n OK …
                C: o STORE 1 +FLAGS.SILENT (\\Deleted)
                S: o OK …
                C: p CLOSE
                N: * …
                S: p OK …
                C: q STATUS INBOX (MESSAGES)
                S: * STATUS "INBOX" (MESSAGES 0)
                S: q OK …
                C: r SELECT INBOX
                S: r OK …
                C: s FETCH 1:* FLAGS
                S: s OK …
                C: t UNSELECT
                S: t OK …
                """)
            try await client.logout()
        }
    }

    @Test func searches() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("support*alice")
            #expect(try await client.append(letter("one"), to: "INBOX", flags: "\\Seen").isOK)
            #expect(try await client.append(letter("two", "A needle."), to: "INBOX").isOK)
            #expect(try await client.append(letter("three"), to: "INBOX", flags: "\\Deleted").isOK)
            try await client.dialogue.play(
                """
                C: z SELECT INBOX
                S: z OK …
                C: y STORE 3 +FLAGS.SILENT (\\Deleted)
                S: y OK …
                C: x UID EXPUNGE 1:2
                S: x OK …
                C: a SEARCH ALL
                S: * SEARCH 1 2 3
                S: a OK …
                C: b UID SEARCH NOT SEEN TEXT needle
                S: * SEARCH 2
                S: b OK …
                C: c SEARCH RETURN (MIN MAX COUNT ALL) UNSEEN
                S: * ESEARCH (TAG "c") MIN 2 MAX 3 COUNT 2 ALL 2:3
                S: c OK …
                C: d SEARCH RETURN (SAVE) DELETED
                N: * …
                S: d OK …
                C: e FETCH $ FLAGS
                S: * 3 FETCH (UID 3 FLAGS (\\Deleted))
                S: e OK …
                C: f UID SEARCH RETURN (COUNT) OR $ 1
                S: * ESEARCH (TAG "f") UID COUNT 2
                S: f OK …
                C: g SEARCH 9
                S: g BAD …
                C: h SEARCH CHARSET koi8-r SUBJECT x
                S: h NO [BADCHARSET (UTF-8 US-ASCII)] …
                C: i SEARCH CHARSET UTF-8 SUBJECT {4}
                S: + …
                C: żó
                S: * SEARCH
                S: i OK …
                C: j SEARCH SUBJECT nothing
                S: * SEARCH
                S: j OK …
                """)
            try await client.logout()
        }
    }

    @Test func tellsTheOthers() async throws {
        try await FrontHouse.with { house in
            let alice = try await house.client("support*alice")
            let carol = try await house.client("carol")
            try await carol.ok("EXAMINE INBOX")
            try await carol.idle()
            #expect(try await alice.append(letter("one"), to: "INBOX").isOK)
            #expect(try await alice.append(letter("two"), to: "INBOX").isOK)
            try await carol.dialogue.line(containing: "* 2 EXISTS")
            try await alice.ok("SELECT INBOX")
            try await alice.ok("STORE 1 +FLAGS (\\Deleted)")
            try await carol.dialogue.line(containing: "* 1 FETCH (UID 1 FLAGS (\\Deleted))")
            try await alice.ok("EXPUNGE")
            try await carol.dialogue.line(containing: "* 1 EXPUNGE")
            #expect(try await carol.done().isOK)
            // While a command by number is answered, expunges wait.
            #expect(try await alice.append(letter("three"), to: "INBOX").isOK)
            try await carol.ok("NOOP")
            try await alice.ok("STORE 1 +FLAGS.SILENT (\\Deleted)")
            try await alice.ok("EXPUNGE")
            let fetched = try await carol.ok("FETCH 1:2 FLAGS")
            #expect(!fetched.untagged.contains { $0.hasSuffix("EXPUNGE") })
            #expect(fetched.status.hasPrefix("OK [EXPUNGEISSUED]"))
            #expect(try await carol.ok("NOOP").untagged == ["1 EXPUNGE"])
            #expect(try await carol.ok("FETCH 1 UID").untagged == ["1 FETCH (UID 3)"])
            for client in [alice, carol] { try await client.logout() }
        }
    }

    @Test func showsWhatIsKnownWhileTheUpstreamIsAway() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("support*alice")
            #expect(try await client.append(letter("one"), to: "INBOX").isOK)
            try await client.ok("SELECT INBOX")
            try await client.ok("FETCH 1 (BODY.PEEK[] ENVELOPE)")
            try await house.provider.stopDovecot(atOnce: true)
            try await client.dialogue.play(
                """
                C: a FETCH 1 BODY.PEEK[TEXT]
                S: * 1 FETCH (UID 1 BODY[TEXT] {8}…
                S: a OK …
                C: b STORE 1 +FLAGS (\\Seen)
                S: b NO [UNAVAILABLE] …
                C: c LIST "" *
                S: * LIST … "INBOX"
                S: c OK …
                C: d CREATE Box
                S: d NO [UNAVAILABLE] …
                """)
            try await client.logout()
        }
    }

    @Test func answersPipelinedCommandsInOrder() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("support*alice")
            #expect(try await client.append(letter("one"), to: "INBOX").isOK)
            let commands = ["a SELECT INBOX", "b FETCH 1 FLAGS", "c NOOP", "d UID FETCH 1 BODY.PEEK[]", "e UNSELECT"]
            try await client.dialogue.send(octets: commands.flatMap { Array("\($0)\r\n".utf8) })
            var tags = ""
            while tags.count < 5 {
                let line = try await client.dialogue.line()
                if !line.hasPrefix("* ") { tags += line.prefix(1) }
            }
            #expect(tags == "abcde")
            try await client.logout()
        }
    }
}
