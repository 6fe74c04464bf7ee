import Bytes
import IMAPFront
import TestKit
import Testing

/// SEARCH in parts (RFC 9394), kept up to date (RFC 5267 §4) and by i;unicode-casemap (RFC 5255 §4.3).
@Suite(.timeLimit(.minutes(20)))
struct SearchTests {
    static let upstreams = SortTests.upstreams

    private func fill(_ client: IMAPClient, _ subjects: [String] = ["one", "two", "three", "four", "five"]) async throws
    {
        for subject in subjects { #expect(try await client.append(letter(subject), to: "INBOX").isOK) }
    }

    @Test(arguments: upstreams) func findsTextInAnyCase(dovecot: String) async throws {
        try await FrontHouse.with(dovecot: dovecot) { house in
            let client = try await house.client("support*alice")
            try await fill(
                client, ["=?utf-8?q?=C5=BB=C3=93=C5=81W?=", "=?utf-8?q?A=CC=8Angstr=C3=B6m?=", "plain", "Äpfel"])
            try await client.ok("SELECT INBOX")
            func found(_ key: String, _ text: String) async throws -> [String] {
                try await client.ok("UID SEARCH CHARSET UTF-8 \(key) {\(text.utf8.count)+}\r\n\(text)").untagged
            }
            #expect(try await found("SUBJECT", "żół") == ["SEARCH 1"])
            #expect(try await found("HEADER Subject", "ŻÓŁ") == ["SEARCH 1"])
            // A letter and its parts are the same (RFC 5051 §2).
            #expect(try await found("SUBJECT", "ÅNGSTRÖM") == ["SEARCH 2"])
            #expect(try await found("SUBJECT", "PLAIN") == ["SEARCH 3"])
            #expect(try await found("NOT SUBJECT", "żółw") == ["SEARCH 2 3 4"])
            #expect(try await found("UNSEEN FROM jan SUBJECT", "żółw") == ["SEARCH 1"])
            let unknown = try await client.command("SEARCH CHARSET KOI8-R SUBJECT x")
            #expect(unknown.status.hasPrefix("NO [BADCHARSET (UTF-8 US-ASCII)]"))
            try await client.logout()
        }
    }

    @Test(arguments: upstreams) func givesResultsInParts(dovecot: String) async throws {
        try await FrontHouse.with(dovecot: dovecot) { house in
            let client = try await house.client("support*alice")
            try await fill(client)
            try await client.dialogue.play(
                """
                C: a SELECT INBOX
                S: a OK …
                C: b UID SEARCH RETURN (PARTIAL 1:2) ALL
                S: * ESEARCH (TAG "b") UID PARTIAL (1:2 1:2)
                S: b OK …
                C: c SEARCH RETURN (PARTIAL -1:-2) NOT 4
                S: * ESEARCH (TAG "c") PARTIAL (-1:-2 3,5)
                S: c OK …
                C: d UID SEARCH RETURN (PARTIAL 9:6 COUNT) ALL
                S: * ESEARCH (TAG "d") UID COUNT 5 PARTIAL (9:6 NIL)
                S: d OK …
                C: e UID SEARCH RETURN (PARTIAL 1:2 ALL) ALL
                S: e BAD …
                C: f UID SEARCH RETURN (PARTIAL 1:*) ALL
                S: f BAD …
                C: g UID SEARCH RETURN (SAVE PARTIAL 2:3) ALL
                S: * ESEARCH (TAG "g") UID PARTIAL (2:3 2:3)
                S: g OK …
                C: h UID SEARCH RETURN (COUNT) $
                S: * ESEARCH (TAG "h") UID COUNT 2
                S: h OK …
                C: i UID SEARCH RETURN (SAVE MAX PARTIAL 1:1) ALL
                S: * ESEARCH (TAG "i") UID MAX 5 PARTIAL (1:1 1)
                S: i OK …
                C: j UID SEARCH RETURN () $
                S: * ESEARCH (TAG "j") UID ALL 1,5
                S: j OK …
                C: k UID SEARCH RETURN (SAVE COUNT PARTIAL 1:1) UID 1:4
                S: * ESEARCH (TAG "k") UID COUNT 4 PARTIAL (1:1 1)
                S: k OK …
                C: l UID SEARCH RETURN () $
                S: * ESEARCH (TAG "l") UID ALL 1:4
                S: l OK …
                C: m UID FETCH 1:* FLAGS (PARTIAL -1:-2)
                S: * 4 FETCH (UID 4 FLAGS ())
                S: * 5 FETCH (UID 5 FLAGS ())
                S: m OK …
                C: n FETCH 1:* FLAGS (PARTIAL 1:2)
                S: n BAD …
                C: o UID FETCH 2:* FLAGS (PARTIAL 7:9)
                S: o OK …
                N: * …
                """)
            try await client.logout()
        }
    }

    @Test(arguments: upstreams) func keepsSearchesUpToDate(dovecot: String) async throws {
        let few = limits { $0.searchContexts = 2 }
        try await FrontHouse.with(dovecot: dovecot, limits: few) { house in
            let alice = try await house.client("support*alice")
            let other = try await house.client("support*alice")
            try await fill(alice)
            try await other.ok("SELECT INBOX")
            try await alice.dialogue.play(
                """
                C: a SELECT INBOX
                S: a OK …
                C: u UID SEARCH RETURN (UPDATE ALL) UNSEEN
                S: * ESEARCH (TAG "u") UID ALL 1:5
                S: u OK …
                C: n SEARCH RETURN (UPDATE CONTEXT COUNT) FLAGGED
                S: * ESEARCH (TAG "n") COUNT 0
                S: n OK …
                C: u UID SEARCH RETURN (UPDATE) ALL
                S: u BAD …
                C: x UID SEARCH RETURN (UPDATE COUNT) ALL
                S: * NO [NOUPDATE "x"] …
                S: * ESEARCH (TAG "x") UID COUNT 5
                S: x OK …
                """)
            // Somebody else's flags.
            try await other.ok("UID STORE 2,4 +FLAGS (\\Seen \\Flagged)")
            try await alice.dialogue.play(
                """
                C: b NOOP
                S: * 2 FETCH …
                S: * 4 FETCH …
                S: * ESEARCH (TAG "u") UID REMOVEFROM (0 2,4)
                S: * ESEARCH (TAG "n") ADDTO (0 2,4)
                S: b OK …
                """)
            // Her own, which she does not want to hear of otherwise.
            try await alice.dialogue.play(
                """
                C: c UID STORE 2 -FLAGS.SILENT (\\Seen)
                S: * ESEARCH (TAG "u") UID ADDTO (0 2)
                S: c OK …
                """)
            // New mail comes before what it adds; what is expunged goes after what it takes away.
            #expect(try await other.append(letter("six"), to: "INBOX", flags: "\\Flagged").isOK)
            try await other.ok("UID STORE 1:2 +FLAGS.SILENT (\\Deleted)")
            try await other.ok("UID EXPUNGE 1:2")
            let news = try await alice.ok("NOOP").untagged
            #expect(
                news == [
                    "ESEARCH (TAG \"u\") UID REMOVEFROM (0 1:2)", "ESEARCH (TAG \"n\") REMOVEFROM (0 2)", "2 EXPUNGE",
                    "1 EXPUNGE", "4 EXISTS", "ESEARCH (TAG \"u\") UID ADDTO (0 6)", "ESEARCH (TAG \"n\") ADDTO (0 4)",
                ])
            try await alice.idle()
            try await other.ok("UID STORE 6 +FLAGS (\\Seen)")
            try await alice.dialogue.play(
                """
                S: * 4 FETCH …
                S: * ESEARCH (TAG "u") UID REMOVEFROM (0 6)
                """)
            try await alice.done()
            try await alice.dialogue.play(
                """
                C: f CANCELUPDATE "u" "nobody"
                S: f BAD …
                C: g CANCELUPDATE "u"
                S: g OK …
                C: h UID SEARCH RETURN (UPDATE) SUBJECT three
                S: * ESEARCH (TAG "h") UID ALL 3
                S: h OK …
                C: i UID STORE 6 -FLAGS.SILENT (\\Seen)
                S: i OK …
                N: * ESEARCH…
                C: j UID STORE 6 -FLAGS.SILENT (\\Flagged)
                S: * ESEARCH (TAG "n") REMOVEFROM (0 4)
                S: j OK …
                C: k SELECT INBOX
                S: k OK …
                C: l UID STORE 6 +FLAGS.SILENT (\\Flagged)
                S: l OK …
                N: * ESEARCH…
                """)
            for client in [alice, other] { try await client.logout() }
        }
    }

