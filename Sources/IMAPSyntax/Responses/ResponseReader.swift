internal import Bytes
internal import MailTypes

/// One value of a response: an atom, a string or a list of values.
enum Value {
    /// Anything that is neither quoted, a literal nor a list; `NIL` among them.
    case atom(Range<Int>)
    case string([UInt8])
    /// A literal that went by as events, or that was too large to keep.
    case streamed(UInt64)
    case list([Value])
    /// Nested too deeply.
    case unread
}

/// A place in a response's octets. Reading never fails: what is not there is nil, and what was needed besides the
/// grammar is noted among the quirks.
struct ResponseReader {
    let bytes: [UInt8]
    let streamed: [Int]
    let end: Int
    let limits: ResponseParser.Limits
    /// Names are UTF-8, not modified UTF-7.
    let utf8: Bool
    var position = 0
    var quirks: Set<Quirk> = []

    init(_ response: FramedResponse, limits: ResponseParser.Limits, utf8: Bool = false) {
        bytes = response.bytes
        streamed = response.streamed
        end = response.bytes.count
        self.limits = limits
        self.utf8 = utf8
    }

    var isAtEnd: Bool { position >= end }

    /// The next octet, NUL at the end.
    var peek: UInt8 {
        @inline(__always) get { position < end ? bytes[position] : 0 }
    }

