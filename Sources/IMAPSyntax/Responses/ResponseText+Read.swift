internal import Bytes
internal import MailTypes

extension ResponseReader {
    /// `resp-text`: a code in brackets, then text for people.
    mutating func responseText() -> ResponseText {
        spaces()
        var text = ResponseText()
        if peek == UInt8(ascii: "[") {
            let start = position
            if let code = responseCode() {
                text.code = code
                _ = skip(ASCII.space)
            } else {
                position = start
            }
        }
        text.text = Array(bytes[position..<end])
        if text.text.isEmpty { quirks.insert(.missingText) }
        position = end
        return text
    }

    /// A code with its brackets; nil, and nothing taken that matters, when the bracket is never closed.
    private mutating func responseCode() -> ResponseCode? {
        position += 1
        let nameStart = position
        while position < end, bytes[position] != ASCII.space, bytes[position] != UInt8(ascii: "]") { position += 1 }
        guard position > nameStart, position < end else { return nil }
        let name = text(nameStart..<position).uppercased()
        spaces()
        let start = position
        let code = known(name)
        if let code, skip(UInt8(ascii: "]")) { return code }
        // Not what the name promises: keep what stands there.
        position = start
        guard let close = closingBracket() else { return nil }
        defer { position = close + 1 }
        return .other(name, Array(bytes[start..<close]))
    }

    private func closingBracket() -> Int? {
        var isQuoted = false
        var index = position
        while index < end {
            switch bytes[index] {
            case ASCII.quote: isQuoted.toggle()
            case ASCII.backslash where isQuoted: index += 1
            case UInt8(ascii: "]") where !isQuoted: return index
            default: break
            }
            index += 1
        }
        return ByteSearch.first(UInt8(ascii: "]"), in: bytes, from: position, to: end)
    }

    private mutating func known(_ name: String) -> ResponseCode? {
        if let plain = ResponseCode.plain[name] { return plain }
        switch name {
        case "UIDVALIDITY": return number32().map { .uidValidity(UIDValidity(rawValue: $0)) }
        case "UIDNEXT": return number32().map { .uidNext($0) }
        case "UNSEEN": return number32().map { .unseen($0) }
        case "HIGHESTMODSEQ": return number().map { .highestModSeq(ModSeq(rawValue: $0)) }
        case "PERMANENTFLAGS": return flagList().map { .permanentFlags($0) }
        case "CAPABILITY": return .capability(wordsInBrackets())
        case "BADCHARSET": return badCharset()
        case "APPENDUID": return appendUID()
        case "COPYUID": return copyUID()
        case "MODIFIED": return ranges().map { .modified($0) }
        case "INPROGRESS": return inProgressCode()
        case "BADEVENT":
            guard case .list(let members)? = value() else { return nil }
            return .badEvent(members.compactMap { nstringOrAtom($0).map { String(lossy: $0) } })
        case "BADURL": return closingBracket().map { badURL(to: $0) }
        case "URLMECH": return .urlMechanisms(wordsInBrackets())
        case "METADATA": return metadataCode()
        case "MAILBOXID": return objectID(value()).map { .mailboxID($0) }
        case "NOUPDATE": return value().flatMap { nstring($0) }.map { .noUpdate($0) }
        default: return nil
        }
    }

    private mutating func wordsInBrackets() -> [String] {
        var words: [String] = []
        while position < end, peek != UInt8(ascii: "]") {
            let start = position
            while position < end, bytes[position] != ASCII.space, bytes[position] != UInt8(ascii: "]") { position += 1 }
            words.append(text(start..<position).uppercased())
            spaces()
        }
        return words
    }

    private mutating func badCharset() -> ResponseCode? {
        guard peek == UInt8(ascii: "(") else { return .badCharset([]) }
        guard case .list(let members)? = value() else { return nil }
        return .badCharset(members.compactMap { nstringOrAtom($0).map { String(lossy: $0) } })
    }

    private mutating func badURL(to end: Int) -> ResponseCode {
        defer { position = end }
        return .badURL(Array(bytes[position..<end]))
    }

    private mutating func appendUID() -> ResponseCode? {
        guard let validity = number32() else { return nil }
        spaces()
        return ranges().map { .appendUID(UIDValidity(rawValue: validity), $0) }
    }

    private mutating func copyUID() -> ResponseCode? {
        guard let validity = number32() else { return nil }
        spaces()
        guard let source = ranges() else { return nil }
        spaces()
        guard let destination = ranges() else { return nil }
        return .copyUID(UIDValidity(rawValue: validity), source: source, destination: destination)
    }
}
