internal import Bytes
internal import MailTypes

/// Finds the parts of a message in one pass over its octets, in whatever pieces they arrive. It never fails.
///
/// Lines end in LF, with or without CR before it; nothing else ends a line. A header ends at its first empty line
/// or, when there is none, where its part ends. Boundaries are compared with the beginning of a line
/// (RFC 2046 §5.1.1) in headers and bodies alike, and of several that fit the longest counts, then the innermost.
package struct MessageScanner: Sendable {
    private enum State {
        /// In the header of the innermost open part.
        case header
        /// In a body, a preamble or an epilogue: only boundaries are looked for.
        case body
    }

    /// A part whose end has not been seen.
    private struct Frame {
        var index: Int
        /// Of a multipart until its closing delimiter.
        var boundary: [UInt8]?
        var childCount: UInt32 = 0
        /// Line ends before its body.
        var linesBefore = 0
    }

    private let limits: ScanLimits
    private var state = State.header
    private var parts: [MessageStructure.Part] = []
    /// Outermost first.
    private var open: [Frame] = []
    /// How many of `open` have a boundary.
    private var boundaryCount = 0
    /// Octets of kept values.
    private var kept = 0
    /// Lines that were compared with boundaries, times the boundaries they were compared with: what a hostile message
    /// could drive up. At most `limits.depth` a line.
    package private(set) var comparisons = 0

    /// Octets fed so far.
    private var offset = 0
    /// Line ends fed so far.
    private var lineCount = 0
    private var lineStart = 0
    /// The length of the line break before the line at hand.
    private var breakBefore = 0
    private var lastByte: UInt8 = 0
    /// The beginning of the line at hand as long as it may be a delimiter.
    private var line: [UInt8] = []
    private var mayBeDelimiter = false

    /// The header of the innermost open part, up to `limits.headerLength`.
    private var header: [UInt8] = []
    /// The length of `header` where the line at hand began.
    private var headerAtLineStart = 0

    package init(limits: ScanLimits = .standard) {
        self.limits = limits
        parts.append(MessageStructure.Part(parent: nil, number: 1, start: 0))
        open.append(Frame(index: 0))
    }

    /// The structure of a message that lies in memory as one.
    package static func scan(_ message: [UInt8], limits: ScanLimits = .standard) -> MessageStructure {
        var scanner = MessageScanner(limits: limits)
        scanner.feed(message)
        return scanner.finish()
    }

    /// Takes the next octets of the message.
    package mutating func feed(_ bytes: [UInt8]) { feed(bytes[...]) }

    /// Takes the next octets of the message.
    package mutating func feed(_ bytes: ArraySlice<UInt8>) {
        var position = bytes.startIndex
        while position < bytes.endIndex {
            let lineEnd = ByteSearch.first(ASCII.lf, in: bytes, from: position).map { $0 + 1 }
            let end = lineEnd ?? bytes.endIndex
            take(bytes[position..<end])
            if lineEnd != nil {
                if end - position >= 2 { lastByte = bytes[end - 2] }
                endLine()
            } else {
                lastByte = bytes[end - 1]
            }
            position = end
        }
    }

    /// The structure, once the last octet was fed. The scanner is used up.
    package mutating func finish() -> MessageStructure {
        if offset > lineStart, let delimiter = findDelimiter() { cross(delimiter, linesBefore: lineCount) }
        if state == .header { cutHeader(at: offset) }
        breakBefore = 0
        close(downTo: 0, at: offset, linesBefore: lineCount)
        return MessageStructure(parts: parts, size: offset)
    }

    // MARK: Lines

    /// Takes a piece of a line.
    private mutating func take(_ piece: ArraySlice<UInt8>) {
        if state == .header { header.append(contentsOf: piece.prefix(limits.headerLength - header.count)) }
        if mayBeDelimiter {
            // Two dashes, the boundary, two dashes and a line break.
            line.append(contentsOf: piece.prefix(limits.boundaryLength + 6 - line.count))
            mayBeDelimiter = line[0] == ASCII.dash && (line.count < 2 || line[1] == ASCII.dash)
        }
        offset += piece.count
    }

    /// The line at hand ends here, with an LF after `lastByte`.
    private mutating func endLine() {
        let length = offset - lineStart
        let breakLength = length >= 2 && lastByte == ASCII.cr ? 2 : 1
        lineCount += 1
        if let delimiter = findDelimiter() {
            cross(delimiter, linesBefore: lineCount - 1)
        } else if state == .header, length == breakLength {
            endHeader()
        }
        lineStart = offset
        breakBefore = breakLength
        headerAtLineStart = header.count
        mayBeDelimiter = boundaryCount > 0
        if !line.isEmpty { line.removeAll(keepingCapacity: true) }
    }

    // MARK: Delimiters

    private struct Delimiter {
        /// The place of the multipart in `open`.
        var place: Int
        var isClosing: Bool
    }

    /// The open multipart whose boundary the line at hand begins with.
    private mutating func findDelimiter() -> Delimiter? {
        guard mayBeDelimiter, line.count > 2 else { return nil }
        let text = line[2...]
        comparisons += boundaryCount
        var best: (place: Int, length: Int)?
        for place in open.indices.reversed() {
            guard let boundary = open[place].boundary, boundary.count > best?.length ?? 0, text.starts(with: boundary)
            else { continue }
            best = (place, boundary.count)
        }
        guard let best else { return nil }
        let rest = text.dropFirst(best.length)
        return Delimiter(place: best.place, isClosing: rest.starts(with: [ASCII.dash, ASCII.dash]))
    }

    /// The line at hand is a delimiter: ends the parts inside its multipart and begins the next one.
    private mutating func cross(_ delimiter: Delimiter, linesBefore: Int) {
        if state == .header {
            header.removeLast(header.count - headerAtLineStart)
            cutHeader(at: max(lineStart - breakBefore, parts[innermost.index].header.lowerBound))
        }
        close(downTo: delimiter.place + 1, at: lineStart, linesBefore: linesBefore)
        state = .body
        if delimiter.isClosing {
            open[delimiter.place].boundary = nil
            boundaryCount -= 1
        } else {
            open[delimiter.place].childCount += 1
            begin(number: open[delimiter.place].childCount)
        }
    }

    // MARK: Parts

    private var innermost: Frame { open[open.count - 1] }

    /// Begins a part inside the innermost open one, at the octet that comes next.
    private mutating func begin(number: UInt32) {
        let parent = innermost.index
        let index = parts.count
        parts.append(MessageStructure.Part(parent: parent, number: number, start: offset))
        open.append(Frame(index: index, linesBefore: lineCount))
        header.removeAll(keepingCapacity: true)
        state = .header
        if parts.count >= limits.parts || kept > limits.keptLength {
            // The rest of the message is this part's body: no boundary counts any more.
            for place in open.indices { open[place].boundary = nil }
            boundaryCount = 0
            parts[index].isOpaque = true
            state = .body
        }
    }

    /// The innermost part's header ends at its empty line, just taken.
    private mutating func endHeader() {
        readHeader(endingAt: offset)
        let place = open.count - 1
        let index = open[place].index
        open[place].linesBefore = lineCount
        state = .body
        guard parts[index].kind != .leaf else { return }
        let boundary = boundary(of: parts[index])
        guard open.count < limits.depth, parts.count < limits.parts, kept <= limits.keptLength,
            boundary?.count ?? 0 <= limits.boundaryLength
        else {
            parts[index].kind = .leaf
            parts[index].isOpaque = true
            return
        }
        if parts[index].kind == .message {
            begin(number: 1)
        } else if let boundary {
            open[place].boundary = boundary
            boundaryCount += 1
        }
    }

    /// The innermost part's header ends at `end` without an empty line, and its body is empty.
    private mutating func cutHeader(at end: Int) {
        readHeader(endingAt: end)
        open[open.count - 1].linesBefore = lineCount
    }

    private mutating func readHeader(endingAt end: Int) {
        let index = innermost.index
        let parent = parts[index].parent
        let isMessage = parent.map { parts[$0].kind == .message } ?? true
        let isDigest = parent.map { parts[$0].fields.isType("multipart", "digest") } ?? false
        let read = MessageHeader(header)
        let fields = ContentFields(read.fields, isDigest: isDigest, limits: limits)
        kept += fields.cost
        parts[index].header = parts[index].header.lowerBound..<end
        parts[index].body = end..<end
        parts[index].fields = fields
        if isMessage {
            let envelope = Envelope(header: read, limits: limits)
            kept += envelope.cost
            parts[index].envelope = envelope
        }
        if fields.isType("multipart") {
            // Without a boundary it is a multipart that has no parts.
            parts[index].kind = .multipart
        } else if fields.isType("message", "rfc822") || fields.isType("message", "global") {
            parts[index].kind = .message
        }
        header.removeAll(keepingCapacity: header.capacity <= 1 << 16)
    }

    /// The boundary that the type names. Blanks at its end don't survive on the way, so they don't count
    /// (RFC 2046 §5.1.1).
    private func boundary(of part: MessageStructure.Part) -> [UInt8]? {
        let value = part.fields.parameters.first { $0.name.equalsIgnoringASCIICase("boundary".utf8) }?.value
        guard let value, let last = value.lastIndex(where: { !ASCII.isBlank($0) }) else { return nil }
        return Array(value[...last])
    }

    /// Ends open parts from the innermost out until `count` are left. The line break before `end` belongs to the
    /// delimiter there.
    private mutating func close(downTo count: Int, at end: Int, linesBefore: Int) {
        var innerEnd = 0
        while open.count > count {
            let frame = open.removeLast()
            if frame.boundary != nil { boundaryCount -= 1 }
            let start = parts[frame.index].body.lowerBound
            let bodyEnd = max(end - breakBefore, start, innerEnd)
            innerEnd = bodyEnd
            parts[frame.index].body = start..<bodyEnd
            let lines = linesBefore - (bodyEnd < end ? 1 : 0) - frame.linesBefore
            parts[frame.index].lines = bodyEnd == start ? 0 : max(0, lines)
        }
    }
}
