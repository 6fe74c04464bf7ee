import TestKit
import Testing

/// SORT and THREAD (RFC 5256), in front of a Dovecot that has both and of one that seems to have nothing.
@Suite(.timeLimit(.minutes(20)))
struct SortTests {
    static let upstreams = ["", "imap_capability = IMAP4rev1"]

    /// Messages whose places differ by every key: subjects with prefixes, in other scripts and encoded, dates in several
    /// zones and none, names with and without comments, references that are whole, shortened, looping and missing.
    private static let corpus: [String] = {
        let subjects = [
            "printer", "Re: printer", "[desk] Printer", "Fwd: printer (fwd)", "=?utf-8?q?=C5=BB=C3=B3=C5=82w?=",
            "Re: =?utf-8?q?=C5=BC=C3=B3=C5=82w?=", "apple", "Banana", "re[2]: apple", "", "Re:", "zebra",
            "Zebra crossing",
        ]
        let senders = [
            "Zoe <zoe@a.example>", "adam@b.example", "=?utf-8?q?=C3=81d=C3=A1m?= <Adam@c.example>",
            "\"bob, b\" <x@d.example>",
            "Carol <carol@a.example>",
        ]
        let dates = [
            "Fri, 20 Nov 2026 10:00:00 +0100", "Fri, 20 Nov 2026 10:00:00 -0500", "Thu, 19 Nov 2026 23:59:59 +0000",
            "Sat, 21 Nov 2026 01:00:00 +0900", "Fri, 20 Nov 2026 09:30:00 +0000",
        ]
        return (1...40).map { number in
            var lines = [
                "From: \(senders[number * 3 % senders.count])", "To: \(senders[number * 7 % senders.count])",
                "Subject: \(subjects[number * 5 % subjects.count])", "Message-ID: <m\(number)@x.example>",
            ]
            if number % 4 > 0 { lines.append("Cc: \(senders[number % senders.count])") }
            if number % 9 > 0 { lines.append("Date: \(dates[number * 2 % dates.count])") }
            switch number % 6 {
            case 1: lines.append("References: <m\(number / 2)@x.example>")
            case 2: lines.append("In-Reply-To: <m\(number / 3)@x.example>")
            case 3:
                lines.append(
                    "References: <m1@x.example>\r\n <gone\(number % 2)@x.example>\r\n <m\(number - 2)@x.example>")
            case 4: lines.append("References: <m\(number + 1)@x.example> <gone\(number % 3)@x.example>")
            default: break
            }
            let body = String(repeating: "line\r\n", count: number * 11 % 7)
            return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
        }
    }()

    private static let keys = ["ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO", "DISPLAYFROM", "DISPLAYTO"]

    private static var questions: [String] {
        let criteria =
            keys + keys.map { "REVERSE \($0)" } + ["FROM REVERSE DATE", "SUBJECT TO SIZE", "REVERSE CC CC DATE"]
        return criteria.map { "SORT (\($0)) UTF-8 ALL" }
            + [
                "UID SORT (SUBJECT) US-ASCII UNSEEN", "SORT (DATE) UTF-8 2:30 NOT 7",
                "SORT (SUBJECT) UTF-8 SUBJECT apple", "SORT (SIZE) UTF-8 KEYWORD none",
            ]
            + ["ORDEREDSUBJECT", "REFERENCES", "REFS"].flatMap {
                ["THREAD \($0) UTF-8 ALL", "UID THREAD \($0) UTF-8 UNSEEN 3:25"]
            }
    }

    /// The threads of an answer to THREAD, in no order.
    private static func threads(_ line: String) -> Set<String> {
        var threads: Set<String> = []
        var thread = ""
        var depth = 0
        for character in line.drop(while: { $0 != "(" }) {
            thread.append(character)
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            guard depth == 0 else { continue }
            threads.insert(thread)
            thread = ""
        }
        return threads
    }

