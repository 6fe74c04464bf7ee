internal import Bytes
internal import Loop
package import MailTypes
internal import SQLite

extension Cache {
    /// Remembers what is not nil, of messages that the mailbox has; of others nothing. `smallBody` and `parts` are not
    /// looked at: `saveBody` keeps bodies.
    package func save(_ metadata: [MessageMetadata], in id: CachedMailbox.ID) async throws(StoreError) {
        try await write(of: NumberSet(metadata.lazy.map(\.uid)), in: id) { [self] connection throws(StoreError) in
            for message in metadata { try put(message, in: id, connection) }
        }
    }

    /// Remembers what is not nil of one message.
    func put(_ message: MessageMetadata, in id: CachedMailbox.ID, _ connection: Connection) throws(StoreError) {
        let row = id.message(message.uid.rawValue)
        var envelope: [UInt8]?
        if let value = message.envelope { envelope = try seal(value.octets, "metadata", row, "envelope") }
        var structure: [UInt8]?
        // One nested deeper than can be read back is asked for again.
        if let octets = message.structure?.octets {
            structure = try seal(octets, "metadata", row, "structure")
        }
        var header: [UInt8]?
        if let octets = message.header { header = try seal(octets, "metadata", row, "header") }
        var references: [UInt8]?
        if let fields = message.references {
            var writer = OctetWriter()
            writer.append(list: fields) { $0.append($1) }
            references = try seal(writer.octets, "metadata", row, "reference_fields")
        }
        try connection.run(
            """
            INSERT INTO metadata (id, internal_date, zone, size, body, envelope, structure, header, reference_fields)
            SELECT ?1, ?2, ?3, ?4, (SELECT id FROM bodies WHERE id = ?5), ?6, ?7, ?8, ?9
            WHERE EXISTS (SELECT 1 FROM messages WHERE id = ?1)
            ON CONFLICT (id) DO UPDATE SET internal_date = coalesce(excluded.internal_date, internal_date),
                zone = coalesce(excluded.zone, zone), size = coalesce(excluded.size, size),
                body = coalesce(excluded.body, body), envelope = coalesce(excluded.envelope, envelope),
                structure = coalesce(excluded.structure, structure), header = coalesce(excluded.header, header),
                reference_fields = coalesce(excluded.reference_fields, reference_fields)
            """, row, message.internalDate, message.internalDate?.zone, message.size, message.body?.id,
            envelope, structure, header, references)
    }

    /// What is remembered of these messages, in the order asked for, in one go; unknown ones are left out.
    package func metadata(
        of uids: [UID], in id: CachedMailbox.ID, needs: MessageMetadata.Needs
    ) async throws(StoreError) -> [MessageMetadata] {
        let (saves, wanted) = blanks.withLock { blanks in
            (blanks.saves, uids.filter { !blanks.contains($0, of: id) })
        }
        guard !wanted.isEmpty else { return [] }
        let (messages, bodies, blank) = try await read { [self] connection throws(StoreError) in
            var messages: [MessageMetadata] = []
            messages.reserveCapacity(wanted.count)
            var bodies: [Int64] = []
            var blank: ClosedRange<UInt32>?
            for range in NumberSet(wanted).ranges {
                let found = try connection.list(
                    query(needs), id.message(range.lowerBound), id.message(range.upperBound)
                ) { row throws(StoreError) in try message(row, needs) }
                for case let message? in found {
                    messages.append(message)
                    if message.smallBody != nil, let body = message.body { bodies.append(body.id.rawValue) }
                }
                if found.isEmpty { blank = range }
            }
            if let range = blank {
                blank = range.lowerBound...(try connection.lastBlank(after: range.upperBound, of: id))
            }
            return (messages, bodies, blank)
        }
        if let blank { blanks.withLock { $0.insert(blank, of: id, asOf: saves) } }
        note(used: bodies)
        guard zip(uids, uids.dropFirst()).contains(where: { $0 >= $1 }) else { return messages }
        let byUID = Dictionary(messages.map { ($0.uid, $0) }) { first, _ in first }
        return uids.compactMap { byUID[$0] }
    }

    // What is not needed is neither read nor opened; a large column that is not asked for costs nothing.
    private func query(_ needs: MessageMetadata.Needs) -> String {
        func column(_ need: MessageMetadata.Needs, _ name: String) -> String { needs.contains(need) ? name : "NULL" }
        return """
            SELECT m.id, m.internal_date, m.zone, m.size, b.id, b.size, \(column(.envelope, "m.envelope")), \
            \(column(.structure, "m.structure")), \(column(.header, "m.header")), \(column(.parts, "b.parts")), \
            \(column(.smallBody, "c.data")), \(column(.references, "m.reference_fields"))
            FROM metadata m LEFT JOIN bodies b ON b.id = m.body
            \(needs.contains(.smallBody)
                ? "LEFT JOIN body_chunks c ON c.id = b.id * \(Chunks.placeLimit) AND b.size <= \(Chunks.size)" : "")
            WHERE m.id BETWEEN ? AND ? ORDER BY m.id
            """
    }

    private func message(
        _ row: borrowing Row, _ needs: MessageMetadata.Needs
    ) throws(StoreError) -> MessageMetadata? {
        let id = row.integer(0)
        guard let uid = UID(rawValue: UInt32(truncatingIfNeeded: id)) else { return nil }
        var message = MessageMetadata(uid: uid)
        message.internalDate = row.integerOrNil(1).map { Moment(seconds: $0, zone: row.int(2)) }
        message.size = row.integerOrNil(3).map(Int.init)
        if let octets = try open(row, 6, "metadata", id, "envelope") { message.envelope = try Envelope(octets: octets) }
        if let octets = try open(row, 7, "metadata", id, "structure") {
            message.structure = try BodyStructure(octets: octets)
        }
        message.header = try open(row, 8, "metadata", id, "header")
        if let octets = try open(row, 11, "metadata", id, "reference_fields") {
            var reader = OctetReader(octets)
            message.references = try reader.list { reader throws(StoreError) in try reader.bytes() }
            guard reader.isAtEnd else { throw OctetReader.damage }
        }
        guard let body = row.integerOrNil(4) else { return message }
        let size = row.int(5)
        message.body = BodyReference(id: BodyID(rawValue: body), size: size)
        message.parts = try open(row, 9, "bodies", body, "parts")
        if needs.contains(.smallBody) {
            if size == 0 {
                message.smallBody = []
            } else if !row.isNull(10) {
                message.smallBody = try bodies.open(row, column: 10, id: body * Chunks.placeLimit)
            }
        }
        return message
    }
}

extension Connection {
    /// The last UID of which and before which, from `uid` on, nothing is known, when nothing is known of `uid`.
    fileprivate func lastBlank(after uid: UInt32, of id: CachedMailbox.ID) throws(StoreError) -> UInt32 {
        let next = try integer(
            "SELECT id FROM metadata WHERE id > ? AND id <= ? ORDER BY id LIMIT 1", id.message(uid), id.message(.max))
        return next.map { UInt32(truncatingIfNeeded: $0) - 1 } ?? .max
    }
}
