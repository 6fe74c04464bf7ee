import Glibc
import Loop
import MailTypes
import SQLite
import Store
import Testing

@Suite struct CacheTests {
    private let account = AccountID(rawValue: 5)

    private func inbox(_ cache: Cache) async throws(StoreError) -> CachedMailbox.ID {
        try await cache.put(
            MailboxListing(name: .inbox, upstreamName: Array("INBOX".utf8), delimiter: 0x2E), of: account
        ).id
    }

    private func fill(_ cache: Cache, _ id: CachedMailbox.ID, uids: ClosedRange<UInt32>) async throws(StoreError) {
        var changes = MailboxChanges(highestModSeq: ModSeq(rawValue: UInt64(uids.upperBound)))
        changes.added = uids.map { .init(uid: UID($0), flags: [.seen], modSeq: ModSeq(rawValue: UInt64($0))) }
        changes.uidNext = uids.upperBound + 1
        try await cache.apply(changes, to: id)
    }

    private func saveBody(
        _ octets: [UInt8], _ digest: UInt8, uid: UInt32, _ id: CachedMailbox.ID, _ cache: Cache
    ) async throws(StoreError) -> BodyReference {
        try await cache.saveBody(
            House.digest(digest), size: octets.count, parts: [digest], of: UID(uid), in: id, account: account
        ) { range throws(StoreError) in Array(octets[range]) }
    }

