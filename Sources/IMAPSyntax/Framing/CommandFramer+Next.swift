package import Bytes

extension CommandFramer {
    /// How much of a message one event carries at most, in octets.
    static let chunk = 65_536

    private enum Step {
        case event(Event)
        /// The state has changed: look again.
        case again
        /// The input has no more to give.
        case wait
    }

    /// Whether no command has begun, so that a raw line may be read or the connection closed politely.
    package var isBetweenCommands: Bool {
        if case .line = state { return bytes.isEmpty }
        return false
    }

    /// The next event in `input`, or nil when more octets are needed.
    package mutating func next(from input: inout ByteQueue) -> Event? {
        while true {
            switch step(&input) {
            case .event(let event): return event
            case .wait: return nil
            case .again: continue
            }
        }
    }

    private mutating func step(_ input: inout ByteQueue) -> Step {
        switch state {
        case .line: return readLine(from: &input)
        case .argument(let remaining): return takeArgument(remaining, from: &input)
        case .announced: return .wait
        case .message(let remaining):
            guard !input.isEmpty else { return .wait }
            let taken = input.take(Int(min(remaining, UInt64(min(input.count, Self.chunk)))))
            let left = remaining - UInt64(taken.count)
            state = left == 0 ? .endOfMessage : .message(left)
            return .event(.literalBytes(taken))
        case .endOfMessage:
            state = .line
            lineStart = bytes.count
            return .event(.literalEnded)
        case .refusedLine: return skipLine(of: &input)
        case .refusedLiteral(let remaining):
            let count = Int(min(remaining, UInt64(input.count)))
            input.drop(count)
            let left = remaining - UInt64(count)
            state = left == 0 ? .refusedLine : .refusedLiteral(left)
            return left == 0 ? .again : .wait
        case .refusedEnd:
            let refusal = refusal ?? Refusal(tag: [], reason: .refusedByReceiver)
            reset()
            return .event(.refused(refusal))
        case .lost:
            return .event(.lost(refusal ?? Refusal(tag: [], reason: .lineTooLong)))
        }
    }

    /// Takes the announced message literal: its octets follow as events.
    /// - Precondition: the last event was `literalStarted`.
    package mutating func acceptLiteral() {
        guard case .announced(let size, _) = state else { preconditionFailure("no literal was announced") }
        state = size == 0 ? .endOfMessage : .message(size)
    }

    /// Refuses the announced message literal: the command is dropped, `refused` follows (after the literal's octets
    /// when the client sends them without waiting).
    /// - Precondition: the last event was `literalStarted`.
    package mutating func refuseLiteral() {
        guard case .announced(let size, let isSynchronizing) = state else {
            preconditionFailure("no literal was announced")
        }
        refuse(.refusedByReceiver)
        skipLiteral(of: size, isSynchronizing: isSynchronizing)
    }

    // MARK: Lines

    private mutating func readLine(from input: inout ByteQueue) -> Step {
        let held = bytes.count - lineStart
        guard let end = input.firstOffset(of: ASCII.lf) else {
            guard held + input.count < limits.line else { return refuseLine(in: &input) }
            if !input.isEmpty { bytes.append(contentsOf: input.takeAll()) }
            return .wait
        }
        guard held + end < limits.line else { return refuseLine(in: &input) }
        if bytes.isEmpty { bytes = input.take(end + 1) } else { bytes.append(contentsOf: input.take(end + 1)) }
        var contentEnd = bytes.count - 1
        if contentEnd > lineStart, bytes[contentEnd - 1] == ASCII.cr { contentEnd -= 1 }
        let head = LiteralHead(endOf: bytes, from: lineStart, to: contentEnd)
        if ByteSearch.first(ASCII.nul, in: bytes, from: lineStart, to: contentEnd) != nil {
            return refuse(head, .nul)
        }
        guard bytes.count <= limits.command else { return refuse(head, .commandTooLong) }
        if let head { return begin(head) }
        // A line with nothing on it is no command: some clients send one after the octets of APPEND.
        if contentEnd == 0 {
            reset()
            return .again
        }
        bytes.removeLast(bytes.count - contentEnd)
        let command = FramedCommand(bytes: bytes, streamed: streamed)
        reset()
        return .event(.command(command))
    }

    private mutating func reset() {
        bytes = []
        streamed = []
        lineStart = 0
        literalCount = 0
        refusal = nil
        discardedCount = 0
        state = .line
    }

    // MARK: Literals

    private var setsMetadata: Bool {
        var cursor = ByteCursor(bytes)
        _ = cursor.takeRange { $0 != ASCII.space }
        return cursor.skip(ASCII.space) && cursor.skip(ignoringCase: "SETMETADATA ")
    }

