import Store
import TestKit
import Testing

/// URLAUTH (RFC 4467).
@Suite(.timeLimit(.minutes(20)))
struct URLAuthTests {
    private static let host = "posthouse.example.test"
    private static let message = """
        Subject: parts\r
        Content-Type: multipart/mixed; boundary=b\r
        \r
        --b\r
        \r
        first\r
        --b\r
        \r
        0123456789\r
        --b--\r

        """

    /// Authorises one URL; `rump` begins behind the host.
    private func authorize(
        _ client: TestKit.IMAPClient, _ user: String, _ rump: String
    ) async throws -> String {
        let answer = try await client.ok("GENURLAUTH \"imap://\(user)@\(Self.host)\(rump)\" INTERNAL")
        let line = try #require(answer.untagged.first { $0.hasPrefix("GENURLAUTH \"") })
        return String(line.dropFirst("GENURLAUTH \"".count).dropLast())
    }

    /// What URLFETCH gives of one URL; nil for NIL.
    private func fetch(_ client: TestKit.IMAPClient, _ url: String) async throws -> String? {
        let answer = try await client.ok("URLFETCH \"\(url)\"")
        let line = try #require(answer.untagged.first { $0.hasPrefix("URLFETCH ") })
        let content = line.dropFirst("URLFETCH \"\(url)\" ".count)
        guard content != "NIL" else { return nil }
        let parts = try #require(content.firstRange(of: "}\r\n"))
        let text = String(content[parts.upperBound...])
        #expect(content.hasPrefix("{\(text.utf8.count)}"), "\(line)")
        return text
    }