    @Test func mailboxesFollowTheListing() async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        defer { cache.close() }
        let sent = MailboxListing(
            name: MailboxName("Sent"), upstreamName: Array("Sent".utf8), delimiter: 0x2F, specialUse: .sent)
        var odd = MailboxListing(
            name: MailboxName("Zażółć/x"), upstreamName: [0x26, 0x41], delimiter: nil, isSubscribed: false,
            isSelectable: false, hasChildren: true)
        let first = try await cache.setMailboxes([sent, odd], of: account)
        #expect(first.map(\.listing) == [sent, odd])
        #expect(first.allSatisfy { $0.uidValidity == nil && $0.uidNext == 1 && $0.messageCount == 0 })
        try await fill(cache, first[0].id, uids: 1...3)
        odd.isSubscribed = true
        let inbox = MailboxListing(name: .inbox, upstreamName: Array("INBOX".utf8), delimiter: 0x2F)
        let second = try await cache.setMailboxes([inbox, odd, sent], of: account)
        #expect(second.map(\.listing) == [inbox, sent, odd])
        #expect(second[1].id == first[0].id && second[1].messageCount == 3)
        let third = try await cache.setMailboxes([inbox], of: account)
        #expect(third.map(\.listing.name) == [.inbox])
        await #expect(throws: StoreError.self) { try await cache.state(of: first[0].id) }
        #expect(try await cache.mailbox(first[0].id) == nil)
        await #expect(throws: StoreError.self) { try await fill(cache, first[0].id, uids: 1...1) }
        #expect(try await cache.mailboxes(of: AccountID(rawValue: 6)).isEmpty)
    }

    @Test func aRenamedMailboxKeepsItsMessages() async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        defer { cache.close() }
        let id = try await inbox(cache)
        try await fill(cache, id, uids: 1...3)
        let target = MailboxListing(name: MailboxName("Old"), upstreamName: Array("Old".utf8), delimiter: 0x2F)
        try await cache.put(target, of: account)
        try await cache.rename(id, to: target)
        let mailboxes = try await cache.mailboxes(of: account)
        #expect(mailboxes.map(\.id) == [id] && mailboxes[0].listing == target && mailboxes[0].messageCount == 3)
    }

    @Test func theIndexIsWhatWasApplied() async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        defer { cache.close() }
        let id = try await inbox(cache)
        try await fill(cache, id, uids: 1...1000)
        var changes = MailboxChanges(highestModSeq: ModSeq(rawValue: 2000))
        let flags: [Flag] = [.answered, .seen, Flag("$work")]
        changes.flags = [
            .init(uid: UID(7), flags: flags, modSeq: ModSeq(rawValue: 1500)),
            .init(uid: UID(5000), flags: flags, modSeq: ModSeq(rawValue: 1501)),
        ]
        changes.expunged = [.init(uid: UID(500), modSeq: ModSeq(rawValue: 2000))]
        changes.added = [.init(uid: UID(UInt32.max), flags: [], modSeq: ModSeq(rawValue: 1999))]
        changes.upstreamModSeq = ModSeq(rawValue: 77)
        try await cache.apply(changes, to: id)
        let index = try await cache.state(of: id).index
        #expect(index.uids == (1...1000).filter { $0 != 500 } + [UInt32.max])
        #expect(index.modSeqs[6] == 1500 && index.modSeqs.last == 1999)
        #expect(index.flagSets[Int(index.flags[6])] == flags)
        #expect(index.flagSets[Int(index.flags[7])] == [.seen])
        #expect(index.flagSets[Int(index.flags[999])].isEmpty)
        let mailbox = try #require(try await cache.mailboxes(of: account).first)
        #expect(mailbox.highestModSeq.rawValue == 2000 && mailbox.upstreamModSeq.rawValue == 77)
        #expect(mailbox.uidNext == 1001 && mailbox.messageCount == 1000)
    }

    @Test func anotherMailboxsMessagesAreNotTouched() async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        defer { cache.close() }
        let id = try await inbox(cache)
        let other = try await cache.put(
            MailboxListing(name: MailboxName("Other"), upstreamName: [], delimiter: nil), of: account
        ).id
        try await fill(cache, id, uids: UInt32.max - 2...UInt32.max - 1)
        try await fill(cache, other, uids: 1...2)
        try await cache.reset(
            id, uidValidity: UIDValidity(rawValue: 9), uidNext: 4, highestModSeq: ModSeq(rawValue: 1))
        #expect(try await cache.state(of: id).index.count == 0)
        #expect(try await cache.state(of: other).index.uids == [1, 2])
    }

    @Test func theExpungeLogReachesBackToItsFloor() async throws {
        let scratch = Scratch()
        let cache = try scratch.cache(expungeLogLimit: 1000)
        defer { cache.close() }
        let id = try await inbox(cache)
        try await fill(cache, id, uids: 1...1300)
        #expect(try await cache.state(of: id).expunged.isEmpty)
        var changes = MailboxChanges(highestModSeq: ModSeq(rawValue: 2400))
        changes.expunged = (1...1100).map { .init(uid: UID($0), modSeq: ModSeq(rawValue: UInt64(1300 + $0))) }
        try await cache.apply(changes, to: id)
        // A tenth more than the limit may stand.
        var state = try await cache.state(of: id)
        #expect(state.expungesKnownAfter == .zero && state.expunged.map(\.uid.rawValue) == Array(1...1100))
        changes = MailboxChanges(highestModSeq: ModSeq(rawValue: 2401))
        changes.expunged = [.init(uid: UID(1101), modSeq: ModSeq(rawValue: 2401))]
        try await cache.apply(changes, to: id)
        state = try await cache.state(of: id)
        #expect(state.expungesKnownAfter.rawValue == 1401)
        #expect(state.expunged.map(\.uid.rawValue) == Array(102...1101))
        #expect(state.expunged.map(\.modSeq.rawValue) == Array(1402...2401))
        #expect(state.mailbox.highestModSeq.rawValue == 2401 && state.index.count == 199)
    }

    @Test func lostNumbersAreReplacedAndForgotten() async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        defer { cache.close() }
        let id = try await inbox(cache)
        try await fill(cache, id, uids: 1...3)
        #expect(try await cache.state(of: id).lost.isEmpty)
        func stretch(_ after: UInt64, _ through: UInt64) -> MailboxChanges.Lost {
            .init(after: ModSeq(rawValue: after), through: ModSeq(rawValue: through))
        }
        for lost in [[stretch(3, 10)], [stretch(3, 10), stretch(20, 30)], [stretch(3, 30)]] {
            var changes = MailboxChanges(highestModSeq: ModSeq(rawValue: 40))
            changes.lost = lost
            try await cache.apply(changes, to: id)
            try await fill(cache, id, uids: 4...5)
            #expect(try await cache.state(of: id).lost == lost)
        }
        try await cache.reset(id, uidValidity: UIDValidity(rawValue: 42), uidNext: 1, highestModSeq: .zero)
        #expect(try await cache.state(of: id).lost.isEmpty)
    }

    @Test func aNewEpochForgetsMessagesAndGoesOnCounting() async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        defer { cache.close() }
        let id = try await inbox(cache)
        try await fill(cache, id, uids: 1...100)
        try await cache.reset(id, uidValidity: UIDValidity(rawValue: 42), uidNext: 1, highestModSeq: .zero)
        let mailbox = try #require(try await cache.mailboxes(of: account).first)
        #expect(mailbox.uidValidity?.rawValue == 42 && mailbox.uidNext == 1 && mailbox.messageCount == 0)
        #expect(mailbox.highestModSeq.rawValue == 100)
        let state = try await cache.state(of: id)
        #expect(state.mailbox == mailbox && state.expunged.isEmpty && state.expungesKnownAfter.rawValue == 100)
    }

    @Test func metadataComesBackAsAskedFor() async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        defer { cache.close() }
        let id = try await inbox(cache)
        try await fill(cache, id, uids: 1...10)
        var message = MessageMetadata(uid: UID(3))
        message.internalDate = Moment(seconds: 77, zone: -90)
        message.size = 1234
        message.envelope = Sample.envelope
        message.structure = Sample.structure
        message.header = Array("Subject: x\r\n\r\n".utf8)
        message.references = [Array("<a@b> <c@d>".utf8), []]
        var bare = MessageMetadata(uid: UID(9))
        bare.size = 5
        var unknown = message
        unknown.uid = UID(11)
        try await cache.save([message, bare, unknown], in: id)
        let body = try await saveBody([1, 2, 3], 1, uid: 3, id, cache)

        let all = try await cache.metadata(
            of: [UID(9), UID(11), UID(3), UID(4)], in: id,
            needs: [.envelope, .structure, .header, .references, .smallBody, .parts])
        #expect(all.map(\.uid) == [UID(9), UID(3)])
        #expect(all[1].envelope == Sample.envelope && all[1].structure == Sample.structure)
        #expect(all[1].header == message.header && all[1].internalDate == message.internalDate)
        #expect(all[1].references == message.references)
        #expect(all[1].size == 1234 && all[1].body == body && all[1].smallBody == [1, 2, 3] && all[1].parts == [1])
        #expect(all[0].envelope == nil && all[0].body == nil && all[0].internalDate == nil)
        let few = try await cache.metadata(of: [UID(3)], in: id, needs: [])
        #expect(
            few[0].envelope == nil && few[0].header == nil && few[0].references == nil && few[0].smallBody == nil
                && few[0].body == body)

        var later = MessageMetadata(uid: UID(3))
        later.size = 99
        try await cache.save([later], in: id)
        let merged = try await cache.metadata(of: [UID(3)], in: id, needs: .envelope)
        #expect(merged[0].size == 99 && merged[0].envelope == Sample.envelope && merged[0].body == body)
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 131_072, 1_048_576, 1_048_577, 3_000_001])
    func bodiesOfEverySizeAreReadInRanges(size: Int) async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        defer { cache.close() }
        let id = try await inbox(cache)
        try await fill(cache, id, uids: 1...1)
        let octets = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 17 >> 5) }
        let body = try await saveBody(octets, 1, uid: 1, id, cache)
        #expect(body.size == size)
        #expect(try await cache.read(body.id, in: 0..<size) == octets)
        for edge in [0, 1, 65_535, 65_536, 65_537, 131_071, 131_072, size - 1, size] where edge >= 0 {
            for length in [0, 1, 2, 70_000] {
                let range = edge..<edge + length
                #expect(try await cache.read(body.id, in: range) == Array(octets[range.clamped(to: 0..<size)]))
            }
        }
        let message = try await cache.metadata(of: [UID(1)], in: id, needs: .smallBody)
        #expect(message[0].smallBody == (size <= Cache.chunkSize ? octets : nil))
        #expect(try await cache.parts(of: body.id) == [1])
    }

    @Test func aBodyIsStoredOnceForEachAccount() async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        defer { cache.close() }
        let id = try await inbox(cache)
        try await fill(cache, id, uids: 1...3)
        let big = [UInt8](repeating: 5, count: 2_000_000)
        let small = try await saveBody([1], 1, uid: 1, id, cache)
        #expect(try await saveBody([1], 1, uid: 2, id, cache) == small)
        let large = try await saveBody(big, 2, uid: 1, id, cache)
        #expect(try await saveBody(big, 2, uid: 3, id, cache) == large)
        #expect(try await cache.body(House.digest(2), of: account) == large)
        #expect(try await cache.body(House.digest(2), of: AccountID(rawValue: 6)) == nil)
        #expect(try await cache.bodySize() == 2_000_001)
    }

    @Test func aBodyThatBreaksOffIsNotThere() async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        defer { cache.close() }
        let id = try await inbox(cache)
        try await fill(cache, id, uids: 1...1)
        await #expect(throws: StoreError.abandoned("cut")) {
            try await cache.saveBody(
                House.digest(1), size: 5_000_000, parts: [], of: UID(1), in: id, account: account
            ) { range throws(StoreError) in
                if range.lowerBound > 2_000_000 { throw .abandoned("cut") }
                return [UInt8](repeating: 1, count: range.count)
            }
        }
        #expect(try await cache.body(House.digest(1), of: account) == nil)
        #expect(try await cache.bodySize() == 0)
        #expect(try await cache.metadata(of: [UID(1)], in: id, needs: []).isEmpty)
    }

    @Test func theQuotaTakesWhatWasUnusedForLongest() async throws {
        let scratch = Scratch()
        let time = Locked<Int64>(1000)
        let cache = try scratch.cache(clock: WallClock { WallClock.Time(seconds: time.withLock { $0 }) })
        defer { cache.close() }
        let id = try await inbox(cache)
        try await fill(cache, id, uids: 1...100)
        var bodies: [BodyReference] = []
        for uid in 1...100 as ClosedRange<UInt32> {
            time.withLock { $0 += 1 }
            bodies.append(
                try await saveBody([UInt8](repeating: UInt8(uid), count: 1000), UInt8(uid), uid: uid, id, cache))
        }
        // The oldest is read and so is no longer the oldest.
        #expect(try await cache.read(bodies[0].id, in: 0..<10) != nil)
        _ = try await cache.metadata(of: [UID(2)], in: id, needs: .smallBody)
        time.withLock { $0 += 1 }
        #expect(try await cache.evict(toQuota: 10_500) == 90_000)
        #expect(try await cache.bodySize() == 10_000)
        let left = try await cache.metadata(of: (1...100).map { UID($0) }, in: id, needs: [])
            .filter { $0.body != nil }.map(\.uid.rawValue)
        #expect(left == [1, 2] + (93...100))
        #expect(try await cache.read(bodies[50].id, in: 0..<10) == nil)
        #expect(try await cache.parts(of: bodies[50].id) == nil)
        #expect(try await cache.evict(toQuota: 10_500) == 0)
    }

    @Test func bodiesOfNoMessageGoFirst() async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        defer { cache.close() }
        let id = try await inbox(cache)
        try await fill(cache, id, uids: 1...2)
        _ = try await saveBody([1, 1], 1, uid: 1, id, cache)
        _ = try await saveBody([2, 2], 2, uid: 2, id, cache)
        var changes = MailboxChanges(highestModSeq: ModSeq(rawValue: 9))
        changes.expunged = [.init(uid: UID(2), modSeq: ModSeq(rawValue: 9))]
        try await cache.apply(changes, to: id)
        // Moved elsewhere, it is found again by its content.
        #expect(try await cache.body(House.digest(2), of: account) != nil)
        #expect(try await cache.evict(toQuota: 1000) == 2)
        #expect(try await cache.body(House.digest(2), of: account) == nil)
        #expect(try await cache.body(House.digest(1), of: account) != nil)
        try await cache.removeAccount(account)
        #expect(try await cache.bodySize() == 0)
        #expect(try await cache.mailboxes(of: account).isEmpty)
    }

    @Test func evictionGivesSpaceBack() async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        let id = try await inbox(cache)
        try await fill(cache, id, uids: 1...10)
        for uid in 1...10 as ClosedRange<UInt32> {
            _ = try await saveBody([UInt8](repeating: 1, count: 500_000), UInt8(uid), uid: uid, id, cache)
        }
        try await cache.evict(toQuota: 500_000)
        cache.close()
        #expect((scratch.size(of: Cache.fileName) ?? .max) < 3_000_000)
    }

    @Test("What is saved is found, whatever was looked for before and meanwhile", arguments: 1...20)
    func looksAndSaves(run: Int) async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        defer { cache.close() }
        let id = try await inbox(cache)
        try await fill(cache, id, uids: 1...60)
        var known: Set<UInt32> = []
        var steps: [String] = []
        for _ in 1...60 {
            switch Int.random(in: 0..<4) {
            case 0:
                let first = UInt32.random(in: 1...60)
                let saved = first...min(60, first + UInt32.random(in: 0...3))
                steps.append("save \(saved)")
                // A look at the same time.
                async let look = cache.metadata(of: (1...60).map { UID($0) }, in: id, needs: [])
                try await cache.save(saved.map { Self.metadata($0) }, in: id)
                let before = known
                known.formUnion(saved)
                let seen = Set(try await look.map(\.uid.rawValue))
                #expect(seen.isSuperset(of: before) && seen.isSubset(of: known), "\(steps)")
            case 1:
                let uid = UInt32.random(in: 1...60)
                steps.append("body \(uid)")
                _ = try await saveBody([1, 2, 3], UInt8(uid), uid: uid, id, cache)
                known.insert(uid)
            default:
                let first = UInt32.random(in: 1...60)
                let asked = Array(first...min(60, first + UInt32.random(in: 0...20)))
                let found = try await cache.metadata(of: asked.map { UID($0) }, in: id, needs: [])
                #expect(found.map(\.uid.rawValue) == asked.filter { known.contains($0) }, "\(steps), look \(asked)")
            }
        }
    }

    private static func metadata(_ uid: UInt32) -> MessageMetadata {
        var metadata = MessageMetadata(uid: UID(uid))
        metadata.size = Int(uid)
        return metadata
    }
}