    @inline(__always)
    mutating func skip(_ byte: UInt8) -> Bool {
        guard position < end, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// Takes the space between two values; more than one is a quirk.
    mutating func spaces() {
        guard skip(ASCII.space) else { return }
        while skip(ASCII.space) { quirks.insert(.extraSpaces) }
    }

    mutating func word() -> Keyword {
        var word = Keyword()
        var index = 0
        while position < end, CharacterClass.isWord(bytes[position]) {
            word.append(bytes[position], at: index)
            index += 1
            position += 1
        }
        return word
    }

    /// Everything up to a space, a parenthesis or the end.
    mutating func bareRange() -> Range<Int> {
        let start = position
        while position < end, bytes[position] != ASCII.space, bytes[position] != UInt8(ascii: "("),
            bytes[position] != UInt8(ascii: ")")
        {
            position += 1
        }
        return start..<position
    }

    /// As `bareRange`, and nothing when the word is empty.
    mutating func upperCaseWord() -> String? {
        let range = bareRange()
        return range.isEmpty ? nil : text(range).uppercased()
    }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    // MARK: Numbers

    mutating func number() -> UInt64? {
        let start = position
        var value: UInt64 = 0
        while position < end, ASCII.isDigit(bytes[position]) {
            let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(UInt64(bytes[position] &- 0x30))
            guard !overflowed, !carried else {
                position = start
                return nil
            }
            value = sum
            position += 1
        }
        return position > start ? value : nil
    }

    mutating func number32() -> UInt32? { number().flatMap { UInt32(exactly: $0) } }

    /// A number as an atom, in quotes, negative, or `NIL` where there should be one.
    mutating func lenientNumber() -> UInt64? {
        if ASCII.isDigit(peek) { return number() }
        guard let value = value() else { return nil }
        return number(value)
    }

    mutating func number(_ value: Value) -> UInt64? {
        switch value {
        case .atom(let range):
            if let number = bytes[range].decimalValue { return number }
            // Exchange has sent sizes of -1; several servers send NIL for a count of lines.
            guard bytes[range].first == UInt8(ascii: "-") || isNil(range) else { return nil }
            quirks.insert(.oddNumber)
            return 0
        case .string(let octets):
            quirks.insert(.oddNumber)
            return octets.decimalValue
        default: return nil
        }
    }

    /// `uid-set` as ranges in their order; nil when there is none or it is not well-formed.
    mutating func ranges() -> [ClosedRange<UInt32>]? {
        var ranges: [ClosedRange<UInt32>] = []
        repeat {
            guard let first = number32() else { return nil }
            guard skip(UInt8(ascii: ":")) else {
                ranges.append(first...first)
                continue
            }
            guard let second = number32() else { return nil }
            ranges.append(min(first, second)...max(first, second))
        } while skip(UInt8(ascii: ","))
        return ranges
    }

    // MARK: Values

    func isNil(_ range: Range<Int>) -> Bool {
        range.count == 3 && bytes[range].equalsIgnoringASCIICase("NIL".utf8)
    }

    func isNil(_ value: Value) -> Bool {
        if case .atom(let range) = value { return isNil(range) }
        return false
    }

    /// The next value, or nil at a closing parenthesis or the end.
    mutating func value(depth: Int = 0) -> Value? {
        switch peek {
        case UInt8(ascii: "("):
            guard depth < limits.depth else {
                skipValue()
                quirks.insert(.nestedTooDeeply)
                return .unread
            }
            position += 1
            var members: [Value] = []
            while !isAtEnd {
                spaces()
                if skip(UInt8(ascii: ")")) { return .list(members) }
                guard let member = value(depth: depth + 1) else { break }
                members.append(member)
            }
            return .list(members)
        case ASCII.quote: return .string(quoted())
        case UInt8(ascii: "{"), UInt8(ascii: "~"):
            let start = position
            if let literal = literal() { return literal }
            position = start
            return bareValue()
        default: return bareValue()
        }
    }

    private mutating func bareValue() -> Value? {
        let range = bareRange()
        return range.isEmpty ? nil : .atom(range)
    }

    /// The octets of a quoted string, the quote next. A string without an end runs to the end of the response.
    private mutating func quoted() -> [UInt8] {
        position += 1
        let start = position
        while position < end, bytes[position] != ASCII.quote, bytes[position] != ASCII.backslash { position += 1 }
        if skip(ASCII.quote) { return Array(bytes[start..<position - 1]) }
        var text = Array(bytes[start..<position])
        while position < end {
            let byte = bytes[position]
            position += 1
            if byte == ASCII.quote { return text }
            if byte == ASCII.backslash, position < end {
                text.append(bytes[position])
                position += 1
            } else {
                text.append(byte)
            }
        }
        quirks.insert(.openQuote)
        return text
    }

    private mutating func literal() -> Value? {
        let start = position
        _ = skip(UInt8(ascii: "~"))
        guard skip(UInt8(ascii: "{")), let size = number() else { return nil }
        _ = skip(UInt8(ascii: "+"))
        guard skip(UInt8(ascii: "}")) else { return nil }
        _ = skip(ASCII.cr)
        guard skip(ASCII.lf) else { return nil }
        if streamed.contains(start) { return .streamed(size) }
        guard size <= UInt64(end - position) else { return nil }
        defer { position += Int(size) }
        return .string(Array(bytes[position..<position + Int(size)]))
    }

    /// Passes over one value of whatever depth, without a call for each level.
    mutating func skipValue() {
        var depth = 0
        repeat {
            switch peek {
            case UInt8(ascii: "("):
                depth += 1
                position += 1
            case UInt8(ascii: ")"):
                guard depth > 0 else { return }
                depth -= 1
                position += 1
            case ASCII.quote: _ = quoted()
            case ASCII.space where depth > 0: position += 1
            case UInt8(ascii: "{"), UInt8(ascii: "~"):
                let start = position
                if literal() == nil {
                    position = start
                    if bareRange().isEmpty { return }
                }
            default: if bareRange().isEmpty { return }
            }
        } while depth > 0 && !isAtEnd
    }

    /// A value as it stands; nil for none, for one that is too long, and for one whose octets are not all here.
    func raw(_ range: Range<Int>) -> [UInt8]? {
        guard !range.isEmpty, range.count <= limits.unreadItem, !streamed.contains(where: range.contains) else {
            return nil
        }
        return Array(bytes[range])
    }

    /// `nstring`; nil for `NIL` and for what is no string.
    mutating func nstring(_ value: Value) -> [UInt8]? {
        switch value {
        case .string(let octets): return octets
        case .atom(let range):
            guard !isNil(range) else { return nil }
            quirks.insert(.atomForString)
            return Array(bytes[range])
        case .streamed, .list, .unread: return nil
        }
    }

    /// `astring` as octets.
    mutating func astring() -> [UInt8]? {
        switch peek {
        case ASCII.quote: return quoted()
        case UInt8(ascii: "{"):
            let start = position
            if case .string(let octets)? = literal() { return octets }
            position = start
            fallthrough
        default:
            let range = bareRange()
            return range.isEmpty ? nil : Array(bytes[range])
        }
    }

    /// Flags in parentheses, each taken as it stands: servers send what is no atom (`$label[1]`, `a]`).
    mutating func flagList() -> [Flag]? {
        guard skip(UInt8(ascii: "(")) else {
            let start = position
            if isNil(bareRange()) { return [] }
            position = start
            return nil
        }
        var flags: [Flag] = []
        while !isAtEnd {
            spaces()
            if skip(UInt8(ascii: ")")) { return flags }
            let range = bareRange()
            guard !range.isEmpty else { return flags }
            flags.append(flag(range))
        }
        return flags
    }

    private func flag(_ range: Range<Int>) -> Flag { Flag(text(range)) }
}
