import IMAPSyntax
import MailTypes
import Testing

/// SORT, THREAD, CONTEXT and PARTIAL.
@Suite struct SearchExtensionTests {
    private static func search(
        _ key: SearchKey, uid: Bool = false, _ returns: SearchCommand.Returns? = nil, partial: ResultRange? = nil,
        charset: String? = "UTF-8", updateAttributes: [FetchAttribute] = []
    ) -> SearchCommand {
        var search = SearchCommand(
            isUID: uid, returns: returns, partial: partial, charset: charset?.octets, key: key)
        search.updateAttributes = updateAttributes
        return search
    }

    static let rows: [CommandRow] = [
        CommandRow(
            "SORT (SUBJECT REVERSE DATE) UTF-8 ALL",
            .sort(SortCommand(criteria: [.init(.subject), .init(.date, isReversed: true)], search: search(.all)))),
        CommandRow(
            "uid sort return (count partial 1:10) (arrival) us-ascii UNSEEN SUBJECT x",
            .sort(
                SortCommand(
                    criteria: [.init(.arrival)],
                    search: search(
                        .and([.notFlag(.seen), .subject("x".octets)]), uid: true, .count,
                        partial: ResultRange(1, 10), charset: "us-ascii")))),
        CommandRow(
            "SORT (DISPLAYFROM DISPLAYTO CC FROM SIZE TO) UTF-8 NOT 1",
            .sort(
                SortCommand(
                    criteria: [
                        .init(.displayFrom), .init(.displayTo), .init(.cc), .init(.from), .init(.size), .init(.to),
                    ], search: search(.not(.numbers(SequenceSet([.init(.number(1), .number(1))]))))))),
        CommandRow(
            "THREAD references UTF-8 TEXT \"é\"",
            .thread(ThreadCommand(algorithm: .references, search: search(.text("é".octets))))),
        CommandRow(
            "UID THREAD ORDEREDSUBJECT US-ASCII ALL",
            .thread(
                ThreadCommand(algorithm: .orderedSubject, search: search(.all, uid: true, charset: "US-ASCII")))),
        CommandRow("THREAD REFS UTF-8 ALL", .thread(ThreadCommand(algorithm: .refs, search: search(.all)))),
        CommandRow(
            "SEARCH RETURN (UPDATE CONTEXT COUNT) DELETED",
            .search(search(.flag(.deleted), [.update, .context, .count], charset: nil))),
        CommandRow(
            "SEARCH RETURN (COUNT UPDATE (UID FLAGS)) DELETED",
            .search(search(.flag(.deleted), [.update, .count], charset: nil, updateAttributes: [.uid, .flags]))),
        CommandRow(
            "SEARCH RETURN (PARTIAL -1:-100) ALL",
            .search(search(.all, [], partial: ResultRange(1, 100, isFromEnd: true), charset: nil))),
        CommandRow(
            "UID FETCH 1:* (UID FLAGS) (PARTIAL -1:-30 CHANGEDSINCE 9)",
            .fetch(
                FetchCommand(
                    isUID: true, messages: .numbers(SequenceSet([.init(.number(1), .last)])),
                    attributes: [.uid, .flags], changedSince: ModSeq(rawValue: 9),
                    partial: ResultRange(1, 30, isFromEnd: true)))),
        CommandRow("CANCELUPDATE \"A1\" \"B\\\"2\"", .cancelUpdate(["A1".octets, "B\"2".octets])),
    ]

