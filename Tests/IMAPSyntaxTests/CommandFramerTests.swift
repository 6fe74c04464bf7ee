import Bytes
import IMAPSyntax
import Testing

@Suite struct CommandFramerTests {
    private static func command(_ text: String, streamed: [Int] = []) -> CommandFramer.Event {
        .command(FramedCommand(bytes: text.wire, streamed: streamed))
    }

    private static func literal(
        _ start: String, at position: Int, size: UInt64, waits: Bool, isBinary: Bool = false
    ) -> CommandFramer.Event {
        .literalStarted(
            .init(
                start: FramedCommand(bytes: start.wire, streamed: [position]), size: size, isSynchronizing: waits,
                isBinary: isBinary))
    }

    private static func refused(_ tag: String, _ reason: CommandFramer.Reason) -> CommandFramer.Event {
        .refused(.init(tag: tag.octets, reason: reason))
    }

    struct Fixture: Sendable {
        var input: String
        var events: [CommandFramer.Event]
        var limits = CommandFramer.Limits()
        var refuses = false
    }

    private static let tight: CommandFramer.Limits = {
        var limits = CommandFramer.Limits()
        limits.line = 40
        limits.argumentLiteral = 10
        limits.literals = 2
        limits.command = 60
        limits.message = 20
        limits.discarded = 100
        return limits
    }()

    private static let minus: CommandFramer.Limits = {
        var limits = CommandFramer.Limits()
        limits.nonSynchronizing = 4
        return limits
    }()

