import Engine
import Foundation
import Loop
import MailTypes
import Mirror
import Store
import TestKit
import Testing

/// Large messages in pieces, with a real upstream behind a relay that sees and spoils what passes.
@Suite(.timeLimit(.minutes(20)))
struct LargeBodyTests {
    /// A little more than four pieces.
    private static let large = letter(
        "large", String(repeating: String(repeating: "0123456789 ", count: 7) + "\r\n", count: 27_000))

    private static func unencrypted(_ site: inout SiteDescription) { site.servers[0].imap?.security = .none }

    /// Without encryption, so that the relay can read.
    private func house(_ body: (EngineHouse, OpenMailbox) async throws -> Void) async throws {
        try await EngineHouse.with(site: Self.unencrypted) { house in
            let other = try await IMAPClient.connect("upstream", port: house.provider.imapPort)
            #expect(try await other.login("support", "support-upstream").isOK)
            #expect(try await other.append(Self.large, to: "INBOX").isOK)
            #expect(try await other.append(letter("small"), to: "INBOX").isOK)
            let alice = try house.principal("alice", account: "support")
            let viewer = try await Viewer(house.engine.open(.inbox, for: alice, readOnly: false))
            // Before the bodies mail programs ask for what they list messages by.
            let listed = try await viewer.mailbox.messages([UID(1), UID(2)], needs: [.size, .header])
            #expect(listed.messages.first?.size == UInt64(Self.large.utf8.count))
            house.relay.record()
            try await body(house, viewer.mailbox)
        }
    }

    private func bodies(_ mailbox: OpenMailbox, _ uids: [UID]) async throws -> [String] {
        let found = try await mailbox.messages(uids, needs: [.body])
        var texts: [String] = []
        for body in found.messages.compactMap(\.body) {
            var octets: [UInt8] = []
            while octets.count < body.size {
                octets += try await body.read(octets.count..<octets.count + MessageBody.pieceSize)
            }
            texts.append(String(decoding: octets, as: UTF8.self))
        }
        return texts
    }

    private func check(_ expected: [String], _ mailbox: OpenMailbox, _ uids: UID...) async throws {
        let found = try await bodies(mailbox, uids)
        #expect(found == expected)
    }

    /// Where the pieces began that were asked for.
    private func pieces(_ house: EngineHouse) -> [Int] {
        house.relay.sent.split(separator: "BODY.PEEK[]<").dropFirst().compactMap { Int($0.prefix { $0 != "." }) }
    }

    @Test func comesInPieces() async throws {
        try await house { house, mailbox in
            try await check([Self.large, letter("small")], mailbox, UID(1), UID(2))
            #expect(pieces(house) == [0, 524_288, 1_048_576, 1_572_864, 2_097_152])
            #expect(house.relay.sent.contains("UID FETCH 2 (UID INTERNALDATE BODY.PEEK[])"))
            // From the cache, or from what is on its way there.
            house.relay.record()
            try await check([Self.large], mailbox, UID(1))
            #expect(pieces(house) == [])
        }
    }

    @Test func aFlagDoesNotWaitForIt() async throws {
        try await house { house, mailbox in
            var slow = Relay.Behaviour()
            slow.delay = .milliseconds(20)
            house.relay.set(slow)
            async let texts = bodies(mailbox, [UID(1)])
            try await eventually("the first piece is asked for") { house.relay.sent.contains("BODY.PEEK[]<0.") }
            _ = try await mailbox.store(NumberSet([UID(2)]), .add, [.flagged])
            #expect(!pieces(house).contains(2_097_152))
            let found = try await texts
            #expect(found == [Self.large])
            #expect(pieces(house) == [0, 524_288, 1_048_576, 1_572_864, 2_097_152])
        }
    }

    @Test func twoWhoWantItFetchItOnce() async throws {
        try await house { house, mailbox in
            async let one = bodies(mailbox, [UID(1)])
            async let two = bodies(mailbox, [UID(1)])
            let found = try await [one, two]
            #expect(found == [[Self.large], [Self.large]])
            #expect(pieces(house).count == 5)
        }
    }

    @Test func goesOnWhereALostConnectionLeftOff() async throws {
        try await house { house, mailbox in
            var cutting = Relay.Behaviour()
            cutting.cutAfter = 1_300_000
            house.relay.set(cutting)
            async let texts = bodies(mailbox, [UID(1)])
            try await eventually("the third piece is asked for") { pieces(house).count >= 3 }
            // The connection that stands has been spoilt or will be; the next one is a good one.
            try await eventually("the connection is cut") {
                pieces(house).count >= 4 || house.relay.connectionCount == 0
            }
            house.relay.mend()
            let found = try await texts
            #expect(found == [Self.large])
            let resumed = pieces(house).dropFirst(3)
            #expect(resumed.first.map { $0 > 1_048_576 } == true, "\(pieces(house))")
        }
    }

    @Test func anUpstreamThatGivesOtherPiecesIsAskedForTheWhole() async throws {
        try await house { house, mailbox in
            var wrong = Relay.Behaviour()
            // It ignores where the second piece is to begin, and says so.
            wrong.change = { direction, _, octets in
                guard direction == .toServer else { return octets }
                let text = String(decoding: octets, as: UTF8.self)
                return Array(text.replacingOccurrences(of: "<524288.", with: "<52428.").utf8)
            }
            house.relay.set(wrong)
            try await check([Self.large], mailbox, UID(1))
            #expect(pieces(house) == [0, 524_288])
            #expect(house.relay.sent.contains("UID FETCH 1 (UID INTERNALDATE BODY.PEEK[])"))
        }
    }
}
