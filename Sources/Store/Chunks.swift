internal import SQLite

/// Contents in sealed chunks of 64 KiB, so that a range costs the chunks it touches: in the middle of one large BLOB
/// SQLite would walk a chain of overflow pages from its beginning.
///
/// A chunk's id is its owner's id and its place. It is sealed under table, row and column: moved elsewhere it won't open.
struct Chunks {
    static let size = 65_536
    /// Places of one owner: contents up to 64 GiB.
    static let placeLimit: Int64 = 1 << 20

    /// The table, with columns `id` and `data`. A literal of this target, never input.
    let table: String
    let sealing: any Sealing

    /// Seals and writes octets that begin at `offset`, a multiple of the chunk size.
    func write(_ octets: [UInt8], at offset: Int, of owner: Int64, on connection: Connection) throws(StoreError) {
        precondition(offset % Self.size == 0)
        var start = 0
        while start < octets.count {
            let end = min(start + Self.size, octets.count)
            let id = owner * Self.placeLimit + Int64((offset + start) / Self.size)
            let sealed = try seal(octets, start..<end, id)
            do throws(SQLiteError) {
                let statement = try connection.prepare("INSERT INTO \(table) (id, data) VALUES (?, ?)")
                try statement.bind(id, at: 1)
                try statement.run(blob: sealed, at: 2)
            } catch { throw .database(error) }
            start = end
        }
    }

    /// The octets in `range`, which lies within the content. Nil when a chunk is missing.
    func read(_ range: Range<Int>, of owner: Int64, on connection: Connection) throws(StoreError) -> [UInt8]? {
        guard !range.isEmpty else { return [] }
        let first = range.lowerBound / Self.size
        let last = (range.upperBound - 1) / Self.size
        let base = owner * Self.placeLimit
        let chunks = try connection.list(
            "SELECT id, data FROM \(table) WHERE id BETWEEN ? AND ? ORDER BY id", base + Int64(first),
            base + Int64(last)
        ) { row throws(StoreError) in try open(row, column: 1, id: row.integer(0)) }
        guard chunks.count == last - first + 1 else { return nil }
        // One whole chunk needs no copy: the usual small body.
        if chunks.count == 1, range.lowerBound == first * Self.size, chunks[0].count == range.count { return chunks[0] }
        var octets: [UInt8] = []
        octets.reserveCapacity(range.count)
        for (place, chunk) in chunks.enumerated() {
            let start = (first + place) * Self.size
            let lower = max(range.lowerBound - start, 0)
            let upper = min(range.upperBound - start, chunk.count)
            guard lower <= upper else { return nil }
            octets.append(contentsOf: chunk[lower..<upper])
        }
        return octets.count == range.count ? octets : nil
    }

    /// Opens the chunk in this column of a row.
    func open(_ row: borrowing Row, column: Int, id: Int64) throws(StoreError) -> [UInt8] {
        do throws(SealingError) {
            return try row.withBlob(column) { bytes throws(SealingError) in
                try sealing.open(bytes, context: context(id))
            }
        } catch { throw .damaged("\(table)/\(id): \(error)") }
    }

    func remove(_ owner: Int64, on connection: Connection) throws(StoreError) {
        let base = owner * Self.placeLimit
        try connection.run(
            "DELETE FROM \(table) WHERE id BETWEEN ? AND ?", base, base + Self.placeLimit - 1)
    }

    private func seal(_ octets: [UInt8], _ range: Range<Int>, _ id: Int64) throws(StoreError) -> [UInt8] {
        let result = octets.withUnsafeBytes { bytes in
            Result { () throws(SealingError) in
                try sealing.seal(UnsafeRawBufferPointer(rebasing: bytes[range]), context: context(id))
            }
        }
        do throws(SealingError) { return try result.get() } catch { throw .sealing(error) }
    }

    private func context(_ id: Int64) -> String { "\(table)/\(id)/data" }
}
