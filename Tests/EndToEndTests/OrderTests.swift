import TestKit
import Testing

/// SORT, THREAD and searches over everything, with the program as it is run: what was looked at once is remembered.
@Suite("Sorted and threaded mail")
struct OrderTests {
    private static let count = 60

    /// A provider that can nothing beyond IMAP4rev1 but tell news, and whose line can be read.
    private func plan() -> Plan {
        var plan = Plan()
        plan.dovecot = "imap_capability = IMAP4rev1 IDLE"
        plan.upstreamTLS = "none"
        return plan
    }

    /// Threads of three: a letter, its answer, and the answer to that, which names the answer alone.
    private func fill(_ house: House) async throws {
        let upstream = try await house.upstream("support")
        for number in 1...Self.count {
            let isReply = number % 3 != 1
            let headers = isReply ? ["References: <letter-\(number - 1)@customer.test>"] : []
            let subject = "\(isReply ? "Re: " : "")case \((Self.count - number) / 3)"
            let letter = Letters.plain(subject, number: number, headers: headers)
            #expect(try await upstream.append(letter, to: "INBOX").isOK)
        }
        try await upstream.logout()
    }

    @Test func `A mailbox is looked at once`() async throws {
        try await House.with(plan()) { house in
            try await fill(house)
            let alice = try await house.imap("alice")
            try await alice.open("INBOX", messages: Self.count)
            let sorted = try await alice.ok("UID SORT (REVERSE SUBJECT) UTF-8 ALL").untagged
            let descending = sorted.first?.split(separator: " ").dropFirst().compactMap { Int($0) } ?? []
            #expect(descending.sorted() == Array(1...Self.count))
            let threads = try await alice.ok("THREAD REFS UTF-8 ALL").untagged
            #expect(threads.first?.hasPrefix("THREAD (1 2 3)(4 5 6)(7 8 9)") == true)
            try await alice.logout()

            // The scanner reads what arrives, too: not in the next run.
            try await eventually("every letter has passed") { try await house.passages().count == Self.count }

            // Another run and another client ask for nothing that this one has seen.
            try await house.posthouse.stop()
            try await house.posthouse.start()
            let bob = try await house.imap("alice")
            try await bob.open("INBOX", messages: Self.count)
            house.imapRelay.record()
            #expect(try await bob.ok("UID SORT (REVERSE SUBJECT) UTF-8 ALL").untagged == sorted)
            #expect(try await bob.ok("THREAD REFS UTF-8 ALL").untagged == threads)
            #expect(try await bob.ok("SORT RETURN (COUNT) (DATE) UTF-8 UNSEEN").untagged.count == 1)
            let unasked = house.imapRelay.sent
            #expect(!unasked.contains("FETCH") && !unasked.contains("SEARCH"), "\(unasked)")
            // Of new mail at most that.
            try await house.arrive(Letters.plain("case 99", number: Self.count + 1))
            try await bob.open("INBOX", messages: Self.count + 1)
            house.imapRelay.record()
            let again = try await bob.ok("UID SORT (REVERSE SUBJECT) UTF-8 ALL").untagged
            #expect(again.first?.hasPrefix("SORT \(Self.count + 1) ") == true)
            let asked = house.imapRelay.sent.split(separator: "\r\n").filter {
                $0.contains("FETCH") || $0.contains("SORT")
            }
            #expect(asked.allSatisfy { $0.contains(" UID FETCH \(Self.count + 1) ") }, "\(asked)")
            try await bob.logout()
        }
    }

    @Test func `A search goes as far as the grants do`() async throws {
        try await House.with(plan()) { house in
            for account in ["support", "sales"] { try await house.arrive(Letters.plain("offer"), for: account) }
            var places: [String: [String]] = [:]
            for name in ["alice", "bob", "carol"] {
                let client = try await house.imap(name)
                let found = try await client.ok(
                    "ESEARCH IN (personal inboxes subtree Shared) RETURN (COUNT) SUBJECT OFFER")
                #expect(found.untagged.allSatisfy { $0.hasSuffix(" UID COUNT 1") })
                places[name] = found.untagged.compactMap { line in
                    line.firstRange(of: "MAILBOX \"").map { String(line[$0.upperBound...].prefix { $0 != "\"" }) }
                }
                try await client.logout()
            }
            #expect(places["alice"] == ["INBOX"] && places["bob"] == ["INBOX"])
            #expect(places["carol"]?.count == 2 && places["carol"]?.contains("INBOX") == true)
        }
    }
}
