import Foundation
import TestKit
import Testing

/// Upstreams that differ from Dovecot: Cyrus, which has nearly every extension, and Courier, which has few, wants
/// `INBOX.` in every name and has neither MOVE nor LITERAL+.
@Suite("Behind other upstreams")
struct OtherUpstreamTests {
    private func alice(_ posthouse: Posthouse) async throws -> IMAPClient {
        let client = try await IMAPClient.connect(
            "alice", port: posthouse.imapsPort, security: .tls(authority: posthouse.certificates.authority))
        guard try await client.login("alice", House.passwords["alice"] ?? "").isOK else {
            throw RigFailure("alice cannot sign in")
        }
        return client
    }

    /// The messages of a mailbox, as the upstream itself has them.
    private func subjects(_ client: IMAPClient, _ mailbox: String) async throws -> [String] {
        try await client.ok("EXAMINE \(mailbox)")
        let answer = try await client.ok("UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        return answer.untagged.joined(separator: "\r\n").split(separator: "\r\n")
            .filter { $0.hasPrefix("Subject: ") }.map { String($0.dropFirst(9)) }
    }

    @Test(arguments: OtherUpstream.Kind.allCases)
    func `Mail is read, marked, copied, moved and removed, and the upstream has it so`(
        kind: OtherUpstream.Kind
    ) async throws {
        try await OtherUpstream.with(kind) { upstream, posthouse in
            let direct = try await upstream.client()
            for number in 1...4 {
                let letter = Letters.plain("letter \(number)", number: number)
                #expect(try await direct.append(letter, to: "INBOX").isOK)
            }
            _ = try await direct.append(Letters.customer, to: "INBOX")
            let alice = try await alice(posthouse)
            try await alice.open("INBOX", messages: 5)

            let through = try await alice.ok("UID FETCH 1:* (UID BODY.PEEK[])").untagged
            try await direct.ok("EXAMINE INBOX")
            let there = try await direct.ok("UID FETCH 1:* (UID BODY.PEEK[])").untagged
            #expect(through.filter { $0.contains("FETCH") } == there.filter { $0.contains("FETCH") })

            try await alice.ok("UID STORE 1 +FLAGS (\\Flagged)")
            try await alice.ok("CREATE Projects/Übersicht".utf7)
            let copied = try await alice.ok("UID COPY 1:2 Projects/Übersicht".utf7)
            #expect(copied.status.contains("COPYUID"), "\(copied.status)")
            let moved = try await alice.ok("UID MOVE 3 Projects/Übersicht".utf7)
            #expect(moved.untagged.contains("3 EXPUNGE"), "\(moved)")
            try await alice.ok("UID STORE 4 +FLAGS (\\Deleted)")
            try await alice.ok("UID EXPUNGE 4")
            let listed = try await alice.ok(#"LIST "" "*""#).untagged.joined(separator: "\n")
            #expect(listed.contains("Projects/&ANw-bersicht"), "\(listed)")
            #expect(!listed.contains("INBOX.") && !listed.contains("INBOX/"), "\(listed)")

            let name = kind == .courier ? "INBOX.Projects.&ANw-bersicht" : "Projects/&ANw-bersicht"
            #expect(try await subjects(direct, name) == ["letter 1", "letter 2", "letter 3"])
            try await direct.ok("SELECT INBOX")
            #expect(try await direct.ok("UID SEARCH ALL").untagged.contains { $0.hasPrefix("SEARCH 1 2 5") })
            #expect(try await direct.ok("UID SEARCH FLAGGED").untagged.contains { $0.hasPrefix("SEARCH 1") })
        }
    }

    @Test(arguments: OtherUpstream.Kind.allCases)
    func `What arrives is told and becomes a ticket, what is saved is there`(kind: OtherUpstream.Kind) async throws {
        try await OtherUpstream.with(kind) { upstream, posthouse in
            let alice = try await alice(posthouse)
            try await alice.open("INBOX", messages: 0)
            let direct = try await upstream.client()
            #expect(try await direct.append(Letters.customer, to: "INBOX").isOK)
            try await alice.open("INBOX", messages: 1)
            try await eventually(
                "a ticket stands", within: .seconds(30),
                holds: { try await posthouse.succeed(["ticket", "list", "--json"]).contains("\"number\"") })

            let saved = try await alice.append(Letters.plain("a draft", number: 9), to: "Drafts", flags: "\\Draft")
            #expect(saved.status.contains("APPENDUID"), "\(saved.status)")
            #expect(try await subjects(direct, kind == .courier ? "INBOX.Drafts" : "Drafts") == ["a draft"])
            try await alice.open("Drafts", messages: 1)
            #expect(try await alice.ok("UID SEARCH SUBJECT draft").untagged.contains("SEARCH 1"))
            #expect(try await alice.ok("FETCH 1 FLAGS").lines(containing: "\\Draft").count == 1)
        }
    }

    @Test(arguments: OtherUpstream.Kind.allCases)
    func `Mailboxes are renamed and deleted with what is below them`(kind: OtherUpstream.Kind) async throws {
        try await OtherUpstream.with(kind) { upstream, posthouse in
            let alice = try await alice(posthouse)
            for name in ["Work", "Work/a", "Work/a/b"] { try await alice.ok("CREATE \(name)") }
            #expect(try await alice.append(Letters.plain("deep"), to: "Work/a/b").isOK)
            try await alice.ok("RENAME Work Play")
            try await alice.open("Play/a/b", messages: 1)
            #expect(try await alice.ok("FETCH 1 BODY.PEEK[]").lines(containing: "Subject: deep").count == 1)
            try await alice.ok("CLOSE")
            for name in ["Play/a/b", "Play/a", "Play"] { try await alice.ok("DELETE \(name)") }
            let listed = try await alice.ok(#"LIST "" "*""#).untagged.joined(separator: "\n")
            #expect(!listed.contains("Play") && !listed.contains("Work"), "\(listed)")
            let direct = try await upstream.client()
            let there = try await direct.ok(#"LIST "" "*""#).untagged.joined(separator: "\n")
            #expect(!there.contains("Play") && !there.contains("Work"), "\(there)")
        }
    }
}

extension String {
    /// The one name of these tests that needs it, in modified UTF-7.
    fileprivate var utf7: String { replacing("Übersicht", with: "&ANw-bersicht") }
}
