package import Bytes

/// Takes a message out of what follows DATA (RFC 5321 §4.5.2): removes the stuffing and finds the end.
///
/// The end is CRLF `.` CRLF and nothing else. A CR or LF that stands alone, or a NUL, makes the message unacceptable,
/// but never its end: the rest is read over up to the true end, and only then does the server answer. So what an
/// attacker hides behind LF `.` LF, LF `.` CRLF, CRLF `.` LF, CR `.` CR or any such mixture is refused with the rest,
/// and not taken for commands. A message above the size limit, or with a line above
/// its own, is read over in the same way.
package struct DotStream: Sendable {
    private enum State {
        case lineStart
        case text
        case afterReturn
        /// Behind a dot that begins a line.
        case dot
        case dotReturn
        case ended
    }

    /// The first thing found wrong, or `.acceptable`. Final once `decode` has returned true.
    package private(set) var verdict: MessageVerdict = .acceptable
    /// Octets taken so far, stuffing and end included: what an unacceptable message has cost.
    package private(set) var consumed: UInt64 = 0
    /// Octets given out so far.
    package private(set) var length: UInt64 = 0

    private let sizeLimit: UInt64
    // The CRLF that ended the command DATA begins the first line.
    private var state: State = .lineStart
    private var lineLength = 0

    /// - Parameter sizeLimit: the most octets of a message, unstuffed.
    package init(sizeLimit: UInt64) { self.sizeLimit = sizeLimit }

    /// Takes octets from the queue and appends the message's to `output`. Returns true when the end was found; what
    /// follows it stays in the queue. While it returns false the queue is emptied.
    package mutating func decode(_ input: inout ByteQueue, into output: inout [UInt8]) -> Bool {
        guard state != .ended else { return true }
        let chunk = input.takeAll()
        output.reserveCapacity(output.count + chunk.count)
        var index = 0
        while index < chunk.count, state != .ended {
            if state == .text || state == .lineStart && chunk[index] != 0x2E {
                index = takeRun(chunk, from: index, into: &output)
            } else {
                step(chunk[index], into: &output)
                index += 1
            }
        }
        consumed += UInt64(index)
        if index < chunk.count { input.append(contentsOf: chunk[index...]) }
        return state == .ended
    }

    /// Takes text up to and with the next line end, or to the end of the chunk.
    private mutating func takeRun(_ chunk: [UInt8], from start: Int, into output: inout [UInt8]) -> Int {
        let end = ByteSearch.first(ASCII.lf, in: chunk, from: start)
        let limit = end ?? chunk.count
        let isClean =
            ByteSearch.first(ASCII.cr, in: chunk, from: start, to: limit).map { $0 == limit - 1 } ?? (end == nil)
            && ByteSearch.first(ASCII.nul, in: chunk, from: start, to: limit) == nil
        guard isClean else {
            step(chunk[start], into: &output)
            return start + 1
        }
        guard let end else {
            if chunk[limit - 1] == ASCII.cr {
                give(chunk[start..<limit - 1], to: &output)
                state = .afterReturn
            } else {
                give(chunk[start..<limit], to: &output)
                state = .text
            }
            return limit
        }
        give(chunk[start...end], to: &output)
        state = .lineStart
        return end + 1
    }

    private mutating func step(_ byte: UInt8, into output: inout [UInt8]) {
        if byte == ASCII.nul { refuse(.nul) }
        switch (state, byte) {
        case (.ended, _): return
        case (.lineStart, 0x2E): state = .dot
        case (.lineStart, ASCII.cr), (.text, ASCII.cr): state = .afterReturn
        case (.afterReturn, ASCII.lf):
            give([ASCII.cr, ASCII.lf], to: &output)
            state = .lineStart
        case (.afterReturn, ASCII.cr): refuse(.bareCarriageReturn)
        case (.dot, ASCII.cr): state = .dotReturn
        case (.dotReturn, ASCII.lf): state = .ended
        case (.dotReturn, ASCII.cr):
            refuse(.bareCarriageReturn)
            state = .afterReturn
        case (.afterReturn, _), (.dotReturn, _):
            refuse(.bareCarriageReturn)
            state = .text
        case (.lineStart, _), (.text, _), (.dot, _):
            if byte == ASCII.lf { refuse(.bareLineFeed) }
            // A dot that begins a line with more on it is taken away, whatever follows (RFC 5321 §4.5.2).
            give([byte], to: &output)
            state = .text
        }
    }

    private mutating func refuse(_ reason: MessageVerdict) {
        if verdict == .acceptable { verdict = reason }
    }

    /// Gives octets out: no more than one line end at a time, as the last of them.
    private mutating func give(_ octets: some BidirectionalCollection<UInt8>, to output: inout [UInt8]) {
        guard verdict == .acceptable else { return }
        guard length + UInt64(octets.count) <= sizeLimit else { return refuse(.tooLarge) }
        length += UInt64(octets.count)
        output.append(contentsOf: octets)
        lineLength += octets.count
        if lineLength > MessageVerdict.lineLimit { refuse(.lineTooLong) }
        if octets.last == ASCII.lf { lineLength = 0 }
    }
}
