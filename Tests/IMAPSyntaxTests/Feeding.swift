import Bytes
import IMAPSyntax
import Testing

extension String {
    /// The octets of a fixture, every `\n` of it a CRLF.
    var wire: [UInt8] { utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] } }
    var octets: [UInt8] { Array(utf8) }
}

/// The ways in which every fixture reaches a framer: whole, octet by octet, and cut once at every place.
func portions(of input: [UInt8]) -> [[[UInt8]]] {
    var ways = [[input], input.map { [$0] }]
    for cut in 0..<input.count { ways.append([Array(input[..<cut]), Array(input[cut...])]) }
    return ways
}

/// All events of a framer fed with `portions`; message literals are accepted unless `refuses`. Octets of a message
/// are joined, since portions cut them anywhere.
func commandEvents(
    _ portions: [[UInt8]], limits: CommandFramer.Limits = .init(), refuses: Bool = false
) -> [CommandFramer.Event] {
    var framer = CommandFramer(limits: limits)
    var queue = ByteQueue()
    var events: [CommandFramer.Event] = []
    for portion in portions {
        queue.append(contentsOf: portion)
        while let event = framer.next(from: &queue) {
            if case .literalBytes(let more) = event, case .literalBytes(let some)? = events.last {
                events[events.count - 1] = .literalBytes(some + more)
            } else {
                events.append(event)
            }
            if case .literalStarted = event {
                if refuses { framer.refuseLiteral() } else { framer.acceptLiteral() }
            }
            if case .lost = event { return events }
        }
    }
    return events
}

/// The commands in `text`, framed and parsed.
func commands(_ text: String, utf8: Bool = false) throws(IMAPSyntaxError) -> [TaggedCommand] {
    var parsed: [TaggedCommand] = []
    for case .command(let framed) in commandEvents([text.wire]) {
        parsed.append(try CommandParser.parse(framed, utf8: utf8))
    }
    return parsed
}

/// A command as it stands on the wire, without its tag, and what it means.
struct CommandRow: Sendable {
    var text: String
    var command: Command

    init(_ text: String, _ command: Command) {
        self.text = text
        self.command = command
    }

    /// Whether the text is read as the command, and the command when written is read as itself.
    func holds() throws -> Bool {
        let expected = [TaggedCommand(tag: "t".octets, command: command)]
        guard try commands("t " + text + "\n") == expected else { return false }
        let wire = encoded(expected[0], CommandEncoder(literals: .plus))
        var parsed: [TaggedCommand] = []
        for case .command(let framed) in commandEvents([wire]) { parsed.append(try CommandParser.parse(framed)) }
        return parsed == expected
    }
}

/// Whether the text after a tag is refused.
func isRefused(_ text: String) -> Bool {
    do {
        _ = try CommandParser.parse(FramedCommand(bytes: "t \(text)".wire))
        return false
    } catch { return true }
}

/// A random number generator whose sequence is fixed by its seed (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
    mutating func chance(_ one: Int) -> Bool { below(one) == 0 }
    mutating func pick<Member>(_ members: [Member]) -> Member { members[below(members.count)] }
}

/// The wire's octets for a command, each message made of the letter `x`.
func encoded(_ command: TaggedCommand, _ encoder: CommandEncoder) -> [UInt8] {
    var wire: [UInt8] = []
    for segment in encoder.encode(command) {
        switch segment {
        case .bytes(let bytes): wire += bytes
        case .awaitContinuation: #expect(wire.suffix(3).elementsEqual("}\r\n".utf8))
        case .message(let index):
            wire += [UInt8](repeating: 0x78, count: Int(command.command.literalSizes[index]))
        }
    }
    return wire
}