    private mutating func begin(_ head: LiteralHead) -> Step {
        literalCount += 1
        let isMessage = MessagePlace.holds(bytes, at: head.position)
        guard let size = head.size, head.isSynchronizing || size <= limits.nonSynchronizing,
            size <= (isMessage ? limits.message : UInt64(max(0, limits.argumentLiteral)))
        else { return refuse(head, setsMetadata ? .metadataTooLarge(limit: limits.argumentLiteral) : .literalTooLarge) }
        guard literalCount <= limits.literals else { return refuse(head, .tooManyLiterals) }
        if isMessage {
            streamed.append(head.position)
            state = .announced(size: size, isSynchronizing: head.isSynchronizing)
            return .event(
                .literalStarted(
                    MessageLiteral(
                        start: FramedCommand(bytes: bytes, streamed: streamed), size: size,
                        isSynchronizing: head.isSynchronizing, isBinary: head.isBinary)))
        }
        guard bytes.count + Int(size) <= limits.command else { return refuse(head, .commandTooLong) }
        state = .argument(size)
        holdsBinary = head.isBinary
        lineStart = bytes.count
        return head.isSynchronizing ? .event(.continuation) : .again
    }

    private mutating func takeArgument(_ remaining: UInt64, from input: inout ByteQueue) -> Step {
        let count = Int(min(remaining, UInt64(input.count)))
        if count > 0 { bytes.append(contentsOf: input.take(count)) }
        let left = remaining - UInt64(count)
        guard left == 0 else {
            state = .argument(left)
            return .wait
        }
        if !holdsBinary, ByteSearch.first(ASCII.nul, in: bytes, from: lineStart) != nil {
            refuse(.nul)
            state = .refusedLine
            return .again
        }
        state = .line
        lineStart = bytes.count
        return .again
    }

    // MARK: Refused commands

    private mutating func refuse(_ reason: Reason) {
        if refusal == nil { refusal = Refusal(tag: CommandParser.tag(of: bytes) ?? [], reason: reason) }
        bytes = []
        streamed = []
        lineStart = 0
        passed = QuoteScan()
    }

    /// Refuses a command whose current line goes on for too long.
    private mutating func refuseLine(in input: inout ByteQueue) -> Step {
        let line = bytes[lineStart...]
        // The tag may still be in the input; what is looked at here goes by the line's way afterwards.
        if bytes.isEmpty { bytes = (0..<min(input.count, CommandParser.longestTag + 1)).map { input[$0] } }
        refuse(.lineTooLong)
        bytes = Array(line)
        keepTail()
        state = .refusedLine
        return .again
    }

    /// Refuses a command whose current line is complete and ends with `head`.
    private mutating func refuse(_ head: LiteralHead?, _ reason: Reason) -> Step {
        refuse(reason)
        skipLiteral(after: head)
        return .again
    }

    private mutating func skipLiteral(after head: LiteralHead?) {
        guard let head else {
            state = .refusedEnd
            return
        }
        skipLiteral(of: head.size ?? .max, isSynchronizing: head.isSynchronizing)
    }

    private mutating func skipLiteral(of size: UInt64, isSynchronizing: Bool) {
        // A client that waits for a `+` takes the tagged answer instead, and sends no more of this command.
        if isSynchronizing {
            state = .refusedEnd
        } else {
            let (total, overflowed) = discardedCount.addingReportingOverflow(size)
            discardedCount = total
            state = overflowed || total > limits.discarded ? .lost : .refusedLiteral(size)
        }
    }

    private mutating func skipLine(of input: inout ByteQueue) -> Step {
        let end = input.firstOffset(of: ASCII.lf)
        let count = end ?? input.count
        discardedCount += UInt64(count)
        guard discardedCount <= limits.discarded else {
            state = .lost
            return .again
        }
        bytes.append(contentsOf: input.take(count))
        keepTail()
        guard end != nil else { return .wait }
        input.drop(1)
        var contentEnd = bytes.count
        if contentEnd > 0, bytes[contentEnd - 1] == ASCII.cr { contentEnd -= 1 }
        let head = LiteralHead(endOf: bytes, from: 0, to: contentEnd, after: passed)
        bytes = []
        passed = QuoteScan()
        skipLiteral(after: head)
        return .again
    }

    /// Of a refused line only as much is kept as a literal's head and a CR can have, and whether quotes are open.
    private mutating func keepTail() {
        let surplus = max(0, bytes.count - LiteralHead.longest - 1)
        passed.pass(bytes[..<surplus])
        bytes.removeFirst(surplus)
    }

    // MARK: Raw lines

    /// One line as it stands, for what is no command: an answer within AUTHENTICATE, the DONE of IDLE.
    package enum LineEvent: Hashable, Sendable {
        /// Without its line end.
        case line([UInt8])
        /// Longer than `limits.line`: close the connection.
        case tooLong
    }

    /// The next raw line in `input`, or nil when more octets are needed.
    /// - Precondition: no command has begun.
    package mutating func nextLine(from input: inout ByteQueue) -> LineEvent? {
        precondition(refusal == nil && literalCount == 0, "a command has begun")
        guard let end = input.firstOffset(of: ASCII.lf) else {
            guard bytes.count + input.count < limits.line else { return .tooLong }
            if !input.isEmpty { bytes.append(contentsOf: input.takeAll()) }
            return nil
        }
        guard bytes.count + end < limits.line else { return .tooLong }
        var line = bytes
        reset()
        line.append(contentsOf: input.take(end + 1))
        line.removeLast()
        if line.last == ASCII.cr { line.removeLast() }
        return .line(line)
    }
}
