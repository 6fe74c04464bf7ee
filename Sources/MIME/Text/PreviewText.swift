internal import Bytes

/// Makes a preview of plain text, line by line.
struct PreviewText {
    /// What came of it.
    struct Result {
        var text: String
        /// Whether there was as much as a preview holds, so that what follows plays no part.
        var isFull: Bool
    }

    /// Lines of a forwarded message's head that are passed over at most.
    private static let maximumFields = 20

    private let keepsQuotes: Bool
    private var writer: PreviewWriter
    /// The last lines that were read, of one paragraph and not yet written: they may tell whose the quotation is that
    /// follows. Three at most.
    private var held: [Substring.UTF8View] = []
    /// Nothing but blank lines came since.
    private var heldIsClosed = false
    /// How many lines of a forwarded message's head may still come.
    private var fieldsLeft = 0
    private var isOver = false

    private init(keepsQuotes: Bool, limit: Int) {
        self.keepsQuotes = keepsQuotes
        writer = PreviewWriter(limit: limit)
    }

    /// - Parameters:
    ///   - keepsQuotes: whether quotations and signatures are read like everything else.
    ///   - isComplete: whether `text` is all there is; if not, its last lines are not yet judged.
    ///   - limit: characters of the result.
    static func of(_ text: String, keepsQuotes: Bool, isComplete: Bool, limit: Int) -> Result {
        var reader = PreviewText(keepsQuotes: keepsQuotes, limit: limit)
        var rest = text[...].utf8
        while !rest.isEmpty, !reader.isOver, !reader.writer.isFull {
            let end = rest.firstIndex(of: ASCII.lf) ?? rest.endIndex
            let line = trimmed(rest[..<end])
            rest = end == rest.endIndex ? rest[end...] : rest[rest.index(after: end)...]
            reader.take(line, next: trimmed(rest.prefix { $0 != ASCII.lf }))
        }
        // What is held is no attribution when nothing follows.
        if isComplete { reader.release() }
        return Result(text: reader.writer.text, isFull: reader.writer.isFull || reader.isOver)
    }

    private static func trimmed(_ line: Substring.UTF8View) -> Substring.UTF8View { line.trimmingBlanks }

    private mutating func take(_ line: Substring.UTF8View, next: Substring.UTF8View) {
        if fieldsLeft > 0 {
            fieldsLeft -= 1
            if PreviewLine.isField(line) { return }
            // The blank line that may stand before the head does not end it; the one behind it does.
            if line.isEmpty, fieldsLeft == Self.maximumFields - 1 { return }
            fieldsLeft = 0
        }
        switch PreviewLine(line) {
        case .blank: heldIsClosed = !held.isEmpty
        case .ornament: break
        case .signedFrame: fieldsLeft = Self.maximumFields
        case .cipher:
            held = []
            isOver = true
        case .signature:
            if !keepsQuotes { stop() }
        case .replyMark: skipHead()
        case .quoted:
            if keepsQuotes {
                write(line.drop { $0 == ASCII.closeAngle || ASCII.isBlank($0) })
            } else {
                dropAttribution()
            }
        case .text:
            if PreviewLine.isFromField(line), PreviewLine.isField(next) {
                skipHead()
                fieldsLeft = Self.maximumFields - 2
            } else {
                write(line)
            }
        }
    }

    /// What was forwarded is the message when nothing stands before it; what was answered is not.
    private mutating func skipHead() {
        release()
        if writer.isEmpty { fieldsLeft = Self.maximumFields } else if !keepsQuotes { stop() }
    }

    private mutating func stop() {
        release()
        isOver = true
    }

    private mutating func write(_ line: Substring.UTF8View) {
        if heldIsClosed || held.count == 3 { release(keeping: heldIsClosed ? 0 : 2) }
        held.append(line)
        if line.count > PreviewLine.longestAttribution { release() }
    }

    /// Writes what is held, but for its last lines.
    private mutating func release(keeping count: Int = 0) {
        for line in held.dropLast(count) { writer.append(line: line) }
        held = held.suffix(count)
        heldIsClosed = false
    }

    /// The lines right before a quotation go when they tell whose it is: the last one, and when that has no date, those
    /// above it that have.
    private mutating func dropAttribution() {
        if let last = held.last, PreviewLine.isAttribution(last) {
            held.removeLast()
            if !last.contains(where: ASCII.isDigit) {
                while let line = held.last, PreviewLine.beginsAttribution(line) { held.removeLast() }
            }
        }
        release()
    }
}
