import MailTypes
import Store
import Testing

@Suite struct DirectoryTests {
    private func directory(_ grants: [Grant], kind: AccountRecord.Kind = .corporate, aliceIsActive: Bool = true)
        -> Directory
    {
        var alice = House.alice
        alice.isActive = aliceIsActive
        var support = House.support
        support.kind = kind
        return Directory(
            version: 1,
            users: [
                Stored(id: UserID(rawValue: 1), origin: .site, value: alice),
                Stored(id: UserID(rawValue: 2), origin: .site, value: House.bob),
            ], groups: [Stored(id: GroupID(rawValue: 1), origin: .site, value: House.agents)],
            accounts: [Stored(id: AccountID(rawValue: 5), origin: .site, value: support)],
            grants: grants.enumerated().map {
                Stored(id: GrantID(rawValue: Int64($0.offset)), origin: .site, value: $0.element)
            })
    }

    private let alice = UserID(rawValue: 1)
    private let bob = UserID(rawValue: 2)
    private let support = AccountID(rawValue: 5)

    @Test func noGrantAdmitsNobody() {
        let directory = directory([])
        #expect(directory.rights(of: alice, in: support, from: nil, at: House.now).isEmpty)
        #expect(directory.accounts(of: alice, from: nil, at: House.now).isEmpty)
    }

    @Test func aGrantToAGroupReachesItsMembersAlone() {
        let directory = directory([House.grant])
        #expect(directory.rights(of: alice, in: support, mailbox: .inbox, from: nil, at: House.now) == [.read, .send])
        #expect(directory.rights(of: bob, in: support, mailbox: .inbox, from: nil, at: House.now).isEmpty)
        #expect(directory.accounts(of: alice, from: nil, at: House.now).map(\.name) == ["support"])
        #expect(directory.accounts(of: bob, from: nil, at: House.now).isEmpty)
    }

    @Test func grantsAddUp() {
        let directory = directory([
            House.grant, Grant(account: "SUPPORT", grantee: .user("Alice"), rights: [.flag, .write]),
        ])
        #expect(directory.rights(of: alice, in: support, from: nil, at: House.now) == .all)
    }

    @Test func patternsLimitMailboxesButNotSending() {
        let directory = directory([
            Grant(
                account: "support", grantee: .user("alice"), rights: [.read, .send],
                mailboxes: [MailboxPattern("inbox"), MailboxPattern("Archive/%")])
        ])
        func rights(_ mailbox: String) -> Rights {
            directory.rights(of: alice, in: support, mailbox: MailboxName(mailbox), from: nil, at: House.now)
        }
        #expect(rights("INBOX") == [.read, .send])
        #expect(rights("Inbox/Sub") == [.send])
        #expect(rights("Archive/2024") == [.read, .send])
        #expect(rights("Archive/2024/Q1") == [.send])
        #expect(rights("Archive") == [.send])
    }

    @Test func aGrantEndsAtItsExpiry() {
        let directory = directory([
            Grant(account: "support", grantee: .user("alice"), rights: .read, expiry: Moment(seconds: 1000))
        ])
        #expect(!directory.rights(of: alice, in: support, from: nil, at: Moment(seconds: 999)).isEmpty)
        #expect(directory.rights(of: alice, in: support, from: nil, at: Moment(seconds: 1000)).isEmpty)
    }

    @Test func networksAreWhereSheMayComeFrom() {
        let networks = ["192.0.2.0/24", "2001:db8::/33"].compactMap { Network($0) }
        let directory = directory([
            Grant(account: "support", grantee: .user("alice"), rights: .read, networks: networks)
        ])
        func may(_ peer: String) -> Bool {
            !directory.rights(of: alice, in: support, from: IPAddress(peer), at: House.now).isEmpty
        }
        #expect(may("192.0.2.77") && may("::ffff:192.0.2.77") && may("2001:db8:7fff::1"))
        #expect(!may("192.0.3.1") && !may("2001:db8:8000::1") && !may("not an address"))
        #expect(directory.rights(of: alice, in: support, from: nil, at: House.now).isEmpty)
    }

    @Test func aPrivateAccountIsItsOwnersAlone() {
        let directory = directory([House.grant], kind: .private(owner: "Bob"))
        #expect(directory.rights(of: bob, in: support, from: nil, at: House.now) == .all)
        #expect(directory.rights(of: alice, in: support, from: nil, at: House.now).isEmpty)
        #expect(directory.accounts(of: bob, from: nil, at: House.now).map(\.name) == ["support"])
    }

    @Test func anInactiveUserHasNoRights() {
        let directory = directory([House.grant], aliceIsActive: false)
        #expect(directory.rights(of: alice, in: support, from: nil, at: House.now).isEmpty)
    }

    @Test func sendersComeFromIdentities() {
        let directory = directory([House.grant])
        func account(_ text: String, by user: UserID, scope: AccountID? = nil) -> String? {
            directory.account(
                sendingAs: House.address(text), by: user, scope: scope, from: nil, at: House.now)?.name
        }
        #expect(account("support@example.com", by: alice) == "support")
        #expect(account("HELP@example.com", by: alice) == "support")
        #expect(account("boss@example.com", by: alice) == nil)
        #expect(account("support@example.com", by: bob) == nil)
        #expect(account("support@example.com", by: alice, scope: AccountID(rawValue: 6)) == nil)
    }

    @Test func oursAreUsersAndAccounts() {
        let directory = directory([])
        #expect(directory.isOurs(House.address("Alice@Example.com")))
        #expect(directory.isOurs(House.address("help@example.com")))
        #expect(!directory.isOurs(House.address("carol@customer.example")))
    }

    @Test(arguments: [
        ("*", "a/b", true), ("%", "a/b", false), ("%/%", "a/b", true), ("a*c", "abbc", true), ("a*c", "abbd", false),
        ("", "", true), ("", "a", false), ("*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaa", false), ("%*", "x", true),
        ("Zażółć/%", "Zażółć/gęślą", true), ("INBOX/*", "inbox/a/b", true),
    ]) func patterns(pattern: String, name: String, matches: Bool) {
        #expect(MailboxPattern(pattern).matches(MailboxName(name)) == matches)
    }

    @Test(arguments: ["300.1.1.1", "1.2.3.4/33", "1.2.3.4/-1", "::1/129", "", "/", "1.2.3.4/", "a/8"])
    func whatIsNoNetwork(text: String) { #expect(Network(text) == nil) }
}
