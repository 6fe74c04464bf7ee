internal import Bytes
package import MailTypes

/// Parameters of a MIME field (RFC 2045 §5.1) with RFC 2231 continuations and charsets.
package enum ParameterList {
    /// Reads `; name=value …`, leniently. Continuations are joined; an encoded value keeps its encoding and its
    /// name ends in `*`.
    package static func parse(
        _ value: some Collection<UInt8>, limits: ScanLimits = .standard
    ) -> [BodyStructure.Parameter] {
        var lexer = HeaderLexer(Array(value))
        var plain: [BodyStructure.Parameter] = []
        var pieces = Continuations()
        var count = 0
        while count < limits.parameters, let parameter = lexer.parameter() {
            guard parameter.value.count <= limits.parameterLength else { continue }
            count += 1
            if !pieces.take(parameter) { plain.append(parameter) }
        }
        return plain + pieces.joined(limit: limits.parameterLength)
    }

    /// Undoes the encodings of RFC 2231 and, as many senders need it, of RFC 2047. Of two values for one name the
    /// RFC 2231 one wins, else the first.
    package static func decode(_ parameters: [BodyStructure.Parameter]) -> [DecodedParameter] {
        var decoded: [DecodedParameter] = []
        var isExtended: [Bool] = []
        for parameter in parameters {
            let extended = parameter.name.last == ASCII.star
            let name = String(lossy: (extended ? parameter.name.dropLast() : parameter.name[...]).asciiLowercased())
            let place = decoded.firstIndex { $0.name == name }
            if let place, !extended || isExtended[place] { continue }
            let value = extended ? extendedText(parameter.value) : EncodedWord.decode(parameter.value)
            if let place {
                decoded[place].value = value
                isExtended[place] = true
            } else {
                decoded.append(DecodedParameter(name: name, value: value))
                isExtended.append(extended)
            }
        }
        return decoded
    }

    /// `charset'language'percent-encoded` (RFC 2231 §4); without the apostrophes it is all value.
    private static func extendedText(_ value: [UInt8]) -> String {
        let pieces = value.split(separator: ASCII.apostrophe, maxSplits: 2, omittingEmptySubsequences: false)
        let charset = pieces.count == 3 ? Charset(label: pieces[0]) : .unknown
        return EncodedWord.withoutControls(charset.decode(percentDecoded(pieces.count == 3 ? pieces[2] : value[...])))
    }

    private static func percentDecoded(_ value: ArraySlice<UInt8>) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(value.count)
        var position = value.startIndex
        while position < value.endIndex {
            if value[position] == ASCII.percent, position + 2 < value.endIndex,
                let high = ASCII.hexValue(value[position + 1]), let low = ASCII.hexValue(value[position + 2])
            {
                octets.append(high << 4 | low)
                position += 3
            } else {
                octets.append(value[position])
                position += 1
            }
        }
        return octets
    }
}

extension HeaderLexer {
    /// Takes the next `name=value`; what is no parameter is passed over. Nil at the end.
    fileprivate mutating func parameter() -> BodyStructure.Parameter? {
        while true {
            while skipBlanksAndComments() || cursor.skip(ASCII.semicolon) {}
            guard !cursor.isAtEnd else { return nil }
            let name = token()
            skipBlanksAndComments()
            guard !name.isEmpty, cursor.skip(ASCII.equals) else {
                skipToSemicolon()
                continue
            }
            skipBlanksAndComments()
            if let quoted = quotedString() {
                return BodyStructure.Parameter(name: Array(name), value: quoted)
            }
            return BodyStructure.Parameter(name: Array(name), value: bareValue())
        }
    }

    private mutating func skipToSemicolon() {
        while let byte = cursor.peek, byte != ASCII.semicolon {
            if byte == ASCII.quote, quotedString() != nil { continue }
            if byte == ASCII.openParenthesis, comment() != nil { continue }
            cursor.position += 1
        }
    }

    /// A value without quotation marks: a token, or what careless senders leave bare (blanks and `tspecials` in file
    /// names). It ends at `;`, at a comment, or where the next `name=` follows a blank.
    private mutating func bareValue() -> [UInt8] {
        var value: [UInt8] = []
        while true {
            value.append(
                contentsOf: cursor.take {
                    !Self.isBlank($0) && $0 != ASCII.semicolon && $0 != ASCII.openParenthesis && $0 != ASCII.quote
                })
            let blankStart = cursor.position
            skipBlanks()
            guard let byte = cursor.peek, byte != ASCII.semicolon else { return value }
            if byte == ASCII.openParenthesis, comment() != nil { continue }
            let start = cursor.position
            if start > blankStart, !token().isEmpty, cursor.peek == ASCII.equals {
                cursor.position = start
                return value
            }
            cursor.position = start
            if start > blankStart { value.append(ASCII.space) }
            if byte == ASCII.openParenthesis || byte == ASCII.quote, let mark = cursor.next() { value.append(mark) }
        }
    }
}

/// Pieces of continued parameters (RFC 2231 §3) until they are joined.
private struct Continuations {
    private struct Piece {
        var number: Int
        var isEncoded: Bool
        var parameter: BodyStructure.Parameter
    }
    private var names: [[UInt8]] = []
    private var pieces: [[UInt8]: [Piece]] = [:]

    /// Keeps a parameter that is a piece (`name*0` or `name*0*`); false for any other.
    mutating func take(_ parameter: BodyStructure.Parameter) -> Bool {
        var name = parameter.name[...]
        let isEncoded = name.last == ASCII.star
        if isEncoded { name = name.dropLast() }
        guard let star = name.lastIndex(of: ASCII.star), star > name.startIndex,
            let number = name[(star + 1)...].decimalValue, number < 10_000
        else { return false }
        let base = Array(name[..<star])
        let key = base.asciiLowercased()
        if pieces[key] == nil { names.append(base) }
        pieces[key, default: []].append(Piece(number: Int(number), isEncoded: isEncoded, parameter: parameter))
        return true
    }

    /// One parameter for each name whose pieces are there from 0 on without a gap; else the pieces as they came.
    func joined(limit: Int) -> [BodyStructure.Parameter] {
        var result: [BodyStructure.Parameter] = []
        for name in names {
            let sorted = (pieces[name.asciiLowercased()] ?? []).sorted { $0.number < $1.number }
            guard sorted.enumerated().allSatisfy({ $0.offset == $0.element.number }) else {
                result += sorted.map(\.parameter)
                continue
            }
            let isEncoded = sorted.contains(where: \.isEncoded)
            var value: [UInt8] = isEncoded && !sorted[0].isEncoded ? [ASCII.apostrophe, ASCII.apostrophe] : []
            for piece in sorted where value.count <= limit {
                value += isEncoded && !piece.isEncoded ? percentEncoded(piece.parameter.value) : piece.parameter.value
            }
            guard value.count <= limit else { continue }
            result.append(BodyStructure.Parameter(name: isEncoded ? name + [ASCII.star] : name, value: value))
        }
        return result
    }

    private func percentEncoded(_ value: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for byte in value { text.appendPercentEncoded(byte) }
        return text
    }
}

extension [UInt8] {
    /// Appends one octet of an extended parameter value: itself where `attribute-char` allows (RFC 2231 §7).
    package mutating func appendPercentEncoded(_ byte: UInt8) {
        let stays =
            HeaderLexer.isToken(byte) && byte < 0x80 && byte != ASCII.star && byte != ASCII.apostrophe
            && byte != ASCII.percent
        guard !stays else { return append(byte) }
        append(ASCII.percent)
        append(contentsOf: CollectionOfOne(byte).hexadecimal.uppercased().utf8)
    }
}
