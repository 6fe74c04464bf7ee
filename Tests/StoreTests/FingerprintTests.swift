import Loop
import MailTypes
import SQLite
import Store
import Testing

/// The index of texts in `cache.db`.
@Suite struct FingerprintTests {
    private let account = AccountID(rawValue: 5)
    private let sought = ["needle", "absent", "ab"].map { TextMarks(Array($0.utf8)) }

    private func fill(_ cache: Cache, uids: ClosedRange<UInt32>) async throws -> CachedMailbox.ID {
        let id = try await cache.put(
            MailboxListing(name: .inbox, upstreamName: Array("INBOX".utf8), delimiter: 0x2E), of: account
        ).id
        var changes = MailboxChanges(highestModSeq: ModSeq(rawValue: UInt64(uids.upperBound)))
        changes.added = uids.map { .init(uid: UID($0), flags: [], modSeq: ModSeq(rawValue: UInt64($0))) }
        changes.uidNext = uids.upperBound + 1
        try await cache.apply(changes, to: id)
        return id
    }

    private func saveBody(_ size: Int, uid: UInt32, _ id: CachedMailbox.ID, _ cache: Cache) async throws -> BodyID {
        try await cache.saveBody(
            House.digest(UInt8(uid)), size: size, parts: [UInt8(uid)], of: UID(uid), in: id, account: account
        ) { range throws(StoreError) in [UInt8](repeating: UInt8(uid), count: range.count) }.id
    }

    private func fingerprint(_ text: String) -> TextFingerprint {
        TextFingerprint(of: [Collation.unicodeCasemap.key(of: text)])
    }

    @Test func bodiesAreMarkedOnceAndTold() async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        defer { cache.close() }
        let id = try await fill(cache, uids: 1...5)
        let small = try await saveBody(10, uid: 1, id, cache)
        let large = try await saveBody(100_000, uid: 2, id, cache)
        let last = try await saveBody(10, uid: 3, id, cache)
        let unmarked = try await cache.unmarkedBodies(of: account, count: 9, octets: 1 << 20)
        #expect(unmarked.map(\.body.id) == [small, large, last])
        #expect(unmarked.map(\.parts) == [[1], [2], [3]])
        #expect(unmarked.map { $0.octets?.count } == [10, nil, 10])
        #expect(try await cache.unmarkedBodies(of: account, count: 2, octets: 1 << 20).count == 2)
        #expect(try await cache.unmarkedBodies(of: account, count: 9, octets: 50_000).count == 2)
        #expect(try await cache.unmarkedBodies(of: AccountID(rawValue: 6), count: 9, octets: 1 << 20).isEmpty)

        try await cache.save([small: fingerprint("a Needle"), large: .unknown, BodyID(rawValue: 99): .unknown])
        #expect(try await cache.unmarkedBodies(of: account, count: 9, octets: 1 << 20).map(\.body.id) == [last])
        let all = (1...5).map { UID($0) }
        let suspects = try await cache.suspects(among: all, in: id, of: sought)
        #expect(
            suspects == [UID(1): .marked(absent: [1]), UID(2): .marked(absent: []), UID(3): .unmarked])
        #expect(try await cache.suspects(among: [UID(3)], in: id, of: []) == [UID(3): .unmarked])
        // What was marked stays so.
        try await cache.save([small: fingerprint("something else")])
        #expect(try await cache.suspects(among: all, in: id, of: sought)[UID(1)] == .marked(absent: [1]))
    }

    @Test func aFingerprintGoesWithItsBody() async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        defer { cache.close() }
        let id = try await fill(cache, uids: 1...2)
        let bodies = [try await saveBody(10, uid: 1, id, cache), try await saveBody(10, uid: 2, id, cache)]
        for body in bodies { try await cache.save([body: fingerprint("x")]) }
        try await cache.evict(toQuota: 10)
        #expect(try rows(scratch) == 1)
        try await cache.removeAccount(account)
        #expect(try rows(scratch) == 0)
    }

    private func rows(_ scratch: Scratch) throws -> Int64? {
        try Connection(path: scratch.file(Cache.fileName), access: .readOnly).number(
            "SELECT count(*) FROM fingerprints")
    }

    @Test func aFileWithoutAnIndexKeepsItsMail() async throws {
        let scratch = Scratch()
        var cache = try scratch.cache()
        let id = try await fill(cache, uids: 1...1)
        let body = try await saveBody(10, uid: 1, id, cache)
        try await cache.save([body: fingerprint("x")])
        cache.close()
        do {
            let connection = try Connection(path: scratch.file(Cache.fileName), access: .readWrite)
            try connection.script(
                """
                DROP TABLE fingerprints; DROP INDEX bodies_unmarked; ALTER TABLE bodies DROP COLUMN is_marked;
                PRAGMA user_version = 1;
                """)
        }
        cache = try scratch.cache()
        defer { cache.close() }
        #expect(cache.startedOver == nil)
        #expect(try await cache.unmarkedBodies(of: account, count: 9, octets: 100).map(\.body.id) == [body])
        #expect(try await cache.read(body, in: 0..<10) == [UInt8](repeating: 1, count: 10))
    }

    /// What of a body can't be opened is left out, and does not keep the others from being marked.
    @Test func damagedBodies() async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        defer { cache.close() }
        let id = try await fill(cache, uids: 1...2)
        let first = try await saveBody(10, uid: 1, id, cache)
        let second = try await saveBody(10, uid: 2, id, cache)
        do {
            let connection = try Connection(path: scratch.file(Cache.fileName), access: .readWrite)
            try connection.execute("UPDATE bodies SET parts = x'00' WHERE id = ?", [first.rawValue])
            try connection.execute("DELETE FROM body_chunks WHERE id >> 20 = ?", [first.rawValue])
        }
        let unmarked = try await cache.unmarkedBodies(of: account, count: 9, octets: 1 << 20)
        #expect(unmarked.map(\.body.id) == [first, second])
        #expect(unmarked.map { $0.parts == nil } == [true, false])
        #expect(unmarked.map { $0.octets == nil } == [true, false])
    }
}
