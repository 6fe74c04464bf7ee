import IMAPFront
import TestKit
import Testing

/// ESEARCH over several mailboxes (RFC 7377), as far as grants let one look.
@Suite(.timeLimit(.minutes(20)))
struct MultiSearchTests {
    @Test(arguments: SortTests.upstreams) func looksIntoEveryMailboxOfHers(dovecot: String) async throws {
        try await FrontHouse.with(dovecot: dovecot) { house in
            let client = try await house.client("alice")
            for name in ["Archive", "Archive/2025", "Archive/2025/May", "Empty"] {
                try await client.ok("CREATE \(name)")
            }
            for name in ["INBOX", "Archive", "Archive/2025", "Archive/2025/May", "Shared/support/INBOX"] {
                for subject in ["apple", "pear"] { #expect(try await client.append(letter(subject), to: name).isOK) }
            }
            for name in ["Archive", "Archive/2025/May"] { try await client.ok("UNSUBSCRIBE \(name)") }
            try await client.ok("SUBSCRIBE Archive/2025")
            func places(_ sources: String, _ rest: String = "RETURN (COUNT) SUBJECT apple") async throws -> [String] {
                try await client.ok("ESEARCH IN (\(sources)) \(rest)").untagged.map { line in
                    let start = line.firstRange(of: "MAILBOX \"")?.upperBound ?? line.startIndex
                    #expect(
                        line.hasPrefix("ESEARCH (TAG \"a") && line.contains(" UIDVALIDITY ")
                            && line.contains(") UID COUNT 1"))
                    return String(line[start...].prefix { $0 != "\"" })
                }
            }
            let archive = ["Archive", "Archive/2025", "Archive/2025/May"]
            #expect(try await places("personal") == archive + ["INBOX"])
            #expect(try await places("inboxes") == ["INBOX", "Shared/support/INBOX"])
            #expect(try await places("subtree Archive") == archive)
            #expect(try await places("subtree-one Archive") == ["Archive", "Archive/2025"])
            #expect(
                try await places("subtree-one (Archive/2025 Shared/support)") == Array(archive.dropFirst()) + [
                    "Shared/support/INBOX"
                ])
            #expect(try await places("mailboxes (INBOX Archive nobody Empty) subtree Archive") == archive + ["INBOX"])
            #expect(try await places("subscribed").contains("Archive/2025"))
            #expect(try await !places("subscribed").contains("Archive"))
            #expect(try await places("selected mailboxes Archive") == ["Archive"])
            // What is selected stands where it was, and gives sequence numbers and $ their meaning.
            #expect(try await client.command("ESEARCH RETURN (COUNT) ALL").status.hasPrefix("BAD"))
            try await client.dialogue.play(
                """
                C: a SELECT INBOX
                S: a OK …
                C: b ESEARCH UNSEEN
                S: * ESEARCH (TAG "b" MAILBOX "INBOX" UIDVALIDITY …) UID ALL 1:2
                S: b OK …
                C: c ESEARCH IN (selected) RETURN (SAVE MIN) SUBJECT pear
                S: * ESEARCH (TAG "c" MAILBOX "INBOX" UIDVALIDITY …) UID MIN 2
                S: c OK …
                C: d ESEARCH IN (selected) RETURN (ALL) $ 2
                S: * ESEARCH (TAG "d" MAILBOX "INBOX" UIDVALIDITY …) UID ALL 2
                S: d OK …
                C: e ESEARCH IN (inboxes) RETURN (SAVE) ALL
                S: e BAD …
                C: f ESEARCH IN (inboxes) RETURN (ALL) 1:2
                S: f BAD …
                C: g ESEARCH IN (mailboxes Archive) RETURN (ALL) UID 2:*
                S: * ESEARCH (TAG "g" MAILBOX "Archive" UIDVALIDITY …) UID ALL 2
                S: g OK …
                C: h ESEARCH IN (selected-delayed) ALL
                S: h BAD …
                C: i ESEARCH IN (inboxes) RETURN (UPDATE COUNT) FLAGGED
                S: i OK …
                N: * ESEARCH…
                C: j UID STORE 1 +FLAGS.SILENT (\\Flagged)
                S: * ESEARCH (TAG "i") UID ADDTO (0 1)
                S: j OK …
                C: k ESEARCH IN (mailboxes Archive) RETURN (UPDATE MODSEQ) ALL
                S: k BAD …
                """)
            try await client.logout()
        }
    }

    @Test func looksNowhereElse() async throws {
        try await FrontHouse.with { house in
            let alice = try await house.client("alice")
            for name in ["INBOX", "Shared/support/INBOX"] {
                #expect(try await alice.append(letter("apple"), to: name).isOK)
            }
            // Carol has `support` as her own tree, and of `sales` she does not know.
            let carol = try await house.client("carol")
            let found = try await carol.ok(
                "ESEARCH IN (personal inboxes subscribed mailboxes (INBOX Shared/sales/INBOX)) ALL")
            #expect(found.untagged.count == 1)
            #expect(found.untagged.first?.contains("MAILBOX \"INBOX\"") == true)
            #expect(found.untagged.first?.hasSuffix("UID ALL 1") == true)
            let few = try await carol.ok("ESEARCH IN (subtree Shared) ALL")
            #expect(few.untagged.isEmpty)
            for client in [alice, carol] { try await client.logout() }
        }
    }

    @Test func looksIntoSoManyAndNoMore() async throws {
        try await FrontHouse.with(limits: limits { $0.searchedMailboxes = 2 }) { house in
            let client = try await house.client("support*alice")
            for name in ["A", "B"] { try await client.ok("CREATE \(name)") }
            #expect(try await client.command("ESEARCH IN (personal) ALL").status.hasPrefix("NO [LIMIT]"))
            #expect(try await client.ok("ESEARCH IN (mailboxes (A B)) ALL").untagged.isEmpty)
            try await client.logout()
        }
    }
}
