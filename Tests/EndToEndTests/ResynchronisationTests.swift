import TestKit
import Testing

/// Clients that come back and are told what they missed (QRESYNC, RFC 7162 §3.2), whatever became of Posthouse meanwhile;
/// in front of a provider that has mod-sequences and of one that seems to have none.
@Suite("A client that was away")
struct ResynchronisationTests {
    static let providers = ["", Provider.withoutModSeqs]

    private func plan(_ dovecot: String) -> Plan {
        var plan = Plan()
        plan.dovecot = dovecot
        return plan
    }

    /// Five messages, of which the client knows.
    private func fill(_ house: House) async throws {
        for number in 1...5 { try await house.arrive(Letters.plain("n", number: number)) }
        let alice = try await house.imap("alice")
        try await alice.open("INBOX", messages: 5)
        try await alice.logout()
    }

    private func enter(_ house: House) async throws -> (client: IMAPClient, validity: String, modSeq: UInt64) {
        let client = try await house.imap("alice")
        try await client.ok("ENABLE QRESYNC")
        let answer = try await client.ok("SELECT INBOX")
        let validity = try #require(answer.number(after: "[UIDVALIDITY "))
        return (client, "\(validity)", try #require(answer.number(after: "[HIGHESTMODSEQ ")))
    }

    /// 2 is gone, 3 is flagged, 6 is new.
    private func change(_ house: House) async throws {
        let upstream = try await house.upstream("support")
        try await upstream.ok("SELECT INBOX")
        try await upstream.ok("UID STORE 2 +FLAGS.SILENT (\\Deleted)")
        try await upstream.ok("EXPUNGE")
        try await upstream.ok("UID STORE 3 +FLAGS.SILENT (\\Flagged)")
        _ = try await upstream.append(Letters.plain("n", number: 6), to: "INBOX")
        try await upstream.logout()
    }

    @Test(arguments: providers) func `A restart is not noticed`(dovecot: String) async throws {
        try await House.with(plan(dovecot)) { house in
            try await fill(house)
            let (first, validity, base) = try await enter(house)
            try await first.ok("UID STORE 5 +FLAGS.SILENT (\\Deleted)")
            let expunged = try await first.ok("UID EXPUNGE 5")
            #expect(expunged.untagged == ["VANISHED 5"])
            let known = try #require(expunged.number(after: "[HIGHESTMODSEQ "))
            try await house.posthouse.stop()
            try await house.posthouse.start()
            let second = try await house.imap("alice")
            let status = try await second.ok("STATUS INBOX (HIGHESTMODSEQ)")
            #expect(status.untagged == ["STATUS \"INBOX\" (HIGHESTMODSEQ \(known))"])
            try await second.ok("ENABLE QRESYNC")
            let same = try await second.ok("SELECT INBOX (QRESYNC (\(validity) \(known)))")
            #expect(same.number(after: "[HIGHESTMODSEQ ") == known)
            #expect(same.lines(containing: "FETCH").isEmpty && same.lines(containing: "VANISHED").isEmpty)
            let earlier = try await second.ok("SELECT INBOX (QRESYNC (\(validity) \(base)))")
            #expect(earlier.lines(containing: "VANISHED") == ["VANISHED (EARLIER) 5"])

            // The log has outlived the run, and what happened while nobody looked is found.
            try await house.posthouse.stop()
            try await change(house)
            try await house.posthouse.start()
            let third = try await house.imap("alice")
            try await third.ok("ENABLE QRESYNC")
            let missed = try await third.ok("SELECT INBOX (QRESYNC (\(validity) \(base)))")
            #expect(missed.lines(containing: "VANISHED") == ["VANISHED (EARLIER) 2,5"])
            #expect(missed.lines(containing: "FETCH").count == 2)
            #expect(missed.lines(containing: "2 FETCH (UID 3 FLAGS (\\Flagged) MODSEQ (").count == 1)
            #expect(missed.lines(containing: "4 FETCH (UID 6 ").count == 1)
            #expect(try #require(missed.number(after: "[HIGHESTMODSEQ ")) > known)
            try await third.logout()
        }
    }

    @Test(arguments: providers) func `A deleted cache costs a longer answer`(dovecot: String) async throws {
        try await House.with(plan(dovecot)) { house in
            try await fill(house)
            let (_, validity, base) = try await enter(house)
            try await house.posthouse.stop()
            try await change(house)
            try house.posthouse.removeCache()
            try await house.posthouse.start()
            let alice = try await house.imap("alice")
            try await alice.ok("ENABLE QRESYNC")
            let missed = try await alice.ok("SELECT INBOX (QRESYNC (\(validity) \(base) 1:5))")
            #expect(try #require(missed.number(after: "[HIGHESTMODSEQ ")) > base)
            #expect(missed.lines(containing: "VANISHED") == ["VANISHED (EARLIER) 2"])
            for uid in [1, 3, 4, 5] { #expect(missed.lines(containing: "FETCH (UID \(uid) ").count == 1) }
            let changed = try await alice.ok("FETCH 1:* FLAGS (CHANGEDSINCE \(base))")
            #expect(changed.lines(containing: "FETCH").count == 5)
            try await alice.logout()
        }
    }

    /// The client was told of a change that the cache lost, and that was undone before anybody looked again.
    @Test(arguments: providers) func `What a power cut took is told again`(dovecot: String) async throws {
        try await House.with(plan(dovecot)) { house in
            try await fill(house)
            try await house.posthouse.stop()
            let kept = try house.posthouse.copyCache()
            try await house.posthouse.start()
            let (first, validity, _) = try await enter(house)
            let stored = try await first.ok("UID STORE 4 +FLAGS (\\Answered)")
            let told = try #require(stored.number(after: "MODSEQ ("))
            house.posthouse.kill()
            _ = try await house.posthouse.end()
            try house.posthouse.restoreCache(kept)
            let upstream = try await house.upstream("support")
            try await upstream.ok("SELECT INBOX")
            try await upstream.ok("UID STORE 4 -FLAGS.SILENT (\\Answered)")
            try await house.posthouse.start()
            let second = try await house.imap("alice")
            try await second.ok("ENABLE QRESYNC")
            // A change after it all: the client's number is not ahead of the mailbox's.
            try await second.open("INBOX", messages: 5)
            try await second.ok("UID STORE 1 +FLAGS (\\Flagged)")
            let missed = try await second.ok("SELECT INBOX (QRESYNC (\(validity) \(told) 1:5))")
            #expect(try #require(missed.number(after: "[HIGHESTMODSEQ ")) > told)
            #expect(missed.lines(containing: "4 FETCH (UID 4 FLAGS () MODSEQ (").count == 1, "\(missed)")
            let conditional = try await second.ok("UID STORE 4 (UNCHANGEDSINCE \(told)) +FLAGS (\\Seen)")
            #expect(conditional.status.hasPrefix("OK [MODIFIED 4]"))
            for client in [second, upstream] { try await client.logout() }
        }
    }
}

extension IMAPClient.Answer {
    fileprivate func number(after text: String) -> UInt64? {
        for line in untagged + [status] {
            guard let range = line.firstRange(of: text) else { continue }
            return UInt64(line[range.upperBound...].prefix { $0.isNumber })
        }
        return nil
    }
}
