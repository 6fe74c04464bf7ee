import MailTypes
import SQLite
import Store
import Testing

/// Metadata of mailboxes and of the server (RFC 5464) as it is kept.
@Suite struct MetadataTests {
    private static let inbox = MailboxName.inbox

    private struct Rig {
        let scratch = Scratch()
        let store: Store
        let account: AccountID
        let alice: UserID
        let bob: UserID

        init() async throws {
            store = try scratch.store()
            account = try await store.buildHouse()
            alice = try #require(store.directory.user(named: "alice")).id
            bob = try #require(store.directory.user(named: "bob")).id
        }

        func set(
            _ values: [MetadataEntry: String?], of mailbox: MailboxName? = .inbox, for user: UserID? = nil
        ) async throws {
            let pieces = values.map { (entry: $0.key, value: $0.value.map { Array($0.utf8) }) }
            try await set(pieces, of: mailbox, for: user)
        }

        func set(
            _ pieces: [(entry: MetadataEntry, value: [UInt8]?)], of mailbox: MailboxName? = .inbox,
            for user: UserID? = nil
        ) async throws {
            let (subject, user) = (subject(mailbox), user ?? alice)
            try await store.transaction { (t) throws(StoreError) in
                try t.set(metadata: pieces, of: subject, for: user)
            }
        }

        func names(
            _ entry: MetadataEntry, _ depth: MetadataEntry.Depth = .entry, of mailbox: MailboxName? = .inbox,
            for user: UserID? = nil
        ) async throws -> [String] {
            let (subject, user) = (subject(mailbox), user ?? alice)
            return try await store.read { (store) throws(StoreError) in
                try store.metadata(entry, depth, of: subject, for: user).map(\.entry.text)
            }
        }

        /// The value, after a look at whether its size is told as it is.
        func value(
            _ entry: MetadataEntry, of mailbox: MailboxName? = .inbox, for user: UserID? = nil
        ) async throws -> [UInt8]? {
            let (subject, user) = (subject(mailbox), user ?? alice)
            return try await store.read { (store) throws(StoreError) in
                guard let piece = try store.metadata(entry, of: subject, for: user).first else { return nil }
                let value = try store.value(of: piece)
                #expect(piece.size == value.count)
                return value
            }
        }

        func text(
            _ entry: MetadataEntry, of mailbox: MailboxName? = .inbox, for user: UserID? = nil
        ) async throws -> String? {
            try await value(entry, of: mailbox, for: user).map { String(decoding: $0, as: UTF8.self) }
        }

        private func subject(_ mailbox: MailboxName?) -> MetadataSubject {
            mailbox.map { .mailbox(account, $0) } ?? .server
        }
    }

    @Test func privateEntriesAreOnesOwnAndSharedOnesTheMailboxes() async throws {
        let rig = try await Rig()
        try await rig.set(["/private/comment": "mine", "/shared/comment": "ours"])
        try await rig.set(["/PRIVATE/Comment": "his"], for: rig.bob)
        #expect(try await rig.text("/private/comment") == "mine")
        #expect(try await rig.text("/private/comment", for: rig.bob) == "his")
        #expect(try await rig.text("/Shared/COMMENT", for: rig.bob) == "ours")
        #expect(try await rig.text("/shared/comment", of: MailboxName("Other")) == nil)
        #expect(try await rig.text("/private/comment", of: nil) == nil)
        try await rig.set(["/private/comment": "of the server"], of: nil)
        #expect(try await rig.text("/private/comment", of: nil) == "of the server")
        #expect(try await rig.text("/private/comment", of: nil, for: rig.bob) == nil)
        try await rig.set(["/private/comment": nil, "/shared/comment": "", "/shared/missing": nil])
        #expect(try await rig.text("/private/comment") == nil)
        #expect(try await rig.text("/shared/comment") == "")
        #expect(try await rig.text("/private/comment", for: rig.bob) == "his")
        rig.store.close()
    }

