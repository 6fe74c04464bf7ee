internal import Bytes

/// Encoded words (RFC 2047, language suffix of RFC 2231 §5).
package enum EncodedWord {
    /// Characters of one encoded word that are written at most (RFC 2047 §2).
    package static let maximumLength = 75

    /// The text with every encoded word decoded. Blanks between adjacent encoded words go away; neighbours of the same
    /// charset are joined before they are converted, so that a character split between them survives.
    /// Octets outside encoded words are UTF-8, or windows-1252 where they are none. Control characters become spaces.
    package static func decode(_ value: some Collection<UInt8>) -> String {
        var decoder = EncodedWordDecoder(Array(value))
        return decoder.decode()
    }

    /// The text with spaces in place of control characters, among them what could end a line.
    static func withoutControls(_ text: String) -> String {
        guard text.utf8.contains(where: ASCII.isControl) else { return text }
        return String(lossy: text.utf8.map { ASCII.isControl($0) ? ASCII.space : $0 })
    }
}

/// One pass over a value that may hold encoded words.
private struct EncodedWordDecoder {
    private let value: [UInt8]
    private var text = ""
    /// Decoded octets of the encoded words that stand side by side in one charset.
    private var run: [UInt8] = []
    private var runCharset: [UInt8]?
    /// Base 64 digits of the run's last word that did not make a full group.
    private var openGroup: [UInt8] = []
    /// No `?=` follows any more, so no encoded word does.
    private var lacksEnd = false

    init(_ value: [UInt8]) { self.value = value }

    mutating func decode() -> String {
        var plainStart = 0
        var position = 0
        while let mark = ByteSearch.first(ASCII.equals, in: value, from: position) {
            guard let word = encodedWord(at: mark) else {
                position = mark + 1
                continue
            }
            let between = value[plainStart..<mark]
            if runCharset == nil || !between.allSatisfy(HeaderLexer.isBlank) {
                finishRun()
                text += Charset.unknown.decode(between)
            }
            append(word)
            position = word.end
            plainStart = word.end
        }
        finishRun()
        text += Charset.unknown.decode(value[plainStart...])
        return EncodedWord.withoutControls(text)
    }

    private struct Word {
        var charset: [UInt8]
        var isBase64: Bool
        var content: ArraySlice<UInt8>
        var end: Int
    }

    /// The encoded word whose `=?` is at `start`. Blanks inside its text are let through, as many senders leave them.
    private mutating func encodedWord(at start: Int) -> Word? {
        guard !lacksEnd, start + 1 < value.count, value[start + 1] == ASCII.question else { return nil }
        let charsetStart = start + 2
        var position = charsetStart
        while position < value.count, position - charsetStart <= EncodedWord.maximumLength,
            HeaderLexer.isToken(value[position])
        {
            position += 1
        }
        guard position > charsetStart, position + 3 <= value.count, value[position] == ASCII.question,
            value[position + 2] == ASCII.question
        else { return nil }
        let encoding = ASCII.lowercased(value[position + 1])
        guard encoding == UInt8(ascii: "b") || encoding == UInt8(ascii: "q") else { return nil }
        let contentStart = position + 3
        guard let end = wordEnd(from: contentStart) else {
            lacksEnd = true
            return nil
        }
        let charset = value[charsetStart..<position].prefix { $0 != ASCII.star }
        return Word(
            charset: charset.asciiLowercased(), isBase64: encoding == UInt8(ascii: "b"),
            content: value[contentStart..<end], end: end + 2)
    }

    private func wordEnd(from start: Int) -> Int? {
        var position = start
        while let mark = ByteSearch.first(ASCII.question, in: value, from: position) {
            if mark + 1 < value.count, value[mark + 1] == ASCII.equals { return mark }
            position = mark + 1
        }
        return nil
    }

    private mutating func append(_ word: Word) {
        if runCharset != word.charset { finishRun() }
        runCharset = word.charset
        if word.isBase64 {
            appendBase64(word.content)
        } else {
            closeGroup()
            appendQuoted(word.content)
        }
    }

    /// Some senders cut base 64 in the middle of a group. Digits are carried over to the next word unless what they
    /// leave open is zero, as it is at a proper end without padding.
    private mutating func appendBase64(_ content: ArraySlice<UInt8>) {
        let digits = openGroup + content.filter { TransferDecoder.isBase64($0) || $0 == ASCII.equals }
        openGroup = []
        let whole = digits.count / 4 * 4
        if !digits.contains(ASCII.equals), whole < digits.count, TransferDecoder.leavesBits(digits[whole...]) {
            openGroup = Array(digits[whole...])
            run += TransferDecoder.decode(Array(digits[..<whole]), .base64)
        } else {
            run += TransferDecoder.decode(digits, .base64)
        }
    }

    private mutating func closeGroup() {
        guard !openGroup.isEmpty else { return }
        run += TransferDecoder.decode(openGroup, .base64)
        openGroup = []
    }

    /// The `Q` encoding (RFC 2047 §4.2).
    private mutating func appendQuoted(_ content: ArraySlice<UInt8>) {
        var position = content.startIndex
        while position < content.endIndex {
            let byte = content[position]
            if byte == ASCII.equals, position + 2 < content.endIndex, let high = ASCII.hexValue(content[position + 1]),
                let low = ASCII.hexValue(content[position + 2])
            {
                run.append(high << 4 | low)
                position += 3
            } else {
                run.append(byte == ASCII.underscore ? ASCII.space : byte)
                position += 1
            }
        }
    }

    private mutating func finishRun() {
        guard let charset = runCharset else { return }
        closeGroup()
        text += Charset(label: charset).decode(run)
        run = []
        runCharset = nil
    }
}
