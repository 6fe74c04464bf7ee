internal import Bytes

/// A subject without what replies, forwards and mailing lists put around it, by which messages are sorted and threaded
/// (RFC 5256 §2.1). Never fails, and takes time linear in the subject's length.
package struct BaseSubject: Hashable, Sendable {
    /// The base subject; empty when nothing else was there.
    package let text: String
    /// Whether `Re:` or `Fwd:`, `(fwd)` or `[fwd: …]` was taken off, so that the message counts as a reply or forward.
    package let isReplyOrForward: Bool

    /// Reads the value of a Subject field as written; encoded words are decoded (step 1).
    package init(_ value: [UInt8]) { self.init(decoded: EncodedWord.decode(value)) }

    /// Reads a subject whose encoded words are decoded already.
    package init(decoded text: String) {
        var reader = BaseSubjectReader(text)
        reader.read()
        self.text = String(lossy: reader.rest)
        isReplyOrForward = reader.isReplyOrForward
    }
}

/// Takes a subject off from both ends by the grammar of RFC 5256 §5.
private struct BaseSubjectReader {
    private let subject: [UInt8]
    private var start = 0
    private var end: Int
    private(set) var isReplyOrForward = false

    var rest: ArraySlice<UInt8> { subject[start..<end] }

    /// Step 1: tabs and continuations are spaces, and several spaces one.
    init(_ text: String) {
        var octets: [UInt8] = []
        octets.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            let byte = HeaderLexer.isBlank(byte) ? ASCII.space : byte
            if byte != ASCII.space || octets.last != ASCII.space { octets.append(byte) }
        }
        subject = octets
        end = octets.count
    }

    mutating func read() {
        repeat {
            removeTrailers()
            removeLeaders()
        } while removeForwardFrame()
    }

    /// Step 2: `subj-trailer`.
    private mutating func removeTrailers() {
        let mark = Array("(fwd)".utf8)
        while end > start {
            if subject[end - 1] == ASCII.space {
                end -= 1
            } else if end - start >= mark.count, subject[(end - mark.count)..<end].startsIgnoringASCIICase(with: mark) {
                end -= mark.count
                isReplyOrForward = true
            } else {
                return
            }
        }
    }

    /// Steps 3 to 5: `subj-leader`, and blobs as long as something is left behind them. Blobs are looked at together:
    /// when no reply mark follows the last of them, none follows one that is left when others are taken off.
    private mutating func removeLeaders() {
        while true {
            skipSpaces(&start)
            var position = start
            var lastBlob = start
            while position < end {
                let blob = position
                guard skipBlob(&position) else { break }
                lastBlob = blob
            }
            if skipReplyMark(&position) {
                start = position
                isReplyOrForward = true
                continue
            }
            start = position < end ? position : lastBlob
            return
        }
    }

    /// Step 6: `subj-fwd-hdr` with `subj-fwd-trl`.
    private mutating func removeForwardFrame() -> Bool {
        let frame = Array("[fwd:".utf8)
        guard end - start > frame.count, subject[end - 1] == ASCII.closeBracket,
            subject[start..<end].startsIgnoringASCIICase(with: frame)
        else { return false }
        start += frame.count
        end -= 1
        isReplyOrForward = true
        return true
    }

    private func skipSpaces(_ position: inout Int) {
        while position < end, subject[position] == ASCII.space { position += 1 }
    }

    /// `subj-blob`: brackets with no bracket inside, and the spaces behind them.
    private func skipBlob(_ position: inout Int) -> Bool {
        guard position < end, subject[position] == ASCII.openBracket else { return false }
        var place = position + 1
        while place < end, subject[place] != ASCII.openBracket, subject[place] != ASCII.closeBracket { place += 1 }
        guard place < end, subject[place] == ASCII.closeBracket else { return false }
        position = place + 1
        skipSpaces(&position)
        return true
    }

    /// `subj-refwd`: `re`, `fw` or `fwd`, spaces, perhaps a blob, a colon.
    private func skipReplyMark(_ position: inout Int) -> Bool {
        var place = position
        while place < end, ASCII.isLetter(subject[place]), place - position < 4 { place += 1 }
        let word = subject[position..<place]
        guard ["re", "fw", "fwd"].contains(where: { word.equalsIgnoringASCIICase($0.utf8) }) else { return false }
        skipSpaces(&place)
        _ = skipBlob(&place)
        guard place < end, subject[place] == ASCII.colon else { return false }
        position = place + 1
        return true
    }
}
