import Bytes
import IMAPSyntax
import MailTypes
import Testing

/// Random values as a server sends them.
struct RandomResponses {
    var dice: Dice

    mutating func list<Member>(
        _ counts: ClosedRange<Int>, _ make: (inout RandomResponses) -> Member
    ) -> [Member] {
        (0..<counts.lowerBound + dice.below(counts.count)).map { _ in make(&self) }
    }

    mutating func string() -> [UInt8] {
        switch dice.below(5) {
        case 0: []
        case 1: dice.pick(["NIL", "a b", "\"\\", "{5}", "\r\n", "(", ")", "]", "=?utf-8?q?x?="]).octets
        case 2: list(1...20) { UInt8(1 + $0.dice.below(255)) }
        case 3: [UInt8](repeating: 0x61, count: dice.pick([512, 513, 1_200]))
        default: dice.pick(["text", "Żółć", "日本"]).octets
        }
    }

    mutating func nstring() -> [UInt8]? { dice.chance(3) ? nil : string() }

    mutating func ranges() -> [ClosedRange<UInt32>] {
        list(1...4) {
            let low = UInt32(1 + $0.dice.below(1 << 30))
            return low...low + UInt32($0.dice.below(3))
        }
    }

    mutating func envelope() -> Envelope {
        var envelope = Envelope()
        envelope.date = nstring()
        envelope.subject = nstring()
        envelope.from = addresses()
        envelope.sender = addresses()
        envelope.replyTo = addresses()
        envelope.to = addresses()
        envelope.cc = addresses()
        envelope.bcc = addresses()
        envelope.inReplyTo = nstring()
        envelope.messageID = nstring()
        return envelope
    }

    private mutating func addresses() -> [Envelope.Address] {
        list(0...3) {
            Envelope.Address(name: $0.nstring(), route: $0.nstring(), mailbox: $0.nstring(), host: $0.nstring())
        }
    }

    private mutating func parameters() -> [BodyStructure.Parameter] {
        list(0...2) { BodyStructure.Parameter(name: $0.string(), value: $0.string()) }
    }

    private mutating func extra() -> BodyStructure.Extension {
        var extra = BodyStructure.Extension()
        if dice.chance(2) { extra.disposition = .init(kind: string(), parameters: parameters()) }
        extra.languages = list(0...2) { $0.string() }
        extra.location = nstring()
        return extra
    }

    mutating func structure(depth: Int = 0, isExtended: Bool = true) -> BodyStructure {
        if depth < 4, dice.chance(3) {
            var multipart = BodyStructure.Multipart(
                subtype: string(), parts: list(1...3) { $0.structure(depth: depth + 1, isExtended: isExtended) })
            if isExtended {
                multipart.parameters = parameters()
                multipart.extra = extra()
            }
            return .multipart(multipart)
        }
        let (type, subtype) = dice.pick([
            ("TEXT", "plain"), ("message", "RFC822"), ("image", "png"), ("Message", "global"),
        ])
        var single = BodyStructure.Single(
            type: type.octets, subtype: subtype.octets, encoding: string(), size: dice.next() >> 20)
        single.parameters = parameters()
        single.id = nstring()
        single.description = nstring()
        if type != "image" { single.lines = UInt64(dice.below(1000)) }
        if type.lowercased() == "message" {
            single.message = .init(
                envelope: envelope(), structure: structure(depth: depth + 2, isExtended: isExtended))
        }
        if isExtended {
            single.md5 = nstring()
            single.extra = extra()
        }
        return .single(single)
    }

    mutating func code() -> ResponseCode {
        let plain: [ResponseCode] = [
            .alert, .alreadyExists, .authenticationFailed, .authorizationFailed, .cannot, .clientBug, .closed,
            .contactAdmin, .corruption, .expired, .expungeIssued, .hasChildren, .inUse, .limit, .noModSeq,
            .nonExistent, .noPermission, .notSaved, .overQuota, .parse, .privacyRequired, .readOnly, .readWrite,
            .serverBug, .tooBig, .tryCreate, .uidNotSticky, .unavailable, .unknownCTE, .useAttr,
        ]
        return switch dice.below(16) {
        case 0: .appendUID(UIDValidity(rawValue: 7), ranges())
        case 1: .copyUID(UIDValidity(rawValue: 7), source: ranges(), destination: ranges())
        case 2: .badCharset(dice.chance(2) ? [] : ["UTF-8"])
        case 3: .capability(["IMAP4REV1", "IDLE"])
        case 4: .highestModSeq(ModSeq(rawValue: dice.next() >> 1))
        case 5: .modified(ranges())
        case 6: .permanentFlags([.seen, Flag("\\*")])
        case 7: dice.pick([.uidNext(4), .unseen(5), .uidValidity(UIDValidity(rawValue: 6))])
        case 8: .other("X-FOO", dice.chance(2) ? [] : "a (b) \"]\"".octets)
        case 9...12: extensionCode()
        default: dice.pick(plain)
        }
    }

