internal import Loop
package import MailTypes
internal import SQLite

extension Cache {
    /// Octets in one piece of `saveBody`: a multiple of the chunk size.
    package static let pieceSize = 16 * Chunks.size
    /// Bodies dropped in one commit.
    private static let evictionBatch = 64
    /// Pages given back in one commit.
    private static let spacePages: Int64 = 256
    /// Seconds after which a body that was never completed is dropped.
    private static let unfinishedLifetime: Int64 = 3600

    /// The body with this content, if the account has it.
    package func body(_ digest: ContentDigest, of account: AccountID) async throws(StoreError) -> BodyReference? {
        try await read { connection throws(StoreError) in try connection.body(digest, of: account) }
    }

    /// Stores a body once under its digest and gives it to a message. Reads it piece by piece; a large one that the
    /// account has is not read.
    /// - Parameters:
    ///   - parts: MIME's structure of it.
    ///   - piece: the octets of a range, at most `pieceSize` of them.
    @discardableResult
    package func saveBody(
        _ digest: ContentDigest, size: Int, parts: [UInt8], of uid: UID, in mailbox: CachedMailbox.ID,
        account: AccountID, piece: (Range<Int>) async throws(StoreError) -> [UInt8]
    ) async throws(StoreError) -> BodyReference {
        if size > Self.pieceSize {
            return try await saveLargeBody(
                digest, size: size, parts: parts, of: uid, in: mailbox, account: account, piece: piece)
        }
        let octets = try await piece(0..<size)
        return try await write(of: NumberSet([uid]), in: mailbox) { [self] connection throws(StoreError) in
            let body: BodyReference
            if let known = try connection.body(digest, of: account) {
                body = known
            } else {
                body = try begin(size: size, octets, account, connection)
                try finish(body.id, digest, parts, connection)
            }
            try connection.give(body.id, to: uid, in: mailbox)
            return body
        }
    }

    /// Stores small messages in one commit: bodies once under their digests, with what is known besides.
    package func save(
        _ messages: [KeptMessage], in mailbox: CachedMailbox.ID, of account: AccountID
    ) async throws(StoreError) {
        let uids = NumberSet(messages.lazy.map(\.metadata.uid))
        try await write(of: uids, in: mailbox) { [self] connection throws(StoreError) in
            for message in messages {
                var metadata = message.metadata
                if let known = try connection.body(message.digest, of: account) {
                    metadata.body = known
                } else {
                    let body = try begin(size: message.octets.count, message.octets, account, connection)
                    try finish(body.id, message.digest, message.parts, connection)
                    metadata.body = body
                }
                try put(metadata, in: mailbox, connection)
            }
        }
    }

    private func saveLargeBody(
        _ digest: ContentDigest, size: Int, parts: [UInt8], of uid: UID, in mailbox: CachedMailbox.ID,
        account: AccountID, piece: (Range<Int>) async throws(StoreError) -> [UInt8]
    ) async throws(StoreError) -> BodyReference {
        if let known = try await body(digest, of: account) {
            try await write(of: NumberSet([uid]), in: mailbox) { connection throws(StoreError) in
                try connection.give(known.id, to: uid, in: mailbox)
            }
            return known
        }
        let first = try await piece(0..<Self.pieceSize)
        let body = try await write { [self] connection throws(StoreError) in
            try begin(size: size, first, account, connection)
        }
        do throws(StoreError) {
            var offset = first.count
            while offset < size {
                let octets = try await piece(offset..<min(size, offset + Self.pieceSize))
                guard !octets.isEmpty else { throw .invalid(.body, digest.description, reason: "it is cut short") }
                let start = offset
                try await write { [bodies] connection throws(StoreError) in
                    try bodies.write(octets, at: start, of: body.id.rawValue, on: connection)
                }
                offset += octets.count
            }
            return try await write(of: NumberSet([uid]), in: mailbox) { [self] connection throws(StoreError) in
                var kept = body
                if let known = try connection.body(digest, of: account) {
                    try drop(body.id.rawValue, connection)
                    kept = known
                } else {
                    try finish(body.id, digest, parts, connection)
                }
                try connection.give(kept.id, to: uid, in: mailbox)
                return kept
            }
        } catch {
            _ = try? await write { [self] connection throws(StoreError) in try drop(body.id.rawValue, connection) }
            throw error
        }
    }

    /// The octets of a body in `range`, cut to its size. Nil when it was evicted meanwhile.
    package func read(_ body: BodyID, in range: Range<Int>) async throws(StoreError) -> [UInt8]? {
        note(used: [body.rawValue])
        return try await read { [bodies] connection throws(StoreError) in
            let size = try connection.integer("SELECT size FROM bodies WHERE id = ? AND digest IS NOT NULL", body)
            guard let size else { return nil }
            return try bodies.read(range.clamped(to: 0..<Int(size)), of: body.rawValue, on: connection)
        }
    }

    /// MIME's structure of a body. Nil when it was evicted meanwhile.
    package func parts(of body: BodyID) async throws(StoreError) -> [UInt8]? {
        try await read { [self] connection throws(StoreError) in
            try connection.first("SELECT parts FROM bodies WHERE id = ?", body) { row throws(StoreError) in
                try open(row, 0, "bodies", body.rawValue, "parts")
            } ?? nil
        }
    }

