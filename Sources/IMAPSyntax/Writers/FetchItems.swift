internal import Bytes
package import MailTypes

/// The items of FETCH responses (RFC 9051 §7.5.2). A response is begun, gets its items, each with the space before it,
/// and is ended; UID comes first, since a client has shown the wrong body when it came last.
extension [UInt8] {
    /// `* 12 FETCH (UID 5`. Without `uid` a space follows the parenthesis for nothing, so the first item is told apart
    /// by `appendFetchItem`.
    package mutating func appendFetchStart(_ number: UInt32, uid: UID?) {
        append(text: "* ")
        append(decimal: number)
        append(text: " FETCH (")
        guard let uid else { return }
        append(text: "UID ")
        append(decimal: uid.rawValue)
    }

    /// `* 25 UIDFETCH (`, for a client that has enabled UIDONLY (RFC 9586 §3.3).
    package mutating func appendUIDFetchStart(_ uid: UID) {
        append(text: "* ")
        append(decimal: uid.rawValue)
        append(text: " UIDFETCH (")
    }

    /// For a `UIDFETCH` to a client that has asked for it by name.
    package mutating func appendFetchUID(_ uid: UID) {
        appendFetchItem("UID ")
        append(decimal: uid.rawValue)
    }

    /// `)` and the line end.
    package mutating func appendFetchEnd() {
        append(UInt8(ascii: ")"))
        appendLineEnd()
    }

    /// An item's name with the space after it, and before it unless it is the first.
    mutating func appendFetchItem(_ name: StaticString) {
        if last != UInt8(ascii: "(") { append(ASCII.space) }
        unsafe append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    /// The same for a name that was made before, with the space after it.
    package mutating func appendFetchItem(_ name: [UInt8]) {
        if last != UInt8(ascii: "(") { append(ASCII.space) }
        append(contentsOf: name)
    }

    package mutating func appendFetchFlags(_ flags: some Sequence<Flag>) {
        appendFetchItem("FLAGS ")
        appendFlags(flags)
    }

    package mutating func appendFetchInternalDate(_ date: Moment) {
        appendFetchItem("INTERNALDATE ")
        appendDateTime(date)
    }

    package mutating func appendFetchSize(_ size: UInt64) {
        appendFetchItem("RFC822.SIZE ")
        append(decimal: size)
    }

    package mutating func appendFetchModSeq(_ modSeq: ModSeq) {
        appendFetchItem("MODSEQ (")
        append(decimal: modSeq.rawValue)
        append(UInt8(ascii: ")"))
    }

    package mutating func appendFetchEnvelope(_ envelope: Envelope) {
        appendFetchItem("ENVELOPE ")
        appendEnvelope(envelope)
    }

    /// `BODYSTRUCTURE`, or `BODY` without extension data.
    package mutating func appendFetchStructure(_ structure: BodyStructure, isExtended: Bool) {
        if isExtended { appendFetchItem("BODYSTRUCTURE ") } else { appendFetchItem("BODY ") }
        appendBodyStructure(structure, isExtended: isExtended)
    }

    /// The name of a section's item up to the space before its content: `BODY[1.TEXT]<0> `, `RFC822 `, `BINARY[1] `.
    /// The content follows as `appendNString`, or as `appendLiteralHead` and so many octets.
    package mutating func appendFetchSection(_ attribute: FetchAttribute) {
        switch attribute {
        case .section(let section, let partial, _):
            appendFetchItem("BODY")
            append(section: section)
            append(origin: partial)
        case .binary(let part, let partial, _):
            appendFetchItem("BINARY")
            append(section: BodySection(part: part))
            append(origin: partial)
        case .binarySize(let part):
            appendFetchItem("BINARY.SIZE")
            append(section: BodySection(part: part))
        case .rfc822: appendFetchItem("RFC822")
        case .rfc822Header: appendFetchItem("RFC822.HEADER")
        case .rfc822Text: appendFetchItem("RFC822.TEXT")
        default: preconditionFailure("an attribute without a section")
        }
        append(ASCII.space)
    }

    private mutating func append(origin partial: Partial?) {
        guard let partial else { return }
        append(UInt8(ascii: "<"))
        append(decimal: partial.offset)
        append(UInt8(ascii: ">"))
    }

    /// `[1.2.HEADER.FIELDS (From)]`, brackets included.
    package mutating func append(section: BodySection) {
        append(UInt8(ascii: "["))
        for (index, number) in section.part.enumerated() {
            if index > 0 { append(UInt8(ascii: ".")) }
            append(decimal: number)
        }
        if section.text != nil, !section.part.isEmpty { append(UInt8(ascii: ".")) }
        switch section.text {
        case nil: break
        case .header: append(text: "HEADER")
        case .text: append(text: "TEXT")
        case .mime: append(text: "MIME")
        case .headerFields(let names):
            append(text: "HEADER.FIELDS ")
            append(headerNames: names)
        case .headerFieldsNot(let names):
            append(text: "HEADER.FIELDS.NOT ")
            append(headerNames: names)
        }
        append(UInt8(ascii: "]"))
    }

    private mutating func append(headerNames names: [[UInt8]]) {
        append(UInt8(ascii: "("))
        for (index, name) in names.enumerated() {
            if index > 0 { append(ASCII.space) }
            appendAString(name)
        }
        append(UInt8(ascii: ")"))
    }
}
