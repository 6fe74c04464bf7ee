import Bytes
import IMAPSyntax
import MailTypes
import Testing

/// All events of a response framer, the octets of a body joined.
func responseEvents(_ portions: [[UInt8]], limits: ResponseFramer.Limits = .init()) -> [ResponseFramer.Event] {
    var framer = ResponseFramer(limits: limits)
    var queue = ByteQueue()
    var events: [ResponseFramer.Event] = []
    for portion in portions {
        queue.append(contentsOf: portion)
        while let event = framer.next(from: &queue) {
            if case .bodyBytes(let more) = event, case .bodyBytes(let some)? = events.last {
                events[events.count - 1] = .bodyBytes(some + more)
            } else {
                events.append(event)
            }
            if case .lost = event { return events }
        }
    }
    return events
}

@Suite struct ResponseFramerTests {
    struct Fixture: Sendable {
        var input: String
        var events: [ResponseFramer.Event]
    }

    private static func response(_ text: String, streamed: [Int] = []) -> ResponseFramer.Event {
        .response(FramedResponse(bytes: text.wire, streamed: streamed))
    }

    private static let small: ResponseFramer.Limits = {
        var limits = ResponseFramer.Limits()
        limits.inlineBody = 3
        limits.response = 100
        limits.streamed = 3
        return limits
    }()

    static let fixtures: [Fixture] = [
        Fixture(
            input: "* OK hi\n+ go\na OK done\n", events: [response("* OK hi"), response("+ go"), response("a OK done")]),
        // Text for people may look like a literal.
        Fixture(
            input: "* NO {3}\na OK {3}\n+ {3}\n",
            events: [response("* NO {3}"), response("a OK {3}"), response("+ {3}")]),
        Fixture(input: "* LIST () NIL {3}\na\"b\n", events: [response("* LIST () NIL {3}\na\"b")]),
        Fixture(
            input: "* 1 FETCH (UID 7 BODY[1] {5}\nhello BODY[2]<9> {4}\nabcd FLAGS ())\n",
            events: [
                .bodyStarted(
                    .init(
                        sequenceNumber: 1, uid: UID(7), section: BodySection(part: [1]), isBinary: false, origin: nil,
                        size: 5)),
                .bodyBytes("hello".octets), .bodyEnded,
                .bodyStarted(
                    .init(
                        sequenceNumber: 1, uid: UID(7), section: BodySection(part: [2]), isBinary: false, origin: 9,
                        size: 4)),
                .bodyBytes("abcd".octets), .bodyEnded,
                response("* 1 FETCH (UID 7 BODY[1] {5}\n BODY[2]<9> {4}\n FLAGS ())", streamed: [25, 42]),
            ]),
        // At most `inlineBody` octets stand inline.
        Fixture(input: "* 1 FETCH (BODY[] {3}\nabc)\n", events: [response("* 1 FETCH (BODY[] {3}\nabc)")]),
        Fixture(
            input: "* 12 FETCH (BODY[HEADER.FIELDS (\"a b\" {1}\nc)] {4}\nabcd UID 9)\n",
            events: [
                .bodyStarted(
                    .init(
                        sequenceNumber: 12, uid: nil,
                        section: BodySection(text: .headerFields(["a b".octets, "c".octets])), isBinary: false,
                        origin: nil, size: 4)),
                .bodyBytes("abcd".octets), .bodyEnded,
                response("* 12 FETCH (BODY[HEADER.FIELDS (\"a b\" {1}\nc)] {4}\n UID 9)", streamed: [47]),
            ]),
        Fixture(
            input: "* 1 FETCH (RFC822 {4}\nabcd BINARY[3] ~{4}\n\u{0}bcd)\n",
            events: [
                .bodyStarted(
                    .init(sequenceNumber: 1, uid: nil, section: .whole, isBinary: false, origin: nil, size: 4)),
                .bodyBytes("abcd".octets), .bodyEnded,
                .bodyStarted(
                    .init(
                        sequenceNumber: 1, uid: nil, section: BodySection(part: [3]), isBinary: true, origin: nil,
                        size: 4)),
                .bodyBytes("\u{0}bcd".octets), .bodyEnded,
                response("* 1 FETCH (RFC822 {4}\n BINARY[3] ~{4}\n)", streamed: [18, 34]),
            ]),
        // A literal that is no body and too large to keep is one missing value.
        Fixture(
            input: "* 1 FETCH (ENVELOPE (NIL {120}\n" + String(repeating: "y", count: 120) + ") UID 4)\na OK .\n",
            events: [response("* 1 FETCH (ENVELOPE (NIL {120}\n) UID 4)", streamed: [25]), response("a OK .")]),
        Fixture(input: "* SEARCH " + String(repeating: "1 ", count: 60), events: [.lost]),
        Fixture(input: "* LIST () NIL {99999999999999999999}\n", events: [.lost]),
    ]

    @Test(arguments: fixtures.indices)
    func cutsTheSameHoweverItArrives(_ index: Int) {
        let fixture = Self.fixtures[index]
        for way in portions(of: fixture.input.wire) {
            let events = responseEvents(way, limits: Self.small)
            #expect(events == fixture.events, "\(fixture.input.debugDescription)")
            if events != fixture.events { return }
        }
    }

    @Test func handsOutLargeBodiesInChunks() {
        var framer = ResponseFramer()
        var queue = ByteQueue()
        queue.append(text: "* 1 FETCH (BODY[] {200000}\r\n")
        queue.append(contentsOf: [UInt8](repeating: 0x78, count: 200_000))
        queue.append(text: ")\r\n")
        guard case .bodyStarted(let body)? = framer.next(from: &queue) else { return #expect(Bool(false)) }
        #expect(body.size == 200_000)
        var total = 0
        while case .bodyBytes(let bytes)? = framer.next(from: &queue) {
            #expect(bytes.count <= 65_536)
            total += bytes.count
        }
        #expect(total == 200_000)
        #expect(framer.next(from: &queue) != nil)
    }

    @Test func boundsHowMuchStreams() {
        let one = "BODY[1] {4}\nabcd "
        let input = "* 1 FETCH (" + String(repeating: one, count: 4) + ")\n"
        let started = responseEvents([input.wire], limits: Self.small).filter {
            if case .bodyStarted = $0 { true } else { false }
        }
        #expect(started.count == 3)
    }
}
