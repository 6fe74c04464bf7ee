internal import Loop
package import MailTypes
internal import SQLite

/// Contents: message sources and attachments, stored once under their digest in sealed chunks.
extension Store {
    /// Octets in one piece of `putContent`: a multiple of the chunk size.
    package static let contentPieceSize = 16 * Chunks.size

    /// Stores a content, reading it piece by piece. Whoever refers to it does so in a later transaction; a content nobody
    /// refers to is dropped by `dropUnusedContents`.
    /// - Parameter piece: the octets of a range, at most `contentPieceSize` of them.
    package func putContent(
        _ digest: ContentDigest, size: Int, piece: (Range<Int>) async throws(StoreError) -> [UInt8]
    ) async throws(StoreError) {
        if try await transaction({ t throws(StoreError) in try t.keepContent(digest) }) { return }
        let first = try await piece(0..<min(size, Self.contentPieceSize))
        if size <= Self.contentPieceSize {
            return try await transaction { t throws(StoreError) in try t.putContent(digest, first) }
        }
        let id = try await transaction { t throws(StoreError) in try t.beginContent(size: size, first) }
        do throws(StoreError) {
            var offset = first.count
            while offset < size {
                let octets = try await piece(offset..<min(size, offset + Self.contentPieceSize))
                guard !octets.isEmpty else { throw .invalid(.content, digest.description, reason: "it is cut short") }
                let start = offset
                try await transaction { t throws(StoreError) in try t.continueContent(id, octets, at: start) }
                offset += octets.count
            }
            try await transaction { t throws(StoreError) in try t.finishContent(id, digest) }
        } catch {
            _ = try? await transaction { t throws(StoreError) in try t.removeContent(id) }
            throw error
        }
    }

    /// The octets of a stored content in `range`, which is cut to its size.
    package func content(_ digest: ContentDigest, in range: Range<Int>) async throws(StoreError) -> [UInt8] {
        let sealing = sealing
        return try await read { reader throws(StoreError) in try reader.content(digest, in: range, sealing) }
    }

    /// The same for a thread that may block.
    package func contentBlocking(_ digest: ContentDigest, in range: Range<Int>) throws(StoreError) -> [UInt8] {
        let sealing = sealing
        return try readBlocking { reader throws(StoreError) in try reader.content(digest, in: range, sealing) }
    }
}

extension StoreQueries {
    /// Octets of a stored content, or nil when it isn't stored.
    package func contentSize(_ digest: ContentDigest) throws(StoreError) -> Int? {
        try connection.integer("SELECT size FROM contents WHERE digest = ?", digest).map(Int.init)
    }

    fileprivate func content(
        _ digest: ContentDigest, in range: Range<Int>, _ sealing: any Sealing
    ) throws(StoreError) -> [UInt8] {
        let found = try connection.first("SELECT id, size FROM contents WHERE digest = ?", digest) {
            row throws(StoreError) in (row.integer(0), row.int(1))
        }
        guard let (id, size) = found else { throw .noSuch(.content, digest.description) }
        let chunks = Chunks(table: "content_chunks", sealing: sealing)
        guard let octets = try chunks.read(range.clamped(to: 0..<size), of: id, on: connection) else {
            throw .damaged("content \(digest)")
        }
        return octets
    }
}

extension StoreTransaction {
    private var chunks: Chunks { Chunks(table: "content_chunks", sealing: sealing) }

    /// Stores a small content within the transaction that refers to it.
    /// - Precondition: at most `Store.contentPieceSize` octets.
    package func putContent(_ digest: ContentDigest, _ octets: [UInt8]) throws(StoreError) {
        precondition(octets.count <= Store.contentPieceSize)
        if try keepContent(digest) { return }
        try connection.run(
            "INSERT INTO contents (digest, size, stored) VALUES (?, ?, ?)", digest, octets.count, now)
        try chunks.write(octets, at: 0, of: connection.lastInsertedRow, on: connection)
    }

    /// Drops contents that nobody refers to and that were stored before `moment`, unfinished ones too.
    /// Returns how many.
    @discardableResult
    package func dropUnusedContents(storedBefore moment: Moment) throws(StoreError) -> Int {
        let unused = try connection.list(
            """
            SELECT id FROM contents WHERE stored < ? AND (digest IS NULL OR NOT (\(Self.isReferredTo)))
            """, moment
        ) { row throws(StoreError) in row.integer(0) }
        for id in unused { try removeContent(id) }
        return unused.count
    }

    /// Drops a content if nobody refers to it any more.
    func dropContent(_ digest: ContentDigest) throws(StoreError) {
        let unused = try connection.integer(
            "SELECT id FROM contents WHERE digest = ? AND NOT (\(Self.isReferredTo))", digest)
        if let unused { try removeContent(unused) }
    }

    /// Whether anything refers to a row of `contents`.
    private static let isReferredTo = """
        EXISTS (SELECT 1 FROM emails WHERE source = digest)
        OR EXISTS (SELECT 1 FROM attachments WHERE content = digest)
        OR EXISTS (SELECT 1 FROM outbox WHERE content = digest)
        OR EXISTS (SELECT 1 FROM sent_marks WHERE content = digest)
        """

    /// Whether it is stored; its time starts anew, so that it is still there when it is referred to.
    fileprivate func keepContent(_ digest: ContentDigest) throws(StoreError) -> Bool {
        try connection.run("UPDATE contents SET stored = ? WHERE digest = ?", now, digest) > 0
    }

    fileprivate func beginContent(size: Int, _ octets: [UInt8]) throws(StoreError) -> Int64 {
        try connection.run("INSERT INTO contents (size, stored) VALUES (?, ?)", size, now)
        let id = connection.lastInsertedRow
        try chunks.write(octets, at: 0, of: id, on: connection)
        return id
    }

    fileprivate func continueContent(_ id: Int64, _ octets: [UInt8], at offset: Int) throws(StoreError) {
        try chunks.write(octets, at: offset, of: id, on: connection)
    }

    /// Gives it its digest, unless another task was faster with the same content.
    fileprivate func finishContent(_ id: Int64, _ digest: ContentDigest) throws(StoreError) {
        if try keepContent(digest) { return try removeContent(id) }
        try connection.run("UPDATE contents SET digest = ?, stored = ? WHERE id = ?", digest, now, id)
    }

    fileprivate func removeContent(_ id: Int64) throws(StoreError) {
        try chunks.remove(id, on: connection)
        try connection.run("DELETE FROM contents WHERE id = ?", id)
    }
}
