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
        let encoding = fields.encoding ?? Array("7bit".utf8)
        let size = UInt64(part.body.count)
        var single: BodyStructure.Single
        // What only looks like a container has no form of its own in the grammar.
        if part.kind == .leaf, part.isOpaque || fields.isType("multipart") {
            single = BodyStructure.Single(
                type: Array("application".utf8), subtype: Array("octet-stream".utf8), encoding: encoding, size: size)
        } else {
            single = BodyStructure.Single(type: fields.type, subtype: fields.subtype, encoding: encoding, size: size)
            single.parameters = fields.parameters
        }
        single.id = fields.id
        single.description = fields.description
        single.md5 = fields.md5
        single.extra = part.extra
        if part.kind == .message {
            single.lines = UInt64(part.lines)
            let enclosed = children[index].first
            single.message = BodyStructure.Enclosed(
                envelope: enclosed.flatMap { parts[$0].envelope } ?? Envelope(),
                structure: enclosed.map { bodyStructure(of: $0, children) } ?? .single(Self.emptyText))
        } else if single.type.equalsIgnoringASCIICase("text".utf8) {
            single.lines = UInt64(part.lines)
        }
        return single
    }

    /// Stands where a part must be and is none.
    private static var emptyText: BodyStructure.Single {
        var text = BodyStructure.Single(
            type: Array("text".utf8), subtype: Array("plain".utf8), encoding: Array("7bit".utf8), size: 0)
        text.lines = 0
        return text
    }
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
