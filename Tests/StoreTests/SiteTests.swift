import MailTypes
import Rules
import Store
import Testing

@Suite struct SiteTests {
    private func apply(_ site: SiteDescription, _ store: Store) async throws(StoreError) -> [String] {
        let changes = try await store.transaction { t throws(StoreError) in try t.apply(site) }
        return changes.changes.map { "\($0.action) \($0.kind) \($0.name)" }
    }

    @Test func aSiteIsAppliedOnceAndThenUnchanged() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        var site = House.site
        site.records = [Record(kind: "organization", name: "Customer", domains: ["Customer.Example"], number: "17")]
        #expect(
            try await apply(site, store) == [
                "added user alice", "added user bob", "added group agents", "added server example",
                "added account support", "added grant support → @agents", "added scanner support",
                "added record organization Customer",
            ])
        let version = store.directory.version
        #expect(try await apply(site, store) == [])
        #expect(store.directory.version == version)
        #expect(store.directory.users.allSatisfy { $0.origin == .site })
        #expect(store.directory.account(named: "SUPPORT")?.value == House.support)
        #expect(store.directory.server(named: "example")?.value == House.server)
        #expect(store.directory.grants.map(\.value) == [House.grant])
        #expect(store.directory.scanners.first?.rules == .helpDesk)
    }

    @Test func whatTheFileLeavesOutIsKeptOrRemoved() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        _ = try await apply(House.site, store)
        try await store.transaction { t throws(StoreError) in
            try t.setVerifier("verifier", ofUser: "alice")
            try t.setSecret([9], ofAccount: "support")
        }
        var site = House.site
        site.accounts[0].secret = nil
        #expect(try await apply(site, store) == [])
        #expect(store.directory.user(named: "alice")?.verifier == "verifier")
        #expect(store.directory.account(named: "support")?.secret == [9])

        site.accounts[0].senderName = "Support"
        site.groups = []
        site.grants = [Grant(account: "support", grantee: .user("bob"), rights: .read)]
        site.scanners = []
        #expect(
            try await apply(site, store) == [
                "removed grant support → @agents", "removed scanner support", "changed account support",
                "added grant support → bob", "removed group agents",
            ])
        #expect(store.directory.account(named: "support")?.secret == [9])
        #expect(try await apply(SiteDescription(), store).count == 5)
        #expect(store.directory.users.isEmpty && store.directory.accounts.isEmpty && store.directory.servers.isEmpty)
    }

    @Test func siteObjectsCanNotBeChangedByCommand() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        _ = try await apply(House.site, store)
        let directory = store.directory
        await #expect(throws: StoreError.managedBySite(.user, "alice")) {
            try await store.transaction { t throws(StoreError) in try t.update(House.alice) }
        }
        await #expect(throws: StoreError.managedBySite(.account, "support")) {
            try await store.transaction { t throws(StoreError) in try t.removeAccount(named: "support") }
        }
        await #expect(throws: StoreError.managedBySite(.scanner, "support")) {
            try await store.transaction { t throws(StoreError) in try t.removeScanner(of: "support") }
        }
        let grant = try #require(directory.grants.first)
        await #expect(throws: StoreError.managedBySite(.grant, grant.id.description)) {
            try await store.transaction { t throws(StoreError) in try t.removeGrant(grant.id) }
        }
        #expect(store.directory.version == directory.version)
    }

    @Test func objectsMadeByCommandAreAdoptedAndOthersLeftAlone() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        try await store.transaction { t throws(StoreError) in
            try t.add(User(name: "ALICE", verifier: "kept"))
            try t.add(User(name: "carol"))
        }
        let changes = try await apply(House.site, store)
        #expect(changes.first == "adopted user alice")
        #expect(store.directory.user(named: "alice")?.verifier == "kept")
        #expect(store.directory.user(named: "alice")?.displayName == "Alice")
        #expect(store.directory.user(named: "carol")?.origin == .command)
        #expect(try await apply(House.site, store) == [])
    }

    @Test func aSiteThatDoesNotHoldTogetherChangesNothing() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        var site = House.site
        site.grants.append(Grant(account: "nowhere", grantee: .user("alice"), rights: .read))
        await #expect(throws: StoreError.noSuch(.account, "nowhere")) { _ = try await apply(site, store) }
        #expect(store.directory.users.isEmpty)
        site = House.site
        site.users.append(User(name: "Alice"))
        await #expect(throws: StoreError.alreadyExists(.user, "Alice")) { _ = try await apply(site, store) }
        site = House.site
        site.accounts[0].kind = .private(owner: "alice")
        await #expect(throws: StoreError.self) { _ = try await apply(site, store) }
    }

    @Test(arguments: ["", " a", "a ", "a*b", "a/b", "a%", "a\nb", String(repeating: "a", count: 129)])
    func namesThatAreRefused(name: String) async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        await #expect(throws: StoreError.self) {
            try await store.transaction { t throws(StoreError) in try t.add(User(name: name)) }
        }
    }

    @Test func anAccountThatComesBackHasItsJournalAndAnotherDoesNot() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        let first = try await store.buildHouse()
        _ = try await apply(SiteDescription(), store)
        #expect(try await store.buildHouse() == first)
        _ = try await apply(SiteDescription(), store)
        var site = House.site
        site.accounts[0].address = House.address("other@example.com")
        _ = try await apply(site, store)
        let other = try #require(store.directory.account(named: "support"))
        #expect(other.id != first)
        #expect(other.secret == House.support.secret)
    }

    @Test func whatIsInUseStays() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        try await store.transaction { t throws(StoreError) in
            try t.add(House.server)
            try t.add(House.bob)
            var mine = House.support
            mine.kind = .private(owner: "BOB")
            try t.add(mine)
        }
        #expect(store.directory.account(named: "support")?.kind == .private(owner: "bob"))
        await #expect(throws: StoreError.inUse(.server, "example", by: "account support")) {
            try await store.transaction { t throws(StoreError) in try t.removeServer(named: "example") }
        }
        await #expect(throws: StoreError.inUse(.user, "bob", by: "account support")) {
            try await store.transaction { t throws(StoreError) in try t.removeUser(named: "bob") }
        }
        await #expect(throws: StoreError.self) {
            try await store.transaction { t throws(StoreError) in
                try t.add(Grant(account: "support", grantee: .user("bob"), rights: .read))
            }
        }
        try await store.transaction { t throws(StoreError) in
            try t.removeAccount(named: "support")
            try t.removeServer(named: "example")
            try t.removeUser(named: "bob")
        }
        #expect(store.directory.users.isEmpty)
    }

    @Test func anotherProcesssChangesAreNoticed() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        let other = try scratch.store()
        defer { other.close() }
        #expect(try await !store.directoryChanged())
        try other.transactionBlocking { t throws(StoreError) in try t.add(House.bob) }
        #expect(other.directory.user(named: "bob") != nil)
        #expect(store.directory.user(named: "bob") == nil)
        #expect(try await store.directoryChanged())
        #expect(store.directory.user(named: "bob") != nil)
        #expect(try await !store.directoryChanged())
    }
}
