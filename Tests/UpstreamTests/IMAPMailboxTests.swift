import Bytes
import IMAPSyntax
import Loop
import MailTypes
import SMTPRig
import TLS
import Testing
import Upstream

@Suite("Mailboxes of IMAP servers", .timeLimit(.minutes(20)))
struct IMAPMailboxTests {
    let bench: Bench
    init() throws { bench = try Bench() }

    @Test("A listing with LSUB, another delimiter, odd names and repeats")
    func plainList() async throws {
        try await bench.play { peer in
            try await peer.signIn("CHILDREN", delimiter: ".")
            try await peer.answer(
                #"LIST "" "*""#, #"* LIST (\HasChildren) "." INBOX"#, #"* LIST () "." "INBOX""#,
                #"* LIST (\HasNoChildren) "." "Entw&APw-rfe""#, #"* LIST (\Noselect) "." "Projekte""#,
                #"* LIST () "." "Projekte.a/b""#, #"* LIST () "." "broken&""#, #"* LIST (\NonExistent) "." "gone""#,
                "* LIST garbage", "* WHATEVER 7")
            try await peer.answer(
                #"LSUB "" "*""#, #"* LSUB () "." INBOX"#, #"* LSUB (\Noselect) "." "Projekte""#,
                #"* LSUB () "." "Projekte.a/b""#)
            try await peer.answer(#"CREATE "Projekte.c/d""#)
            try await peer.end()
        } _: { _, client in
            let list = try await client.list()
            #expect(list.map(\.name.text) == ["INBOX", "Entwürfe", "Projekte", "Projekte/a\u{2215}b"])
            #expect(list.map(\.isSubscribed) == [true, false, false, true])
            #expect(list.map(\.isSelectable) == [true, true, false, true])
            #expect(list.map(\.hasChildren) == [true, false, nil, nil])
            try await client.create(MailboxName("Projekte/c\u{2215}d"), use: nil)
        }
    }

    @Test("A listing in one command where the server can")
    func extendedList() async throws {
        try await bench.play { peer in
            try await peer.signIn("LIST-EXTENDED SPECIAL-USE NAMESPACE")
            let (tag, text) = try await peer.command()
            #expect(text.hasPrefix(#"LIST "" "*" RETURN ("#))
            #expect(["SUBSCRIBED", "CHILDREN", "SPECIAL-USE"].allSatisfy { text.contains($0) })
            try await peer.say(
                #"* LIST (\Subscribed \HasNoChildren) "/" INBOX"#, #"* LIST (\sent \HasNoChildren) "/" "Sent""#,
                "\(tag) OK done")
            try await peer.answer("NAMESPACE", #"* NAMESPACE (("" "/")) NIL (("Public/" "/"))"#)
            try await peer.end()
        } _: { _, client in
            let list = try await client.list()
            #expect(list.map(\.specialUse) == [nil, .sent])
            #expect(list.map(\.isSubscribed) == [true, false])
            #expect(try await client.namespaces()?.shared.map(\.prefix) == ["Public/"])
        }
    }

    @Test("The prefix that a server wants in every name is not shown, and nothing is taken for something else")
    func personalPrefix() async throws {
        let names = [
            ("INBOX", "INBOX"), ("INBOX.Sent", "Sent"), ("INBOX.Projects.a", "Projects/a"),
            ("INBOX.INBOX.odd", "INBOX/INBOX/odd"), ("INBOX.shared.mine", "INBOX/shared/mine"),
            ("shared.team", "shared/team"),
        ]
        try await bench.play { peer in
            try await peer.signIn("NAMESPACE", namespaces: #"(("INBOX." ".")) NIL (("shared." "."))"#)
            try await peer.answer(
                #"LIST "" "*""#, names.map { #"* LIST () "." "\#($0.0)""# }.joined(separator: "\r\n"))
            try await peer.answer(#"LSUB "" "*""#, #"* LSUB () "." "INBOX.Sent""#)
            for name in names { try await peer.answer(#"SUBSCRIBE "\#(name.0)""#) }
            try await peer.answer(#"CREATE "INBOX.New.one""#)
            try await peer.end()
        } _: { _, client in
            let list = try await client.list()
            #expect(list.map(\.name.text) == names.map(\.1))
            #expect(list.map(\.isSubscribed) == names.map { $0.1 == "Sent" })
            for name in names { try await client.subscribe(MailboxName(name.1)) }
            try await client.create(MailboxName("New/one"), use: nil)
        }
    }

    @Test("What SELECT says, and what it leaves out")
    func select() async throws {
        try await bench.play { peer in
            try await peer.signIn("CONDSTORE UNSELECT")
            try await peer.refuse(
                #"SELECT "INBOX" (CONDSTORE)"#, "* 9 EXISTS", with: "OK [READ-WRITE] without validity")
            try await peer.answer(
                #"EXAMINE "INBOX" (CONDSTORE)"#, "* 8 EXISTS", "* OK [CLOSED] the other one", "* 3 EXISTS",
                "* 1 RECENT",
                #"* FLAGS (\Seen $Work)"#, "* OK [UIDVALIDITY 4000000000] v", "* OK [HIGHESTMODSEQ 77] m", "* OK odd",
                ok: "[READ-ONLY] in")
            try await peer.answer("UID FETCH * (UID FLAGS)", "* 3 FETCH (UID 41 FLAGS ())")
            try await peer.answer("UNSELECT")
            try await peer.end()
        } _: { _, client in
            let refused = await failure { () async throws(UpstreamError) in try await client.select(.inbox) }
            guard case .refused(_, let text)? = refused else {
                Issue.record("\(String(describing: refused))")
                return
            }
            #expect(text.contains("UIDVALIDITY"))
            let state = try await client.select(.inbox, isReadOnly: true)
            #expect(state.exists == 3)
            #expect(state.uidValidity == UIDValidity(rawValue: 4_000_000_000))
            #expect(state.uidNext == 42)
            #expect(state.highestModSeq == ModSeq(rawValue: 77))
            #expect(state.permanentFlags == [.seen, Flag("$Work")])
            #expect(state.isReadOnly)
            try await client.unselect()
        }
    }

    @Test("What was missed is told by SELECT where the server can")
    func missed() async throws {
        let memory = MailboxMemory(uidValidity: UIDValidity(rawValue: 4), modSeq: ModSeq(rawValue: 70))
        let command = #"SELECT "INBOX" (QRESYNC (4 70))"#
        try await bench.play { peer in
            try await peer.signIn("QRESYNC ENABLE")
            try await peer.answer(
                command, "* 3 EXISTS", "* OK [UIDVALIDITY 4] v", "* OK [UIDNEXT 9] n", "* OK [HIGHESTMODSEQ 77] m",
                "* VANISHED (EARLIER) 1:2,6", #"* 2 FETCH (UID 5 FLAGS (\Seen) MODSEQ (76))"#)
            // Another mailbox by now: what is told is not of the one that was remembered.
            try await peer.answer(
                command, "* 3 EXISTS", "* OK [UIDVALIDITY 5] v", "* OK [UIDNEXT 9] n", "* OK [HIGHESTMODSEQ 77] m")
            // Of messages that go it tells by their UIDs.
            try await peer.answer("NOOP", "* VANISHED 3", "* 2 EXISTS")
            try await peer.end()
        } _: { _, client in
            let missed = try await client.select(.inbox, since: memory).missed
            #expect(missed?.vanished == NumberSet([1, 2, 6] as [UInt32]))
            #expect(missed?.changed.map(\.uid) == [UID(5)] && missed?.changed.first?.flags == [.seen])
            #expect(try await client.select(.inbox, since: memory).missed == nil)
            client.adoptUIDs([3, 4, 5])
            try await client.poll()
            #expect(client.takeEvents() == [.expunged(UID(3))])
        }
    }

    @Test("A server that offers QRESYNC and does not know it is asked without")
    func refusesToResync() async throws {
        let memory = MailboxMemory(uidValidity: UIDValidity(rawValue: 4), modSeq: ModSeq(rawValue: 70))
        try await bench.play { peer in
            try await peer.signIn("QRESYNC ENABLE")
            try await peer.refuse(#"SELECT "INBOX" (QRESYNC (4 70))"#, with: "BAD what?")
            for _ in 1...2 {
                try await peer.answer(
                    #"SELECT "INBOX" (CONDSTORE)"#, "* 3 EXISTS", "* OK [UIDVALIDITY 4] v", "* OK [UIDNEXT 9] n",
                    "* OK [HIGHESTMODSEQ 77] m")
            }
            try await peer.end()
        } _: { _, client in
            let first = try await client.select(.inbox, since: memory)
            let second = try await client.select(.inbox, since: memory)
            #expect(first.missed == nil && second.highestModSeq == ModSeq(rawValue: 77))
        }
    }

    @Test("A message that vanishes before its UID is known makes the numbers doubtful")
    func vanishesUnknown() async throws {
        try await bench.play { peer in
            try await peer.signIn("QRESYNC ENABLE")
            try await peer.select(2)
            try await peer.answer("NOOP", "* 3 EXISTS", "* VANISHED 9")
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            client.adoptUIDs([3, 4])
            try await client.poll()
            #expect(client.takeEvents() == [.exists, .outOfStep])
        }
    }

    @Test("Mod-sequences are asked for where they are offered, and passed over where they are not")
    func modSeqs() async throws {
        try await bench.play { peer in
            try await peer.signIn("QRESYNC")
            try await peer.answer(
                #"SELECT "INBOX" (CONDSTORE)"#, "* 3 EXISTS", "* OK [UIDVALIDITY 4] v", "* OK [UIDNEXT 9] n",
                "* OK [HIGHESTMODSEQ 77] m")
            try await peer.answer(
                #"UID STORE 1:2,5 (UNCHANGEDSINCE 70) +FLAGS (\Seen)"#, #"* 1 FETCH (UID 1 MODSEQ (78) FLAGS (\Seen))"#,
                ok: "[MODIFIED 2,5] others were quicker")
            try await peer.answer(
                "UID FETCH 2,5 (UID FLAGS MODSEQ)", "* 2 FETCH (UID 2 FLAGS (x) MODSEQ (76))",
                "* 3 FETCH (UID 5 FLAGS () MODSEQ (75))")
            try await peer.answer(
                #"STATUS "Other" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ)"#,
                #"* STATUS "Other" (MESSAGES 1 UNSEEN 1 UIDNEXT 2 UIDVALIDITY 3 HIGHESTMODSEQ 0)"#)
            try await peer.end()
        } _: { _, client in
            #expect(try await client.select(.inbox).highestModSeq == ModSeq(rawValue: 77))
            let refused = try await client.store(
                NumberSet([1, 2, 5] as [UInt32]), .add, [.seen], unchangedSince: ModSeq(rawValue: 70))
            #expect(refused.description == "2,5")
            let found = try await client.fetchFlags(of: refused, withModSeq: true)
            #expect(found.map(\.modSeq?.rawValue) == [76, 75] && found[0].flags == [Flag("x")])
            #expect(try await client.status(MailboxName("Other"), withModSeq: true).highestModSeq == nil)
        }
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.answer(
                #"SELECT "INBOX""#, "* 3 EXISTS", "* OK [UIDVALIDITY 4] v", "* OK [UIDNEXT 9] n",
                "* OK [HIGHESTMODSEQ 77] m")
            try await peer.answer(
                #"STATUS "Other" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)"#,
                #"* STATUS "Other" (MESSAGES 1 UNSEEN 1 UIDNEXT 2 UIDVALIDITY 3)"#)
            try await peer.end()
        } _: { _, client in
            let state = try await client.select(.inbox)
            #expect(state.highestModSeq == nil)
            let counts = try await client.status(MailboxName("Other"), withModSeq: true)
            #expect(counts.messages == 1)
        }
    }

    @Test("Leaving a mailbox without UNSELECT expunges nothing")
    func unselectByFailure() async throws {
        try await bench.play { peer in
            try await peer.signIn()
            let (tag, text) = try await peer.command()
            #expect(text.hasPrefix("EXAMINE "))
            try await peer.say("\(tag) NO [NONEXISTENT] what?")
            try await peer.end()
        } _: { _, client in
            try await client.unselect()
        }
    }

    @Test("A refusal is told with code and words; BAD also with host and command")
    func refusals() async throws {
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.refuse(#"CREATE "x""#, with: "NO [ALREADYEXISTS] have it")
            try await peer.refuse(#"DELETE "x""#, "* OK [ALERT] disks are hot", with: "BAD come again?")
            try await peer.answer("NOOP")
            try await peer.end()
        } _: { _, client in
            let x = MailboxName("x")
            let refused = await failure { () async throws(UpstreamError) in try await client.create(x, use: .sent) }
            #expect(refused == .refused(code: "ALREADYEXISTS", text: "have it"))
            let bad = await failure { () async throws(UpstreamError) in try await client.delete(x) }
            guard case .refused("BAD", let text)? = bad else {
                Issue.record("\(String(describing: bad))")
                return
            }
            #expect(text.contains("localhost:") && text.contains("DELETE") && text.contains("come again?"))
            #expect(client.takeEvents() == [.alert("disks are hot")])
            try await client.poll()
        }
    }

    @Test("Several messages are saved by one command, and what does not fit together is not believed")
    func appendSeveral() async throws {
        try await bench.play { peer in
            try await peer.signIn("LITERAL+ MULTIAPPEND UIDPLUS")
            for code in ["APPENDUID 9 17:18", "APPENDUID 9 17:19"] {
                let (tag, text) = try await peer.command()
                #expect(text == #"APPEND "Sent" (\Seen) {3+}"#)
                #expect(try await peer.line() == #"one (\Seen) {3+}"#)
                #expect(try await peer.line() == "two")
                try await peer.say("\(tag) OK [\(code)] saved")
            }
        } _: { _, client in
            #expect(client.savesSeveral)
            let messages = ["one", "two"].map { text in
                OutgoingMessage(flags: [.seen], internalDate: nil, size: 3) { Array(text.utf8)[$0].map { $0 } }
            }
            let saved = try await client.append(messages, to: MailboxName("Sent"))
            #expect(saved?.1 == [UID(17), UID(18)])
            #expect(try await client.append(messages, to: MailboxName("Sent")) == nil)
        }
    }

    @Test("A message is replaced, whether its place is told before the expunge or after it")
    func replace() async throws {
        try await bench.play { peer in
            try await peer.signIn("LITERAL+ REPLACE UIDPLUS")
            let codes = [("[APPENDUID 9 18] ", ""), ("", "[APPENDUID 9 19] "), ("", "")]
            for (before, after) in codes {
                let (tag, text) = try await peer.command()
                #expect(text == #"UID REPLACE 17 "Drafts" (\Draft) {3+}"#)
                #expect(try await peer.line() == "new")
                try await peer.say("* OK \(before)saved\r\n\(tag) OK \(after)replaced")
            }
            let (tag, _) = try await peer.command()
            _ = try await peer.line()
            try await peer.say("\(tag) NO [NONEXISTENT] gone")
        } _: { _, client in
            #expect(client.replaces)
            let message = OutgoingMessage(flags: [.draft], internalDate: nil, size: 3) {
                Array("new".utf8)[$0].map { $0 }
            }
            for uid in [18, 19, nil] as [UInt32?] {
                let place = try await client.replace(UID(17), by: message, in: MailboxName("Drafts"))
                #expect(place?.1 == uid.map { UID($0) })
            }
            await #expect(throws: UpstreamError.refused(code: "NONEXISTENT", text: "gone")) {
                _ = try await client.replace(UID(17), by: message, in: MailboxName("Drafts"))
            }
        }
    }

    @Test("A message is saved with and without waiting for an invitation", arguments: ["", "LITERAL-", "LITERAL+"])
    func append(capability: String) async throws {
        let message = [UInt8](repeating: 0x78, count: 5000)
        try await bench.play { peer in
            try await peer.signIn(capability)
            let head = #"APPEND "Sent" (\Seen) "31-Jan-2026 12:00:00 +0100" {5000"#
            let (tag, text) = try await peer.command()
            #expect(text == head + (capability == "LITERAL+" ? "+}" : "}"))
            if capability != "LITERAL+" { try await peer.say("+ go") }
            let line = try await peer.line()
            #expect(line.utf8.count == 5000)
            try await peer.say("\(tag) OK [APPENDUID 9 17] saved")
            let second = try await peer.command()
            #expect(second.text == #"APPEND "Sent" {5000"# + (capability == "LITERAL+" ? "+}" : "}"))
            guard capability != "LITERAL+" else {
                _ = try await peer.line()
                try await peer.say("\(second.tag) NO [OVERQUOTA] full")
                return try await peer.end()
            }
            // Refused before a single octet of it was sent.
            try await peer.say("\(second.tag) NO [OVERQUOTA] full")
            try await peer.answer("NOOP")
            try await peer.end()
        } _: { _, client in
            let date = Moment(Moment.Fields(year: 2026, month: 1, day: 31, hour: 12), zone: 60)
            let seen = OutgoingMessage(flags: [.seen], internalDate: date, size: message.count) { Array(message[$0]) }
            let saved = try await client.append([seen], to: MailboxName("Sent"))
            #expect(saved?.0 == UIDValidity(rawValue: 9))
            #expect(saved?.1 == [UID(17)])
            let refused = await failure { () async throws(UpstreamError) in
                let plain = OutgoingMessage(flags: [], internalDate: nil, size: message.count) { Array(message[$0]) }
                _ = try await client.append([plain], to: MailboxName("Sent"))
            }
            #expect(refused == .refused(code: "OVERQUOTA", text: "full"))
            #expect(client.isUsable)
            if capability != "LITERAL+" { try await client.poll() }
        }
    }

    @Test("A message that can't be read to its end is not saved by half")
    func appendFails() async throws {
        try await bench.play { peer in
            try await peer.signIn("LITERAL+")
            _ = try await peer.command()
            await #expect(throws: (any Error).self) { while true { _ = try await peer.line() } }
        } _: { _, client in
            let failed = await failure { () async throws(UpstreamError) in
                let broken = OutgoingMessage(flags: [], internalDate: nil, size: 200_000) {
                    (range) throws(UpstreamError) in
                    guard range.lowerBound == 0 else { throw .local("disk gone") }
                    return [UInt8](repeating: 1, count: range.count)
                }
                _ = try await client.append([broken], to: .inbox)
            }
            #expect(failed == .local("disk gone"))
            #expect(!client.isUsable)
        }
    }

    @Test("STATUS that is not answered is an error, not a mailbox without messages")
    func status() async throws {
        try await bench.play { peer in
            try await peer.signIn(delimiter: ".")
            try await peer.answer(
                #"STATUS "a.b" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)"#,
                #"* STATUS "a.b" (MESSAGES 3 UNSEEN 1 UIDNEXT 9 UIDVALIDITY 5)"#)
            try await peer.answer(#"STATUS "a.b" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)"#)
            try await peer.end()
        } _: { _, client in
            let name = MailboxName("a/b")
            let counts = try await client.status(name)
            #expect([counts.messages, counts.unseen, Int(counts.uidNext)] == [3, 1, 9])
            #expect(counts.uidValidity == UIDValidity(rawValue: 5))
            let failed = await failure { () async throws(UpstreamError) in try await client.status(name) }
            #expect(failed != nil)
        }
    }
}