    @Test func urlsGiveWhatTheyNameToWhomTheyName() async throws {
        try await FrontHouse.with { house in
            let alice = try await house.client("alice")
            let bob = try await house.client("bob")
            let carol = try await house.client("carol")
            #expect(try await alice.ok("CAPABILITY").untagged.contains { $0.contains(" URLAUTH") })
            #expect(try await alice.append(Self.message, to: "INBOX").isOK)
            let selected = try await alice.ok("SELECT INBOX").untagged
            #expect(selected.contains("OK [URLMECH INTERNAL] URLs"), "\(selected)")

            let anybody = try await authorize(alice, "alice", "/INBOX/;UID=1;URLAUTH=anonymous")
            #expect(anybody.hasPrefix("imap://alice@\(Self.host)/INBOX/;UID=1;URLAUTH=anonymous:internal:"))
            for client in [alice, bob, carol] { #expect(try await fetch(client, anybody) == Self.message) }
            let some = try await authorize(
                alice, "alice", "/INBOX/;UID=1/;SECTION=2/;PARTIAL=2.3;URLAUTH=authuser")
            #expect(try await fetch(bob, some) == "234")
            let bobs = try await authorize(
                alice, "alice", "/INBOX/;UID=1/;SECTION=1;EXPIRE=2099-01-01T00:00:00Z;URLAUTH=user+bob")
            #expect(try await fetch(bob, bobs) == "first")
            #expect(try await fetch(carol, bobs) == nil)
            let late = try await authorize(
                alice, "alice", "/INBOX/;UID=1;EXPIRE=2020-01-01T00:00:00Z;URLAUTH=anonymous")
            #expect(try await fetch(bob, late) == nil)
            let submission = try await authorize(alice, "alice", "/INBOX/;UID=1;URLAUTH=submit+alice")
            #expect(try await fetch(alice, submission) == nil)
            // An account as a tree of its own has names of its own.
            let support = try await house.client("support*alice")
            #expect(try await support.append(letter("other"), to: "INBOX").isOK)
            let others = try await authorize(support, "support*alice", "/INBOX/;UID=1;URLAUTH=anonymous")
            #expect(try await fetch(bob, others) == letter("other"))

            // One that was changed anywhere is good no more, nor is what was never authorised.
            for (old, new) in [
                ("UID=1", "UID=2"), ("anonymous", "authuser"), ("alice@", "carol@"), (";UID=1", ";UID=1/;SECTION=1"),
                ("internal:", "internal:00"), ("internal:", "other:"), ("example.test", "example.org"),
            ] {
                #expect(try await fetch(bob, anybody.replacing(old, with: new)) == nil, "\(new)")
            }
            let tail = String(anybody.dropLast()) + (anybody.hasSuffix("0") ? "1" : "0")
            for url in [tail, String(anybody.dropLast(2)), "imap://alice@\(Self.host)/INBOX/;UID=1", "x", ""] {
                #expect(try await fetch(bob, url) == nil, "\(url)")
            }
            let several = try await bob.ok("URLFETCH x \"\(some)\" y").untagged
            #expect(several == ["URLFETCH \"x\" NIL \"\(some)\" {3}\r\n234 \"y\" NIL"], "\(several)")
            for client in [alice, bob, carol, support] { try await client.logout() }
        }
    }

    @Test func whatIsAskedForWronglyIsRefused() async throws {
        try await FrontHouse.with { house in
            let alice = try await house.client("alice")
            #expect(try await alice.append(Self.message, to: "INBOX").isOK)
            let good = "imap://alice@\(Self.host)/INBOX/;UID=1;URLAUTH=anonymous"
            for (url, mechanism, refusal) in [
                (good, "OTHER", "BAD"), ("imap://carol@\(Self.host)/INBOX/;UID=1;URLAUTH=anonymous", "INTERNAL", "BAD"),
                ("imap://\(Self.host)/INBOX/;UID=1;URLAUTH=anonymous", "INTERNAL", "BAD"),
                ("/INBOX/;UID=1;URLAUTH=anonymous", "INTERNAL", "BAD"),
                ("imap://alice@elsewhere.test/INBOX/;UID=1;URLAUTH=anonymous", "INTERNAL", "BAD"),
                ("imap://alice@\(Self.host)/INBOX/;UID=1", "INTERNAL", "BAD"),
                ("imap://alice@\(Self.host)/INBOX/;UID=1;URLAUTH=stream+bob", "INTERNAL", "BAD"),
                (
                    "imap://alice@\(Self.host)/Shared/hidden/INBOX/;UID=1;URLAUTH=anonymous", "INTERNAL",
                    "NO [NONEXISTENT]"
                ),
            ] {
                let answer = try await alice.command("GENURLAUTH \"\(url)\" \(mechanism)")
                #expect(answer.status.hasPrefix(refusal) && answer.untagged.isEmpty, "\(url): \(answer)")
            }
            #expect(try await alice.command("RESETKEY INBOX OTHER").status.hasPrefix("NO [CANNOT]"))
            #expect(try await alice.command("RESETKEY Shared/hidden/INBOX").status.hasPrefix("NO [NONEXISTENT]"))
            #expect(try await alice.command("URLFETCH").status.hasPrefix("BAD"))
            try await alice.logout()
        }
    }

    /// A reset key, or a grant that is gone, takes what was given with it.
    @Test func urlsEndWithTheirKeyAndWithTheGrant() async throws {
        try await FrontHouse.with { house in
            let support = try await house.client("support*alice")
            let bob = try await house.client("bob")
            try await support.ok("CREATE Other")
            #expect(try await support.append(Self.message, to: "INBOX").isOK)
            #expect(try await support.append(Self.message, to: "Other").isOK)
            func both() async throws -> [String] {
                [
                    try await authorize(support, "support*alice", "/INBOX/;UID=1/;SECTION=1;URLAUTH=anonymous"),
                    try await authorize(support, "support*alice", "/Other/;UID=1/;SECTION=1;URLAUTH=anonymous"),
                ]
            }
            let first = try await both()
            #expect(try await support.ok("RESETKEY INBOX INTERNAL").status.hasPrefix("OK [URLMECH INTERNAL]"))
            #expect(try await fetch(bob, first[0]) == nil)
            #expect(try await fetch(bob, first[1]) == "first")
            let second = try await both()
            #expect(second[0] != first[0] && second[1] == first[1])
            try await support.ok("RESETKEY")
            for url in second { #expect(try await fetch(bob, url) == nil) }
            let third = try await both()
            for url in third { #expect(try await fetch(bob, url) == "first") }
            // Carol may read what she makes a URL of, until she may not.
            let carol = try await house.client("carol")
            let hers = try await authorize(carol, "carol", "/INBOX/;UID=1/;SECTION=1;URLAUTH=user+bob")
            #expect(try await fetch(bob, hers) == "first")
            try await house.takeBackGrants(of: "carol")
            try await eventually("the URL gives nothing", holds: { try await fetch(bob, hers) == nil })
            #expect(try await fetch(bob, third[0]) == "first")
            for client in [support, bob] { try await client.logout() }
        }
    }
}