@Suite struct CacheFileTests {
    private let account = AccountID(rawValue: 5)

    private func fill(_ cache: Cache) async throws(StoreError) {
        try await cache.put(MailboxListing(name: .inbox, upstreamName: [1], delimiter: nil), of: account)
    }

    @Test func whatIsCachedIsThereAfterARestart() async throws {
        let scratch = Scratch()
        let first = try scratch.cache()
        try await fill(first)
        first.close()
        let second = try scratch.cache()
        defer { second.close() }
        #expect(second.startedOver == nil)
        #expect(try await second.mailboxes(of: account).count == 1)
    }

    @Test(arguments: [[""], ["", "-wal", "-shm"]])
    func deletingTheFileIsSafe(suffixes: [String]) async throws {
        let scratch = Scratch()
        let first = try scratch.cache()
        try await fill(first)
        // Deleted while it is open, and the log stays behind.
        for suffix in suffixes { unlink(scratch.file(Cache.fileName + suffix)) }
        try await fill(first)
        let second = try scratch.cache()
        defer { second.close() }
        #expect(try await second.mailboxes(of: account).isEmpty)
        try await fill(second)
        #expect(try await second.mailboxes(of: account).count == 1)
        first.close()
        #expect(try await second.mailboxes(of: account).count == 1)
    }

