package import MailTypes
internal import SQLite

/// The index by which texts are found: a fingerprint for each body, sealed like everything else of a message.
///
/// No FTS5: it would keep which messages share which letters in the clear, or hashed, which whoever has the file can
/// undo by counting; and it can't forget a message without being given its text once more.
extension Cache {
    /// Complete bodies without a fingerprint, the oldest first.
    /// - Parameters:
    ///   - count: the most that are given.
    ///   - octets: no more are given once they have so many together.
    package func unmarkedBodies(
        of account: AccountID, count: Int, octets: Int
    ) async throws(StoreError) -> [UnmarkedBody] {
        try await read { [self] connection throws(StoreError) in
            var total = 0
            let listed = try connection.list(
                """
                SELECT id, size FROM bodies INDEXED BY bodies_unmarked
                WHERE account = ? AND is_marked = 0 AND digest IS NOT NULL ORDER BY id LIMIT ?
                """, account, count
            ) { row throws(StoreError) in BodyReference(id: row.identifier(0), size: row.int(1)) }.prefix { body in
                defer { total += body.size }
                return total < octets
            }
            var unmarked: [UnmarkedBody] = []
            for body in listed {
                let id = body.id.rawValue
                // What can't be opened has no fingerprint, and is fetched anew when it is asked for.
                let parts = try? connection.first("SELECT parts FROM bodies WHERE id = ?", id) {
                    row throws(StoreError) in try open(row, 0, "bodies", id, "parts")
                }
                let whole = body.size <= Chunks.size ? try? bodies.read(0..<body.size, of: id, on: connection) : nil
                unmarked.append(UnmarkedBody(body: body, parts: parts ?? nil, octets: whole ?? nil))
            }
            return unmarked
        }
    }

    /// Keeps fingerprints of bodies. Those of bodies that are gone by now are passed over.
    package func save(_ fingerprints: [BodyID: TextFingerprint]) async throws(StoreError) {
        try await write { [self] connection throws(StoreError) in
            for (id, fingerprint) in fingerprints {
                let marked = try connection.run("UPDATE bodies SET is_marked = 1 WHERE id = ? AND is_marked = 0", id)
                guard marked > 0 else { continue }
                try connection.run(
                    "INSERT OR REPLACE INTO fingerprints (id, marks) VALUES (?, ?)", id,
                    try seal(fingerprint.octets, "fingerprints", id.rawValue, "marks"))
            }
        }
    }

    /// What the index knows of those of these messages whose bodies are cached.
    /// - Parameter texts: what is sought.
    package func suspects(
        among uids: [UID], in id: CachedMailbox.ID, of texts: [TextMarks]
    ) async throws(StoreError) -> [UID: TextSuspicion] {
        try await read { [self] connection throws(StoreError) in
            var found: [UID: TextSuspicion] = [:]
            for range in NumberSet(uids).ranges {
                let rows = try connection.list(
                    """
                    SELECT m.id, b.id, f.marks FROM metadata m JOIN bodies b ON b.id = m.body
                    LEFT JOIN fingerprints f ON f.id = b.id WHERE m.id BETWEEN ? AND ?
                    """, id.message(range.lowerBound), id.message(range.upperBound)
                ) { row throws(StoreError) -> (UID, TextSuspicion)? in
                    guard let uid = UID(rawValue: UInt32(truncatingIfNeeded: row.integer(0))) else { return nil }
                    // One that can't be opened tells nothing, and must not keep the others from telling.
                    guard let octets = (try? open(row, 2, "fingerprints", row.integer(1), "marks")) ?? nil,
                        let fingerprint = TextFingerprint(octets: octets)
                    else { return (uid, .unmarked) }
                    return (uid, .marked(absent: texts.indices.filter { !fingerprint.mayContain(texts[$0]) }))
                }
                for case (let uid, let suspicion)? in rows { found[uid] = suspicion }
            }
            return found
        }
    }
}

/// A body that the index does not know.
package struct UnmarkedBody: Sendable {
    package let body: BodyReference
    /// MIME's structure of it; nil when it can't be opened.
    package let parts: [UInt8]?
    /// The whole body when it is no longer than `Cache.chunkSize` and can be opened.
    package let octets: [UInt8]?
}

/// What the index says of a message and texts that are sought.
package enum TextSuspicion: Hashable, Sendable {
    /// Its body is cached, and not in the index yet.
    case unmarked
    /// These of the texts, by their places, are not in it; any other may be.
    case marked(absent: [Int])
}
