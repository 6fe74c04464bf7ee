internal import Bytes
internal import MailTypes

/// The argument of the code `METADATA` (RFC 5464 §4.2.1, §4.3).
package enum MetadataCode: Hashable, Sendable {
    /// Values were left out since they are larger than wanted; octets of the largest.
    case longEntries(UInt64)
    /// A value has more octets than are taken.
    case maxSize(UInt64)
    case tooMany
    case noPrivate
}

extension ResponseReader {
    /// `METADATA`, the word taken: values in parentheses, or the names of entries that have changed.
    mutating func metadataResponse() -> UntaggedResponse? {
        guard let encoded = astring() else { return nil }
        let mailbox = decodeName(encoded).name
        spaces()
        guard peek == UInt8(ascii: "(") else {
            return .metadataChanged(mailbox: mailbox, remainingStrings().map { String(lossy: $0) })
        }
        guard case .list(let members)? = value() else { return nil }
        var values: [MetadataValue] = []
        for index in stride(from: 0, to: members.count - 1, by: 2) {
            guard let name = nstringOrAtom(members[index]), let entry = MetadataEntry(String(lossy: name)) else {
                continue
            }
            values.append(MetadataValue(entry, nstring(members[index + 1])))
        }
        return .metadata(mailbox: mailbox, values)
    }

    /// The code's argument; nil when it is none.
    mutating func metadataCode() -> ResponseCode? {
        switch word() {
        case .longEntries:
            spaces()
            return number().map { .metadata(.longEntries($0)) }
        case .maxSize:
            spaces()
            return number().map { .metadata(.maxSize($0)) }
        case .tooMany: return .metadata(.tooMany)
        case .noPrivate: return .metadata(.noPrivate)
        default: return nil
        }
    }
}

extension [UInt8] {
    /// `* METADATA box (/private/comment "text")`, one whole line; the server's own for an empty name.
    package mutating func appendMetadata(_ values: [MetadataValue], of mailbox: String, utf8: Bool) {
        append(text: "* METADATA ")
        appendName(mailbox, utf8: utf8)
        append(text: " (")
        for (index, value) in values.enumerated() {
            if index > 0 { append(ASCII.space) }
            appendAString(Array(value.entry.text.utf8))
            append(ASCII.space)
            if let octets = value.value, octets.contains(ASCII.nul) {
                append(UInt8(ascii: "~"))
                appendLiteral(octets)
            } else {
                appendNString(value.value)
            }
        }
        append(UInt8(ascii: ")"))
        appendLineEnd()
    }

    /// `* METADATA box /private/comment`, one whole line: these entries have changed (RFC 5464 §4.4.2).
    /// - Precondition: there is at least one.
    package mutating func appendMetadataChanged(_ entries: [String], of mailbox: String, utf8: Bool) {
        append(text: "* METADATA ")
        appendName(mailbox, utf8: utf8)
        for entry in entries {
            append(ASCII.space)
            appendAString(Array(entry.utf8))
        }
        appendLineEnd()
    }

    /// The code's argument.
    mutating func append(metadata code: MetadataCode) {
        switch code {
        case .longEntries(let size): append(text: "LONGENTRIES \(size)")
        case .maxSize(let size): append(text: "MAXSIZE \(size)")
        case .tooMany: append(text: "TOOMANY")
        case .noPrivate: append(text: "NOPRIVATE")
        }
    }
}