    @Test(arguments: ["not a database", String(repeating: "x", count: 100_000), ""])
    func aFileThatIsNoCacheIsMadeAnew(content: String) async throws {
        let scratch = Scratch()
        scratch.write(content, to: Cache.fileName)
        let cache = try scratch.cache()
        defer { cache.close() }
        #expect((cache.startedOver != nil) == !content.isEmpty)
        try await fill(cache)
        #expect(try await cache.mailboxes(of: account).count == 1)
    }

    @Test func aCacheOfAnotherVersionIsMadeAnew() async throws {
        let scratch = Scratch()
        let first = try scratch.cache()
        try await fill(first)
        first.close()
        let connection = try Connection(path: scratch.file(Cache.fileName), access: .readWrite)
        try connection.script("PRAGMA application_id = 99")
        let second = try scratch.cache()
        defer { second.close() }
        #expect(second.startedOver == "it is of another version")
        #expect(try await second.mailboxes(of: account).isEmpty)
    }

    @Test func aCacheUnderAnotherKeyIsMadeAnew() async throws {
        let scratch = Scratch()
        let first = try scratch.cache()
        try await fill(first)
        first.close()
        let second = try scratch.cache(key: 8)
        defer { second.close() }
        #expect(second.startedOver == "it is sealed under another key")
        #expect(try await second.mailboxes(of: account).isEmpty)
    }

