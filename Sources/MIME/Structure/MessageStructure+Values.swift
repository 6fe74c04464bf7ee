internal import Bytes
package import MailTypes

extension MessageStructure {
    /// ENVELOPE (RFC 9051 §7.5.2); Sender and Reply-To default to From.
    package var envelope: Envelope { root.envelope ?? Envelope() }

    /// BODYSTRUCTURE (RFC 9051 §7.5.2), extension data included.
    package var bodyStructure: BodyStructure { bodyStructure(of: 0, allChildren) }

    private func bodyStructure(of index: Int, _ children: [[Int]]) -> BodyStructure {
        let part = parts[index]
        guard part.kind == .multipart else { return .single(single(part, at: index, children)) }
        var inside = children[index].map { bodyStructure(of: $0, children) }
        // The grammar asks for one part at least (RFC 9051 §9, `body-type-mpart`).
        if inside.isEmpty { inside = [.single(Self.emptyText)] }
        var multipart = BodyStructure.Multipart(subtype: part.fields.subtype, parts: inside)
        multipart.parameters = part.fields.parameters
        multipart.extra = part.extra
        return .multipart(multipart)
    }

    private func single(_ part: Part, at index: Int, _ children: [[Int]]) -> BodyStructure.Single {
        let fields = part.fields
        var single = BodyStructure.Single(
            type: fields.type, subtype: fields.subtype, encoding: fields.encoding ?? Array("7bit".utf8),
            size: UInt64(part.body.count))
        single.parameters = fields.parameters
        single.id = fields.id
        single.description = fields.description
        single.md5 = fields.md5
        single.extra = part.extra
        if part.kind == .message {
            let enclosed = children[index].first
            single.type = Array("message".utf8)
            single.subtype = fields.subtype.asciiLowercased()
            single.lines = UInt64(part.lines)
            single.message = BodyStructure.Enclosed(
                envelope: enclosed.flatMap { parts[$0].envelope } ?? Envelope(),
                structure: enclosed.map { bodyStructure(of: $0, children) } ?? .single(Self.emptyText))
        } else if part.isOpaque {
            // What only looks like a container has no form of its own in the grammar.
            single.type = Array("application".utf8)
            single.subtype = Array("octet-stream".utf8)
            single.parameters = []
        } else if fields.isType("text") {
            single.lines = UInt64(part.lines)
            if !fields.parameters.contains(where: { Self.isCharset($0.name) }) { single.parameters.append(Self.ascii) }
        }
        return single
    }

    private static func isCharset(_ name: [UInt8]) -> Bool {
        name.equalsIgnoringASCIICase("charset".utf8) || name.equalsIgnoringASCIICase("charset*".utf8)
    }

    /// The charset of text that names none (RFC 2046 §4.1.2).
    private static let ascii = BodyStructure.Parameter(name: Array("charset".utf8), value: Array("us-ascii".utf8))

    /// Stands where a part must be and is none.
    private static let emptyText: BodyStructure.Single = {
        var text = BodyStructure.Single(
            type: Array("text".utf8), subtype: Array("plain".utf8), encoding: Array("7bit".utf8), size: 0)
        text.parameters = [ascii]
        text.lines = 0
        return text
    }()
}

extension MessageStructure.Part {
    fileprivate var extra: BodyStructure.Extension {
        var extra = BodyStructure.Extension()
        extra.disposition = fields.disposition
        extra.languages = fields.languages
        extra.location = fields.location
        return extra
    }
}