    /// What is asked of each new result (RFC 5465 §7), once for all searches and NOTIFY together.
    @Test func tellsOfNewResultsWhatIsAsked() async throws {
        try await FrontHouse.with { house in
            let alice = try await house.client("support*alice")
            let other = try await house.client("support*alice")
            try await fill(alice, ["one"])
            try await other.ok("SELECT INBOX")
            try await alice.dialogue.play(
                """
                C: a SELECT INBOX
                S: a OK …
                C: u UID SEARCH RETURN (UPDATE (BODY.PEEK[HEADER.FIELDS (SUBJECT)] RFC822.SIZE)) SUBJECT boss
                S: u OK …
                C: n SORT RETURN (COUNT UPDATE (FLAGS RFC822.SIZE)) (SUBJECT) UTF-8 FLAGGED
                S: * ESEARCH (TAG "n") COUNT 0
                S: n OK …
                """)
            #expect(try await other.append(letter("boss two"), to: "INBOX", flags: "\\Flagged").isOK)
            #expect(try await other.append(letter("quiet"), to: "INBOX").isOK)
            #expect(try await other.append(letter("three"), to: "INBOX", flags: "\\Flagged").isOK)
            let size = letter("boss two").utf8.count
            let news = try await alice.ok("NOOP").untagged
            #expect(news.count == 5 && news.first == "4 EXISTS", "\(news)")
            let found = news.dropFirst().first ?? ""
            #expect(found.hasPrefix("2 FETCH (UID 2 "), "\(news)")
            #expect(
                found.ranges(of: "RFC822.SIZE \(size)").count == 1 && found.ranges(of: "FLAGS (\\Flagged)").count == 1)
            #expect(found.contains("Subject: boss two"), "\(found)")
            #expect(news.dropFirst(2).first?.hasPrefix("4 FETCH (UID 4 ") == true && !news[2].contains("Subject"))
            #expect(
                news.suffix(2) == ["ESEARCH (TAG \"u\") UID ADDTO (0 2)", "ESEARCH (TAG \"n\") ADDTO (1 2,4)"])
            // One that only matches now has come before.
            try await other.ok("UID STORE 3 +FLAGS (\\Flagged)")
            #expect(
                try await alice.ok("NOOP").untagged == [
                    "3 FETCH (UID 3 FLAGS (\\Flagged))", "ESEARCH (TAG \"n\") ADDTO (2 3)",
                ])
            // Her own she knows.
            #expect(try await alice.append(letter("boss of hers"), to: "INBOX").isOK)
            let own = try await alice.ok("UID COPY 2 INBOX").untagged
            #expect(own.first == "6 EXISTS" && !own.contains { $0.contains("FETCH") } && own.count == 3, "\(own)")
            // NOTIFY adds to it.
            try await alice.ok("NOTIFY SET (SELECTED (MessageNew (INTERNALDATE FLAGS) MessageExpunge))")
            #expect(try await other.append(letter("boss again"), to: "INBOX").isOK)
            #expect(try await alice.dialogue.line() == "* 7 EXISTS")
            let both = try await alice.dialogue.line()
            #expect(both.hasPrefix("* 7 FETCH (UID 7 ") && both.contains("INTERNALDATE"), "\(both)")
            #expect(both.contains("FLAGS ()") && both.contains("Subject: boss again"), "\(both)")
            #expect(try await alice.dialogue.line() == "* ESEARCH (TAG \"u\") UID ADDTO (0 7)")
            #expect(try await alice.append(letter("boss of hers"), to: "INBOX").isOK)
            #expect(try await alice.ok("NOOP").untagged.isEmpty)
            for client in [alice, other] { try await client.logout() }
        }
    }

    /// What comes and goes has its place among the sorted (RFC 5267 §4.3.2).
    @Test func keepsSortedResultsUpToDate() async throws {
        try await FrontHouse.with { house in
            let alice = try await house.client("support*alice")
            let other = try await house.client("support*alice")
            try await fill(alice, ["cherry", "date", "apple", "banana", "elder"])
            for client in [alice, other] { try await client.ok("SELECT INBOX") }
            try await alice.dialogue.play(
                """
                C: u UID SORT RETURN (UPDATE ALL) (SUBJECT) UTF-8 UNSEEN
                S: * ESEARCH (TAG "u") UID ALL 3:4,1:2,5
                S: u OK …
                C: n SORT RETURN (UPDATE COUNT) (REVERSE SUBJECT) UTF-8 FLAGGED
                S: * ESEARCH (TAG "n") COUNT 0
                S: n OK …
                """)
            // apple and banana go from the beginning, date and elder from behind cherry.
            try await other.ok("UID STORE 2:5 +FLAGS (\\Seen \\Flagged)")
            let marked = try await alice.ok("NOOP").untagged.filter { $0.hasPrefix("ESEARCH") }
            #expect(
                marked == [
                    "ESEARCH (TAG \"u\") UID REMOVEFROM (1 3:4) REMOVEFROM (2 2,5)",
                    "ESEARCH (TAG \"n\") ADDTO (1 5,2,4,3)",
                ])
            // banana comes before cherry and elder behind it; date and apple are expunged.
            #expect(try await other.append(letter("coconut"), to: "INBOX", flags: "\\Flagged").isOK)
            try await other.ok("UID STORE 4,5 -FLAGS.SILENT (\\Seen)")
            try await other.ok("UID STORE 2,3 +FLAGS.SILENT (\\Deleted)")
            try await other.ok("UID EXPUNGE 2,3")
            let moved = try await alice.ok("NOOP").untagged.filter { !$0.contains("FETCH") }
            #expect(
                moved == [
                    "ESEARCH (TAG \"n\") REMOVEFROM (2 2) REMOVEFROM (3 3)", "3 EXPUNGE", "2 EXPUNGE", "4 EXISTS",
                    "ESEARCH (TAG \"u\") UID ADDTO (1 4) ADDTO (3 6,5)", "ESEARCH (TAG \"n\") ADDTO (2 4)",
                ])
            let now = try await alice.ok("UID SORT RETURN (ALL) (SUBJECT) UTF-8 UNSEEN").untagged
            #expect(now.first?.hasSuffix(" UID ALL 4,1,6,5") == true)
            try await alice.ok("CANCELUPDATE \"u\" \"n\"")
            for client in [alice, other] { try await client.logout() }
        }
    }
}
