internal import Bytes
package import MailTypes

/// What a server says about mailboxes (RFC 9051 §7.2, §7.3). Each function appends one whole line.
extension [UInt8] {
    /// `LIST` or, with `isLSUB`, `LSUB`. `response.name` is written, `encodedName` is not looked at.
    package mutating func appendList(_ response: ListResponse, isLSUB: Bool = false, utf8: Bool) {
        append(text: isLSUB ? "* LSUB (" : "* LIST (")
        append(text: response.attributes.joined(separator: " "))
        append(text: ") ")
        appendDelimiter(response.delimiter)
        append(ASCII.space)
        appendName(response.name, utf8: utf8)
        if !response.childInfo.isEmpty || response.oldName != nil {
            append(text: " (")
            if !response.childInfo.isEmpty {
                append(text: "\"CHILDINFO\" (\"")
                append(text: response.childInfo.joined(separator: "\" \""))
                append(text: "\")")
                if response.oldName != nil { append(ASCII.space) }
            }
            if let oldName = response.oldName {
                append(text: "\"OLDNAME\" (")
                appendName(oldName, utf8: utf8)
                append(text: ")")
            }
            append(text: ")")
        }
        appendLineEnd()
    }

    private mutating func appendDelimiter(_ delimiter: Character?) {
        guard let delimiter else { return append(text: "NIL") }
        appendQuoted(String(delimiter).utf8)
    }

    /// `STATUS`.
    package mutating func appendStatus(_ name: MailboxName, _ values: [StatusValue], utf8: Bool) {
        append(text: "* STATUS ")
        appendMailbox(name, utf8: utf8)
        append(text: " (")
        for (index, value) in values.enumerated() {
            if index > 0 { append(ASCII.space) }
            append(text: value.item.rawValue)
            append(ASCII.space)
            if let id = value.id {
                append(objectID: id)
            } else if let number = value.value {
                append(decimal: number)
            } else {
                append(text: "NIL")
            }
        }
        append(UInt8(ascii: ")"))
        appendLineEnd()
    }

    /// `NAMESPACE`.
    package mutating func appendNamespaces(_ namespaces: Namespaces, utf8: Bool) {
        append(text: "* NAMESPACE")
        for kind in [namespaces.personal, namespaces.otherUsers, namespaces.shared] {
            append(ASCII.space)
            guard !kind.isEmpty else {
                append(text: "NIL")
                continue
            }
            append(UInt8(ascii: "("))
            for namespace in kind {
                append(UInt8(ascii: "("))
                appendName(namespace.prefix, utf8: utf8)
                append(ASCII.space)
                appendDelimiter(namespace.delimiter)
                append(UInt8(ascii: ")"))
            }
            append(UInt8(ascii: ")"))
        }
        appendLineEnd()
    }

    /// `* 23 EXISTS`.
    package mutating func appendExists(_ count: UInt32) { appendNumbered(count, "EXISTS") }
    /// `* 5 RECENT`; not with IMAP4rev2.
    package mutating func appendRecent(_ count: UInt32) { appendNumbered(count, "RECENT") }
    /// `* 44 EXPUNGE`.
    package mutating func appendExpunge(_ number: UInt32) { appendNumbered(number, "EXPUNGE") }

    /// `* VANISHED (EARLIER) 41,43:116` (RFC 7162 §3.2.10), in as many lines as a long set takes; none for an empty set.
    package mutating func appendVanished(_ uids: NumberSet, isEarlier: Bool) {
        var rest = uids.ranges[...]
        while !rest.isEmpty {
            append(text: isEarlier ? "* VANISHED (EARLIER) " : "* VANISHED ")
            append(ranges: rest.prefix(Self.vanishedRanges))
            appendLineEnd()
            rest = rest.dropFirst(Self.vanishedRanges)
        }
    }

    /// The most ranges in one VANISHED: they stay within 8192 octets, which a client can be expected to read
    /// (RFC 7162 §4).
    private static var vanishedRanges: Int { 360 }

    private mutating func appendNumbered(_ number: UInt32, _ word: String) {
        append(text: "* ")
        append(decimal: number)
        append(ASCII.space)
        append(text: word)
        appendLineEnd()
    }

    /// `* FLAGS (…)`.
    package mutating func appendFlagsResponse(_ flags: some Sequence<Flag>) {
        append(text: "* FLAGS ")
        appendFlags(flags)
        appendLineEnd()
    }

    /// `* CAPABILITY …`.
    package mutating func appendCapability(_ names: [String]) {
        append(text: "* CAPABILITY ")
        append(text: names.joined(separator: " "))
        appendLineEnd()
    }

    /// `* ENABLED …`.
    package mutating func appendEnabled(_ names: [String]) {
        append(text: "* ENABLED")
        for name in names {
            append(ASCII.space)
            append(text: name)
        }
        appendLineEnd()
    }

    /// `* ID …`; `NIL` for nil (RFC 2971 §3.2).
    package mutating func appendID(_ fields: [IDField]?) {
        append(text: "* ID ")
        if let fields {
            append(UInt8(ascii: "("))
            for (index, field) in fields.enumerated() {
                if index > 0 { append(ASCII.space) }
                appendString(field.name)
                append(ASCII.space)
                appendNString(field.value)
            }
            append(UInt8(ascii: ")"))
        } else {
            append(text: "NIL")
        }
        appendLineEnd()
    }
}
