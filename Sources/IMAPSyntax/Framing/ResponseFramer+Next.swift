package import Bytes
internal import MailTypes

extension ResponseFramer {
    /// How much of a body one event carries at most, in octets.
    static let chunk = 65_536

    private enum Step {
        case event(Event)
        case again
        case wait
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
        case .inline(let remaining):
            let count = Int(min(remaining, UInt64(input.count)))
            if count > 0 { bytes.append(contentsOf: input.take(count)) }
            return advance(remaining - UInt64(count)) { .inline($0) }
        case .oversized(let remaining):
            let count = Int(min(remaining, UInt64(input.count)))
            input.drop(count)
            return advance(remaining - UInt64(count)) { .oversized($0) }
        case .body(let remaining):
            guard !input.isEmpty else { return .wait }
            let taken = input.take(Int(min(remaining, UInt64(min(input.count, Self.chunk)))))
            let left = remaining - UInt64(taken.count)
            state = left == 0 ? .endOfBody : .body(left)
            return .event(.bodyBytes(taken))
        case .endOfBody:
            state = .line
            lineStart = bytes.count
            return .event(.bodyEnded)
        case .lost: return .event(.lost)
        }
    }

    private mutating func advance(_ left: UInt64, _ state: (UInt64) -> State) -> Step {
        guard left == 0 else {
            self.state = state(left)
            return .wait
        }
        self.state = .line
        lineStart = bytes.count
        return .again
    }

    private mutating func lose() -> Step {
        bytes = []
        state = .lost
        return .again
    }

    private mutating func readLine(from input: inout ByteQueue) -> Step {
        guard let end = input.firstOffset(of: ASCII.lf) else {
            guard bytes.count + input.count <= limits.response else { return lose() }
            if !input.isEmpty { bytes.append(contentsOf: input.takeAll()) }
            return .wait
        }
        guard bytes.count + end < limits.response else { return lose() }
        if bytes.isEmpty { bytes = input.take(end + 1) } else { bytes.append(contentsOf: input.take(end + 1)) }
        var contentEnd = bytes.count - 1
        if contentEnd > lineStart, bytes[contentEnd - 1] == ASCII.cr { contentEnd -= 1 }
        if let head = LiteralHead(endOf: bytes, from: lineStart, to: contentEnd, looksAtQuotes: false),
            !endsInText
        {
            return begin(head)
        }
        bytes.removeLast(bytes.count - contentEnd)
        let response = FramedResponse(bytes: bytes, streamed: streamed)
        bytes = []
        streamed = []
        lineStart = 0
        return .event(.response(response))
    }

    /// Whether the response is one whose end is text for people: a `{5}` there announces nothing.
    private var endsInText: Bool {
        guard bytes.first != UInt8(ascii: "+") else { return true }
        guard let space = ByteSearch.first(ASCII.space, in: bytes, from: 0) else { return true }
        let word = bytes[(space + 1)...].prefix { ASCII.isLetter($0) }
        return Condition(rawValue: String(lossy: word).uppercased()) != nil
    }

    private mutating func begin(_ head: LiteralHead) -> Step {
        guard let size = head.size else { return lose() }
        if size > UInt64(max(0, limits.inlineBody)), streamed.count < limits.streamed,
            let body = FetchReader.body(before: head, in: FramedResponse(bytes: bytes, streamed: streamed), size: size)
        {
            streamed.append(head.position)
            state = .body(size)
            return .event(.bodyStarted(body))
        }
        if UInt64(bytes.count) + size > UInt64(limits.response) {
            guard streamed.count < limits.streamed else { return lose() }
            streamed.append(head.position)
            state = .oversized(size)
        } else {
            state = .inline(size)
        }
        return .again
    }
}
