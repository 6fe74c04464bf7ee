import TestKit
import Testing

/// UIDONLY (RFC 9586) and FETCH's PARTIAL (RFC 9394), in front of a Dovecot with extensions and of one that seems to
/// have none.
@Suite(.timeLimit(.minutes(20)))
struct UIDOnlyTests {
    static let upstreams = ["", "imap_capability = IMAP4rev1"]

    private func filled(_ house: FrontHouse) async throws -> TestKit.IMAPClient {
        let client = try await house.client("support*alice")
        for subject in ["one", "two", "three", "four"] {
            #expect(try await client.append(letter(subject), to: "INBOX").isOK)
        }
        return client
    }

    @Test(arguments: upstreams) func messagesHaveNoNumbers(dovecot: String) async throws {
        try await FrontHouse.with(dovecot: dovecot) { house in
            let client = try await filled(house)
            #expect(try await client.ok("CAPABILITY").untagged.contains { $0.contains(" UIDONLY") })
            #expect(try await client.ok("ENABLE UIDONLY").untagged == ["ENABLED UIDONLY"])
            let selected = try await client.ok("SELECT INBOX")
            #expect(selected.lines(containing: "UNSEEN").isEmpty)
            #expect(try await client.ok("UID FETCH 2 (UID FLAGS)").untagged == ["2 UIDFETCH (UID 2 FLAGS ())"])
            #expect(try await client.ok("UID FETCH 2 FLAGS").untagged == ["2 UIDFETCH (FLAGS ())"])
            #expect(try await client.ok("UID FETCH 3 UID").untagged == ["3 UIDFETCH (UID 3)"])
            #expect(
                try await client.ok("UID STORE 2 +FLAGS (\\Deleted)").untagged
                    == ["2 UIDFETCH (FLAGS (\\Deleted))"])
            #expect(try await client.ok("EXPUNGE").untagged == ["VANISHED 2"])
            #expect(try await client.ok("UID SEARCH ALL").untagged == ["SEARCH 1 3 4"])
            #expect(
                try await client.ok("UID FETCH 4 BODY.PEEK[1]<0.5>").untagged == [
                    "4 UIDFETCH (BODY[1]<0> {5}\r\nHello)"
                ])
            let moved = try await client.command("UID MOVE 3 Nowhere")
            #expect(moved.status.hasPrefix("NO [TRYCREATE]"))
            try await client.logout()
        }
    }

    @Test func commandsWithNumbersAreRefused() async throws {
        try await FrontHouse.with { house in
            let client = try await filled(house)
            try await client.ok("ENABLE UIDONLY QRESYNC")
            let selected = try await client.ok("SELECT INBOX")
            let validity = try #require(selected.number(after: "[UIDVALIDITY "))
            for command in [
                "FETCH 1 FLAGS", "STORE 1 +FLAGS (\\Seen)", "SEARCH ALL", "SEARCH RETURN (COUNT) 1", "COPY 1 INBOX",
                "MOVE 1 INBOX", "UID SEARCH 1:2", "UID SEARCH OR (SEEN) (NOT 1)",
                "SELECT INBOX (QRESYNC (\(validity) 1 1:4 (1 1)))",
            ] {
                let answer = try await client.command(command)
                #expect(answer.status.hasPrefix("BAD [UIDREQUIRED]"), "\(command): \(answer.status)")
                #expect(answer.untagged.isEmpty)
            }
            try await client.ok("UID SEARCH UID 1:2")
            try await client.ok("UID COPY 1 INBOX")
            try await client.ok("SELECT INBOX (QRESYNC (\(validity) 1 1:4))")
            try await client.logout()
        }
    }

    /// Somebody else expunges and changes; the client idles and hears of it by UIDs.
    @Test func newsComeByUID() async throws {
        try await FrontHouse.with { house in
            let client = try await filled(house)
            let other = try await house.client("alice")
            try await client.ok("ENABLE UIDONLY")
            try await client.ok("SELECT INBOX")
            try await client.idle()
            try await other.ok("SELECT Shared/support/INBOX")
            try await other.ok("STORE 3 +FLAGS (\\Flagged)")
            try await client.dialogue.expect("* 3 UIDFETCH (FLAGS (\\Flagged))")
            try await other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)")
            try await other.ok("EXPUNGE")
            try await client.dialogue.expect("* VANISHED 1")
            try await client.done()
            for client in [client, other] { try await client.logout() }
        }
    }

    @Test(arguments: upstreams) func aWindowOfMessages(dovecot: String) async throws {
        try await FrontHouse.with(dovecot: dovecot) { house in
            let client = try await filled(house)
            try await client.ok("SELECT INBOX")
            func uids(_ range: String) async throws -> [String] {
                try await client.ok("UID FETCH 1:* UID (PARTIAL \(range))").untagged.map { String($0.prefix(1)) }
            }
            #expect(try await uids("1:2") == ["1", "2"])
            #expect(try await uids("-1:-2") == ["3", "4"])
            #expect(try await uids("4:3") == ["3", "4"])
            #expect(try await uids("5:9") == [])
            #expect(try await uids("-3:-90") == ["1", "2"])
            #expect(try await client.command("FETCH 1:* UID (PARTIAL 1:2)").status.hasPrefix("BAD"))
            #expect(try await client.command("UID FETCH 1:* UID (PARTIAL 0:2)").status.hasPrefix("BAD"))
            #expect(try await client.command("UID FETCH 1:* UID (PARTIAL -1:2)").status.hasPrefix("BAD"))
            // A window on what has changed.
            try await client.ok("UID STORE 1 +FLAGS (a)")
            let base = try #require(try await client.ok("UID FETCH 1 MODSEQ").number(after: "MODSEQ ("))
            try await client.ok("UID STORE 2:4 +FLAGS.SILENT (b)")
            let changed = try await client.ok("UID FETCH 1:* UID (CHANGEDSINCE \(base) PARTIAL -1:-2)")
            #expect(changed.lines(containing: "FETCH").map { $0.prefix(1) } == ["3", "4"])
            try await client.logout()
        }
    }
}
