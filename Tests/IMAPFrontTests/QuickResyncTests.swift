import Bytes
import TestKit
import Testing

/// QRESYNC (RFC 7162 §3.2), in front of a Dovecot that has it and of one that seems not to.
@Suite(.timeLimit(.minutes(20)))
struct QuickResyncTests {
    static let upstreams = CondStoreTests.upstreams

    @Test(arguments: upstreams) func aClientThatWasAwayHearsWhatItMissed(dovecot: String) async throws {
        try await FrontHouse.with(dovecot: dovecot) { house in
            let alice = try await house.client("support*alice")
            let behind = try await house.upstream()
            for subject in ["one", "two", "three", "four", "five"] {
                #expect(try await alice.append(letter(subject), to: "INBOX").isOK)
            }
            let (validity, base) = try await alice.enter("SELECT INBOX")
            try await alice.ok("UNSELECT")
            // Through us and around us, with and without somebody looking.
            let other = try await house.client("support*alice")
            try await other.ok("SELECT INBOX")
            try await other.ok("UID STORE 2 +FLAGS.SILENT (\\Deleted)")
            try await other.ok("EXPUNGE")
            try await other.ok("UID STORE 3 +FLAGS (\\Flagged)")
            try await other.logout()
            try await behind.ok("SELECT INBOX")
            try await behind.ok("UID STORE 4 +FLAGS.SILENT (\\Deleted)")
            try await behind.ok("EXPUNGE")
            #expect(try await behind.append(letter("six"), to: "INBOX").isOK)
            try await eventually(
                "all is known",
                holds: {
                    let status = try await alice.ok("STATUS INBOX (MESSAGES UIDNEXT)")
                    return status.untagged == ["STATUS \"INBOX\" (MESSAGES 4 UIDNEXT 7)"]
                })

            try await alice.dialogue.play(
                """
                C: a SELECT INBOX (QRESYNC (\(validity) \(base)))
                S: a BAD …
                C: b ENABLE QRESYNC
                S: * ENABLED QRESYNC
                S: b OK …
                C: c SELECT INBOX (QRESYNC (\(validity) \(base)))
                S: * 4 EXISTS
                S: * OK [HIGHESTMODSEQ …] …
                S: * VANISHED (EARLIER) 2,4
                S: * 2 FETCH (UID 3 FLAGS (\\Flagged) MODSEQ (…))
                S: * 4 FETCH (UID 6 FLAGS () MODSEQ (…))
                N: * 1 FETCH …
                N: * 3 FETCH …
                S: c OK [READ-WRITE] …
                C: d SELECT INBOX (QRESYNC (\(validity) \(base) 1:3,5))
                S: * OK [CLOSED] …
                S: * VANISHED (EARLIER) 2
                S: * 2 FETCH (UID 3 FLAGS (\\Flagged) MODSEQ (…))
                N: * 4 FETCH …
                S: d OK …
                C: e EXAMINE INBOX (QRESYNC (\(validity) \(base) 1:5 (1,3 1,3)))
                S: * VANISHED (EARLIER) 2,4
                S: e OK [READ-ONLY] …
                C: f SELECT INBOX (QRESYNC (\(validity) \(base) 1:5 (1,3 1)))
                S: f BAD …
                C: g SELECT INBOX (QRESYNC (\(validity) \(base) 1:*))
                S: g BAD …
                C: h SELECT INBOX (QRESYNC (1 \(base) 1:5))
                N: * VANISHED…
                N: …FETCH…
                S: h OK …
                C: i SELECT INBOX (CONDSTORE QRESYNC (\(validity) 9000000000000000000 1:5))
                S: * VANISHED (EARLIER) 2,4
                S: * 1 FETCH …
                S: * 2 FETCH …
                S: * 3 FETCH …
                S: i OK …
                C: j UID FETCH 1:* FLAGS (CHANGEDSINCE \(base) VANISHED)
                S: * VANISHED (EARLIER) 2,4
                S: * 2 FETCH …
                S: * 4 FETCH …
                N: * 1 FETCH …
                S: j OK …
                C: k UID FETCH 1:3 FLAGS (VANISHED CHANGEDSINCE \(base))
                S: * VANISHED (EARLIER) 2
                S: * 2 FETCH …
                S: k OK …
                C: l FETCH 1:* FLAGS (CHANGEDSINCE \(base) VANISHED)
                S: l BAD …
                C: m UID FETCH 1:* FLAGS (VANISHED)
                S: m BAD …
                """)
            for client in [alice, behind] { try await client.logout() }
        }
    }