    @Test(arguments: rows.indices)
    func readsAndWrites(_ index: Int) throws { #expect(try Self.rows[index].holds(), "\(Self.rows[index].text)") }

    @Test(arguments: [
        "SORT", "SORT () UTF-8 ALL", "SORT (FOO) UTF-8 ALL", "SORT (REVERSE) UTF-8 ALL", "SORT (DATE) ALL",
        "SORT (DATE) UTF-8", "SORT (DATE) koi8-r ALL", "SORT (REVERSE REVERSE DATE) UTF-8 ALL", "SORT DATE UTF-8 ALL",
        "THREAD FOO UTF-8 ALL", "THREAD REFS ALL", "THREAD REFS UTF-8", "CANCELUPDATE", "CANCELUPDATE A1",
        "SEARCH RETURN (PARTIAL) ALL", "SEARCH RETURN (PARTIAL 0:1) ALL", "SEARCH RETURN (PARTIAL -1:2) ALL",
        "SEARCH RETURN (PARTIAL 1:-2) ALL", "SEARCH RETURN (PARTIAL 5) ALL", "FETCH 1 UID (PARTIAL)",
        "SEARCH RETURN (UPDATE ()) ALL", "SEARCH RETURN (UPDATE (UID) ALL", "SEARCH RETURN (UPDATE (FOO)) ALL",
        "SEARCH RETURN (COUNT (UID)) ALL", "SEARCH RETURN (UPDATE  (UID)) ALL",
        "FETCH 1 UID (PARTIAL 1:0)", "UID CANCELUPDATE \"A1\"",
    ])
    func refuses(_ text: String) { #expect(isRefused(text)) }

    /// RFC 5465 §8 has no space before the list.
    @Test func readsAttributesOfUpdatesAsTheGrammarHasThem() throws {
        let text = "t SEARCH RETURN (UPDATE(UID) COUNT) DELETED"
        let command = try CommandParser.parse(FramedCommand(bytes: text.wire)).command
        let expected = Self.search(.flag(.deleted), [.update, .count], charset: nil, updateAttributes: [.uid])
        #expect(command == .search(expected))
    }

    @Test func tellsWhichCharsetItWants() {
        #expect(throws: IMAPSyntaxError.unknownCharset(position: 14)) { try commands("t SORT (DATE) koi8-r ALL\n") }
    }

    @Test func countsPlacesFromEitherEnd() {
        #expect(ResultRange(1, 3).indices(of: 10) == 0..<3)
        #expect(ResultRange(3, 1).indices(of: 2) == 0..<2)
        #expect(ResultRange(4, 9).indices(of: 3) == 3..<3)
        #expect(ResultRange(1, 3, isFromEnd: true).indices(of: 10) == 7..<10)
        #expect(ResultRange(2, .max, isFromEnd: true).indices(of: 3) == 0..<2)
        #expect(ResultRange(5, 6, isFromEnd: true).indices(of: 0) == 0..<0)
    }

    struct Row: Sendable {
        var text: String
        var response: UntaggedResponse
        init(_ text: String, _ response: UntaggedResponse) {
            self.text = text
            self.response = response
        }
    }

    static let responses: [Row] = [
        Row("SORT", .sort([], modSeq: nil)), Row("SORT 5 3 4", .sort([5, 3, 4], modSeq: nil)),
        Row("SORT 5 (MODSEQ 17)", .sort([5], modSeq: ModSeq(rawValue: 17))),
        Row(
            "ESEARCH (TAG \"a\") UID PARTIAL (-1:-3 9,7:8) ADDTO (0 32768:32769 1 4) REMOVEFROM (2 7)",
            .esearch(
                ESearchResponse(
                    tag: "a".octets, isUID: true,
                    partial: .init(range: ResultRange(1, 3, isFromEnd: true), numbers: [9...9, 7...8]),
                    updates: [
                        .init(.add, at: 0, [32768...32769]), .init(.add, at: 1, [4...4]),
                        .init(.remove, at: 2, [7...7]),
                    ]))),
        Row(
            "ESEARCH (TAG a MAILBOX \"R&-D\" UIDVALIDITY 4) ALL 9,3:4",
            .esearch(
                ESearchResponse(
                    tag: "a".octets, mailbox: "R&D", uidValidity: UIDValidity(rawValue: 4), all: [9...9, 3...4]))),
        Row(
            "ESEARCH PARTIAL (1:2 NIL) COUNT 0",
            .esearch(ESearchResponse(tag: nil, count: 0, partial: .init(range: ResultRange(1, 2), numbers: [])))),
        // What makes no sense is passed over.
        Row(
            "ESEARCH PARTIAL (x) ADDTO (1) REMOVEFROM 5 COUNT 3",
            .esearch(ESearchResponse(tag: nil, count: 3))),
        Row("THREAD", .thread([])),
        Row(
            "THREAD (2)(3 6 (4 23)(44 7 96))",
            .thread([
                .init(2, depth: 0), .init(3, depth: 0), .init(6, depth: 1), .init(4, depth: 2), .init(23, depth: 3),
                .init(44, depth: 2), .init(7, depth: 3), .init(96, depth: 4),
            ])),
        Row(
            "THREAD ((3)(5 9))",
            .thread([.init(nil, depth: 0), .init(3, depth: 1), .init(5, depth: 1), .init(9, depth: 2)])),
        Row(
            "NO [NOUPDATE \"B02\"] busy", .condition(.no, ResponseText(.noUpdate("B02".octets), "busy"))),
    ]

    @Test(arguments: responses.indices)
    func readsResponses(_ index: Int) throws {
        #expect(try untagged(Self.responses[index].text) == Self.responses[index].response)
    }

    @Test(arguments: [
        "THREAD 1", "THREAD (1", "THREAD (1))", "THREAD ()", "THREAD (1 (2)())", "THREAD (0)", "THREAD (x)",
    ])
    func passesOverBadThreads(_ text: String) throws {
        let (response, quirks) = try read("* " + text)
        #expect(response == .untagged(.other("THREAD")))
        #expect(quirks == [.unreadableResponse])
    }

    @Test func writesThreadsOfAnyShape() throws {
        var dice = Dice(seed: 5256)
        for _ in 0..<300 {
            var nodes: [ThreadNode] = []
            for number in 0..<dice.below(30) {
                let depth = nodes.isEmpty ? 0 : dice.below(nodes[nodes.count - 1].depth + 2)
                nodes.append(ThreadNode(UInt32(number + 1), depth: depth))
            }
            if dice.chance(3) {
                nodes += [.init(nil, depth: 0), .init(100, depth: 1), .init(101, depth: 2), .init(102, depth: 1)]
            }
            var wire: [UInt8] = []
            wire.appendThreads(nodes)
            #expect(try readBack(wire) == [.untagged(.thread(nodes))], "\(String(decoding: wire, as: UTF8.self))")
        }
    }

    @Test func keepsLongThreadsOffTheStack() throws {
        let nodes = (0..<100_000).map { ThreadNode(UInt32($0 / 2 + 1), depth: $0 / 2 + $0 % 2) }
        var wire: [UInt8] = []
        wire.appendThreads(nodes)
        #expect(try readBack(wire) == [.untagged(.thread(nodes))])
    }

    @Test(arguments: [false, true])
    func readsResultsAsTheyWereWritten(_ utf8: Bool) throws {
        var random = RandomResponses(dice: Dice(seed: 5267))
        for _ in 0..<200 {
            var response = ESearchResponse(tag: "a1".octets, isUID: random.dice.chance(2), all: random.ranges())
            if random.dice.chance(2) { response.mailbox = random.mailbox() }
            if response.mailbox != nil { response.uidValidity = UIDValidity(rawValue: 7) }
            if random.dice.chance(2) {
                response.partial = .init(
                    range: ResultRange(1, 9, isFromEnd: random.dice.chance(2)),
                    numbers: random.dice.chance(3) ? [] : random.ranges())
            }
            response.updates = random.list(0...3) {
                .init($0.dice.pick(ESearchResponse.Update.Kind.allCases), at: UInt32($0.dice.below(9)), $0.ranges())
            }
            var wire: [UInt8] = []
            wire.appendESearch(response, utf8: utf8)
            wire.appendSort([9, 3, 7], modSeq: random.dice.chance(2) ? ModSeq(rawValue: 5) : nil)
            wire.appendUntagged(.no, .noUpdate("t\"1".octets), "x")
            let parsed = try readBack(wire, utf8: utf8)
            #expect(parsed.first == .untagged(.esearch(response)))
            #expect(parsed.last == .untagged(.condition(.no, ResponseText(.noUpdate("t\"1".octets), "x"))))
            #expect(parsed.count == 3)
        }
    }
}
