import Bytes
import Engine
import Foundation
import IMAPSyntax
import MailTypes
import Mirror
import Store
import TestKit
import Testing

/// SEARCH BODY and TEXT from what is cached and indexed.
@Suite(.timeLimit(.minutes(10)))
struct TextSearchTests {
    /// The upstream's line can be read.
    private static func readable(_ site: inout SiteDescription) { site.servers[0].imap?.security = .none }

    /// A mailbox of `support` with these messages in it, read and indexed.
    private func mailbox(_ house: EngineHouse, _ letters: [String], read: Int? = nil) async throws -> Viewer {
        let alice = try house.principal("alice", account: "support")
        for letter in letters { _ = try await house.append(letter, as: alice) }
        let viewer = try await Viewer(house.engine.open(.inbox, for: alice, readOnly: false))
        let uids = (1...(read ?? letters.count)).map { UID(UInt32($0)) }
        #expect(try await viewer.mailbox.messages(uids, needs: .body).messages.count == uids.count)
        try await marked(house, uids)
        return viewer
    }

    private func marked(_ house: EngineHouse, _ uids: [UID]) async throws {
        let account = try #require(house.engine.directory.account(named: "support")).id
        let id = try #require(
            try await house.cache.mailboxes(of: account).first { $0.listing.name == .inbox }
        ).id
        try await eventually("every body is in the index") {
            try await house.cache.suspects(among: uids, in: id, of: []).values.count { $0 != .unmarked } == uids.count
        }
    }

    private func found(_ viewer: Viewer, _ key: SearchKey) async throws -> [UInt32] {
        try await viewer.mailbox.search(key, in: viewer.view).map(\.rawValue)
    }

    private func body(_ text: String) -> SearchKey { .body(Array(text.utf8)) }
    private func text(_ text: String) -> SearchKey { .text(Array(text.utf8)) }

    @Test func theUpstreamIsNotAsked() async throws {
        try await EngineHouse.with(site: Self.readable) { house in
            let viewer = try await mailbox(
                house, [letter("one", "an apple"), letter("two", "a Banana"), letter("banana", "nothing")])
            house.relay.record()
            #expect(try await found(viewer, body("BANANA")) == [2])
            #expect(try await found(viewer, text("BANANA")) == [2, 3])
            #expect(try await found(viewer, .not(body("banana"))) == [1, 3])
            #expect(try await found(viewer, .or(body("apple"), .subject(Array("banana".utf8)))) == [1, 3])
            #expect(try await found(viewer, .and([body("an"), .notFlag(.seen), .from(Array("jan".utf8))])) == [1, 2])
            #expect(try await found(viewer, body("cherry")).isEmpty)
            #expect(try await found(viewer, body("")) == [1, 2, 3])
            #expect(try await found(viewer, body("a")) == [1, 2])
            #expect(!house.relay.sent.contains("SEARCH"))
        }
    }

    @Test func theUpstreamIsAskedAboutTheRest() async throws {
        try await EngineHouse.with(site: Self.readable) { house in
            let viewer = try await mailbox(
                house, [letter("one", "banana"), letter("two", "apple"), letter("three", "banana")], read: 2)
            house.relay.record()
            #expect(try await found(viewer, body("banana")) == [1, 3])
            let asked = house.relay.sent.split(separator: "\r\n").filter { $0.contains("SEARCH") }
            #expect(asked.count == 1 && asked.first?.contains("UID 3 ") == true, "\(asked)")
            // What the rest of the criterion decides need not be looked at.
            house.relay.record()
            #expect(try await found(viewer, .and([body("banana"), .among(NumberSet([UID(1), UID(2)]))])) == [1])
            #expect(!house.relay.sent.contains("SEARCH"))
        }
    }

    @Test func whatIsCachedIsFoundWhileTheUpstreamIsAway() async throws {
        try await EngineHouse.with(site: Self.readable) { house in
            let viewer = try await mailbox(
                house, [letter("one", "banana"), letter("two", "apple"), letter("three", "banana")], read: 2)
            try await house.provider.stopDovecot(atOnce: true)
            #expect(try await found(viewer, body("BANANA")) == [1])
            #expect(try await found(viewer, .not(body("banana"))) == [2])
            #expect(try await found(viewer, text("jan@customer")) == [1, 2])
        }
    }

    /// A text that is longer than what is looked at: what is not found here may be found there.
    @Test func longTextsAreTheUpstreams() async throws {
        try await EngineHouse.with(site: Self.readable) { house in
            let filler = String(repeating: "0123456789 0123456789 0123456789 0123456789 0123456789\r\n", count: 80_000)
            let viewer = try await mailbox(
                house, [letter("long", "apple\r\n\(filler)banana"), letter("short", "cherry")])
            house.relay.record()
            #expect(try await found(viewer, body("apple")) == [1])
            #expect(!house.relay.sent.contains("SEARCH"))
            #expect(try await found(viewer, body("banana")) == [1])
            #expect(house.relay.sent.contains("SEARCH"))
        }
    }

    /// Nothing of what is sought is in the files.
    @Test func nothingIsInTheClear() async throws {
        try await EngineHouse.with(site: Self.readable) { house in
            let viewer = try await mailbox(house, [letter("secretive", "Clandestine meeting")])
            #expect(try await found(viewer, body("clandestine")) == [1])
            for name in [Cache.fileName, "\(Cache.fileName)-wal"] {
                let octets = Array(try Data(contentsOf: URL(fileURLWithPath: house.directory(name))))
                for word in ["landestin", "LANDESTIN", "ecretiv", "ECRETIV"] {
                    #expect(octets.firstRange(of: Array(word.utf8)) == nil, "\(word) in \(name)")
                }
            }
        }
    }
}