    /// Drops bodies of no message, then those unused for longest, until all together are within `quota` octets.
    /// Returns the octets dropped. Other writes go between its commits.
    @discardableResult
    package func evict(toQuota quota: Int) async throws(StoreError) -> Int {
        try await writeDownUse()
        let moment = clock.now.seconds
        var dropped = 0
        while true {
            let batch = try await write { [self] connection throws(StoreError) in
                let orphans = try connection.list(
                    """
                    SELECT id, size FROM bodies b
                    WHERE CASE WHEN digest IS NULL THEN used < ?
                        ELSE NOT EXISTS (SELECT 1 FROM metadata WHERE body = b.id) END LIMIT ?
                    """, moment - Self.unfinishedLifetime, Self.evictionBatch
                ) { row throws(StoreError) in (row.integer(0), row.int(1)) }
                return try drop(orphans, connection)
            }
            dropped += batch.octets
            if batch.count < Self.evictionBatch { break }
        }
        while true {
            let batch = try await write { [self] connection throws(StoreError) in
                let total = Int(try connection.integer("SELECT coalesce(sum(size), 0) FROM bodies") ?? 0)
                var excess = total - quota
                guard excess > 0 else { return (count: 0, octets: 0) }
                let oldest = try connection.list(
                    "SELECT id, size FROM bodies WHERE digest IS NOT NULL ORDER BY used, id LIMIT ?",
                    Self.evictionBatch
                ) { row throws(StoreError) in (row.integer(0), row.int(1)) }
                let leaving = oldest.prefix { body in
                    defer { excess -= body.1 }
                    return excess > 0
                }
                return try drop(Array(leaving), connection)
            }
            dropped += batch.octets
            if batch.count == 0 { break }
        }
        try await giveBackSpace()
        return dropped
    }

    /// Shortens the file while more than a fifth of it is empty. Less is left for the next bodies: giving it back would
    /// move pages about for nothing.
    private func giveBackSpace() async throws(StoreError) {
        while true {
            let isLoose = try await write { connection throws(StoreError) in
                let free = try connection.integer("PRAGMA freelist_count") ?? 0
                let all = try connection.integer("PRAGMA page_count") ?? 0
                guard free > max(Self.spacePages, all / 5) else { return false }
                try connection.run("PRAGMA incremental_vacuum(\(Self.spacePages))")
                return true
            }
            if !isLoose { return }
        }
    }

    /// Octets of all bodies together.
    package func bodySize() async throws(StoreError) -> Int {
        try await read { connection throws(StoreError) in
            Int(try connection.integer("SELECT coalesce(sum(size), 0) FROM bodies") ?? 0)
        }
    }

    /// Remembers that these bodies were read. In memory: a read costs no write.
    func note(used ids: [Int64]) {
        guard !ids.isEmpty else { return }
        used.withLock { used in if used.count < Self.usedLimit { used.formUnion(ids) } }
    }

    private func writeDownUse() async throws(StoreError) {
        let ids = used.withLock { used in
            defer { used.removeAll() }
            return used
        }
        let moment = clock.now.seconds
        guard !ids.isEmpty else { return }
        try await write { connection throws(StoreError) in
            for id in ids { try connection.run("UPDATE bodies SET used = ? WHERE id = ?", moment, id) }
        }
    }

    // MARK: Within a transaction

    private func begin(
        size: Int, _ octets: [UInt8], _ account: AccountID, _ connection: Connection
    ) throws(StoreError) -> BodyReference {
        try connection.run(
            "INSERT INTO bodies (account, size, used) VALUES (?, ?, ?)", account, size, clock.now.seconds)
        let id = connection.lastInsertedRow
        try bodies.write(octets, at: 0, of: id, on: connection)
        return BodyReference(id: BodyID(rawValue: id), size: size)
    }

    private func finish(
        _ id: BodyID, _ digest: ContentDigest, _ parts: [UInt8], _ connection: Connection
    ) throws(StoreError) {
        try connection.run(
            "UPDATE bodies SET digest = ?, parts = ? WHERE id = ?", digest,
            try seal(parts, "bodies", id.rawValue, "parts"), id)
    }

    private func drop(
        _ list: [(id: Int64, size: Int)], _ connection: Connection
    ) throws(StoreError) -> (count: Int, octets: Int) {
        for body in list { try drop(body.id, connection) }
        return (list.count, list.reduce(0) { $0 + $1.size })
    }

    private func drop(_ id: Int64, _ connection: Connection) throws(StoreError) {
        try bodies.remove(id, on: connection)
        try connection.run("DELETE FROM bodies WHERE id = ?", id)
    }
}

extension Connection {
    fileprivate func body(_ digest: ContentDigest, of account: AccountID) throws(StoreError) -> BodyReference? {
        try first("SELECT id, size FROM bodies WHERE account = ? AND digest = ?", account, digest) {
            row throws(StoreError) in BodyReference(id: row.identifier(0), size: row.int(1))
        }
    }

    /// A message that is gone by now gets nothing; its body is of no message and goes with the next eviction.
    fileprivate func give(_ body: BodyID, to uid: UID, in mailbox: CachedMailbox.ID) throws(StoreError) {
        try run(
            """
            INSERT INTO metadata (id, body) SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM messages WHERE id = ?1)
            ON CONFLICT (id) DO UPDATE SET body = excluded.body
            """, mailbox.message(uid.rawValue), body)
    }
}
