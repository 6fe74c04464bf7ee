import Loop
import MailTypes
import Store
import Testing

/// What extensions tell of messages and mailboxes, as the cache keeps it.
@Suite struct ParticularsTests {
    private let account = AccountID(rawValue: 5)

    private func mailbox(_ name: String, _ cache: Cache) async throws(StoreError) -> CachedMailbox.ID {
        try await cache.put(
            MailboxListing(name: MailboxName(name), upstreamName: Array(name.utf8), delimiter: 0x2F), of: account
        ).id
    }

    private func add(_ uids: [UInt32], to id: CachedMailbox.ID, _ cache: Cache) async throws(StoreError) {
        var changes = MailboxChanges(highestModSeq: ModSeq(rawValue: 9))
        changes.added = uids.map { .init(uid: UID($0), flags: [], modSeq: ModSeq(rawValue: 9)) }
        try await cache.apply(changes, to: id)
    }

    @Test func whatIsKnownOfAMessageGrows() async throws {
        let scratch = Scratch()
        let time = Locked<Int64>(1000)
        let cache = try scratch.cache(clock: WallClock { WallClock.Time(seconds: time.withLock { $0 }) })
        defer { cache.close() }
        let id = try await mailbox("INBOX", cache)
        try await add([1, 2], to: id, cache)
        time.withLock { $0 = 2000 }
        // A message that is there already was first seen before.
        try await add([2, 3], to: id, cache)
        let uids = [UID(1), UID(2), UID(3), UID(4)]
        let first = try await cache.particulars(of: uids, in: id, withPreview: true)
        #expect(first.map(\.uid.rawValue) == [1, 2, 3])
        #expect(first.map { $0.firstSeen?.seconds } == [1000, 1000, 2000])
        #expect(first.allSatisfy { !$0.isTold && $0.emailID == nil && $0.preview == nil })
        var known = CachedParticulars(uid: UID(2))
        known.preview = "Zażółć"
        var gone = CachedParticulars(uid: UID(7))
        gone.emailID = "M7"
        try await cache.save([known, gone], in: id)
        known.preview = nil
        known.isTold = true
        known.emailID = "M2"
        known.threadID = "T2"
        known.saveDate = Moment(seconds: 77)
        try await cache.save([known], in: id)
        // An identifier once given stays.
        known = CachedParticulars(uid: UID(2))
        known.emailID = "M3"
        try await cache.save([known], in: id)
        let second = try #require(try await cache.particulars(of: [UID(2)], in: id, withPreview: true).first)
        #expect(second.isTold && second.emailID == "M2" && second.threadID == "T2" && second.preview == "Zażółć")
        #expect(second.saveDate?.seconds == 77)
        #expect(try await cache.particulars(of: [UID(2)], in: id, withPreview: false).first?.preview == nil)
        // It goes with the message.
        var changes = MailboxChanges(highestModSeq: ModSeq(rawValue: 10))
        changes.expunged = [.init(uid: UID(2), modSeq: ModSeq(rawValue: 10))]
        try await cache.apply(changes, to: id)
        try await add([2], to: id, cache)
        let third = try #require(try await cache.particulars(of: [UID(2)], in: id, withPreview: true).first)
        #expect(!third.isTold && third.emailID == nil && third.preview == nil && third.firstSeen?.seconds == 2000)
        try await cache.reset(
            id, uidValidity: UIDValidity(rawValue: 3), uidNext: 1, highestModSeq: ModSeq(rawValue: 11))
        #expect(try await cache.particulars(of: uids, in: id, withPreview: true).isEmpty)
    }

    @Test func aMailboxKeepsItsIdentifierUnderAnotherName() async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        defer { cache.close() }
        let first = try await mailbox("a", cache)
        let validity = UIDValidity(rawValue: 7)
        #expect(try await cache.objectID(of: first) == nil)
        #expect(try await cache.claimObjectID(["M1", "M2"], validity, for: first) == "M1")
        #expect(try await cache.claimObjectID(["M1"], validity, for: first) == "M1")
        let listing = MailboxListing(name: MailboxName("b"), upstreamName: [0x62], delimiter: 0x2F)
        try await cache.rename(first, to: listing)
        let known = try #require(try await cache.objectID(of: first))
        #expect(known.id == "M1" && known.uidValidity == validity)
        // Another one that gets the name does not get the identifier.
        let second = try await mailbox("a", cache)
        #expect(try await cache.claimObjectID(["M1", "M2"], validity, for: second) == "M2")
        #expect(try await cache.claimObjectID(["M1"], validity, for: second) == nil)
        // But one of another account may.
        let other = try await cache.put(listing, of: AccountID(rawValue: 6)).id
        #expect(try await cache.claimObjectID(["M1"], validity, for: other) == "M1")
    }
}
