internal import Loop
package import MailTypes
internal import SQLite

/// Contents: message sources and attachments, stored once under their digest in sealed chunks.
extension Store {
    /// Octets of a content that are stored within the transaction that refers to it.
    package static let contentLimit = 16 * Chunks.size
    /// Octets in one piece of `putContent`.
    package static let contentPieceSize = Chunks.size

    /// Stores a content, reading it piece by piece. Whoever refers to it does so in a later transaction; a content nobody
    /// refers to is dropped by `dropUnusedContents`. The disk is waited for once, behind the last piece.
    /// - Parameter piece: the octets of a range, at most `contentPieceSize` of them.
    package func putContent(
        _ digest: ContentDigest, size: Int, piece: (Range<Int>) async throws(StoreError) -> [UInt8]
    ) async throws(StoreError) {
        if try await transaction({ t throws(StoreError) in try t.keepContent(digest) }) { return }
        let id = try await transaction(surviving: .crash) { t throws(StoreError) in try t.beginContent(size: size) }
        do throws(StoreError) {
            var offset = 0
            while offset < size {
                let range = offset..<min(size, offset + Self.contentPieceSize)
                let octets = try await piece(range)
                guard !octets.isEmpty else { throw .invalid(.content, digest.description, reason: "it is cut short") }
                try await transaction(surviving: .crash) { t throws(StoreError) in
                    try t.continueContent(id, octets, at: range.lowerBound)
                }
                offset += octets.count
            }
            try await transaction { t throws(StoreError) in try t.finishContent(id, digest) }
        } catch {
            _ = try? await transaction { t throws(StoreError) in try t.removeContent(id) }
            throw error
        }
    }

    /// Contents dropped in one transaction by `dropUnusedContents`.
    static let dropBatch = 20

    /// Drops contents that nobody refers to and that were stored before `moment`, unfinished ones too: of messages that
    /// were refused, and of what a crash cut off. The writer is never held for long.
    /// - Returns: how many.
    @discardableResult
    package func dropUnusedContents(storedBefore moment: Moment) async throws(StoreError) -> Int {
        var dropped = 0
        var last: Int64 = 0
        while true {
            let start = last
            let unused = try await read { reader throws(StoreError) in
                try reader.unusedContents(storedBefore: moment, after: start, limit: Self.dropBatch)
            }
            guard let end = unused.last else { return dropped }
            last = end
            dropped += try await transaction(surviving: .crash) { t throws(StoreError) in
                try t.dropUnusedContents(unused, storedBefore: moment)
            }
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

/// Whether anything refers to a row of `contents`.
private let contentIsReferredTo = """
    EXISTS (SELECT 1 FROM emails WHERE source = digest)
    OR EXISTS (SELECT 1 FROM attachments WHERE content = digest)
    OR EXISTS (SELECT 1 FROM outbox WHERE content = digest)
    OR EXISTS (SELECT 1 FROM sent_marks WHERE content = digest)
    """
/// Whether a row of `contents` is old and of no use.
private let contentIsUnused = "stored < ?1 AND (digest IS NULL OR NOT (\(contentIsReferredTo)))"

extension StoreQueries {
    /// In the order of their identifiers, from behind `start`.
    fileprivate func unusedContents(
        storedBefore moment: Moment, after start: Int64, limit: Int
    ) throws(StoreError) -> [Int64] {
        try connection.list(
            "SELECT id FROM contents WHERE id > ?2 AND \(contentIsUnused) ORDER BY id LIMIT ?3", moment, start, limit
        ) { row throws(StoreError) in row.integer(0) }
    }

    fileprivate func isUnused(_ id: Int64, storedBefore moment: Moment) throws(StoreError) -> Bool {
        try connection.integer("SELECT 1 FROM contents WHERE \(contentIsUnused) AND id = ?2", moment, id) != nil
    }

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
    /// - Precondition: at most `Store.contentLimit` octets.
    package func putContent(_ digest: ContentDigest, _ octets: [UInt8]) throws(StoreError) {
        precondition(octets.count <= Store.contentLimit)
        if try keepContent(digest) { return }
        try connection.run(
            "INSERT INTO contents (digest, size, stored) VALUES (?, ?, ?)", digest, octets.count, now)
        try chunks.write(octets, at: 0, of: connection.lastInsertedRow, on: connection)
    }

    /// Drops those of these contents that are still unused.
    fileprivate func dropUnusedContents(_ ids: [Int64], storedBefore moment: Moment) throws(StoreError) -> Int {
        var dropped = 0
        for id in ids where try isUnused(id, storedBefore: moment) {
            try removeContent(id)
            dropped += 1
        }
        return dropped
    }

    /// Drops a content if nobody refers to it any more.
    func dropContent(_ digest: ContentDigest) throws(StoreError) {
        let unused = try connection.integer(
            "SELECT id FROM contents WHERE digest = ? AND NOT (\(contentIsReferredTo))", digest)
        if let unused { try removeContent(unused) }
    }

    /// Whether it is stored; its time starts anew, so that it is still there when it is referred to.
    fileprivate func keepContent(_ digest: ContentDigest) throws(StoreError) -> Bool {
        try connection.run("UPDATE contents SET stored = ? WHERE digest = ?", now, digest) > 0
    }

    fileprivate func beginContent(size: Int) throws(StoreError) -> Int64 {
        try connection.run("INSERT INTO contents (size, stored) VALUES (?, ?)", size, now)
        return connection.lastInsertedRow
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
