import Foundation
import TestKit
import Testing

/// A draft is replaced while the provider's connections break.
@Suite("Replacing a draft")
struct ReplaceTests {
    /// Cuts every connection as soon as the provider answers something after it was sent `word`; with `staysAway` no new
    /// one is made either.
    private final class Scissors: @unchecked Sendable {
        private let lock = NSLock()
        private var isSeen = false
        private var isDone = false
        private let word: String
        private let relay: Relay
        private let staysAway: Bool

        init(_ relay: Relay, after word: String, staysAway: Bool) {
            (self.relay, self.word, self.staysAway) = (relay, word, staysAway)
            var behaviour = Relay.Behaviour()
            behaviour.change = { [self] direction, _, octets in pass(direction, octets) }
            relay.set(behaviour)
        }

        var hasCut: Bool { lock.withLock { isDone } }

        private func pass(_ direction: Relay.Direction, _ octets: [UInt8]) -> [UInt8] {
            let cuts = lock.withLock {
                if direction == .toServer, String(decoding: octets, as: UTF8.self).contains(word) { isSeen = true }
                guard direction == .toClient, isSeen, !isDone else { return false }
                isDone = true
                return true
            }
            guard cuts else { return octets }
            if staysAway { relay.close() } else { relay.cut() }
            return []
        }
    }

    /// The provider has saved the new draft, or marked the old one, and its answer is lost. When it stays away after the
    /// new one is safe, the old one goes once it is back.
    @Test(arguments: [("APPEND", false), ("STORE", false), ("EXPUNGE", false), ("STORE", true)])
    func `A draft is neither lost nor doubled when the provider's answer is lost`(
        word: String, staysAway: Bool
    ) async throws {
        var plan = Plan()
        plan.upstreamTLS = "none"
        try await House.with(plan) { house in
            let alice = try await house.imap("support*alice")
            try await alice.ok("SELECT Drafts")
            #expect(try await alice.append(Letters.plain("first", number: 1), to: "Drafts", flags: "\\Draft").isOK)
            try await alice.ok("NOOP")
            let new = Letters.plain("second", number: 1)
            try await alice.dialogue.send("r UID REPLACE 1 Drafts (\\Draft) {\(new.utf8.count)}")
            try await alice.dialogue.expect("+ …")
            let scissors = Scissors(house.imapRelay, after: word, staysAway: staysAway)
            try await alice.dialogue.send(octets: Array(new.utf8) + [13, 10])
            let answer = try await alice.dialogue.line(containing: "r ")
            #expect(scissors.hasCut)
            #expect(answer.hasPrefix("r OK"), "\(answer)")
            if staysAway { try house.imapRelay.open() }
            try await eventually(
                "the old draft is gone", within: .seconds(60),
                holds: { try await alice.ok("UID SEARCH ALL").untagged.last == "SEARCH 2" })
            let left = try await alice.ok("UID FETCH 1:* BODY.PEEK[]").untagged.joined()
            #expect(left.contains("second") && !left.contains("first"), "\(left)")
            try await alice.logout()
        }
    }
}
