import Bytes
import IMAPSyntax
import Loop
import MailTypes
import SMTPRig
import TLS
import Testing
import Upstream

@Suite("Messages of IMAP servers", .timeLimit(.minutes(20)))
struct IMAPMessageTests {
    let bench: Bench
    init() throws { bench = try Bench() }

    private static let bodies = "(UID INTERNALDATE BODY.PEEK[])"

    @Test("Bodies stream whole, in any order of items, however the octets are cut", arguments: [1, 7, 1000, 1 << 20])
    func bodies(piece: Int) async throws {
        let large = String(repeating: "0123456789abcde\n", count: 2048)
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(5)
            try await peer.answer(
                "UID FETCH 1:* (UID FLAGS)",
                contents: (1...5).map { "* \($0) FETCH (UID \($0 * 10) FLAGS ())" })
            let (tag, text) = try await peer.command()
            #expect(text == "UID FETCH 10,20,30,40,50 \(Self.bodies)")
            let date = #"INTERNALDATE "31-Jan-2026 12:00:00 +0100""#
            let answer =
                "* 1 FETCH (UID 10 \(date) BODY[] {5}\r\nsmall)\r\n"
                + "* 2 FETCH (BODY[] {\(large.utf8.count)}\r\n\(large) UID 20 \(date))\r\n"
                + "* 4 FETCH (FLAGS (\\Seen))\r\n" + "* 3 FETCH (UID 30 BODY[] NIL)\r\n"
                + "* 4 FETCH (UID 40 BODY[] \"\" \(date))\r\n" + "* 99 FETCH (UID 990 BODY[] {3}\r\nabc)\r\n"
                + "\(tag) OK done\r\n"
            try await peer.say(answer, inPiecesOf: piece)
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            _ = try await client.fetchAllFlags()
            let basket = BodyBasket()
            let uids = NumberSet([10, 20, 30, 40, 50] as [UInt32])
            try await client.fetchBodies(uids, into: basket)
            #expect(basket.messages.map(\.uid) == [UID(10), UID(20), UID(40)])
            #expect(basket.messages.map { String(lossy: $0.bytes) } == ["small", large, ""])
            #expect(basket.messages.allSatisfy { $0.isComplete })
            #expect(client.takeEvents() == [.flags(FetchedFlags(uid: UID(40), flags: [.seen]))])
        }
    }

    /// What a server says to the piece of message 10 that begins at `offset`; nil for what `fetchPiece` throws.
    private struct PieceCase {
        var offset: Int
        var answers: [String]
        var isLast: Bool??
        var taken: String
        var isComplete: Bool

        init(_ offset: Int, _ answers: String..., isLast: Bool??, taken: String = "", isComplete: Bool = false) {
            (self.offset, self.answers, self.isLast) = (offset, answers, isLast)
            (self.taken, self.isComplete) = (taken, isComplete)
        }
    }

    private static let pieceCases = [
        PieceCase(0, "* 1 FETCH (UID 10 BODY[]<0> {5}\r\nabcde)", isLast: false, taken: "abcde"),
        PieceCase(0, "* 1 FETCH (UID 10 BODY[]<0> {4}\r\nabcd)", isLast: true, taken: "abcd", isComplete: true),
        PieceCase(0, "* 1 FETCH (UID 10 BODY[]<0> \"\")", isLast: true, isComplete: true),
        // The whole message at once, however long it is.
        PieceCase(0, "* 1 FETCH (UID 10 BODY[] {7}\r\nabcdefg)", isLast: true, taken: "abcdefg", isComplete: true),
        PieceCase(0, "* 1 FETCH (UID 10 BODY[] {5}\r\nabcde)", isLast: true, taken: "abcde", isComplete: true),
        // Gone, or nothing to be read.
        PieceCase(0, isLast: .some(nil)),
        PieceCase(0, "* 1 FETCH (UID 10 BODY[]<0> NIL)", isLast: .some(nil)),
        PieceCase(0, "* 2 FETCH (UID 20 BODY[]<0> {2}\r\nxy)", isLast: .some(nil)),
        // Further on.
        PieceCase(5, "* 1 FETCH (BODY[]<5> {5}\r\nfghij UID 10)", isLast: false, taken: "fghij"),
        PieceCase(5, "* 1 FETCH (UID 10 BODY[]<5> {1}\r\nf)", isLast: true, taken: "f", isComplete: true),
        PieceCase(5, "* 1 FETCH (UID 10 BODY[]<5> \"\")", isLast: true, isComplete: true),
        PieceCase(5, "* 1 FETCH (UID 10 BODY[]<5> NIL)", isLast: true, isComplete: true),
        // Another piece, more than was asked for, or the whole; and another message after all.
        PieceCase(5, "* 1 FETCH (UID 10 BODY[]<0> {5}\r\nabcde)", isLast: nil, taken: "abcde"),
        PieceCase(5, "* 1 FETCH (UID 10 BODY[]<5> {6}\r\nfghijk)", isLast: nil),
        PieceCase(5, "* 1 FETCH (UID 10 BODY[] {5}\r\nabcde)", isLast: nil, taken: "abcde"),
        PieceCase(5, "* 1 FETCH (BODY[]<5> {5}\r\nfghij UID 20)", isLast: .some(nil)),
    ]

    @Test("Pieces of a message", arguments: pieceCases.indices)
    func pieces(number: Int) async throws {
        let piece = Self.pieceCases[number]
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(2)
            try await peer.answer(
                "UID FETCH 1:* (UID FLAGS)",
                contents: ["* 1 FETCH (UID 10 FLAGS ())", "* 2 FETCH (UID 20 FLAGS ())"])
            try await peer.answer(
                "UID FETCH 10 (UID INTERNALDATE BODY.PEEK[]<\(piece.offset).5>)", contents: piece.answers)
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            _ = try await client.fetchAllFlags()
            let basket = BodyBasket()
            // It has had what comes before.
            if piece.offset > 0 { try basket.begin(UID(10), size: 5) }
            var isLast: Bool??
            do throws(UpstreamError) {
                isLast = .some(try await client.fetchPiece(of: UID(10), at: piece.offset, count: 5, into: basket))
            } catch {
                guard case .refused = error else { throw error }
            }
            #expect(isLast == piece.isLast)
            #expect(basket.messages.map { String(lossy: $0.bytes) }.joined() == piece.taken)
            #expect(basket.messages.contains { $0.isComplete } == piece.isComplete)
        }
    }

    @Test("Flags that are not told do not make a message one that is gone")
    func untoldFlags() async throws {
        let all = "UID FETCH 1:* (UID FLAGS)"
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(2)
            // One is left out, and one is told that is not there.
            try await peer.answer(all, "* 1 FETCH (UID 10 FLAGS ())", "* 9 FETCH (UID 90 FLAGS ())")
            try await peer.answer("UID SEARCH ALL", "* SEARCH 10 20")
            try await peer.answer(
                all, "* 1 FETCH (UID 10 FLAGS ())", "* 2 FETCH (UID 20 FLAGS ())", "* 9 FETCH (UID 90 FLAGS ())")
            try await peer.answer("UID SEARCH ALL", "* SEARCH 10 20")
            // Nothing at all, as often as it is asked.
            for _ in 1...3 {
                try await peer.answer(all, "* 1 FETCH (FLAGS ())")
                try await peer.answer("UID SEARCH ALL", "* SEARCH 10 20")
            }
            // More than the server has counted.
            try await peer.select(0)
            try await peer.answer("UID SEARCH ALL", "* SEARCH 10")
            try await peer.answer(all, "* 1 FETCH (UID 10 FLAGS ())")
            try await peer.answer("UID SEARCH ALL", "* SEARCH 10")
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            #expect(try await client.fetchAllFlags().map(\.uid) == [UID(10), UID(20)])
            let failed = await failure { () async throws(UpstreamError) in _ = try await client.fetchAllFlags() }
            guard case .refused(nil, _)? = failed else {
                Issue.record("\(String(describing: failed))")
                return
            }
            _ = try await client.select(.inbox)
            #expect(try await client.fetchAllFlags(mayBeEmpty: false).map(\.uid) == [UID(10)])
        }
    }

    @Test("A body whose UID turns out to be another's is nobody's")
    func bodyOfAnother() async throws {
        let large = String(repeating: "0123456789abcde\n", count: 2048)
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(2)
            try await peer.answer(
                "UID FETCH 1:* (UID FLAGS)", "* 1 FETCH (UID 10 FLAGS ())", "* 2 FETCH (UID 20 FLAGS ())")
            try await peer.answer(
                "UID FETCH 10,20 \(Self.bodies)", "* 1 FETCH (BODY[] {\(large.utf8.count)}\r\n\(large) UID 20)",
                "* 2 FETCH (UID 20 BODY[] {3}\r\nabc)")
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            _ = try await client.fetchAllFlags()
            let basket = BodyBasket()
            try await client.fetchBodies(NumberSet([10, 20] as [UInt32]), into: basket)
            #expect(basket.messages.filter(\.isComplete).map(\.uid) == [UID(20)])
            #expect(basket.messages.filter(\.isComplete).map { String(lossy: $0.bytes) } == ["abc"])
            #expect(client.takeEvents() == [.outOfStep])
        }
    }

    @Test("A message that the sink can't take costs neither the others nor the connection")
    func sinkFails() async throws {
        let large = String(repeating: "x", count: 100_000)
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(4)
            try await peer.answer(
                "UID FETCH 1:4 \(Self.bodies)",
                contents: (1...4).map { "* \($0) FETCH (UID \($0) BODY[] {100000}\r\n\(large))" })
            try await peer.answer("NOOP")
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            let basket = BodyBasket()
            basket.failsAtBegin = [UID(1)]
            basket.failsAtTake = [UID(3)]
            let failed = await failure { () async throws(UpstreamError) in
                try await client.fetchBodies(NumberSet(1...4), into: basket)
            }
            #expect(failed == .local("no room for 1"))
            #expect(basket.messages.map(\.uid) == [UID(2), UID(3), UID(4)])
            #expect(basket.messages.map(\.isComplete) == [true, false, true])
            #expect(basket.messages.map(\.bytes.count) == [100_000, 0, 100_000])
            try await client.poll()
        }
    }

    @Test("A connection that is cut in the middle of a message leaves no half message behind")
    func cut() async throws {
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(1)
            _ = try await peer.command()
            try await peer.say(octets: "* 1 FETCH (UID 1 BODY[] {100000}\r\n" + String(repeating: "x", count: 50_000))
            peer.cut()
        } _: { _, client in
            _ = try await client.select(.inbox)
            let basket = BodyBasket()
            let failed = await failure { () async throws(UpstreamError) in
                try await client.fetchBodies(NumberSet(1...1), into: basket)
            }
            guard case .connectionLost? = failed else {
                Issue.record("\(String(describing: failed))")
                return
            }
            #expect(!basket.messages.contains { $0.isComplete })
            #expect(!client.isUsable)
        }
    }

    @Test("Metadata with a header in line, a header that streams, and a structure that can't be read")
    func metadata() async throws {
        let header = "Subject: long\r\n" + String(repeating: "X-Filler: 0123456789\r\n", count: 2000) + "\r\n"
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(3)
            try await peer.answer(
                "UID FETCH 1:3 (UID INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER])",
                contents: [
                    "* 1 FETCH (UID 1 RFC822.SIZE 70 BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1) "
                        + "ENVELOPE (NIL \"hi\" NIL NIL NIL NIL NIL NIL NIL NIL) BODY[HEADER] {5}\r\na: b\n)",
                    "* 2 FETCH (UID 2 RFC822.SIZE 80 BODYSTRUCTURE ((((( BODY[HEADER] {\(header.utf8.count)}\r\n\(header))",
                ])
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            let metadata = try await client.fetchMetadata(NumberSet(1...3))
            #expect(metadata.map(\.uid) == [UID(1), UID(2)])
            #expect(metadata.first?.envelope?.subject == Array("hi".utf8))
            #expect(metadata.first?.structure != nil)
            #expect(metadata.first?.header == Array("a: b\n".utf8))
            #expect(metadata.last?.size == 80)
            #expect(metadata.last?.structure == nil)
        }
    }

    @Test("Long sets are split into lines that servers take")
    func longSets() async throws {
        let uids = NumberSet(stride(from: 4_000_000_001, to: 4_000_006_000, by: 2).map { UInt32($0) })
        #expect(uids.count == 3000)
        try await bench.play { peer in
            try await peer.signIn("UIDPLUS MOVE")
            try await peer.select(3000)
            var seen = 0
            while seen < 3000 {
                let (tag, text) = try await peer.command()
                guard text.utf8.count < 4100, text.hasPrefix("UID COPY ") else { throw ScriptFailure(text) }
                let set = text.split(separator: " ")[2]
                let count = set.split(separator: ",").count
                try await peer.say("\(tag) OK [COPYUID 5 \(set) \(seen + 1):\(seen + count)] copied")
                seen += count
            }
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            let copied = try await client.copy(uids, to: MailboxName("x"))
            #expect(copied?.source == uids.numbers.compactMap(UID.init(rawValue:)))
            #expect(copied?.copies.map(\.rawValue) == Array(1...3000))
        }
    }

    @Test("Without MOVE only what was copied is removed, and what others have marked stays")
    func moveByHand() async throws {
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(4)
            try await peer.answer("UID COPY 1:3 \"x\"", ok: "[COPYUID 5 1,3 8:9] copied, but 2 was gone")
            try await peer.answer("UID STORE 1,3 +FLAGS (\\Deleted)")
            try await peer.answer("UID SEARCH DELETED", "* SEARCH 1 3 4")
            try await peer.answer("UID STORE 4 -FLAGS (\\Deleted)")
            try await peer.refuse("EXPUNGE", with: "NO not now")
            try await peer.answer("UID STORE 4 +FLAGS (\\Deleted)")
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            let failed = await failure { () async throws(UpstreamError) in
                try await client.move(NumberSet(1...3), to: MailboxName("x"))
            }
            #expect(failed == .refused(code: nil, text: "not now"))
        }
    }

    @Test(
        "Moving by hand goes on set by set, so that no message is in both mailboxes when there is no room for the next")
    func moveSetsByHand() async throws {
        let uids = NumberSet((0..<3000).map { UInt32(1_000_000 + 2 * $0) })
        try await bench.play { peer in
            try await peer.signIn("UIDPLUS")
            try await peer.select(3000)
            let (tag, text) = try await peer.command()
            guard text.hasPrefix("UID COPY ") else { throw ScriptFailure(text) }
            let set = text.split(separator: " ")[2]
            let count = set.split(separator: ",").count
            try await peer.say("\(tag) OK [COPYUID 5 \(set) 1:\(count)] copied")
            try await peer.answer("UID STORE \(set) +FLAGS (\\Deleted)")
            try await peer.answer("UID EXPUNGE \(set)")
            let next = try await peer.command()
            guard next.text.hasPrefix("UID COPY ") else { throw ScriptFailure(next.text) }
            try await peer.say("\(next.tag) NO [OVERQUOTA] full")
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            let failed = await failure { () async throws(UpstreamError) in
                try await client.move(uids, to: MailboxName("x"))
            }
            #expect(failed == .refused(code: "OVERQUOTA", text: "full"))
        }
    }

    @Test("Expunging by hand does nothing when nothing of it is marked")
    func expungeNothing() async throws {
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(4)
            try await peer.answer("UID SEARCH DELETED", "* SEARCH 4")
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            try await client.expunge(NumberSet(1...3))
        }
    }

    @Test("Searches ask for ranges where the server has them, and name the charset when they must")
    func search() async throws {
        try await bench.play { peer in
            try await peer.signIn("ESEARCH")
            try await peer.select(9)
            let (tag, text) = try await peer.command()
            #expect(text == "UID SEARCH RETURN (ALL) SEEN")
            try await peer.say("* ESEARCH (TAG \"\(tag)\") UID ALL 1:3,7", "\(tag) OK done")
            let second = try await peer.command()
            #expect(second.text == "UID SEARCH RETURN (ALL) CHARSET UTF-8 SUBJECT {7}")
            try await peer.say("+ go")
            try await peer.expect("Grüße")
            try await peer.say("\(second.tag) NO [BADCHARSET (US-ASCII)] no")
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            #expect(try await client.search(.flag(.seen)) == NumberSet([1, 2, 3, 7] as [UInt32]))
            let failed = await failure { () async throws(UpstreamError) in
                try await client.search(.subject(Array("Grüße".utf8)))
            }
            guard case .refused? = failed else {
                Issue.record("\(String(describing: failed))")
                return
            }
        }
    }
}

extension ScriptedPeer {
    /// As `answer`, with lines that were made elsewhere.
    func answer(_ expected: String, contents: [String]) async throws {
        let (tag, text) = try await command()
        guard text == expected else { throw ScriptFailure("“\(text)” instead of “\(expected)”") }
        try await say(octets: (contents + ["\(tag) OK done"]).map { $0 + "\r\n" }.joined())
    }

    /// Sends text cut into pieces, the receiver running in between.
    func say(_ text: String, inPiecesOf size: Int) async throws {
        let octets = Array(text.utf8)
        var offset = 0
        while offset < octets.count {
            let end = min(offset + size, octets.count)
            connection.output.append(contentsOf: octets[offset..<end])
            try await connection.flush(until: connection.signal.loop.now + patience)
            offset = end
            await connection.signal.loop.yield()
        }
    }
}