    @Test(arguments: upstreams) func vanishedStandsForExpunge(dovecot: String) async throws {
        try await FrontHouse.with(dovecot: dovecot) { house in
            let alice = try await house.client("support*alice")
            let carol = try await house.client("carol")
            let plain = try await house.client("carol")
            let behind = try await house.upstream()
            for subject in ["one", "two", "three", "four", "five", "six", "seven", "eight"] {
                #expect(try await alice.append(letter(subject), to: "INBOX").isOK)
            }
            try await alice.ok("ENABLE QRESYNC")
            try await carol.ok("ENABLE QRESYNC")
            let (_, base) = try await alice.enter("SELECT INBOX")
            try await carol.ok("EXAMINE INBOX")
            try await plain.ok("EXAMINE INBOX")
            try await carol.idle()
            let transcript = try await alice.ok("UID STORE 2:3 +FLAGS.SILENT (\\Deleted)")
            #expect(transcript.untagged.count == 2)
            let expunged = try await alice.ok("EXPUNGE")
            #expect(expunged.untagged == ["VANISHED 2:3"])
            let after = try #require(expunged.highestModSeq)
            #expect(after > base && expunged.status.hasPrefix("OK [HIGHESTMODSEQ \(after)]"))
            try await carol.dialogue.line(containing: "* VANISHED 2:3")
            #expect(try await carol.done().isOK)
            #expect(
                Array(try await plain.ok("NOOP").untagged.filter { $0.hasSuffix("EXPUNGE") }) == [
                    "3 EXPUNGE", "2 EXPUNGE",
                ])
            // The tagged line's number is right: nothing was missed up to there.
            #expect(try await alice.ok("UID FETCH 1:* FLAGS (CHANGEDSINCE \(after) VANISHED)").untagged.isEmpty)
            try await alice.dialogue.play(
                """
                C: a CREATE Box
                S: a OK …
                C: b UID MOVE 4 Box
                S: * OK [COPYUID … 4 1] …
                S: * VANISHED 4
                N: …EXPUNGE
                S: b OK [HIGHESTMODSEQ …] …
                C: c UID COPY 5 Box
                S: c OK [COPYUID … 5 2] …
                C: d STORE 2 +FLAGS.SILENT (\\Deleted)
                S: * 2 FETCH (UID 5 MODSEQ (…))
                S: d OK …
                C: e UID EXPUNGE 5
                S: * VANISHED 5
                S: e OK [HIGHESTMODSEQ …] …
                C: f EXPUNGE
                N: * VANISHED…
                S: f OK [HIGHESTMODSEQ …] …
                """)
            // By number nothing may vanish while a command by number is answered.
            try await behind.ok("SELECT INBOX")
            try await behind.ok("UID STORE 6 +FLAGS.SILENT (\\Deleted)")
            try await behind.ok("EXPUNGE")
            try await eventually(
                "the others know that it is gone",
                holds: { try await plain.ok("UID SEARCH ALL").lines(containing: "SEARCH") == ["SEARCH 1 7 8"] })
            let fetched = try await carol.ok("FETCH 1 FLAGS")
            #expect(fetched.lines(containing: "VANISHED").isEmpty)
            // What the client still has a number for has not vanished earlier.
            let missed = try await carol.ok("UID FETCH 1:8 FLAGS (CHANGEDSINCE \(base) VANISHED)")
            #expect(missed.lines(containing: "VANISHED") == ["VANISHED (EARLIER) 2:3", "VANISHED 4:6"])
            // CLOSE says nothing (RFC 7162 §3.2.8).
            try await alice.ok("UID STORE 7 +FLAGS.SILENT (\\Deleted)")
            let closed = try await alice.ok("CLOSE")
            #expect(closed.untagged.isEmpty && closed.highestModSeq == nil)
            #expect(try await carol.ok("NOOP").lines(containing: "VANISHED") == ["VANISHED 7"])
            for client in [alice, carol, plain, behind] { try await client.logout() }
        }
    }

    /// The log of expunges is bounded; what it has forgotten is found by comparing UIDs (RFC 7162 §3.2.5.2).
    @Test func whatTheLogHasForgottenIsComparedWith() async throws {
        try await FrontHouse.with(expungeLogLimit: 2) { house in
            let alice = try await house.client("support*alice")
            for number in 1...8 { #expect(try await alice.append(letter("n\(number)"), to: "INBOX").isOK) }
            try await alice.ok("ENABLE QRESYNC")
            let (validity, base) = try await alice.enter("SELECT INBOX")
            for uid in [7, 3, 4, 6] {
                try await alice.ok("UID STORE \(uid) +FLAGS.SILENT (\\Deleted)")
                try await alice.ok("UID EXPUNGE \(uid)")
            }
            try await alice.dialogue.play(
                """
                C: a SELECT INBOX (QRESYNC (\(validity) \(base) 1:8))
                S: * VANISHED (EARLIER) 3:4,6:7
                N: …FETCH…
                S: a OK …
                C: b SELECT INBOX (QRESYNC (\(validity) \(base)))
                S: * VANISHED (EARLIER) 3:4,6:7
                S: b OK …
                C: c SELECT INBOX (QRESYNC (\(validity) \(base) 1:6,8))
                S: * VANISHED (EARLIER) 3:4,6
                S: c OK …
                C: d SELECT INBOX (QRESYNC (\(validity) \(base) 1:2,5:8 (1:3 1:2,5)))
                S: * VANISHED (EARLIER) 6:7
                S: d OK …
                """)
            try await alice.logout()
        }
    }

    @Test func manyChangesComeWhole() async throws {
        try await FrontHouse.with { house in
            let alice = try await house.client("support*alice")
            let behind = try await house.upstream()
            let text = letter("x")
            let commands = (0..<1200).flatMap { Array("\($0) APPEND INBOX {\(text.utf8.count)+}\r\n\(text)\r\n".utf8) }
            try await behind.dialogue.send(octets: commands)
            try await behind.dialogue.line(containing: "1199 OK", within: .seconds(120))
            try await alice.ok("ENABLE QRESYNC")
            let (validity, base) = try await alice.enter("SELECT INBOX")
            try await behind.ok("SELECT INBOX")
            let odd = stride(from: 1, to: 1200, by: 2).map { "\($0)" }.joined(separator: ",")
            let even = stride(from: 2, through: 1200, by: 2).map { "\($0)" }.joined(separator: ",")
            try await behind.ok("UID STORE \(odd) +FLAGS.SILENT (\\Deleted)")
            try await behind.ok("EXPUNGE")
            try await behind.ok("UID STORE \(even) +FLAGS.SILENT (\\Seen)")
            try await eventually(
                "all is known",
                holds: {
                    let status = try await alice.ok("STATUS INBOX (MESSAGES UNSEEN)")
                    return status.lines(containing: "STATUS") == ["STATUS \"INBOX\" (MESSAGES 600 UNSEEN 0)"]
                })
            let answer = try await alice.ok("SELECT INBOX (QRESYNC (\(validity) \(base)))")
            let vanished = answer.untagged.filter { $0.hasPrefix("VANISHED (EARLIER) ") }
            #expect(vanished.allSatisfy { $0.utf8.count < 8192 } && vanished.count == 2)
            #expect(vanished.map { $0.dropFirst("VANISHED (EARLIER) ".count) }.joined(separator: ",") == odd)
            #expect(answer.lines(containing: " FETCH (UID ").count == 600)
            for client in [alice, behind] { try await client.logout() }
        }
    }

    @Test func anotherUIDValidityTellsNothingOfTheOldOne() async throws {
        try await FrontHouse.with { house in
            let alice = try await house.client("support*alice")
            try await alice.ok("ENABLE QRESYNC")
            try await alice.ok("CREATE Project")
            #expect(try await alice.append(letter("first"), to: "Project").isOK)
            let (validity, base) = try await alice.enter("SELECT Project")
            try await alice.ok("UNSELECT")
            try await alice.ok("DELETE Project")
            try await alice.ok("CREATE Project")
            #expect(try await alice.append(letter("second"), to: "Project").isOK)
            let answer = try await alice.ok("SELECT Project (QRESYNC (\(validity) \(base) 1:9))")
            #expect(answer.lines(containing: "VANISHED").isEmpty && answer.lines(containing: "FETCH").isEmpty)
            #expect(try #require(answer.highestModSeq) > base)
            try await alice.logout()
        }
    }
}

extension IMAPClient {
    /// Selects, and gives UIDVALIDITY and HIGHESTMODSEQ.
    func enter(_ command: String) async throws -> (validity: UInt64, modSeq: UInt64) {
        let answer = try await ok(command)
        let validity = answer.untagged.compactMap { line in
            line.split(separator: "[UIDVALIDITY ").dropFirst().first.flatMap { UInt64($0.prefix { $0.isNumber }) }
        }
        return (try #require(validity.first), try #require(answer.highestModSeq))
    }
}