    @Test func looksBelow() async throws {
        let rig = try await Rig()
        for name in ["a", "A/b", "a/b/c", "a/b_", "a/B/c/d", "a0", "a b", "a-b/c"] {
            try await rig.set(["/shared/\(name)".entry: name])
        }
        #expect(try await rig.names("/shared/a", .entry) == ["/shared/a"])
        #expect(try await rig.names("/shared/A", .children) == ["/shared/a", "/shared/A/b", "/shared/a/b_"])
        #expect(
            try await rig.names("/shared/a", .all)
                == ["/shared/a", "/shared/A/b", "/shared/a/b/c", "/shared/a/B/c/d", "/shared/a/b_"])
        #expect(try await rig.names("/shared/a/b", .children) == ["/shared/A/b", "/shared/a/b/c"])
        #expect(try await rig.names("/shared", .children) == ["/shared/a", "/shared/a b", "/shared/a0"])
        #expect(try await rig.names("/shared", .all).count == 8)
        #expect(try await rig.names("/private", .all).isEmpty)
        rig.store.close()
    }

    @Test func followsItsMailbox() async throws {
        let rig = try await Rig()
        for name in ["Łódź", "Łódź/a", "Łódź/a/b", "Łódźka", "Inne/x", "Inne/a"] {
            try await rig.set(["/private/x": name, "/shared/x": name], of: MailboxName(name))
        }
        let account = rig.account
        try await rig.store.transaction { (t) throws(StoreError) in
            try t.renameMetadata(of: account, MailboxName("Łódź"), to: MailboxName("Inne"))
        }
        for (name, text) in ["Inne": "Łódź", "Inne/a": "Łódź/a", "Inne/a/b": "Łódź/a/b", "Łódźka": "Łódźka"] {
            #expect(try await rig.text("/private/x", of: MailboxName(name)) == text)
            #expect(try await rig.text("/shared/x", of: MailboxName(name)) == text)
        }
        for name in ["Łódź", "Łódź/a", "Inne/x"] {
            #expect(try await rig.text("/shared/x", of: MailboxName(name)) == nil)
        }
        try await rig.store.transaction { (t) throws(StoreError) in
            try t.removeMetadata(of: account, MailboxName("Inne"))
        }
        #expect(try await rig.text("/private/x", of: MailboxName("Inne")) == nil)
        #expect(try await rig.text("/shared/x", of: MailboxName("Inne/a")) == "Łódź/a")
        rig.store.close()
    }

    @Test func goesWithItsUserAndItsAccount() async throws {
        let rig = try await Rig()
        try await rig.set(["/private/x": "hers", "/shared/x": "ours"])
        try await rig.set(["/private/x": "his"], for: rig.bob)
        try await rig.set(["/private/x": "his"], of: nil, for: rig.bob)
        func count() throws -> Int64? {
            try Connection(path: rig.scratch.file(Store.fileName), access: .readWrite)
                .number("SELECT count(*) FROM metadata_entries")
        }
        #expect(try count() == 4)
        var site = House.site
        site.users.removeAll { $0.name == "bob" }
        let withoutBob = site
        try await rig.store.transaction { (t) throws(StoreError) in try t.apply(withoutBob) }
        #expect(try count() == 2)
        site.accounts = []
        site.grants = []
        site.scanners = []
        let withoutAccount = site
        try await rig.store.transaction { (t) throws(StoreError) in try t.apply(withoutAccount) }
        #expect(try count() == 0)
        rig.store.close()
    }

    @Test func keepsToItsLimits() async throws {
        let rig = try await Rig()
        let limit = StoreTransaction.metadataPlaceLimit
        let all = (0..<limit).map { (entry: "/private/\($0)".entry, value: [UInt8]?([1])) }
        try await rig.set(all)
        try await rig.set(all)
        await #expect(throws: StoreError.tooMany(.metadata, limit: limit)) {
            try await rig.set(["/private/1": "x", "/private/more": "x"])
        }
        #expect(try await rig.value("/private/1") == [1])
        // One goes, one comes; and others are counted apart.
        try await rig.set([(entry: "/private/1", value: nil), (entry: "/private/more", value: [2])])
        try await rig.set(["/shared/x": "x"])
        try await rig.set(["/private/x": "x"], for: rig.bob)
        try await rig.set(["/private/x": "x"], of: MailboxName("Other"))
        let large = [UInt8](repeating: 3, count: StoreTransaction.metadataValueLimit)
        try await rig.set([(entry: "/shared/large", value: large)])
        #expect(try await rig.value("/shared/large") == large)
        await #expect(throws: StoreError.tooLarge(.metadata, limit: large.count)) {
            try await rig.set([(entry: "/shared/y", value: [4]), (entry: "/shared/large", value: large + [3])])
        }
        #expect(try await rig.value("/shared/y") == nil)
        rig.store.close()
    }

    /// What one user has in all mailboxes together, and what all mailboxes of an account share.
    @Test(arguments: ["/private", "/shared"]) func boundsWhatAnOwnerHas(_ scope: String) async throws {
        let rig = try await Rig()
        let all = (0..<StoreTransaction.metadataPlaceLimit).map {
            (entry: "\(scope)/\($0)".entry, value: [UInt8]?([]))
        }
        let mailboxes = StoreTransaction.metadataEntryLimit / all.count
        for number in 0..<mailboxes { try await rig.set(all, of: MailboxName("box \(number)")) }
        let refusal = StoreError.tooMany(.metadata, limit: StoreTransaction.metadataEntryLimit)
        await #expect(throws: refusal) { try await rig.set(["\(scope)/x".entry: ""], of: .inbox) }
        try await rig.set(["\(scope == "/shared" ? "/private" : "/shared")/x".entry: ""], of: .inbox)
        rig.store.close()
    }

    @Test func boundsTheOctetsThatAnOwnerHas() async throws {
        let rig = try await Rig()
        let large = [UInt8](repeating: 3, count: StoreTransaction.metadataValueLimit)
        let count = StoreTransaction.metadataOctetLimit / large.count
        for number in 0..<count {
            try await rig.set([(entry: "/shared/x", value: large)], of: MailboxName("box \(number)"))
        }
        await #expect(throws: StoreError.self) { try await rig.set(["/shared/x": "x"]) }
        try await rig.set(["/shared/x": ""])
        rig.store.close()
    }

    @Test func isSealed() async throws {
        let rig = try await Rig()
        try await rig.set(["/private/comment": "a word in confidence"])
        rig.store.close()
        for file in [Store.fileName, Store.fileName + "-wal"] {
            #expect(!rig.scratch.contains("a word in confidence", in: file))
        }
        // Moved to another row it does not open.
        let connection = try Connection(path: rig.scratch.file(Store.fileName), access: .readWrite)
        try connection.execute("UPDATE metadata_entries SET id = id + 1", [])
        let store = try rig.scratch.store()
        let (account, alice) = (rig.account, rig.alice)
        await #expect(throws: StoreError.self) {
            _ = try await store.read { (store) throws(StoreError) in
                let pieces = try store.metadata("/private/comment", of: .mailbox(account, .inbox), for: alice)
                for piece in pieces { _ = try store.value(of: piece) }
            }
        }
        store.close()
    }
}

extension String {
    fileprivate var entry: MetadataEntry { MetadataEntry(stringLiteral: self) }
}
