internal import MailTypes

extension MessageStructure {
    /// A compact form to store beside the message; begins with its version.
    package var encoded: [UInt8] {
        var writer = CompactWriter()
        writer.write(compactVersion)
        writer.write(size)
        writer.write(parts) { $0.write($1) }
        return writer.bytes
    }

    /// Reads what `encoded` wrote; nil when it is damaged or of another version.
    package init?(encoded: [UInt8]) {
        var reader = CompactReader(encoded)
        guard (try? reader.number()) == compactVersion, let size = try? reader.number(),
            let parts = try? reader.list({ (reader) throws(CompactDamage) in try reader.part() }), reader.isAtEnd,
            Self.isSound(parts, size: size)
        else { return nil }
        self.init(parts: parts, size: size)
    }

    /// Whether the parts form one tree within the message, so that no damage can lead out of it.
    private static func isSound(_ parts: [Part], size: Int) -> Bool {
        guard let root = parts.first, root.parent == nil else { return false }
        var depths: [Int] = []
        for (index, part) in parts.enumerated() {
            guard part.header.upperBound <= size, part.body.upperBound <= size, index == 0 || part.parent != nil else {
                return false
            }
            guard let parent = part.parent else {
                depths.append(0)
                continue
            }
            guard parent < index, parts[parent].kind != .leaf, depths[parent] < CompactReader.maximumDepth else {
                return false
            }
            depths.append(depths[parent] + 1)
        }
        return true
    }
}

extension CompactWriter {
    fileprivate mutating func write(_ part: MessageStructure.Part) {
        write(Int(part.kind.rawValue) << 1 | (part.isOpaque ? 1 : 0))
        write(part.parent.map { $0 + 1 } ?? 0)
        write(Int(part.number))
        write(part.header.lowerBound)
        write(part.header.count)
        write(part.body.lowerBound - part.header.upperBound)
        write(part.body.count)
        write(part.lines)
        write(part.fields)
        write(part.envelope == nil ? 0 : 1)
        if let envelope = part.envelope { write(envelope) }
    }

    private mutating func write(_ fields: ContentFields) {
        write(fields.type)
        write(fields.subtype)
        write(parameters: fields.parameters)
        write(fields.encoding)
        write(fields.id)
        write(fields.description)
        write(fields.disposition)
        write(fields.languages) { $0.write($1) }
        write(fields.location)
        write(fields.md5)
    }
}

extension CompactReader {
    fileprivate mutating func part() throws(CompactDamage) -> MessageStructure.Part {
        let mark = try number()
        guard mark >> 1 <= 2, let kind = MessageStructure.Kind(rawValue: UInt8(mark >> 1)) else {
            throw CompactDamage()
        }
        let parent = try number()
        guard let number = UInt32(exactly: try number()) else { throw CompactDamage() }
        var part = MessageStructure.Part(parent: parent == 0 ? nil : parent - 1, number: number, start: 0)
        part.kind = kind
        part.isOpaque = mark & 1 == 1
        part.header = try range(from: 0)
        part.body = try range(from: part.header.upperBound)
        part.lines = try self.number()
        part.fields = try fields()
        if try self.number() == 1 { part.envelope = try envelope() }
        return part
    }

    private mutating func range(from start: Int) throws(CompactDamage) -> Range<Int> {
        let (lower, overflows) = start.addingReportingOverflow(try number())
        let (upper, overflowsToo) = lower.addingReportingOverflow(try number())
        guard !overflows, !overflowsToo else { throw CompactDamage() }
        return lower..<upper
    }

    private mutating func fields() throws(CompactDamage) -> ContentFields {
        var fields = ContentFields()
        fields.type = try octets()
        fields.subtype = try octets()
        fields.parameters = try parameters()
        fields.encoding = try optionalOctets()
        fields.id = try optionalOctets()
        fields.description = try optionalOctets()
        fields.disposition = try disposition()
        fields.languages = try languages()
        fields.location = try optionalOctets()
        fields.md5 = try optionalOctets()
        return fields
    }
}
