internal import Bytes

extension MessageStructure.Part {
    var isHTML: Bool { fields.isType("text", "html") }

    /// The text of a text part: decoded, converted, unflowed, with LF at line ends.
    /// - Parameter octets: the body, or its beginning; a character that is cut in two there is left out.
    func text(_ octets: [UInt8]) -> String {
        let isCut = octets.count < body.count
        var decoded = TransferDecoder.decode(octets, TransferEncoding(fields.encoding))
        // Half a character would keep UTF-8 without a label from being taken for what it is.
        if isCut { decoded.removeSplitCharacter() }
        var label = fields.parameter("charset")
        if isHTML, label == nil { label = Self.declaredCharset(decoded) }
        var text = Self.withLineFeeds(Charset(label: label ?? "").decode(decoded))
        if isCut, text.unicodeScalars.last == "\u{FFFD}" { text.unicodeScalars.removeLast() }
        guard !isHTML, fields.parameter("format")?.lowercased() == "flowed" else { return text }
        return FlowedText.unflowed(text, deletingSpaces: fields.parameter("delsp")?.lowercased() == "yes")
    }

    /// CRLF and CR become LF; NUL, which SQLite and C don't bear, goes.
    private static func withLineFeeds(_ text: String) -> String {
        let (nul, lf, cr) = (ASCII.nul, ASCII.lf, ASCII.cr)
        var octets = Array(text.utf8)
        guard octets.contains(cr) || octets.contains(nul) else { return text }
        var (count, previous) = (0, nul)
        for index in octets.indices {
            let byte = octets[index]
            if byte != nul, byte != lf || previous != cr {
                octets[count] = byte == cr ? lf : byte
                count += 1
            }
            previous = byte
        }
        return String(lossy: octets[..<count])
    }

    /// The charset that the document declares in its first octets, as in `<meta charset=…>`.
    private static func declaredCharset(_ html: [UInt8]) -> String? {
        let start = html.prefix(1024)
        let word = Array("charset=".utf8)
        for place in start.indices where start[place] | 0x20 == word[0] {
            guard start[place...].startsIgnoringASCIICase(with: word) else { continue }
            let value = start[(place + word.count)...].drop { $0 == ASCII.quote || $0 == ASCII.apostrophe }
            let label = value.prefix { HeaderLexer.isToken($0) && $0 != ASCII.apostrophe }
            return label.isEmpty ? nil : String(lossy: label)
        }
        return nil
    }
}

extension [UInt8] {
    /// Takes the beginning of a UTF-8 sequence off the end when the rest of it is missing.
    fileprivate mutating func removeSplitCharacter() {
        for length in 1...3 where length <= count {
            let byte = self[count - length]
            if byte & 0xC0 == 0x80 { continue }
            let needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            if needed > length { removeLast(length) }
            return
        }
    }
}
