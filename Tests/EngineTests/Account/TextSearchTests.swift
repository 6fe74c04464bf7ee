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
@Suite(.timeLimit(.minutes(20)))
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

    /// What the index and the cache find is what a look at every text finds.
    @Test func nothingIsMissedAndNothingIsMadeUp() async throws {
        try await EngineHouse.with(site: Self.readable) { house in
            var random = SystemRandomNumberGenerator()
            let samples = (0..<60).map { _ in Sample(using: &random) }
            let viewer = try await mailbox(house, samples.map(\.letter))
            house.relay.record()
            for round in 0..<150 {
                let sought: String =
                    switch round % 5 {
                    case 0: samples.randomElement(using: &random)?.part(0...2, using: &random) ?? ""
                    case 1: Sample(using: &random).part(1...4, using: &random)
                    case 2: samples.randomElement(using: &random)?.part(8...40, using: &random) ?? ""
                    case 3: (samples.randomElement(using: &random)?.text ?? "") + (round == 3 ? "and more" : "")
                    default: samples.randomElement(using: &random)?.part(3...7, using: &random) ?? ""
                    }
                let pattern = SearchPattern(sought, .unicodeCasemap)
                let expected = samples.indices.filter { pattern.isFound(in: samples[$0].text) }.map { UInt32($0 + 1) }
                // Line ends are the wire's in what is sought.
                for variant in [sought, sought.uppercased(), sought.replacing("\n", with: "\r\n")]
                where Self.key(variant.replacing("\r\n", with: "\n")) == Self.key(sought) {
                    #expect(try await found(viewer, body(variant)) == expected, "“\(variant)”")
                    #expect(try await found(viewer, .not(body(variant))) == others(expected, of: samples.count))
                }
            }
            #expect(!house.relay.sent.contains("SEARCH"))
        }
    }

    private static func key(_ text: String) -> CollationKey { Collation.unicodeCasemap.key(of: text) }

    private func others(_ uids: [UInt32], of count: Int) -> [UInt32] {
        (1...UInt32(count)).filter { !uids.contains($0) }
    }

    /// Messages of the same octets share a body, and what is known of it.
    @Test func messagesThatAreAlike() async throws {
        try await EngineHouse.with(site: Self.readable) { house in
            let viewer = try await mailbox(house, [letter("one", "banana"), letter("two", "apple")])
            let alice = try house.principal("alice", account: "support")
            _ = try await house.append(letter("one", "banana"), as: alice)
            _ = try await viewer.poll()
            _ = try await viewer.mailbox.messages([UID(3)], needs: .body)
            try await marked(house, [UID(1), UID(2), UID(3)])
            #expect(try await found(viewer, body("banana")) == [1, 3])
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

/// A letter of random text in one of the ways in which letters are written.
private struct Sample {
    let text: String
    let letter: String

    private static let latin = Array("abcdefgh ABCDEF äöüß ÄÖÜ éèç.,-\n")
    private static let others = ["абвгд ежзий", "会議資料漢字", "🎉😀👩‍👩‍👧🇵🇱", "한글 ", "ﬁ①½Å"].map { Array($0) }

    init(using random: inout SystemRandomNumberGenerator) {
        let way = Int.random(in: 0..<4, using: &random)
        var text = ""
        for _ in 0..<Int.random(in: 1...600, using: &random) {
            let isLatin = way == 3 || Int.random(in: 0..<4, using: &random) > 0
            let alphabet = isLatin ? Self.latin : Self.others.randomElement(using: &random) ?? Self.latin
            text.append(alphabet.randomElement(using: &random) ?? "a")
        }
        self.text = text
        let octets = Array(text.replacing("\n", with: "\r\n").utf8)
        let fields: String
        let written: String
        switch way {
        case 0:
            fields = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64"
            written = Data(octets).base64EncodedString(options: [.lineLength76Characters, .endLineWithCarriageReturn])
        case 1:
            fields = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable"
            written = Self.quotedPrintable(octets)
        case 2:
            // As an attachment beside another part.
            fields = "Content-Type: multipart/mixed; boundary=b"
            written =
                "--b\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--b\r\nContent-Type: text/x-notes; charset=utf-8\r\n"
                + "Content-Disposition: attachment\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                + Self.quotedPrintable(octets) + "\r\n--b--"
        default:
            fields = "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable"
            let latin = text.replacing("\n", with: "\r\n").unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
            written = Self.quotedPrintable(latin)
        }
        letter = "Subject: sample\r\nFrom: jan@customer.example\r\n\(fields)\r\n\r\n\(written)"
    }

    /// Every octet but letters encoded, and a soft line break wherever it fits, also within a character.
    private static func quotedPrintable(_ octets: [UInt8]) -> String {
        var text = ""
        var column = 0
        for byte in octets {
            if byte == ASCII.cr { continue }
            if byte == ASCII.lf {
                text += "\r\n"
                column = 0
                continue
            }
            if column > 30 {
                text += "=\r\n"
                column = 0
            }
            let isLetter = byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A
            let unit = isLetter ? String(UnicodeScalar(byte)) : "=" + [byte].hexadecimal.uppercased()
            text += unit
            column += unit.utf8.count
        }
        return text
    }

    /// A piece of the text, whole characters.
    func part(_ lengths: ClosedRange<Int>, using random: inout SystemRandomNumberGenerator) -> String {
        let characters = Array(text)
        let start = Int.random(in: 0..<characters.count, using: &random)
        return String(characters[start...].prefix(Int.random(in: lengths, using: &random)))
    }
}
