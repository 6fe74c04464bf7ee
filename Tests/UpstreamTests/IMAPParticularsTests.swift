import Bytes
import IMAPSyntax
import Loop
import MailTypes
import SMTPRig
import Testing
import Upstream

@Suite("What extensions tell of messages", .timeLimit(.minutes(20)))
struct IMAPParticularsTests {
    let bench: Bench
    init() throws { bench = try Bench() }

    private static let both = NumberSet([UID(1), UID(2)])

    @Test("Identifiers and save dates where the server has them, with news in between")
    func particulars() async throws {
        try await bench.play { peer in
            try await peer.signIn("OBJECTID SAVEDATE")
            try await peer.select(2, "* OK [MAILBOXID (F1)] m")
            try await peer.answer(
                "UID FETCH 1:2 (UID EMAILID THREADID SAVEDATE)",
                #"* 1 FETCH (UID 1 EMAILID (M1) THREADID (T1) SAVEDATE " 1-Nov-2026 10:00:00 +0100")"#,
                "* 2 FETCH (UID 2 FLAGS (\\Seen))", "* 2 FETCH (THREADID NIL UID 2 EMAILID (M2) SAVEDATE NIL)",
                "* 9 FETCH (UID 9 EMAILID (M9))")
            try await peer.answer(
                #"STATUS "INBOX" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY MAILBOXID)"#,
                #"* STATUS "INBOX" (MESSAGES 2 UNSEEN 1 UIDNEXT 3 UIDVALIDITY 7 MAILBOXID (F1))"#)
            try await peer.end()
        } _: { _, client in
            #expect(client.hasObjectIDs && !client.hasGmailItems)
            #expect(try await client.select(.inbox).objectID?.description == "F1")
            let found = try await client.fetchParticulars(Self.both)
            #expect(found.map(\.uid) == [UID(1), UID(2)])
            #expect(found.map { $0.emailID?.description } == ["M1", "M2"])
            #expect(found.map { $0.threadID?.description } == ["T1", nil])
            #expect(found.map { $0.saveDate == nil } == [false, true])
            #expect(client.takeEvents().contains(.flags(FetchedFlags(uid: UID(2), flags: [.seen]))))
            #expect(try await client.status(.inbox, withObjectID: true).objectID?.description == "F1")
        }
    }

    @Test("A server without them is not asked")
    func withoutExtensions() async throws {
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(2)
            try await peer.answer(
                #"STATUS "INBOX" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)"#,
                #"* STATUS "INBOX" (MESSAGES 2 UNSEEN 1 UIDNEXT 3 UIDVALIDITY 7)"#)
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            #expect(try await client.fetchParticulars(Self.both).isEmpty)
            #expect(try await client.status(.inbox, withObjectID: true).objectID == nil)
        }
    }

    @Test("The beginnings of parts, in line and streamed")
    func parts() async throws {
        let long = String(repeating: "x", count: 40_000)
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(3)
            let (tag, text) = try await peer.command()
            #expect(text == "UID FETCH 1:3 (UID BODY.PEEK[1.2]<10.20000>)")
            try await peer.say(
                octets:
                    "* 1 FETCH (UID 1 BODY[1.2]<10> \"short\")\r\n* 2 FETCH (UID 2 BODY[1.2]<10> {40000}\r\n\(long))\r\n"
                    + "* 3 FETCH (UID 3 BODY[1.2] NIL)\r\n\(tag) OK done\r\n")
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            let found = try await client.fetchPart([1, 2], 10..<20_010, of: NumberSet([UID(1), UID(2), UID(3)]))
            #expect(found[UID(1)] == Array("short".utf8))
            // A server that sends more than was asked for fills no memory.
            #expect(found[UID(2)]?.count == 20_000)
            #expect(found[UID(3)] == nil)
        }
    }

    @Test("Gmail's items and labels")
    func gmail() async throws {
        try await bench.play { peer in
            try await peer.signIn("X-GM-EXT-1")
            try await peer.select(2)
            try await peer.answer(
                "UID FETCH 1:2 (UID X-GM-MSGID X-GM-THRID X-GM-LABELS X-COLOUR)",
                #"* 1 FETCH (X-GM-MSGID 18446744073709551615 X-GM-LABELS ("\\Inbox" Entw&APw-rfe) X-COLOUR (a "b") UID 1)"#,
                "* 2 FETCH (UID 2 FLAGS ())")
            try await peer.answer(#"UID STORE 1:2 -X-GM-LABELS.SILENT (\Starred "a b")"#)
            try await peer.end()
        } _: { _, client in
            #expect(client.hasGmailItems)
            _ = try await client.select(.inbox)
            let found = try await client.fetchGmailItems(
                Self.both, [.gmailMessageID, .gmailThreadID, .gmailLabels, .unknown("X-COLOUR")])
            #expect(Set(found.keys) == [UID(1)])
            let first = try #require(found[UID(1)])
            #expect(first.messageID == .max && first.threadID == nil && first.labels == ["\\Inbox", "Entwürfe"])
            #expect(first.others == [UnreadItem(name: "X-COLOUR", value: Array("(a \"b\")".utf8))])
            try await client.storeGmailLabels(Self.both, .remove, ["\\Starred", "a b"])
        }
    }
}
