internal import Bytes
package import MailTypes

extension [UInt8] {
    /// `body` (RFC 9051 §7.5.2), parentheses included; extension data only when `isExtended`.
    package mutating func appendBodyStructure(_ structure: BodyStructure, isExtended: Bool) {
        switch structure {
        case .single(let single): append(single: single, isExtended)
        case .multipart(let multipart): append(multipart: multipart, isExtended)
        }
    }

    private mutating func append(single: BodyStructure.Single, _ isExtended: Bool) {
        append(UInt8(ascii: "("))
        appendString(single.type)
        append(ASCII.space)
        appendString(single.subtype)
        append(ASCII.space)
        append(parameters: single.parameters)
        append(ASCII.space)
        appendNString(single.id)
        append(ASCII.space)
        appendNString(single.description)
        append(ASCII.space)
        appendString(single.encoding)
        append(ASCII.space)
        append(decimal: single.size)
        if single.isMessage {
            append(ASCII.space)
            append(enclosed: single.message, isExtended)
            append(ASCII.space)
            append(decimal: single.lines ?? 0)
        } else if single.isText {
            append(ASCII.space)
            append(decimal: single.lines ?? 0)
        }
        if isExtended {
            append(ASCII.space)
            appendNString(single.md5)
            append(extra: single.extra)
        }
        append(UInt8(ascii: ")"))
    }

    /// The grammar knows no message without its envelope and structure; a missing one is written empty.
    private mutating func append(enclosed: BodyStructure.Enclosed?, _ isExtended: Bool) {
        appendEnvelope(enclosed?.envelope ?? Envelope())
        append(ASCII.space)
        appendBodyStructure(enclosed?.structure ?? .emptyText, isExtended: isExtended)
    }

    private mutating func append(multipart: BodyStructure.Multipart, _ isExtended: Bool) {
        append(UInt8(ascii: "("))
        // At least one part is needed (`1*body`).
        for part in multipart.parts.isEmpty ? [.emptyText] : multipart.parts {
            appendBodyStructure(part, isExtended: isExtended)
        }
        append(ASCII.space)
        appendString(multipart.subtype)
        if isExtended {
            append(ASCII.space)
            append(parameters: multipart.parameters)
            append(extra: multipart.extra)
        }
        append(UInt8(ascii: ")"))
    }

    private mutating func append(parameters: [BodyStructure.Parameter]) {
        guard !parameters.isEmpty else { return append(text: "NIL") }
        append(UInt8(ascii: "("))
        for (index, parameter) in parameters.enumerated() {
            if index > 0 { append(ASCII.space) }
            appendString(parameter.name)
            append(ASCII.space)
            appendString(parameter.value)
        }
        append(UInt8(ascii: ")"))
    }

    /// Disposition, languages and location, each with the space before it.
    private mutating func append(extra: BodyStructure.Extension) {
        append(ASCII.space)
        if let disposition = extra.disposition {
            append(UInt8(ascii: "("))
            appendString(disposition.kind)
            append(ASCII.space)
            append(parameters: disposition.parameters)
            append(UInt8(ascii: ")"))
        } else {
            append(text: "NIL")
        }
        append(ASCII.space)
        switch extra.languages.count {
        case 0: append(text: "NIL")
        case 1: appendString(extra.languages[0])
        default:
            append(UInt8(ascii: "("))
            for (index, language) in extra.languages.enumerated() {
                if index > 0 { append(ASCII.space) }
                appendString(language)
            }
            append(UInt8(ascii: ")"))
        }
        append(ASCII.space)
        appendNString(extra.location)
    }
}

extension BodyStructure {
    /// A text part of no octets.
    fileprivate static let emptyText: BodyStructure = {
        var text = Single(
            type: Array("TEXT".utf8), subtype: Array("PLAIN".utf8), encoding: Array("7BIT".utf8), size: 0)
        text.lines = 0
        return .single(text)
    }()
}

extension BodyStructure.Single {
    /// Whether envelope, structure and lines are part of its form.
    var isMessage: Bool {
        type.equalsIgnoringASCIICase("MESSAGE".utf8)
            && (subtype.equalsIgnoringASCIICase("RFC822".utf8) || subtype.equalsIgnoringASCIICase("GLOBAL".utf8))
    }

    /// Whether a count of lines is part of its form.
    var isText: Bool { type.equalsIgnoringASCIICase("TEXT".utf8) }
}