    mutating func mailbox() -> String { dice.pick(["INBOX", "R&D", "Entwürfe", "日本/x", "a\"b\\", "{3}", "a\tb", ""]) }
}

/// What a parser makes of responses that were written here: it must need no leniency.
func readBack(_ wire: [UInt8], utf8: Bool = false) throws -> [Response] {
    var parser = ResponseParser(utf8: utf8)
    var responses: [Response] = []
    var limits = ResponseFramer.Limits()
    limits.inlineBody = 1 << 20
    for event in responseEvents([wire], limits: limits) {
        guard case .response(let framed) = event else { continue }
        responses.append(try parser.parse(framed))
    }
    #expect(parser.quirks == [])
    return responses
}

@Suite struct ResponseRoundTripTests {
    @Test func readsFetchAsItWasWritten() throws {
        var random = RandomResponses(dice: Dice(seed: 2971))
        for round in 0..<250 {
            let isExtended = random.dice.chance(2)
            var expected = FetchResponse(sequenceNumber: UInt32(round + 1))
            expected.uid = random.dice.chance(4) ? nil : UID(UInt32(round + 7))
            expected.flags = [.seen, Flag("$x")]
            expected.internalDate = Moment(seconds: Int64(random.dice.below(1 << 31)), zone: random.dice.below(600))
            expected.size = random.dice.next()
            expected.modSeq = ModSeq(rawValue: random.dice.next() >> 1)
            let envelope = random.envelope()
            expected.envelope = envelope
            let structure = random.structure(isExtended: isExtended)
            expected.bodyStructure = structure
            let content = random.string()
            let section = BodySection(part: [1, 2], text: .headerFields(["From".octets, "a b".octets]))
            expected.sections = [
                FetchedSection(section: section, origin: 4, content: .inline(content)),
                FetchedSection(section: .whole, content: .inline(content)),
                FetchedSection(section: BodySection(part: [2]), isBinary: true, content: .absent),
            ]
            var wire: [UInt8] = []
            wire.appendFetchStart(expected.sequenceNumber, uid: expected.uid)
            wire.appendFetchFlags(expected.flags ?? [])
            wire.appendFetchInternalDate(try #require(expected.internalDate))
            wire.appendFetchSize(try #require(expected.size))
            wire.appendFetchModSeq(try #require(expected.modSeq))
            wire.appendFetchEnvelope(envelope)
            wire.appendFetchStructure(structure, isExtended: isExtended)
            wire.appendFetchSection(.section(section, partial: Partial(offset: 4, count: 99), peek: true))
            wire.appendLiteral(content)
            wire.appendFetchSection(.rfc822)
            wire.appendNString(content)
            wire.appendFetchSection(.binary(part: [2], partial: nil, peek: false))
            wire.appendNString(nil)
            wire.appendFetchEnd()
            let parsed = try readBack(wire)
            #expect(parsed == [.untagged(.fetch(expected))], "\(round)")
            if parsed != [.untagged(.fetch(expected))] { return }
        }
    }

    @Test(arguments: [false, true])
    func readsTheRestAsItWasWritten(_ utf8: Bool) throws {
        var random = RandomResponses(dice: Dice(seed: 5258))
        for _ in 0..<200 {
            var wire: [UInt8] = []
            var expected: [Response] = []
            let code = random.code()
            wire.appendTagged("a1".octets, .no, code, "some text")
            expected.append(.tagged(tag: "a1".octets, .no, ResponseText(code, "some text")))
            wire.appendUntagged(.ok, nil, "two\r\nlines")
            expected.append(.untagged(.condition(.ok, ResponseText(nil, "two  lines"))))
            let name = random.mailbox()
            let encoded = utf8 ? name.octets : ModifiedUTF7.encode(name)
            let list = ListResponse(
                attributes: ["\\HasChildren", "\\Sent"], delimiter: random.dice.chance(3) ? nil : "/", name: name,
                encodedName: encoded, oldName: random.dice.chance(3) ? "x" : nil,
                childInfo: random.dice.chance(2) ? ["SUBSCRIBED"] : [])
            wire.appendList(list, utf8: utf8)
            expected.append(.untagged(.list(list)))
            let status = [
                StatusValue(.messages, 5), StatusValue(.size, random.dice.next()), StatusValue(.appendLimit, nil),
            ]
            wire.appendStatus(MailboxName(name), status, utf8: utf8)
            expected.append(.untagged(.status(StatusResponse(name: name, values: status))))
            let spaces = Namespaces(
                personal: [.init(prefix: "", delimiter: "/")],
                shared: [.init(prefix: name, delimiter: "/"), .init(prefix: "b", delimiter: nil)])
            wire.appendNamespaces(spaces, utf8: utf8)
            expected.append(.untagged(.namespace(spaces)))
            let search = ESearchResponse(
                tag: "a\"1".octets, isUID: random.dice.chance(2), min: 1, max: random.dice.chance(2) ? nil : 9,
                count: 0,
                all: random.dice.chance(2) ? nil : random.ranges(), modSeq: ModSeq(rawValue: 8))
            wire.appendESearch(search)
            expected.append(.untagged(.esearch(search)))
            let numbers = NumberSet(ranges: random.ranges())
            let modSeq = random.dice.chance(2) ? nil : ModSeq(rawValue: 1 + random.dice.next() >> 1)
            wire.appendSearch(numbers, modSeq: modSeq)
            expected.append(.untagged(.search(Array(numbers.numbers), modSeq: modSeq)))
            let gone = NumberSet(ranges: random.ranges())
            let isEarlier = random.dice.chance(2)
            wire.appendVanished(gone, isEarlier: isEarlier)
            if !gone.isEmpty { expected.append(.untagged(.vanished(gone, earlier: isEarlier))) }
            let fields = random.dice.chance(3) ? nil : [IDField(name: "x".octets, value: random.nstring())]
            wire.appendID(fields)
            expected.append(.untagged(.id(fields)))
            wire.appendExists(5)
            wire.appendRecent(0)
            wire.appendExpunge(7)
            expected += [.untagged(.exists(5)), .untagged(.recent(0)), .untagged(.expunge(7))]
            wire.appendCapability(["IMAP4REV1", "LITERAL+"])
            wire.appendEnabled([])
            wire.appendFlagsResponse([.seen])
            expected += [
                .untagged(.capability(["IMAP4REV1", "LITERAL+"])), .untagged(.enabled([])), .untagged(.flags([.seen])),
            ]
            wire.appendChallenge("abc".octets)
            expected.append(.continuation("YWJj".octets))
            let parsed = try readBack(wire, utf8: utf8)
            #expect(parsed == expected)
            if parsed != expected { return }
        }
    }

    @Test func aLongSetVanishesInShortLines() throws {
        let gone = NumberSet(stride(from: 4_294_960_000 as UInt32, to: 4_294_967_000, by: 3))
        var wire: [UInt8] = []
        wire.appendVanished(gone, isEarlier: true)
        var told = NumberSet()
        for response in try readBack(wire, utf8: false) {
            guard case .untagged(.vanished(let uids, true)) = response else {
                Issue.record("\(response)")
                return
            }
            for range in uids.ranges { told.insert(range) }
        }
        #expect(told == gone)
        #expect(String(lossy: wire).split(separator: "\r\n").allSatisfy { $0.utf8.count <= 8192 })
        wire = []
        wire.appendVanished(NumberSet(), isEarlier: false)
        #expect(wire.isEmpty)
    }

    @Test func writesWhatTheGrammarWants() {
        var output: [UInt8] = []
        output.appendBodyStructure(.multipart(.init(subtype: "mixed".octets, parts: [])), isExtended: false)
        #expect(String(lossy: output) == "((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 0 0) \"mixed\")")
        output = []
        output.appendString("a\u{0}b".octets)
        #expect(output == "{3}\r\na b".octets)
        output = []
        output.appendContinuation()
        output.appendTagged("a".octets, .ok, nil, "")
        #expect(output == "+ OK\r\na OK .\r\n".octets)
        output = []
        output.append(sequenceSet: SequenceSet([.init(.number(1), .number(1)), .init(.number(3), .last)]))
        #expect(output == "1,3:*".octets)
    }

    /// Whatever octets come, framer and parser end.
    @Test func survivesMutations() throws {
        var random = RandomResponses(dice: Dice(seed: 4466))
        var dice = Dice(seed: 5182)
        for _ in 0..<200 {
            var wire: [UInt8] = []
            wire.appendFetchStart(1, uid: UID(2))
            wire.appendFetchEnvelope(random.envelope())
            wire.appendFetchStructure(random.structure(), isExtended: true)
            wire.appendFetchSection(.section(.whole, partial: nil, peek: true))
            wire.appendLiteral(random.string())
            wire.appendFetchEnd()
            wire.appendUntagged(.ok, random.code(), "x")
            for _ in 0...dice.below(5) {
                let place = dice.below(wire.count)
                switch dice.below(3) {
                case 0: wire[place] = UInt8(dice.below(256))
                case 1: wire.remove(at: place)
                default:
                    wire.insert(
                        contentsOf: dice.pick(["(", ")", "\"", "{9}\r\n", " ", "[", "]", "\0"]).utf8, at: place)
                }
            }
            var parser = ResponseParser()
            var limits = ResponseFramer.Limits()
            limits.inlineBody = dice.pick([0, 100])
            limits.response = 100_000
            for case .response(let framed) in responseEvents([wire + "\r\n".octets], limits: limits) {
                _ = try? parser.parse(framed)
            }
        }
    }
}
