internal import Bytes
internal import MailTypes

/// A place in a command's octets, and the grammar's small pieces read from there (RFC 9051 §9).
/// Each piece either takes what it names or throws and says where it stood.
struct CommandReader {
    let bytes: [UInt8]
    let streamed: [Int]
    let end: Int
    let utf8: Bool
    let limits: CommandParser.Limits
    var position = 0
    /// Nesting at this place.
    var depth = 0

    init(_ command: FramedCommand, utf8: Bool, limits: CommandParser.Limits) {
        bytes = command.bytes
        streamed = command.streamed
        end = command.bytes.count
        self.utf8 = utf8
        self.limits = limits
    }

    /// The next octet, NUL at the end: a command holds none.
    var peek: UInt8 {
        @inline(__always) get { position < end ? bytes[position] : 0 }
    }

    func unexpected(_ expected: String) -> IMAPSyntaxError { .unexpected(position: position, expected: expected) }

    /// Takes the next octet when it is `byte`.
    @inline(__always)
    mutating func skip(_ byte: UInt8) -> Bool {
        guard position < end, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    mutating func expect(_ byte: UInt8, _ name: String) throws(IMAPSyntaxError) {
        guard skip(byte) else { throw unexpected(name) }
    }

    mutating func space() throws(IMAPSyntaxError) { try expect(ASCII.space, "a space") }
    mutating func open() throws(IMAPSyntaxError) { try expect(UInt8(ascii: "("), "an opening parenthesis") }
    mutating func close() throws(IMAPSyntaxError) { try expect(UInt8(ascii: ")"), "a closing parenthesis") }

    /// Takes a closing parenthesis that ends a list, or the space before its next member.
    mutating func closes(_ count: Int) throws(IMAPSyntaxError) -> Bool {
        if skip(UInt8(ascii: ")")) { return true }
        guard count < limits.listLength else { throw .tooMany(position: position) }
        guard skip(ASCII.space) else { throw unexpected("a space or a closing parenthesis") }
        return false
    }

    /// Goes one level deeper; who calls it leaves again by `depth -= 1`.
    mutating func descend() throws(IMAPSyntaxError) {
        guard depth < limits.depth else { throw .tooDeep(position: position) }
        depth += 1
    }

    mutating func endOfCommand() throws(IMAPSyntaxError) {
        guard position == end else { throw unexpected("the end of the command") }
    }

    // MARK: Words and atoms

    /// A word of the grammar, empty when none comes next.
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

    mutating func range(while belongs: (UInt8) -> Bool, _ expected: String) throws(IMAPSyntaxError) -> Range<Int> {
        let start = position
        while position < end, belongs(bytes[position]) { position += 1 }
        guard position > start else { throw unexpected(expected) }
        return start..<position
    }

    mutating func atom(_ expected: String = "an atom") throws(IMAPSyntaxError) -> String {
        let range = try range(while: CharacterClass.isAtom, expected)
        return String(decoding: bytes[range], as: UTF8.self)
    }

    /// An atom in upper case: a capability, a mechanism.
    mutating func upperCaseAtom(_ expected: String) throws(IMAPSyntaxError) -> String {
        let range = try range(while: CharacterClass.isAtom, expected)
        return String(decoding: bytes[range].map(ASCII.uppercased), as: UTF8.self)
    }

    // MARK: Strings

    mutating func astring() throws(IMAPSyntaxError) -> [UInt8] {
        if peek == ASCII.quote || peek == UInt8(ascii: "{") { return try string() }
        return Array(bytes[try range(while: CharacterClass.isAString, "a string")])
    }

    /// `string`: quoted or a literal.
    mutating func string() throws(IMAPSyntaxError) -> [UInt8] {
        switch peek {
        case ASCII.quote: return try quoted()
        case UInt8(ascii: "{"): return Array(bytes[try literal()])
        default: throw unexpected("a string")
        }
    }

    /// `nstring`: nil for `NIL`.
    mutating func nstring() throws(IMAPSyntaxError) -> [UInt8]? {
        if peek == ASCII.quote || peek == UInt8(ascii: "{") { return try string() }
        guard word() == .nil else { throw unexpected("a string or NIL") }
        return nil
    }

    /// A quoted string. A backslash takes the next octet as it is, whichever; UTF-8 is taken as RFC 9051 has it.
    private mutating func quoted() throws(IMAPSyntaxError) -> [UInt8] {
        position += 1
        let start = position
        while position < end, bytes[position] != ASCII.quote, bytes[position] != ASCII.backslash,
            bytes[position] != ASCII.cr, bytes[position] != ASCII.lf
        {
            position += 1
        }
        if skip(ASCII.quote) { return Array(bytes[start..<position - 1]) }
        var text = Array(bytes[start..<position])
        while position < end {
            let byte = bytes[position]
            position += 1
            switch byte {
            case ASCII.quote: return text
            case ASCII.backslash:
                guard position < end, peek != ASCII.cr, peek != ASCII.lf else { throw unexpected("a character") }
                text.append(bytes[position])
                position += 1
            case ASCII.cr, ASCII.lf:
                position -= 1
                throw unexpected("a closing quote")
            default: text.append(byte)
            }
        }
        throw unexpected("a closing quote")
    }

    /// Where the octets of a literal lie; empty for one that was streamed past.
    mutating func literal() throws(IMAPSyntaxError) -> Range<Int> {
        let head = try literalHead()
        guard !head.isStreamed else { return position..<position }
        guard head.size <= UInt64(end - position) else { throw unexpected("all octets of the literal") }
        defer { position += Int(head.size) }
        return position..<position + Int(head.size)
    }

    /// Takes `{5}` or `{5+}` with the line end after it.
    mutating func literalHead() throws(IMAPSyntaxError) -> (size: UInt64, isStreamed: Bool) {
        let start = position
        try expect(UInt8(ascii: "{"), "a literal")
        let size = try number64()
        _ = skip(UInt8(ascii: "+"))
        try expect(UInt8(ascii: "}"), "a closing brace")
        _ = skip(ASCII.cr)
        try expect(ASCII.lf, "a line end")
        let isBinary = start > 0 && bytes[start - 1] == UInt8(ascii: "~")
        return (size, streamed.contains(isBinary ? start - 1 : start))
    }

    // MARK: Numbers

    mutating func number64() throws(IMAPSyntaxError) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        while position < end, ASCII.isDigit(bytes[position]) {
            let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(UInt64(bytes[position] &- 0x30))
            guard !overflowed, !carried else { throw unexpected("a smaller number") }
            value = sum
            position += 1
        }
        guard position > start else { throw unexpected("a number") }
        return value
    }

