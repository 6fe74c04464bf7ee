internal import Bytes
package import MailTypes

/// The grammar's small pieces, appended to an output (RFC 9051 §9). They make no `String` on the way.
extension [UInt8] {
    /// `quoted`, `"` and `\` escaped.
    /// - Precondition: `value` has no CR, LF or NUL in it.
    package mutating func appendQuoted(_ value: some Collection<UInt8>) {
        append(ASCII.quote)
        for byte in value {
            if byte == ASCII.quote || byte == ASCII.backslash { append(ASCII.backslash) }
            append(byte)
        }
        append(ASCII.quote)
    }

    /// `literal` of a server: head, line end, octets.
    package mutating func appendLiteral(_ value: some Collection<UInt8>) {
        appendLiteralHead(value.count)
        append(contentsOf: value)
    }

    /// `{5}` and the line end after it; who calls it sends exactly so many octets next.
    package mutating func appendLiteralHead(_ count: Int) {
        append(UInt8(ascii: "{"))
        append(decimal: UInt64(count))
        append(UInt8(ascii: "}"))
        append(ASCII.cr)
        append(ASCII.lf)
    }

    /// `string`: quoted when it is short printable ASCII, else a literal. A NUL, which neither can hold, becomes a space.
    package mutating func appendString(_ value: [UInt8]) {
        var isQuotable = value.count <= 512
        var needsEscape = false
        var hasNUL = false
        for byte in value {
            if byte < 0x20 || byte >= 0x7F { isQuotable = false }
            if byte == ASCII.quote || byte == ASCII.backslash { needsEscape = true }
            if byte == ASCII.nul { hasNUL = true }
        }
        if isQuotable, !needsEscape {
            append(ASCII.quote)
            append(contentsOf: value)
            append(ASCII.quote)
        } else if isQuotable {
            appendQuoted(value)
        } else if hasNUL {
            appendLiteral(value.map { $0 == ASCII.nul ? ASCII.space : $0 })
        } else {
            appendLiteral(value)
        }
    }

    /// `nstring`: `NIL` for nil.
    package mutating func appendNString(_ value: [UInt8]?) {
        if let value { appendString(value) } else { append(text: "NIL") }
    }

    /// `astring`: an atom where one will do.
    package mutating func appendAString(_ value: [UInt8]) {
        if !value.isEmpty, value.count <= 64, value.allSatisfy(CharacterClass.isAString),
            !value.equalsIgnoringASCIICase("NIL".utf8)
        {
            append(contentsOf: value)
        } else {
            appendString(value)
        }
    }

    /// A mailbox name: in UTF-8 when the client has enabled IMAP4rev2, else in modified UTF-7.
    package mutating func appendMailbox(_ name: MailboxName, utf8: Bool) { appendName(name.text, utf8: utf8) }

    /// The same for text that is no whole name: a namespace's prefix, an old name.
    package mutating func appendName(_ text: String, utf8: Bool) {
        let encoded = utf8 ? [UInt8](text.utf8) : ModifiedUTF7.encode(text)
        // With IMAP4rev2 a quoted string may hold UTF-8 (RFC 9051 §4.3).
        if encoded.allSatisfy({ $0 >= 0x20 && $0 != ASCII.delete }) {
            appendQuoted(encoded)
        } else {
            appendString(encoded)
        }
    }

    /// Flags in parentheses.
    package mutating func appendFlags(_ flags: some Sequence<Flag>) {
        append(UInt8(ascii: "("))
        var isFirst = true
        for flag in flags {
            if !isFirst { append(ASCII.space) }
            isFirst = false
            append(text: flag.name)
        }
        append(UInt8(ascii: ")"))
    }

    /// `sequence-set` without `*`: `1,3:7`.
    /// - Precondition: `ranges` is not empty; the grammar has no empty set.
    package mutating func append(ranges: some Sequence<ClosedRange<UInt32>>) {
        var isFirst = true
        for range in ranges {
            if !isFirst { append(UInt8(ascii: ",")) }
            isFirst = false
            append(decimal: UInt64(range.lowerBound))
            guard range.lowerBound < range.upperBound else { continue }
            append(UInt8(ascii: ":"))
            append(decimal: UInt64(range.upperBound))
        }
    }

    /// `sequence-set` as it was read.
    package mutating func append(sequenceSet set: SequenceSet) {
        var isFirst = true
        for element in set.elements {
            if !isFirst { append(UInt8(ascii: ",")) }
            isFirst = false
            append(element.first)
            guard element.first != element.second else { continue }
            append(UInt8(ascii: ":"))
            append(element.second)
        }
    }

    private mutating func append(_ bound: SequenceSet.Bound) {
        switch bound {
        case .number(let number): append(decimal: UInt64(number))
        case .last: append(UInt8(ascii: "*"))
        }
    }

    /// A quoted `date-time`.
    package mutating func appendDateTime(_ moment: Moment) {
        append(ASCII.quote)
        DateTime.append(moment, to: &self)
        append(ASCII.quote)
    }

    package mutating func appendLineEnd() {
        append(ASCII.cr)
        append(ASCII.lf)
    }
}