    static let fixtures: [Fixture] = [
        Fixture(input: "a NOOP\nb NOOP\n", events: [command("a NOOP"), command("b NOOP")]),
        Fixture(input: "\n\na NOOP\n", events: [command("a NOOP")]),
        Fixture(
            input: "a LOGIN {5}\nalice {6}\nsecret\nb NOOP\n",
            events: [
                .continuation, .continuation, command("a LOGIN {5}\nalice {6}\nsecret"), command("b NOOP"),
            ]),
        Fixture(
            input: "a LOGIN {5+}\nalice {6+}\nsecret\n", events: [command("a LOGIN {5+}\nalice {6+}\nsecret")]),
        Fixture(input: "a LOGIN {0}\n {0+}\n\n", events: [.continuation, command("a LOGIN {0}\n {0+}\n")]),
        // A line end within a literal ends nothing.
        Fixture(input: "a X {9+}\nb NOOP\n{3\nc NOOP\n", events: [command("a X {9+}\nb NOOP\n{3"), command("c NOOP")]),
        // A brace within quotes announces nothing.
        Fixture(input: "a X \"{5}\nb NOOP\n", events: [command("a X \"{5}"), command("b NOOP")]),
        Fixture(
            input: "a X \"\\\"\" {2+}\nhi\n", events: [command("a X \"\\\"\" {2+}\nhi")]),
        Fixture(input: "a X {}\n", events: [command("a X {}")]),
        Fixture(input: "a X {1x}\n", events: [command("a X {1x}")]),
        Fixture(
            input: "a APPEND box {5}\nhello\nb NOOP\n",
            events: [
                literal("a APPEND box {5}\n", at: 13, size: 5, waits: true), .literalBytes("hello".octets),
                .literalEnded, command("a APPEND box {5}\n", streamed: [13]), command("b NOOP"),
            ]),
        Fixture(
            input: "a append {3+}\nbox (\\Seen) {5+}\nhello\n",
            events: [
                literal("a append {3+}\nbox (\\Seen) {5+}\n", at: 27, size: 5, waits: false),
                .literalBytes("hello".octets), .literalEnded,
                command("a append {3+}\nbox (\\Seen) {5+}\n", streamed: [27]),
            ]),
        Fixture(
            input: "a APPEND box {0}\n\n",
            events: [
                literal("a APPEND box {0}\n", at: 13, size: 0, waits: true), .literalEnded,
                command("a APPEND box {0}\n", streamed: [13]),
            ]),
        Fixture(
            input: "a APPEND box ~{4+}\nh\u{0}lo {2+}\nhi\n",
            events: [
                literal("a APPEND box ~{4+}\n", at: 13, size: 4, waits: false, isBinary: true),
                .literalBytes("h\u{0}lo".octets), .literalEnded,
                .literalStarted(
                    .init(
                        start: FramedCommand(bytes: "a APPEND box ~{4+}\n {2+}\n".wire, streamed: [13, 21]), size: 2,
                        isSynchronizing: false, isBinary: false)),
                .literalBytes("hi".octets), .literalEnded,
                command("a APPEND box ~{4+}\n {2+}\n", streamed: [13, 21]),
            ]),
        // Refused by the receiver: one that waits ends here, one that doesn't is consumed to its end.
        Fixture(
            input: "a APPEND box {5}\nb NOOP\n",
            events: [
                literal("a APPEND box {5}\n", at: 13, size: 5, waits: true), refused("a", .refusedByReceiver),
                command("b NOOP"),
            ], refuses: true),
        Fixture(
            input: "a APPEND box {8+}\nz NOOP\n {8+}\nz NOOP\n\nb NOOP\n",
            events: [
                literal("a APPEND box {8+}\n", at: 13, size: 8, waits: false), refused("a", .refusedByReceiver),
                command("b NOOP"),
            ], refuses: true),
        Fixture(
            input: "a X {11+}\nz NOOP\n{3+} {8+}\nz NOOP\n {3}\nb NOOP\n",
            events: [refused("a", .literalTooLarge), command("b NOOP")], limits: tight),
        Fixture(
            input: "a X {11}\nb NOOP\n", events: [refused("a", .literalTooLarge), command("b NOOP")], limits: tight),
        // A value of SETMETADATA that is too large has a reason of its own.
        Fixture(
            input: "a setmetadata b (/shared/x {11+}\nz NOOP\n{3+})\nb NOOP\n",
            events: [refused("a", .metadataTooLarge(limit: tight.argumentLiteral)), command("b NOOP")],
            limits: tight),
        Fixture(
            input: "a X {1+}\nx {1+}\nx {1+}\nx\nb NOOP\n",
            events: [refused("a", .tooManyLiterals), command("b NOOP")], limits: tight),
        Fixture(
            input: "a X 0123456789012345678901234567 {8+}\nz NOOP\n {9+}\nz NOOP\n1\nb NOOP\n",
            events: [refused("a", .commandTooLong), command("b NOOP")], limits: tight),
        Fixture(
            input: "a X {9+}\n12345678901234567890123456789012345678\nb NOOP\n",
            events: [refused("a", .lineTooLong), command("b NOOP")],
            limits: {
                var limits = tight
                limits.line = 20
                return limits
            }()),
        Fixture(
            input: "a X 01234567890123456789012345678901234567890123456789\nb NOOP\n",
            events: [refused("a", .lineTooLong), command("b NOOP")], limits: tight),
        // The literal at the end of a line that is too long is consumed as well.
        Fixture(
            input: "a X 01234567890123456789012345678901234567890123456789 {8+}\nz NOOP\n\nb NOOP\n",
            events: [refused("a", .lineTooLong), command("b NOOP")], limits: tight),
        Fixture(input: "a NO\u{0}OP\nb NOOP\n", events: [refused("a", .nul), command("b NOOP")]),
        Fixture(input: "a X {2+}\nz\u{0} foo\nb NOOP\n", events: [refused("a", .nul), command("b NOOP")]),
        // Quotes count in a refused line as well, also those that have gone by.
        Fixture(
            input: "a N\u{0} {2+}\nab SIN\"0\"xx\"\"NOT SEEN) HEADER X {9+}\nz NOOP\n1\nb NOOP\n",
            events: [refused("a", .nul), command("b NOOP")]),
        Fixture(
            input: "a N\u{0} \"0123456789012345678901234567890 {9+}\nb NOOP\n",
            events: [refused("a", .nul), command("b NOOP")]),
        Fixture(
            input: "a N 0123456789\"01234567890123456789012345678901234567890 {9+}\nb NOOP\n",
            events: [refused("a", .lineTooLong), command("b NOOP")], limits: tight),
        Fixture(input: "a X {5+}\nhello\n", events: [refused("a", .literalTooLarge)], limits: minus),
        Fixture(input: "a X {4+}\nhell\n", events: [command("a X {4+}\nhell")], limits: minus),
        Fixture(
            input: "a APPEND box {21}\nb NOOP\n", events: [refused("a", .literalTooLarge), command("b NOOP")],
            limits: tight),
        // What is never consumed within the limit is given up.
        Fixture(
            input: "a X {101+}\nz", events: [.lost(.init(tag: "a".octets, reason: .literalTooLarge))], limits: tight),
        Fixture(
            input: "a X {99999999999999999999+}\nz",
            events: [.lost(.init(tag: "a".octets, reason: .literalTooLarge))]),
        Fixture(
            input: "a X {99999999999999999999}\nb NOOP\n", events: [refused("a", .literalTooLarge), command("b NOOP")]),
        Fixture(
            input: "a " + String(repeating: "x", count: 200),
            events: [.lost(.init(tag: "a".octets, reason: .lineTooLong))], limits: tight),
    ]

