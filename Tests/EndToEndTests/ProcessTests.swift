internal import Foundation
import TestKit
import Testing

/// The daemon as an administrator sees it: starting, reloading, ending, and a machine that is full.
@Suite("The daemon")
struct ProcessTests {
    @Test func `SIGTERM says BYE, lets a message finish and ends with status 0`() async throws {
        try await House.with(.sending) { house in
            let idler = try await house.imap("alice")
            try await idler.ok("SELECT INBOX")
            try await idler.idle()
            let sender = try await house.smtp("alice")
            try await sender.expect(250, "MAIL FROM:<support@example.test>")
            try await sender.expect(250, "RCPT TO:<jan@customer.test>")
            try await sender.expect(354, "DATA")
            let start = ContinuousClock.now
            house.posthouse.signal(15)
            let lines = try await idler.dialogue.end(within: .seconds(11))
            #expect(lines.contains { $0.hasPrefix("* BYE") }, "\(lines)")
            let letter = Letters.plain("last", from: "support@example.test", to: "jan@customer.test")
            try await sender.dialogue.send(octets: Array((letter + ".\r\n").utf8))
            #expect(try await sender.reply().code == 250)
            #expect(try await house.posthouse.end() == .code(0))
            #expect(ContinuousClock.now - start < .seconds(12))
            try await eventually(
                "the last message arrived",
                holds: {
                    try await SubmissionTests.subjects(house, "jan", "INBOX") == ["last"]
                })
        }
    }

    @Test func `Metadata outlives the cache, and the server's own is what is configured`() async throws {
        var plan = Plan()
        plan.settings += "\ncomment: Mail of Example Ltd\nadministrator: mailto:postmaster@example.test"
        try await House.with(plan) { house in
            let alice = try await house.imap("alice")
            let server = try await alice.ok("GETMETADATA \"\" (/shared/comment /shared/admin)").untagged
            let told = "(/shared/comment \"Mail of Example Ltd\" /shared/admin \"mailto:postmaster@example.test\")"
            #expect(server == ["METADATA \"\" \(told)"])
            try await alice.ok("SETMETADATA INBOX (/shared/comment \"ours\" /private/comment \"hers\")")
            try await house.posthouse.stop()
            try house.posthouse.removeCache()
            try await house.posthouse.start()
            let carol = try await house.imap("support*carol")
            let kept = try await carol.ok("GETMETADATA INBOX (/shared/comment /private/comment)").untagged
            #expect(kept == [#"METADATA "INBOX" (/shared/comment "ours" /private/comment NIL)"#])
        }
    }

    @Test func `What a mailbox was made for is known after a restart without the cache`() async throws {
        try await House.with { house in
            let alice = try await house.imap("alice")
            // Dovecot makes a user's directory with the first INBOX, and stumbles over what comes meanwhile.
            try await alice.ok("SELECT INBOX")
            try await alice.ok("CREATE Kept (USE (\\Archive))")
            try await house.posthouse.stop()
            try house.posthouse.removeCache()
            try await house.posthouse.start()
            let again = try await house.imap("alice")
            let listed = try await again.ok("LIST (SPECIAL-USE) \"\" Kept").untagged
            #expect(listed.count == 1 && listed[0].contains("\\Archive"), "\(listed)")
        }
    }

    @Test func `SIGHUP takes new certificates and settings, and sessions stay`() async throws {
        try await House.with { house in
            let port = house.posthouse.imapsPort
            let alice = try await house.imap("alice")
            try await alice.ok("SELECT INBOX")
            let before = try await Self.fingerprint(port)
            _ = try await Certificates.make(in: house.posthouse.certificates.directory)
            let site = house.posthouse.directory.read("site.yaml")
            try house.posthouse.directory.write(
                site.replacing("{account: sales, user: bob,", with: "{account: support, user: bob,"), to: "site.yaml")
            house.posthouse.hangUp()
            try await eventually(
                "the new certificate is shown",
                holds: {
                    try await Self.fingerprint(port) != before
                })
            try await eventually(
                "bob's new grant counts",
                holds: {
                    let bob = try await house.imap("bob")
                    return try await bob.command("SELECT INBOX").isOK && house.posthouse.log.contains("support")
                })
            try await alice.ok("NOOP")
            #expect(try await alice.ok("STATUS INBOX (MESSAGES)").untagged.count == 1)
        }
    }

    @Test func `A mistake in the new configuration changes nothing`() async throws {
        try await House.with { house in
            let site = house.posthouse.directory.read("site.yaml")
            try house.posthouse.directory.write(site + "\nnonsense: [", to: "site.yaml")
            house.posthouse.hangUp()
            try await house.posthouse.logged("site.yaml")
            let alice = try await house.imap("alice")
            try await alice.ok("SELECT INBOX")
        }
    }

    @Test func `check names every problem with file, line and remedy`() async throws {
        try await House.with { house in
            let good = try await house.posthouse.run(["check"])
            #expect(good.succeeded, "\(good)")
            let site = house.posthouse.directory.read("site.yaml")
            try house.posthouse.directory.write(
                site.replacing("user: alice, rights: [all]", with: "user: alise, rights: [al]")
                    .replacing("server: provider", with: "server: provder"), to: "site.yaml")
            let bad = try await house.posthouse.run(["check"])
            #expect(!bad.succeeded)
            let lines = bad.output.split(separator: "\n").filter { $0.contains("site.yaml:") }
            for word in ["alise", "provder", "al"] {
                #expect(lines.contains { $0.contains(word) }, "\(word): \(bad.output)")
            }
        }
    }