    @Test(arguments: upstreams) func sortsAsDovecotDoes(dovecot: String) async throws {
        try await FrontHouse.with(dovecot: dovecot) { house in
            let upstream = try await house.upstream()
            for letter in Self.corpus { #expect(try await upstream.append(letter, to: "INBOX").isOK) }
            let client = try await house.client("support*alice")
            try await client.open("INBOX", messages: Self.corpus.count)
            try await upstream.ok("SELECT INBOX")
            for question in Self.questions {
                let expected = try await upstream.ok(question).untagged.filter {
                    $0.contains("SORT") || $0.contains("THREAD")
                }
                let given = try await client.ok(question).untagged
                if question.contains("REFS") {
                    // Ours are in the order of their newest arrival, Dovecot's of their newest sent date.
                    #expect(given.map(Self.threads) == expected.map(Self.threads), "\(question)")
                } else {
                    #expect(given == expected, "\(question)")
                }
            }
            // All that is needed was kept: the same again while the provider is away.
            let last = try await client.ok("UID SORT (REVERSE SUBJECT DATE) UTF-8 ALL").untagged
            let threads = try await client.ok("UID THREAD REFERENCES UTF-8 ALL").untagged
            await upstream.dialogue.close()
            try await house.provider.stopDovecot(atOnce: true)
            #expect(try await client.ok("UID SORT (REVERSE SUBJECT DATE) UTF-8 ALL").untagged == last)
            #expect(try await client.ok("UID THREAD REFERENCES UTF-8 ALL").untagged == threads)
            try await client.logout()
        }
    }

    @Test(arguments: upstreams) func answersInTheOrderAskedFor(dovecot: String) async throws {
        try await FrontHouse.with(dovecot: dovecot) { house in
            let client = try await house.client("support*alice")
            for subject in ["cherry", "date", "apple", "banana"] {
                #expect(try await client.append(letter(subject), to: "INBOX").isOK)
            }
            try await client.dialogue.play(
                """
                C: a SELECT INBOX
                S: a OK …
                C: b SORT (SUBJECT) UTF-8 ALL
                S: * SORT 3 4 1 2
                S: b OK …
                C: c UID SORT RETURN () (SUBJECT) UTF-8 ALL
                S: * ESEARCH (TAG "c") UID ALL 3:4,1:2
                S: c OK …
                C: d SORT RETURN (MIN MAX COUNT) (REVERSE SUBJECT) UTF-8 ALL
                S: * ESEARCH (TAG "d") MIN 2 MAX 3 COUNT 4
                S: d OK …
                C: e UID SORT RETURN (MIN SAVE) (SUBJECT) UTF-8 ALL
                S: * ESEARCH (TAG "e") UID MIN 3
                S: e OK …
                C: f UID FETCH $ FLAGS
                S: * 3 FETCH (UID 3 FLAGS ())
                S: f OK …
                C: g UID SORT RETURN (SAVE) (SUBJECT) UTF-8 UID 1:3
                S: g OK …
                N: * ESEARCH…
                C: h SORT RETURN (COUNT) (DATE) UTF-8 $
                S: * ESEARCH (TAG "h") COUNT 3
                S: h OK …
                C: i SORT (DATE) KOI8-R ALL
                S: i NO [BADCHARSET (UTF-8 US-ASCII)] …
                C: j THREAD REFERENCES KOI8-R ALL
                S: j NO [BADCHARSET (UTF-8 US-ASCII)] …
                C: k SORT (COLOUR) UTF-8 ALL
                S: k BAD …
                C: l SORT () UTF-8 ALL
                S: l BAD …
                C: m SORT RETURN (PARTIAL 2:3) (SUBJECT) UTF-8 ALL
                S: * ESEARCH (TAG "m") PARTIAL (2:3 4,1)
                S: m OK …
                C: n UID SORT RETURN (PARTIAL -1:-2 COUNT) (SUBJECT) UTF-8 ALL
                S: * ESEARCH (TAG "n") UID COUNT 4 PARTIAL (-1:-2 1:2)
                S: n OK …
                C: o THREAD COLOURS UTF-8 ALL
                S: o BAD …
                C: p SORT (DATE) UTF-8 9
                S: p BAD …
                C: q THREAD ORDEREDSUBJECT UTF-8 SUBJECT nothing
                S: * THREAD
                S: q OK …
                """)
            // Mod-sequences come with what is searched by them (RFC 7162 §3.1.6).
            let modSeq = try #require(try await client.ok("SELECT INBOX (CONDSTORE)").highestModSeq)
            #expect(try await client.ok("SORT (DATE) UTF-8 MODSEQ \(modSeq)").untagged == ["SORT 4 (MODSEQ \(modSeq))"])
            #expect(try await client.ok("SORT (DATE) UTF-8 MODSEQ \(modSeq + 1)").untagged == ["SORT"])
            let extended = try await client.ok("UID SORT RETURN (MAX) (SUBJECT) UTF-8 MODSEQ 1").untagged
            #expect(extended.first?.contains("UID MAX 2 MODSEQ ") == true)
            try await client.logout()
        }
    }

    @Test func whatWasNeverSeenIsNotSortedWrongly() async throws {
        try await FrontHouse.with { house in
            let upstream = try await house.upstream()
            for subject in ["two", "one"] { _ = try await upstream.append(letter(subject), to: "INBOX") }
            let client = try await house.client("support*alice")
            try await client.open("INBOX", messages: 2)
            await upstream.dialogue.close()
            try await house.provider.stopDovecot(atOnce: true)
            let refused = try await client.command("SORT (SUBJECT) UTF-8 ALL")
            #expect(refused.status.hasPrefix("NO [UNAVAILABLE]") && refused.untagged.isEmpty)
            #expect(try await client.command("THREAD REFS UTF-8 ALL").status.hasPrefix("NO [UNAVAILABLE]"))
            try await client.logout()
        }
    }
}