    @Test(arguments: fixtures.indices)
    func cutsTheSameHoweverItArrives(_ index: Int) {
        let fixture = Self.fixtures[index]
        for way in portions(of: fixture.input.wire) {
            let events = commandEvents(way, limits: fixture.limits, refuses: fixture.refuses)
            #expect(events == fixture.events, "\(fixture.input.debugDescription) in \(way.count) portions")
            if events != fixture.events { return }
        }
    }

    @Test func acceptsBareLineFeeds() {
        #expect(
            commandEvents(["a NOOP\nb X {3}\nfoo\n".octets])
                == [
                    Self.command("a NOOP"), .continuation,
                    .command(FramedCommand(bytes: "b X {3}\nfoo".octets)),
                ])
    }

    @Test func handsOutLargeMessagesInChunks() {
        var framer = CommandFramer()
        var queue = ByteQueue()
        queue.append(text: "a APPEND box {200000+}\r\n")
        queue.append(contentsOf: [UInt8](repeating: 0x78, count: 200_000))
        queue.append(text: "\r\n")
        guard case .literalStarted = framer.next(from: &queue) else { return #expect(Bool(false)) }
        #expect(framer.next(from: &queue) == nil)
        framer.acceptLiteral()
        var total = 0
        while case .literalBytes(let bytes)? = framer.next(from: &queue) {
            #expect(bytes.count <= 65_536)
            total += bytes.count
        }
        #expect(total == 200_000)
        #expect(
            framer.next(from: &queue) == .command(FramedCommand(bytes: "a APPEND box {200000+}\n".wire, streamed: [13]))
        )
        #expect(framer.isBetweenCommands)
    }

    @Test func readsRawLinesAndKeepsTheirLimit() {
        var limits = CommandFramer.Limits()
        limits.line = 20
        for way in portions(of: "DONE\nZm9v {3}\na NOOP\n".wire) {
            var framer = CommandFramer(limits: limits)
            var queue = ByteQueue()
            var lines: [CommandFramer.LineEvent] = []
            for portion in way {
                queue.append(contentsOf: portion)
                while let line = framer.nextLine(from: &queue) { lines.append(line) }
            }
            #expect(lines == ["DONE", "Zm9v {3}", "a NOOP"].map { .line($0.octets) })
        }
        var framer = CommandFramer(limits: limits)
        var queue = ByteQueue()
        queue.append(text: "0123456789012345678901234567890")
        #expect(framer.nextLine(from: &queue) == .tooLong)
    }

    @Test func tellsTheTagOfABrokenCommand() {
        #expect(CommandParser.tag(of: "a1 NOOP".octets) == "a1".octets)
        #expect(CommandParser.tag(of: "a1".octets) == "a1".octets)
        #expect(CommandParser.tag(of: "a+1 NOOP".octets) == nil)
        #expect(CommandParser.tag(of: " NOOP".octets) == nil)
        #expect(CommandParser.tag(of: [UInt8](repeating: 0x61, count: 300)) == nil)
    }
}