    @Test func `No secret is in the log or the databases`() async throws {
        try await House.with(.sending) { house in
            try await house.arrive(Letters.plain("confidential-subject", text: "confidential-body\n"))
            let alice = try await house.imap("alice")
            try await alice.ok("SELECT INBOX")
            try await alice.ok("UID FETCH 1 BODY[]")
            try await house.reply(Letters.plain("x", from: "support@example.test", to: "jan@customer.test"))
            let bad = try await IMAPClient.connect("x", port: house.posthouse.imapPort)
            try await bad.login("alice", "mistyped-password")
            let log = house.posthouse.log
            var words = Array(House.passwords.values) + Array(House.upstreamPasswords.values)
            words += words.map { Data($0.utf8).base64EncodedString() } + ["mistyped-password", "confidential-body"]
            for word in words { #expect(!log.contains(word), "\(word)") }
            let data = house.posthouse.directory("data")
            for name in try FileManager.default.contentsOfDirectory(atPath: data) {
                let contents = FileManager.default.contents(atPath: "\(data)/\(name)") ?? Data()
                for word in words where word != "mistyped-password" {
                    #expect(contents.range(of: Data(word.utf8)) == nil, "\(name): \(word)")
                }
                let permissions = try FileManager.default.attributesOfItem(atPath: "\(data)/\(name)")[.posixPermissions]
                #expect((permissions as? Int).map { $0 & 0o077 } == 0, "\(name): \(String(describing: permissions))")
            }
        }
    }

    @Test func `The cache may be deleted`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.customer)
            try await house.tickets(count: 1)
            let alice = try await house.imap("alice")
            let before = try await alice.ok("SELECT INBOX").lines(containing: "UIDVALIDITY")
            let read = try await alice.ok("UID FETCH 1 (UID BODY.PEEK[])").untagged
            try await house.posthouse.stop()
            let data = house.posthouse.directory("data")
            for name in try FileManager.default.contentsOfDirectory(atPath: data) where name.hasPrefix("cache.db") {
                try FileManager.default.removeItem(atPath: "\(data)/\(name)")
            }
            try await house.posthouse.start()
            let again = try await house.imap("alice")
            #expect(try await again.ok("SELECT INBOX").lines(containing: "UIDVALIDITY") == before)
            #expect(try await again.ok("UID FETCH 1 (UID BODY.PEEK[])").untagged == read)
            try await house.arrive(Letters.plain("a later one", number: 5))
            #expect(try await house.tickets(count: 2).map(\.subject) == ["Zażółć gęślą jaźń", "a later one"])
        }
    }

    /// The files of the databases may not grow beyond a few pages: writes fail as they do on a full disk.
    @Test func `With a full disk no mail is lost and clients are told to come back`() async throws {
        try await House.with(.sending) { house in
            try await house.arrive(Letters.customer)
            try await house.tickets(count: 1)
            try await house.posthouse.stop()
            // The signal is ignored, so that the write fails instead of the process.
            let sizes = try await ChildProcess.succeed(
                ["sh", "-c", "stat -c %s \(house.posthouse.directory("data"))/store.db | sort -n | tail -1"])
            let blocks = (Int(sizes.split(separator: "\n").first ?? "") ?? 0) / 1024 + 8
            try await house.posthouse.start(
                under: ["bash", "-c", "trap '' XFSZ; ulimit -f \(blocks); exec \"$@\"", "bash"])
            let letters = (1...40).map {
                Letters.plain(
                    "while full \($0)", from: "c\($0)@customer.test", number: $0,
                    text: String(repeating: "a long letter ", count: 4000))
            }
            for letter in letters { try await house.arrive(letter) }
            let alice = try await house.imap("alice")
            let selected = try await alice.command("SELECT INBOX")
            #expect(selected.isOK || selected.status.hasPrefix("NO ["), "\(selected)")
            let sender = try await house.smtp("alice")
            for number in 100...103 {
                let letter = Letters.plain(
                    "sent while full \(number)", from: "support@example.test", to: "jan@customer.test",
                    number: number)
                let reply = try await sender.deliver(letter, from: "support@example.test", to: ["jan@customer.test"])
                #expect(reply.code == 250 || reply.code / 100 == 4, "\(reply)")
                if reply.code != 250 { _ = try await sender.command("RSET") }
            }
            let upstream = try await house.upstream("support")
            #expect(try await upstream.ok("STATUS INBOX (MESSAGES)").untagged.joined().contains("MESSAGES 41"))

            // With room again each has its ticket, or waits in the journal to be tried again after a while.
            house.posthouse.kill()
            try await house.posthouse.start()
            let passages = try await eventually("all letters are accounted for", within: .seconds(60)) {
                () async throws -> [Passage]? in
                let received = try await house.passages().filter { $0.direction == "received" }
                return received.count == 41 && !received.contains { $0.outcome == "pending" } ? received : nil
            }
            #expect(Set(passages.map(\.messageID)).count == 41)
            #expect(passages.allSatisfy { $0.outcome == "done" || $0.outcome == "quarantined" })
            let done = passages.count { $0.outcome == "done" }
            #expect(try await house.tickets().count == done && done > 20, "\(done)")
        }
    }

    /// The SHA-256 fingerprint of the certificate that a port shows.
    private static func fingerprint(_ port: UInt16) async throws -> String {
        try await ChildProcess.succeed([
            "sh", "-c",
            "openssl s_client -connect 127.0.0.1:\(port) </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256",
        ])
    }
}
