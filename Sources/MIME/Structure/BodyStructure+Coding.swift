package import MailTypes

extension BodyStructure {
    /// A compact form to store; begins with its version.
    package var encoded: [UInt8] {
        var writer = CompactWriter()
        writer.write(compactVersion)
        writer.write(self)
        return writer.bytes
    }

    /// Reads what `encoded` wrote; nil when it is damaged or of another version.
    package init?(encoded: [UInt8]) {
        var reader = CompactReader(encoded)
        guard (try? reader.number()) == compactVersion, let structure = try? reader.bodyStructure(), reader.isAtEnd
        else { return nil }
        self = structure
    }
}

extension CompactWriter {
    fileprivate mutating func write(_ structure: BodyStructure) {
        switch structure {
        case .single(let single):
            write(single.message == nil ? 0 : 1)
            write(single)
        case .multipart(let multipart):
            write(2)
            write(multipart.subtype)
            write(multipart.parts) { $0.write($1) }
            write(parameters: multipart.parameters)
            write(multipart.extra)
        }
    }

    private mutating func write(_ single: BodyStructure.Single) {
        write(single.type)
        write(single.subtype)
        write(parameters: single.parameters)
        write(single.id)
        write(single.description)
        write(single.encoding)
        write(Int(clamping: single.size))
        write(single.lines.map { Int(clamping: $0) + 1 } ?? 0)
        if let message = single.message {
            write(message.envelope)
            write(message.structure)
        }
        write(single.md5)
        write(single.extra)
    }

    mutating func write(parameters: [BodyStructure.Parameter]) {
        write(parameters) { writer, parameter in
            writer.write(parameter.name)
            writer.write(parameter.value)
        }
    }

    mutating func write(_ disposition: BodyStructure.Disposition?) {
        write(disposition?.kind)
        if let disposition { write(parameters: disposition.parameters) }
    }

    private mutating func write(_ extra: BodyStructure.Extension) {
        write(extra.disposition)
        write(extra.languages) { $0.write($1) }
        write(extra.location)
    }
}

extension CompactReader {
    fileprivate mutating func bodyStructure() throws(CompactDamage) -> BodyStructure {
        guard depth < Self.maximumDepth else { throw CompactDamage() }
        depth += 1
        defer { depth -= 1 }
        switch try number() {
        case 0: return .single(try single(isMessage: false))
        case 1: return .single(try single(isMessage: true))
        case 2:
            let subtype = try octets()
            let parts = try list { (reader) throws(CompactDamage) in try reader.bodyStructure() }
            var multipart = BodyStructure.Multipart(subtype: subtype, parts: parts)
            multipart.parameters = try parameters()
            multipart.extra = try extra()
            return .multipart(multipart)
        default: throw CompactDamage()
        }
    }

    private mutating func single(isMessage: Bool) throws(CompactDamage) -> BodyStructure.Single {
        let type = try octets()
        var single = BodyStructure.Single(type: type, subtype: try octets(), encoding: [], size: 0)
        single.parameters = try parameters()
        single.id = try optionalOctets()
        single.description = try optionalOctets()
        single.encoding = try octets()
        single.size = UInt64(try number())
        let lines = try number()
        single.lines = lines == 0 ? nil : UInt64(lines - 1)
        if isMessage {
            let envelope = try envelope()
            single.message = BodyStructure.Enclosed(envelope: envelope, structure: try bodyStructure())
        }
        single.md5 = try optionalOctets()
        single.extra = try extra()
        return single
    }

    mutating func parameters() throws(CompactDamage) -> [BodyStructure.Parameter] {
        try list { (reader) throws(CompactDamage) in
            let name = try reader.octets()
            return BodyStructure.Parameter(name: name, value: try reader.octets())
        }
    }

    mutating func disposition() throws(CompactDamage) -> BodyStructure.Disposition? {
        guard let kind = try optionalOctets() else { return nil }
        return BodyStructure.Disposition(kind: kind, parameters: try parameters())
    }

    mutating func languages() throws(CompactDamage) -> [[UInt8]] {
        try list { (reader) throws(CompactDamage) in try reader.octets() }
    }

    private mutating func extra() throws(CompactDamage) -> BodyStructure.Extension {
        var extra = BodyStructure.Extension()
        extra.disposition = try disposition()
        extra.languages = try languages()
        extra.location = try optionalOctets()
        return extra
    }
}
