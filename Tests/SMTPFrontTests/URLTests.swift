import Bytes
import Engine
import Loop
import MailTypes
import SMTPFront
import SMTPRig
import SMTPSyntax
import Store
import TLS
import TestKit
import Testing

/// BURL (RFC 4468): what is sent lies in a mailbox of the house.
@Suite("A message from a mailbox", .timeLimit(.minutes(20)))
struct URLTests {
    private static let host = "posthouse.example"
    private static let letter =
        "From: support@ours.example\r\nTo: jan@customer.example\r\nSubject: draft\r\nMIME-Version: 1.0\r\n"
        + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello.\r\n--b\r\n"
        + "Content-Type: application/pdf\r\n\r\n\(String(repeating: "0123456789abcde\r\n", count: 10_000))--b--\r\n"

    private func principal(_ house: SubmissionHouse, _ name: String, account: String? = nil) throws -> Principal {
        let directory = house.engine.directory
        let user = try #require(directory.user(named: name))
        let scope = try account.map { try #require(directory.account(named: $0)).id }
        return Principal(
            userID: user.id, userName: name, scope: scope.map { .account($0) } ?? .everything, address: nil)
    }

    /// A URL into an account's tree, as GENURLAUTH gives it; `rump` begins behind the host.
    private func authorize(
        _ house: SubmissionHouse, _ rump: String, by name: String = "alice", account: String = "support"
    ) async throws -> String {
        let maker = try principal(house, name, account: account)
        let octets = try await house.engine.authorize(
            Array("imap://\(account)*\(name)@\(Self.host)\(rump)".utf8), for: maker)
        return String(lossy: try #require(octets))
    }

    private static func with(
        limits: SMTPLimits = SMTPLimits(), letter: String = letter,
        _ body: @escaping @Sendable (isolated LoopContext, SubmissionHouse) async throws -> Void
    ) async throws {
        try await SubmissionHouse.with(limits: limits, hasMailboxes: true) { context, house in
            let provider = try #require(house.provider)
            let client = try await IMAPClient.connect("support upstream", port: provider.imapPort)
            #expect(try await client.login("support", "support-upstream").isOK)
            #expect(try await client.append(letter, to: "INBOX").isOK)
            try await client.logout()
            try await body(context, house)
        }
    }

    private func begin(_ client: ScriptedPeer, _ commands: String...) async throws {
        try await client.say(octets: ChunkTests.envelope + commands.joined())
        try await ChunkTests.expect(client, "250 2.1.0", "250 2.1.5")
    }

    @Test("Whole, and in pieces between chunks, in one packet")
    func sends() async throws {
        try await Self.with { _, house in
            let client = try await house.greeted()
            #expect(try await house.hello(client).contains("BURL"))
            try await client.say("AUTH PLAIN \(house.plain("alice"))")
            try await client.expect("235 2.7.0 Welcome")
            #expect(try await house.hello(client).contains("BURL imap"))
            let whole = try await authorize(house, "/INBOX/;UID=1;URLAUTH=submit+alice")
            try await begin(client, "BURL \(whole) LAST\r\nNOOP\r\n")
            try await ChunkTests.expect(client, "250 2.0.0 queued", "250 2.0.0 OK")
            let sent = try #require(house.upstream.deliveries.last)
            let body = Self.letter.drop { $0 != "\r\n" }
            #expect(
                sent.message.hasSuffix(String(body.suffix(100_000))) && sent.fields("Subject") == ["Subject: draft"])
            #expect(sent.fields("Received").count == 1)

            // An attachment of another message in a new one.
            let part = try await authorize(
                house, "/INBOX/;UID=1/;SECTION=2;URLAUTH=submit+alice")
            let some = try await authorize(
                house, "/INBOX/;UID=1/;SECTION=1/;PARTIAL=0.5;URLAUTH=submit+alice")
            try await begin(
                client, ChunkTests.chunk(ChunkTests.header), "BURL \(some)\r\n", ChunkTests.chunk(", world\r\n"),
                "BURL \(part)\r\n", ChunkTests.chunk("", isLast: true))
            try await ChunkTests.expect(
                client, "250 2.0.0", "250 2.0.0 5 octets taken", "250 2.0.0", "250 2.0.0 169998 octets taken",
                "250 2.0.0 queued")
            let mixed = try #require(house.upstream.deliveries.last?.message)
            #expect(mixed.contains("\r\n\r\nHello, world\r\n0123456789abcde\r\n"))
        }
    }

    @Test("Whom a URL is for, and whom it is not")
    func access() async throws {
        try await Self.with { _, house in
            let inbox = "/INBOX/;UID=1"
            let alice = try await house.signedIn()
            for access in ["submit+alice", "user+alice", "authuser", "anonymous"] {
                try await begin(alice, "BURL \(try await authorize(house, "\(inbox);URLAUTH=\(access)")) LAST\r\n")
                try await ChunkTests.expect(alice, "250 2.0.0 queued")
            }
            // Carol may read the mailbox and make a URL of it, for Alice as well.
            let carols = try await authorize(house, "\(inbox);URLAUTH=submit+alice", by: "carol")
            try await begin(alice, "BURL \(carols) LAST\r\n")
            try await ChunkTests.expect(alice, "250 2.0.0 queued")
            // Signed in for one account, she is still herself; a URL may name her so, too.
            let scoped = try await house.greeted()
            try await scoped.say("AUTH PLAIN \(house.plain("support*alice"))")
            try await scoped.expect("235 2.7.0 Welcome")
            for access in ["submit+alice", "submit+support*alice"] {
                try await begin(scoped, "BURL \(try await authorize(house, "\(inbox);URLAUTH=\(access)")) LAST\r\n")
                try await ChunkTests.expect(scoped, "250 2.0.0 queued")
            }
            #expect(house.upstream.deliveries.count == 7)
            let good = try await authorize(house, "\(inbox);URLAUTH=submit+alice")
            let late = try await authorize(house, "\(inbox);EXPIRE=2020-01-01T00:00:00Z;URLAUTH=submit+alice")
            let none = try await authorize(house, "/INBOX/;UID=9;URLAUTH=submit+alice")
            let gone = try await authorize(house, "/Gone/;UID=1;URLAUTH=submit+alice")
            for (url, answer) in [
                (try await authorize(house, "\(inbox);URLAUTH=submit+carol"), "554 5.6.6"),
                (try await authorize(house, "\(inbox);URLAUTH=user+carol"), "554 5.6.6"), (late, "554 5.6.6"),
                (try await authorize(house, "\(inbox);URLAUTH=submit+support*alice"), "554 5.6.6"),
                (none, "554 5.6.6"), (gone, "554 5.6.6"), (String(good.dropLast(2)) + "00", "554 5.6.6"),
                (good.replacing("UID=1", with: "UID=2"), "554 5.6.6"),
                (good.replacing("*alice@", with: "*carol@"), "554 5.6.6"),
                (good.replacing("@\(Self.host)", with: "@imap.other.example"), "554 5.7.14"),
                ("imap://alice@\(Self.host)\(inbox)", "554 5.7.0"),
                ("imap://alice@\(Self.host)\(inbox);URLAUTH=submit+alice", "554 5.7.0"),
                (inbox, "501 5.5.4"), ("http://posthouse.example/", "501 5.5.4"), ("x", "501 5.5.4"),
                ("imap://" + String(repeating: "x", count: 9000), "501 5.5.4"),
            ] {
                try await begin(alice, "BURL \(url) LAST\r\n")
                let came = try await alice.line()
                #expect(came.hasPrefix(answer), "\(url): \(came)")
            }
            #expect(house.upstream.deliveries.count == 7)
        }
    }

    @Test("What her maker may read no more, a URL gives no more")
    func revoked() async throws {
        try await Self.with { _, house in
            let client = try await house.signedIn()
            let url = try await authorize(house, "/INBOX/;UID=1;URLAUTH=submit+alice", by: "carol")
            try await begin(client, "BURL \(url) LAST\r\n")
            try await ChunkTests.expect(client, "250 2.0.0 queued")
            let all = try await authorize(house, "/INBOX/;UID=1;URLAUTH=submit+alice")
            try await house.engine.resetURLKeys(of: nil, for: principal(house, "carol"))
            for (url, answer) in [(url, "554 5.6.6"), (all, "250 2.0.0 queued")] {
                try await begin(client, "BURL \(url) LAST\r\n")
                try await ChunkTests.expect(client, answer)
            }
        }
    }

    @Test("Order, size and failures: the transaction ends with the piece that fails")
    func refused() async throws {
        var limits = SMTPLimits()
        limits.messageSize = 200_000
        try await Self.with(limits: limits) { _, house in
            let url = try await authorize(house, "/INBOX/;UID=1;URLAUTH=submit+alice")
            let stranger = try await house.greeted()
            try await stranger.say("BURL \(url) LAST", "BURL", "NOOP")
            try await ChunkTests.expect(stranger, "530 5.7.0", "501 5.5.4", "250 2.0.0")
            let client = try await house.signedIn()
            try await client.say("BURL \(url) LAST", "MAIL FROM:<support@ours.example>", "BURL \(url) LAST")
            try await ChunkTests.expect(client, "503 5.5.1 Say MAIL", "250 2.1.0", "554 5.5.1 There is no valid")
            try await client.say("RSET")
            try await ChunkTests.expect(client, "250 2.0.0")
            // Too large together; nothing of it goes out, whatever follows.
            try await begin(
                client, ChunkTests.chunk(ChunkTests.header), "BURL \(url)\r\nBURL \(url)\r\nBURL \(url)\r\n",
                ChunkTests.chunk("RSET\r\n", isLast: true), "BURL \(url) LAST\r\n")
            try await ChunkTests.expect(
                client, "250 2.0.0", "250 2.0.0", "552 5.3.4", "503 5.5.1 The message was refused",
                "503 5.5.1 The message was refused", "503 5.5.1 Say MAIL")
            try await begin(client, "BURL http://x/\r\nDATA\r\n", ChunkTests.chunk("x", isLast: true))
            try await ChunkTests.expect(client, "501 5.5.4", "503 5.5.1", "503 5.5.1 The message was refused")
            #expect(house.upstream.deliveries.isEmpty)
            // An author who is none of hers, as ever.
            try await begin(client, ChunkTests.chunk("From: boss@ours.example\r\n"), "BURL \(url) LAST\r\n")
            try await ChunkTests.expect(client, "250 2.0.0", "550 5.")
            #expect(house.upstream.deliveries.isEmpty)
        }
    }

    @Test("Into the queue, and while the mailboxes are away")
    func away() async throws {
        try await Self.with { context, house in
            let client = try await house.signedIn()
            let url = try await authorize(house, "/INBOX/;UID=1;URLAUTH=submit+alice")
            let other = try await authorize(house, "/INBOX/;UID=1;URLAUTH=submit+alice", account: "sales")
            try await house.provider?.stopDovecot(atOnce: true)
            client.patience = .seconds(60)
            for url in [url, other] {
                try await begin(client, "BURL \(url)\r\nBDAT 0 LAST\r\n")
                try await ChunkTests.expect(client, "451 4.4.1", "503 5.5.1")
            }
            #expect(house.upstream.deliveries.isEmpty)
        }
    }
}