    @Test func damageFoundWhileRunningHealsAtTheNextStart() async throws {
        let scratch = Scratch()
        let first = try scratch.cache()
        try await fill(first)
        let id = try await first.mailboxes(of: account)[0].id
        var changes = MailboxChanges(highestModSeq: ModSeq(rawValue: 1))
        changes.added = (1...20_000).map { .init(uid: UID($0), flags: [], modSeq: ModSeq(rawValue: 1)) }
        try await first.apply(changes, to: id)
        first.close()
        // Every page but the first few is overwritten.
        scratch.overwrite(Cache.fileName, from: 8192 * 20)
        let second = try scratch.cache()
        #expect(second.startedOver == nil)
        var failure: StoreError?
        do throws(StoreError) { _ = try await second.state(of: id) } catch { failure = error }
        guard case .damaged = failure else {
            Issue.record("the damage was not noticed: \(String(describing: failure))")
            return
        }
        second.close()
        let third = try scratch.cache()
        defer { third.close() }
        #expect(third.startedOver == "it was found damaged")
        #expect(try await third.mailboxes(of: account).isEmpty)
    }

    @Test func nothingCachedIsReadableInTheFile() async throws {
        let scratch = Scratch()
        let cache = try scratch.cache()
        try await fill(cache)
        let id = try await cache.mailboxes(of: account)[0].id
        var changes = MailboxChanges(highestModSeq: ModSeq(rawValue: 1))
        changes.added = [.init(uid: UID(1), flags: [], modSeq: ModSeq(rawValue: 1))]
        try await cache.apply(changes, to: id)
        let secret = "a secret that is nowhere else"
        var message = MessageMetadata(uid: UID(1))
        message.header = Array(secret.utf8)
        message.envelope = Envelope()
        message.envelope?.subject = Array(secret.utf8)
        try await cache.save([message], in: id)
        try await cache.saveBody(
            House.digest(1), size: secret.utf8.count, parts: Array(secret.utf8), of: UID(1), in: id, account: account
        ) { _ throws(StoreError) in Array(secret.utf8) }
        cache.close()
        #expect(!scratch.contains(secret, in: Cache.fileName))
        #expect(scratch.contains("INBOX", in: Cache.fileName))
    }
}
