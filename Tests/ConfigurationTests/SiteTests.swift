import Configuration
import MailTypes
import Rules
import Store
import Testing
import YAML

private func read(_ text: String, outside: Site.Outside = .init()) throws -> (site: Site, problems: [String]) {
    let problems = ProblemList(file: "/etc/posthouse/site.yaml")
    let site = Site(
        try Document.parse(text), file: "/etc/posthouse/site.yaml", directory: "/etc/posthouse", outside: outside,
        problems: problems)
    return (site, problems.problems.map { "\($0.position.map { "\($0)" } ?? "-") \($0.setting): \($0.message)" })
}

private let verifier =
    "SCRAM-SHA-256$100000:c2FsdHNhbHRzYWx0c2FsdA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    + ":AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

@Suite struct SiteTests {
    @Test func nothing() throws {
        let (site, problems) = try read("")
        #expect(problems.isEmpty)
        #expect(site.description.users.isEmpty)
        #expect(site.description.exceptions.isEmpty)
    }

    @Test func objects() throws {
        let (site, problems) = try read(
            """
            users:
              alice: {name: Alice Adams, addresses: alice@example.com, administrator: yes, verifier: '\(verifier)'}
              Bob:
              carol: {active: no, messages-per-hour: 9, recipients-per-hour: none}
            groups:
              desk: {name: Help desk, members: [alice, bob]}
            servers:
              one:
                imap: {host: imap.example.com}
                smtp: {host: smtp.example.com, tls: starttls, ca-file: ca.pem, verify-certificate: no, mechanism: PLAIN}
                connections-per-account: 2
                download-per-day: 2500MB
                upload-per-day: none
                saves-sent: yes
              two:
                imap: {host: "::1", port: 1143, tls: none, connect-time: 5s, reply-time: 1m}
            accounts:
              support:
                server: one
                address: support@example.com
                password-file: secrets/support
                identities: [help@example.com]
                sender: {name: Support, address: reply@example.com}
                monitored: [INBOX, Queue]
                sent-mailbox: Sent
                outbox: queue
              carols: {server: TWO, address: c@example.com, login: c, kind: private, owner: Carol, active: no}
            grants:
              - {account: support, group: desk, rights: [read, send], mailboxes: "INBOX*", networks: 10.0.0.0/8}
              - {account: Support, user: bob, rights: all, expires: 2027-01-01}
            exceptions: {addresses: ["*.example.net"]}
            records:
              - {kind: contract, name: One, number: 17, domains: [Example.COM], addresses: [x@example.com]}
            """)
        #expect(problems.isEmpty)
        let found = site.description
        #expect(
            found.users == [
                User(
                    name: "alice", displayName: "Alice Adams", verifier: verifier,
                    addresses: [EmailAddress(local: "alice", domain: "example.com")], isAdministrator: true),
                User(name: "Bob"),
                User(
                    name: "carol", isActive: false, messagesPerHour: .atMost(9), recipientsPerHour: .unlimited),
            ])
        #expect(found.groups == [Group(name: "desk", displayName: "Help desk", members: ["alice", "bob"])])
        #expect(
            found.servers == [
                Server(
                    name: "one", imap: .init(host: "imap.example.com", port: 993, security: .implicit),
                    smtp: .init(
                        host: "smtp.example.com", port: 587, security: .startTLS,
                        authorityFile: "/etc/posthouse/ca.pem", verifiesCertificate: false, mechanism: "PLAIN"),
                    connectionLimit: 2, dailyDownload: 2_500_000_000, savesSent: true),
                Server(
                    name: "two",
                    imap: .init(host: "::1", port: 1143, security: .none, connectTimeout: 5, replyTimeout: 60)),
            ])
        #expect(
            found.accounts == [
                AccountRecord(
                    name: "support", server: "one", login: "support@example.com",
                    address: EmailAddress(local: "support", domain: "example.com"),
                    identities: [EmailAddress(local: "help", domain: "example.com")],
                    senderAddress: EmailAddress(local: "reply", domain: "example.com"), senderName: "Support",
                    monitored: [.inbox, MailboxName("Queue")], sentMailbox: MailboxName("Sent"), outbox: .queue),
                AccountRecord(
                    name: "carols", server: "TWO", login: "c", address: EmailAddress(local: "c", domain: "example.com"),
                    isActive: false, kind: .private(owner: "Carol")),
            ])
        #expect(site.passwordFiles.mapValues(\.value) == ["support": "/etc/posthouse/secrets/support"])
        #expect(
            found.grants == [
                Grant(
                    account: "support", grantee: .group("desk"), rights: [.read, .send],
                    mailboxes: [MailboxPattern("INBOX*")], networks: [try #require(Network("10.0.0.0/8"))]),
                Grant(
                    account: "Support", grantee: .user("bob"), rights: .all, expiry: Moment(seconds: 1_798_761_600)),
            ])
        #expect(site.description.exceptions == Exceptions(addresses: [try #require(AddressPattern("*.example.net"))]))
        #expect(
            found.records == [
                Record(
                    kind: "contract", name: "One", addresses: [EmailAddress(local: "x", domain: "example.com")],
                    domains: ["example.com"], number: "17")
            ])
    }

    @Test func everyMistakeHasItsPlace() throws {
        let (site, problems) = try read(
            """
            users:
              alice: {password: secret, adresses: []}
              Alice: {}
              a/b: {active: perhaps}
              dave: {verifier: nonsense, addresses: [x@example.com, nobody]}
              erin: {addresses: X@example.com}
            groups:
              desk: {members: [alice, bob, alice]}
            servers:
              empty: {}
              plain: {imap: {host: "a b", tls: none, ca-file: x, port: 0, mechanism: PLANE}}
              small: {imap: {host: a.example}, download-per-day: 1KB, upload-per-day: lots}
              sends: {smtp: {host: a.example}, upload-per-day: 500MB}
            accounts:
              one: {server: plian, address: one@example.com, password: secret}
              two: {server: plain, kind: private}
              three: {server: plain, address: t@example.com, owner: alice}
              four: {server: plain, address: f@example.com, kind: private, owner: zoe}
              five: {server: plain, address: 5@example.com, kind: private, owner: alice}
            grants:
              - {account: one, rights: [read]}
              - {account: nine, user: alice, group: desk, rights: [read, wirte]}
              - {account: one, user: alcie}
              - {account: five, user: alice, rights: all}
            scanners:
              six: {}
            records:
              - {kind: contact}
            user: {}
            """)
        #expect(
            problems == [
                "2:21 users.alice.password: a password can't stand in a file",
                "2:29 users.alice.adresses: is not a setting",
                "3:3 users.Alice: names compare without case, and `alice` stands in line 2",
                "4:3 users.a/b: the name has a character that can't stand in a name",
                "4:17 users.a/b.active: `perhaps` is neither yes nor no",
                "5:57 users.dave.addresses[1]: `nobody` is not an e-mail address",
                "5:20 users.dave.verifier: is no SCRAM-SHA-256 verifier",
                "8:19 groups.desk.members: `alice` stands here twice",
                "10:10 servers.empty.imap: the server has neither `imap` nor `smtp`",
                "11:24 servers.plain.imap.host: `a b` is not a host name",
                "11:60 servers.plain.imap.port: 0 is out of range",
                "11:74 servers.plain.imap.mechanism: `PLANE` is not a word for this",
                "11:51 servers.plain.imap.ca-file: has no use with `tls: none`",
                "12:54 servers.small.download-per-day: 1KB is out of range",
                "12:75 servers.small.upload-per-day: `lots` is not a size",
                "13:52 servers.sends.upload-per-day: has no use without `imap`",
                "15:60 accounts.one.password: a password can't stand in a file that others may read",
                "16:8 accounts.two.address: is missing",
                "16:30 accounts.two.kind: a private account needs an owner",
                "17:57 accounts.three.owner: a corporate account has no owner",
                "21:5 grants[0].user: says not whom it is for",
                "22:62 grants[1].rights[1]: `wirte` is not a word for this",
                "22:41 grants[1].group: a grant is for a user or a group, not both",
                "23:5 grants[2].rights: is missing",
                "28:5 records[0].name: is missing",
                "29:1 user: is not a setting",
                "8:27 groups.desk.members: there is no user `bob`",
                "15:17 accounts.one.server: there is no server `plian`",
                "18:71 accounts.four.owner: there is no user `zoe`",
                "22:15 grants[1].account: there is no account `nine`",
                "23:26 grants[2].user: there is no user `alcie`",
                "26:3 scanners.six: there is no account `six`",
                "2:3 users: X@example.com is an address of both dave and erin",
                "21:3 grants: five is private to alice, so nobody can be granted it",
            ])
        #expect(site.description.users.map(\.name) == ["alice", "dave", "erin"])
    }

    @Test func objectsMadeByCommandMayBeNamed() throws {
        var outside = Site.Outside()
        outside.users = ["zoe"]
        outside.accounts = ["sales"]
        let text = "grants:\n  - {account: Sales, user: Zoe, rights: read}\n"
        #expect(try read(text, outside: outside).problems.isEmpty)
        #expect(try read(text).problems.count == 2)
    }

    @Test func aMisspeltNameIsGuessed() throws {
        let problems = ProblemList(file: "site.yaml")
        _ = Site(
            try Document.parse("users: {alice: }\ngroups: {desk: {members: [alcie, xyz]}}\n"), file: "site.yaml",
            directory: "",
            problems: problems)
        #expect(
            problems.problems.map(\.remedy) == [
                "Did you mean `alice`?",
                "Describe a user of this name under `users`, or make one with `posthouse user add`.",
            ])
    }
}
