internal import MailTypes

/// The compact form in which envelopes and body structures are stored, private to the cache: a change of it needs a new
/// `CacheSchema.version`.
extension Envelope {
    var octets: [UInt8] {
        var writer = OctetWriter()
        write(to: &writer)
        return writer.octets
    }

    init(octets: [UInt8]) throws(StoreError) {
        var reader = OctetReader(octets)
        try self.init(from: &reader)
        guard reader.isAtEnd else { throw OctetReader.damage }
    }

    fileprivate func write(to writer: inout OctetWriter) {
        writer.append(date)
        writer.append(subject)
        for list in [from, sender, replyTo, to, cc, bcc] {
            writer.append(list: list) { writer, address in
                writer.append(address.name)
                writer.append(address.route)
                writer.append(address.mailbox)
                writer.append(address.host)
            }
        }
        writer.append(inReplyTo)
        writer.append(messageID)
    }

    fileprivate init(from reader: inout OctetReader) throws(StoreError) {
        self.init()
        date = try reader.bytesOrNil()
        subject = try reader.bytesOrNil()
        func list(_ reader: inout OctetReader) throws(StoreError) -> [Address] {
            try reader.list { reader throws(StoreError) in
                let name = try reader.bytesOrNil()
                let route = try reader.bytesOrNil()
                let mailbox = try reader.bytesOrNil()
                return Address(name: name, route: route, mailbox: mailbox, host: try reader.bytesOrNil())
            }
        }
        from = try list(&reader)
        sender = try list(&reader)
        replyTo = try list(&reader)
        to = try list(&reader)
        cc = try list(&reader)
        bcc = try list(&reader)
        inReplyTo = try reader.bytesOrNil()
        messageID = try reader.bytesOrNil()
    }
}

extension BodyStructure {
    /// Levels that are stored; a deeper structure is not.
    static let depthLimit = 100

    /// Nil when it is nested too deep to be read back.
    var octets: [UInt8]? {
        var writer = OctetWriter()
        return write(to: &writer, depth: 0) ? writer.octets : nil
    }

    init(octets: [UInt8]) throws(StoreError) {
        var reader = OctetReader(octets)
        self = try BodyStructure(from: &reader, depth: 0)
        guard reader.isAtEnd else { throw OctetReader.damage }
    }

    private func write(to writer: inout OctetWriter, depth: Int) -> Bool {
        guard depth < Self.depthLimit else { return false }
        switch self {
        case .single(let part):
            writer.append(part.message == nil ? 0 : 1)
            writer.append(part.type)
            writer.append(part.subtype)
            writer.append(list: part.parameters) { $1.write(to: &$0) }
            writer.append(part.id)
            writer.append(part.description)
            writer.append(part.encoding)
            writer.append(part.size)
            writer.append(part.lines == nil ? 0 : 1)
            writer.append(part.lines ?? 0)
            writer.append(part.md5)
            part.extra.write(to: &writer)
            guard let message = part.message else { return true }
            message.envelope.write(to: &writer)
            return message.structure.write(to: &writer, depth: depth + 1)
        case .multipart(let parts):
            writer.append(2)
            writer.append(parts.subtype)
            writer.append(list: parts.parameters) { $1.write(to: &$0) }
            parts.extra.write(to: &writer)
            writer.append(parts.parts.count)
            return parts.parts.allSatisfy { $0.write(to: &writer, depth: depth + 1) }
        }
    }

    private init(from reader: inout OctetReader, depth: Int) throws(StoreError) {
        guard depth < Self.depthLimit else { throw OctetReader.damage }
        let kind = try reader.number()
        if kind == 2 {
            let subtype = try reader.bytes()
            let parameters = try reader.list { reader throws(StoreError) in try Parameter(from: &reader) }
            let extra = try Extension(from: &reader)
            let parts = try reader.list { reader throws(StoreError) in
                try BodyStructure(from: &reader, depth: depth + 1)
            }
            var whole = Multipart(subtype: subtype, parts: parts)
            whole.parameters = parameters
            whole.extra = extra
            self = .multipart(whole)
            return
        }
        guard kind < 2 else { throw OctetReader.damage }
        let type = try reader.bytes()
        let subtype = try reader.bytes()
        let parameters = try reader.list { reader throws(StoreError) in try Parameter(from: &reader) }
        let id = try reader.bytesOrNil()
        let description = try reader.bytesOrNil()
        let encoding = try reader.bytes()
        var part = Single(type: type, subtype: subtype, encoding: encoding, size: try reader.number())
        part.parameters = parameters
        part.id = id
        part.description = description
        let hasLines = try reader.number() == 1
        let lines = try reader.number()
        part.lines = hasLines ? lines : nil
        part.md5 = try reader.bytesOrNil()
        part.extra = try Extension(from: &reader)
        if kind == 1 {
            let envelope = try Envelope(from: &reader)
            part.message = Enclosed(
                envelope: envelope, structure: try BodyStructure(from: &reader, depth: depth + 1))
        }
        self = .single(part)
    }
}

extension BodyStructure.Parameter {
    fileprivate func write(to writer: inout OctetWriter) {
        writer.append(name)
        writer.append(value)
    }

    fileprivate init(from reader: inout OctetReader) throws(StoreError) {
        let name = try reader.bytes()
        self.init(name: name, value: try reader.bytes())
    }
}

extension BodyStructure.Extension {
    fileprivate func write(to writer: inout OctetWriter) {
        writer.append(disposition == nil ? 0 : 1)
        if let disposition {
            writer.append(disposition.kind)
            writer.append(list: disposition.parameters) { $1.write(to: &$0) }
        }
        writer.append(list: languages) { $0.append($1) }
        writer.append(location)
    }

    fileprivate init(from reader: inout OctetReader) throws(StoreError) {
        self.init()
        if try reader.number() == 1 {
            let kind = try reader.bytes()
            disposition = BodyStructure.Disposition(
                kind: kind,
                parameters: try reader.list { reader throws(StoreError) in try BodyStructure.Parameter(from: &reader) })
        }
        languages = try reader.list { reader throws(StoreError) in try reader.bytes() }
        location = try reader.bytesOrNil()
    }
}