    mutating func number() throws(IMAPSyntaxError) -> UInt32 {
        let start = position
        guard let value = UInt32(exactly: try number64()) else {
            throw .unexpected(position: start, expected: "a smaller number")
        }
        return value
    }

    /// `nz-number`.
    mutating func positiveNumber() throws(IMAPSyntaxError) -> UInt32 {
        let start = position
        let value = try number()
        guard value > 0 else { throw .unexpected(position: start, expected: "a number above zero") }
        return value
    }

    mutating func modSeq() throws(IMAPSyntaxError) -> ModSeq {
        let start = position
        let value = try number64()
        guard value <= UInt64(Int64.max) else { throw .unexpected(position: start, expected: "a smaller number") }
        return ModSeq(rawValue: value)
    }

    // MARK: Sets

    mutating func sequenceSet() throws(IMAPSyntaxError) -> SequenceSet {
        var elements: [SequenceSet.Element] = []
        repeat {
            guard elements.count < limits.setLength else { throw .tooMany(position: position) }
            let first = try bound()
            let second = skip(UInt8(ascii: ":")) ? try bound() : first
            elements.append(SequenceSet.Element(first, second))
        } while skip(UInt8(ascii: ","))
        return SequenceSet(elements)
    }

    /// One message: its number or `*`.
    mutating func bound() throws(IMAPSyntaxError) -> SequenceSet.Bound {
        if skip(UInt8(ascii: "*")) { return .last }
        guard ASCII.isDigit(peek) else { throw unexpected("a message number or *") }
        return .number(try positiveNumber())
    }

    mutating func messageSet() throws(IMAPSyntaxError) -> MessageSet {
        if skip(UInt8(ascii: "$")) { return .saved }
        return .numbers(try sequenceSet())
    }

    // MARK: Names and flags

    /// `mailbox`: never empty.
    mutating func mailbox() throws(IMAPSyntaxError) -> MailboxName {
        let start = position
        let name = decodeName(try astring())
        guard let name, !name.isEmpty else { throw .invalidMailboxName(position: start) }
        return MailboxName(name)
    }

    /// The text of a name or a pattern; nil when it is not encoded as it should be.
    func decodeName(_ bytes: [UInt8]) -> String? {
        // Octets beyond ASCII can't be modified UTF-7; they come from clients that write UTF-8 without enabling it.
        utf8 || bytes.contains { $0 >= 0x80 } ? String(strictUTF8: bytes) : ModifiedUTF7.decode(bytes)
    }

    mutating func flag() throws(IMAPSyntaxError) -> Flag {
        let start = position
        _ = skip(ASCII.backslash)
        _ = try range(while: CharacterClass.isAtom, "a flag")
        return Flag(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    /// `flag-list`, parentheses included.
    mutating func flagList() throws(IMAPSyntaxError) -> [Flag] {
        try open()
        var flags: [Flag] = []
        if skip(UInt8(ascii: ")")) { return flags }
        repeat { flags.append(try flag()) } while try !closes(flags.count)
        return flags
    }

    // MARK: Dates

    /// `date-time`, quoted.
    mutating func dateTime() throws(IMAPSyntaxError) -> Moment {
        let start = position
        guard peek == ASCII.quote else { throw unexpected("a quoted date and time") }
        guard let moment = DateTime.parse(try quoted()) else {
            throw .unexpected(position: start, expected: "a date and time")
        }
        return moment
    }

    /// `date`, quoted or not.
    mutating func date() throws(IMAPSyntaxError) -> CalendarDate {
        let start = position
        guard let date = DateTime.parseDate(try astring()) else {
            throw .unexpected(position: start, expected: "a date")
        }
        return date
    }
}
