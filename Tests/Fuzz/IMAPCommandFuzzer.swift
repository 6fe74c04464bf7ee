import Bytes
import IMAPSyntax
import MailTypes

/// What a client may send: framed the same however it arrives, and what is read can be written and read again.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzIMAPCommand(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = octets(start, count)
    guard let first = input.first else { return 0 }
    let refuses = first & 1 == 1
    let utf8 = first & 2 == 2
    let whole = events([Array(input.dropFirst())], refuses)
    expect(whole == events(input.dropFirst().map { [$0] }, refuses), "the same events octet by octet")
    for case .command(let framed) in whole {
        guard let command = try? CommandParser.parse(framed, utf8: utf8) else { continue }
        checkWriter(command, utf8)
    }
    return 0
}

/// Small, so that inputs of a few octets reach them.
private var limits: CommandFramer.Limits {
    var limits = CommandFramer.Limits()
    limits.line = 500
    limits.argumentLiteral = 300
    limits.literals = 4
    limits.command = 900
    limits.message = 300
    limits.discarded = 2_000
    return limits
}

private func events(_ portions: [[UInt8]], _ refuses: Bool) -> [CommandFramer.Event] {
    var framer = CommandFramer(limits: limits)
    var queue = ByteQueue()
    var events: [CommandFramer.Event] = []
    for portion in portions {
        queue.append(contentsOf: portion)
        while let event = framer.next(from: &queue) {
            switch (event, events.last) {
            case (.literalBytes(let more), .literalBytes(let some)?):
                events[events.count - 1] = .literalBytes(some + more)
            case (.lost, _): return events + [event]
            default: events.append(event)
            }
            guard case .literalStarted(let literal) = event else { continue }
            _ = try? CommandParser.parseMessageStart(literal.start)
            if refuses { framer.refuseLiteral() } else { framer.acceptLiteral() }
        }
    }
    return events
}

private func checkWriter(_ command: TaggedCommand, _ utf8: Bool) {
    var wire: [UInt8] = []
    for segment in CommandEncoder(literals: .plus, utf8: utf8).encode(command) {
        switch segment {
        case .bytes(let bytes): wire += bytes
        case .awaitContinuation: expect(false, "no waiting with LITERAL+")
        case .message(let index):
            wire += [UInt8](repeating: 0x78, count: Int(command.command.literalSizes[index]))
        }
    }
    var framer = CommandFramer()
    var queue = ByteQueue()
    queue.append(contentsOf: wire)
    var read: [TaggedCommand] = []
    while let event = framer.next(from: &queue) {
        switch event {
        case .literalStarted: framer.acceptLiteral()
        case .command(let framed):
            guard let again = try? CommandParser.parse(framed, utf8: utf8) else {
                return expect(false, "what is written can be read")
            }
            read.append(again)
        case .refused, .lost: return expect(false, "what is written is accepted")
        default: break
        }
    }
    expect(read == [command], "the same command")
}
