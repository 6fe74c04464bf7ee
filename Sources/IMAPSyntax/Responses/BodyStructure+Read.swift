internal import Bytes
internal import MailTypes

extension ResponseReader {
    /// BODY or BODYSTRUCTURE from a value (RFC 9051 §7.5.2). Nesting is bounded by the reader of values.
    mutating func bodyStructure(_ value: Value) -> BodyStructure? {
        guard case .list(let fields) = value, !fields.isEmpty else { return nil }
        if case .list = fields[0] { return multipart(fields, partCount: fields.prefix { $0.isList }.count) }
        // Parts are missing: NIL or () where they belong, or the subtype right away.
        if fields.count == 1 || (fields.count >= 2 && isNil(fields[0]) && !fields[1].isList) {
            quirks.insert(.emptyMultipart)
            return multipart(fields, partCount: fields.count == 1 ? 0 : 1, hasParts: false)
        }
        return single(fields)
    }

    private mutating func multipart(_ fields: [Value], partCount: Int, hasParts: Bool = true) -> BodyStructure? {
        var parts: [BodyStructure] = []
        if hasParts {
            for part in fields[..<partCount] {
                if case .list(let members) = part, members.isEmpty {
                    quirks.insert(.emptyMultipart)
                } else if let structure = bodyStructure(part) {
                    parts.append(structure)
                } else {
                    return nil
                }
            }
        }
        guard partCount < fields.count, let subtype = nstring(fields[partCount]) else { return nil }
        var multipart = BodyStructure.Multipart(subtype: subtype, parts: parts)
        if partCount + 1 < fields.count { multipart.parameters = parameters(fields[partCount + 1]) }
        multipart.extra = extensions(fields.dropFirst(partCount + 2))
        return .multipart(multipart)
    }

    private mutating func single(_ fields: [Value]) -> BodyStructure? {
        guard fields.count >= 2, let type = nstring(fields[0]), let subtype = nstring(fields[1]) else { return nil }
        func field(_ index: Int) -> Value { index < fields.count ? fields[index] : .unread }
        if fields.count < 7 { quirks.insert(.shortBody) }
        var single = BodyStructure.Single(
            type: type, subtype: subtype, encoding: nstring(field(5)) ?? Array("7BIT".utf8), size: number(field(6)) ?? 0
        )
        single.parameters = parameters(field(2))
        single.id = nstring(field(3))
        single.description = nstring(field(4))
        var next = 7
        if single.isText {
            if let lines = isNumber(field(7)) ? number(field(7)) : nil {
                single.lines = lines
                next = 8
            } else if fields.count > 7, isNil(field(7)), fields.count > 8, !field(8).isString || fields.count > 11 {
                // NIL in place of the count; MD5 would stand there in extension data.
                quirks.insert(.textWithoutLines)
                next = 8
            } else {
                quirks.insert(.textWithoutLines)
            }
        } else if single.isMessage {
            next = message(field(7), field(8), field(9), into: &single)
        }
        if next < fields.count { single.md5 = nstring(fields[next]) }
        single.extra = extensions(fields.dropFirst(next + 1))
        return .single(single)
    }

    private func isNumber(_ value: Value) -> Bool {
        switch value {
        case .atom(let range): bytes[range].decimalValue != nil || bytes[range].first == UInt8(ascii: "-")
        case .string(let octets): octets.decimalValue != nil
        default: false
        }
    }

    /// Envelope, structure and lines of an enclosed message; returns where extension data begins.
    private mutating func message(
        _ envelope: Value, _ structure: Value, _ lines: Value, into single: inout BodyStructure.Single
    ) -> Int {
        guard envelope.isList, structure.isList, let inner = self.envelope(envelope),
            let body = bodyStructure(structure)
        else {
            quirks.insert(.messageWithoutEnvelope)
            // Some leave out all three, some write NIL for each.
            if isNumber(envelope) {
                single.lines = number(envelope)
                return 8
            }
            if isNil(envelope), isNil(structure) { single.lines = number(lines) }
            return isNil(envelope) && isNil(structure) && (isNumber(lines) || isNil(lines)) || envelope.isList ? 10 : 7
        }
        single.message = BodyStructure.Enclosed(envelope: inner, structure: body)
        single.lines = number(lines)
        return 10
    }

    private mutating func parameters(_ value: Value) -> [BodyStructure.Parameter] {
        guard case .list(let members) = value else { return [] }
        if members.isEmpty { quirks.insert(.emptyList) }
        var parameters: [BodyStructure.Parameter] = []
        for index in stride(from: 0, to: members.count - 1, by: 2) {
            guard let name = nstring(members[index]) else { continue }
            parameters.append(.init(name: name, value: nstring(members[index + 1]) ?? []))
        }
        return parameters
    }

    /// Disposition, languages and location; whatever follows is for the future (RFC 9051 §7.5.2).
    private mutating func extensions(_ fields: some Collection<Value>) -> BodyStructure.Extension {
        let fields = Array(fields)
        var extra = BodyStructure.Extension()
        if let disposition = fields.first {
            switch disposition {
            case .list(let members):
                if let kind = members.first.flatMap({ nstring($0) }) {
                    extra.disposition = .init(
                        kind: kind, parameters: members.count > 1 ? parameters(members[1]) : [])
                } else {
                    quirks.insert(.oddBodyExtension)
                }
            case .string(let kind):
                quirks.insert(.oddBodyExtension)
                extra.disposition = .init(kind: kind, parameters: [])
            default: break
            }
        }
        if fields.count > 1 {
            if case .list(let languages) = fields[1] {
                extra.languages = languages.compactMap { nstring($0) }
            } else if let language = nstring(fields[1]) {
                extra.languages = [language]
            }
        }
        if fields.count > 2 { extra.location = nstring(fields[2]) }
        return extra
    }
}

extension Value {
    var isList: Bool { if case .list = self { true } else { false } }
    var isString: Bool { if case .string = self { true } else { false } }
}
