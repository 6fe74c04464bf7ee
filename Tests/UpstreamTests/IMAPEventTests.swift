import Bytes
import Loop
import MailTypes
import SMTPRig
import Testing
import Upstream

@Suite("What IMAP servers report unasked", .timeLimit(.minutes(20)))
struct IMAPEventTests {
    let bench: Bench
    init() throws { bench = try Bench() }

    private static let threeKnown = (1...3).map { "* \($0) FETCH (UID \($0 * 10) FLAGS ())" }

    @Test("Other mailboxes are told of once that was asked for, until the server has had too much")
    func notifications() async throws {
        try await bench.play { peer in
            try await peer.signIn("NOTIFY")
            try await peer.answer("NOOP", #"* STATUS "Other" (MESSAGES 1)"#, #"* LIST () "/" "Other""#)
            try await peer.answer(
                "NOTIFY SET (selected (MessageNew MessageExpunge FlagChange)) "
                    + "(personal (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))")
            try await peer.answer("NOOP", #"* STATUS "Other" (MESSAGES 1)"#, #"* LIST () "/" "New""#)
            // One that is asked for is not taken for another.
            try await peer.answer(
                #"STATUS "This" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)"#, #"* STATUS "Other" (MESSAGES 2)"#,
                #"* STATUS "This" (MESSAGES 7 UNSEEN 0 UIDNEXT 9 UIDVALIDITY 5)"#)
            try await peer.answer(
                "NOOP", "* OK [NOTIFICATIONOVERFLOW] no more", #"* STATUS "Other" (MESSAGES 3)"#)
            try await peer.end()
        } _: { _, client in
            try await client.poll()
            #expect(client.takeNews().isEmpty)
            try await client.beginNotifications()
            try await client.poll()
            let news = client.takeNews()
            #expect(news.counted == [MailboxName("Other")] && news.isTreeNew)
            #expect(try await client.status(MailboxName("This")).messages == 7)
            #expect(client.takeNews().counted == [MailboxName("Other")])
            try await client.poll()
            #expect(client.takeNews().isEmpty && !client.isNotifying)
        }
    }

    @Test("Sequence numbers become UIDs, in the order of the reports")
    func order() async throws {
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(3)
            try await peer.answer("UID FETCH 1:* (UID FLAGS)", contents: Self.threeKnown)
            try await peer.answer(
                "NOOP", "* 2 EXPUNGE", "* 2 FETCH (FLAGS (\\Seen))", "* 4 EXISTS", "* 1 EXPUNGE",
                "* 3 FETCH (FLAGS (\\Flagged) UID 55)", "* 1 EXPUNGE")
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            _ = try await client.fetchAllFlags()
            try await client.poll()
            #expect(
                client.takeEvents() == [
                    .expunged(UID(20)), .flags(FetchedFlags(uid: UID(30), flags: [.seen])), .exists, .expunged(UID(10)),
                    .flags(FetchedFlags(uid: UID(55), flags: [.flagged])), .expunged(UID(30)),
                ])
            #expect(client.takeEvents().isEmpty)
        }
    }

    @Test("An expunge of what is not known is told as such, not lost")
    func outOfStep() async throws {
        try await bench.play { peer in
            try await peer.signIn("CONDSTORE")
            try await peer.select(3)
            // The other client's expunge comes while the changes are asked for: UIDs are not known yet.
            try await peer.answer(
                "UID FETCH 1:* (UID FLAGS) (CHANGEDSINCE 5)", "* 2 EXPUNGE", "* 1 FETCH (UID 10 FLAGS () MODSEQ (6))")
            try await peer.answer(
                "UID FETCH 1:* (UID FLAGS)", "* 1 FETCH (UID 10 FLAGS ())", "* 2 FETCH (UID 30 FLAGS ())")
            try await peer.answer("NOOP", "* 2 EXPUNGE", "* 7 EXPUNGE")
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            let changed = try await client.fetchFlags(changedSince: ModSeq(rawValue: 5))
            #expect(changed == [FetchedFlags(uid: UID(10), flags: [], modSeq: ModSeq(rawValue: 6))])
            #expect(client.takeEvents() == [.outOfStep])
            // What the caller believes can't be true any more.
            client.adoptUIDs([10, 20])
            #expect(client.takeEvents() == [.outOfStep])
            _ = try await client.fetchAllFlags()
            try await client.poll()
            #expect(client.takeEvents() == [.expunged(UID(30)), .outOfStep])
        }
    }

    @Test("A count that goes down without an expunge, and numbers that contradict themselves, are told as such")
    func contradictions() async throws {
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(3)
            try await peer.answer("UID FETCH 1:* (UID FLAGS)", contents: Self.threeKnown)
            try await peer.answer("NOOP", "* 2 EXISTS")
            try await peer.answer("NOOP", "* 1 FETCH (FLAGS (\\Seen))", "* 1 EXPUNGE")
            try await peer.answer("UID FETCH 1:* (UID FLAGS)", "* 1 FETCH (UID 20 FLAGS ())")
            try await peer.answer("NOOP", "* 1 FETCH (UID 30 FLAGS ())", "* 9 FETCH (UID 90 FLAGS ())")
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            _ = try await client.fetchAllFlags()
            try await client.poll()
            #expect(client.takeEvents() == [.outOfStep])
            // Until the UIDs have been asked for a number means nothing.
            try await client.poll()
            #expect(client.takeEvents() == [.outOfStep])
            #expect(try await client.fetchAllFlags().map(\.uid) == [UID(20)])
            #expect(client.takeEvents().isEmpty)
            try await client.poll()
            #expect(client.takeEvents().first == .outOfStep)
        }
    }

    @Test("UIDs that change while they are asked for are asked for again")
    func changingUIDs() async throws {
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(3)
            try await peer.answer("UID SEARCH ALL", "* SEARCH 10 20 30", "* 1 EXPUNGE")
            try await peer.answer("UID SEARCH ALL", "* SEARCH 20 30")
            try await peer.answer("NOOP", "* 1 EXPUNGE")
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            #expect(try await client.allUIDs() == NumberSet([20, 30] as [UInt32]))
            _ = client.takeEvents()
            try await client.poll()
            #expect(client.takeEvents() == [.expunged(UID(20))])
        }
    }

    @Test("A mailbox that can't be that large ends the connection, not the process")
    func madness() async throws {
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(3)
            _ = try await peer.command()
            try await peer.say("* 99999999999999999999 EXISTS", "* -1 EXPUNGE", "* 4294967295 EXISTS")
            try await peer.end()
        } _: { _, client in
            _ = try await client.select(.inbox)
            let failed = await failure { () async throws(UpstreamError) in try await client.poll() }
            guard case .connectionLost(let text)? = failed else {
                Issue.record("\(String(describing: failed))")
                return
            }
            #expect(text.contains("4294967295"))
            #expect(!client.isUsable)
        }
    }

    @Test("A response without end ends the connection")
    func endless() async throws {
        try await bench.play { peer in
            try await peer.signIn()
            _ = try await peer.command()
            let piece = String(repeating: "x", count: 1 << 20)
            do { for _ in 0..<20 { try await peer.say(octets: piece) } } catch { return }
            try await peer.end()
        } _: { _, client in
            let failed = await failure { () async throws(UpstreamError) in try await client.poll() }
            guard case .connectionLost(let text)? = failed else {
                Issue.record("\(String(describing: failed))")
                return
            }
            #expect(text.contains("too long"))
        }
    }

    @Test("IDLE ends with the first news and brings what came along")
    func idle() async throws {
        try await bench.play { peer in
            try await peer.signIn("IDLE")
            try await peer.select(3)
            try await peer.answer("UID FETCH 1:* (UID FLAGS)", contents: Self.threeKnown)
            let (tag, text) = try await peer.command()
            #expect(text == "IDLE")
            try await peer.say("* OK still here", "+ idling", "* 1 EXPUNGE", "* 3 EXISTS", "* 1 FETCH (FLAGS (\\Seen))")
            try await peer.expect("DONE")
            try await peer.say("* 1 EXPUNGE", "\(tag) OK done")
            try await peer.end()
        } _: { context, client in
            _ = try await client.select(.inbox)
            _ = try await client.fetchAllFlags()
            try await client.idle(until: context.loop.now + .seconds(30))
            #expect(
                client.takeEvents() == [
                    .expunged(UID(10)), .exists, .flags(FetchedFlags(uid: UID(20), flags: [.seen])), .expunged(UID(20)),
                ])
        }
    }

    @Test("IDLE ends at its limit and when it is interrupted")
    func idleEnds() async throws {
        try await bench.play { peer in
            try await peer.signIn("IDLE")
            for _ in 0..<2 {
                let (tag, text) = try await peer.command()
                #expect(text == "IDLE")
                try await peer.say("+ idling")
                try await peer.expect("DONE")
                try await peer.say("\(tag) OK done")
            }
            try await peer.refuse("IDLE", with: "NO not today")
            try await peer.end()
        } _: { context, client in
            try await client.idle(until: context.loop.now + .milliseconds(20))
            client.interrupt()
            try await client.idle(until: context.loop.now + .seconds(30))
            let failed = await failure { () async throws(UpstreamError) in
                try await client.idle(until: context.loop.now + .seconds(30))
            }
            #expect(failed == .refused(code: nil, text: "not today"))
        }
    }

    @Test("A server without IDLE is asked now and then")
    func polls() async throws {
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.select(0)
            try await peer.answer("NOOP", "* 1 EXISTS")
            try await peer.end()
        } _: { context, client in
            _ = try await client.select(.inbox)
            try await client.idle(until: context.loop.now + .milliseconds(10))
            #expect(client.takeEvents() == [.exists])
        }
    }

    @Test("A goodbye while idling is told with its words")
    func goodbye() async throws {
        try await bench.play { peer in
            try await peer.signIn("IDLE")
            _ = try await peer.command()
            try await peer.say("+ idling", "* BYE maintenance at noon")
        } _: { context, client in
            let failed = await failure { () async throws(UpstreamError) in
                try await client.idle(until: context.loop.now + .seconds(30))
            }
            guard case .connectionLost(let text)? = failed else {
                Issue.record("\(String(describing: failed))")
                return
            }
            #expect(text.contains("maintenance at noon"))
            #expect(!client.isUsable)
        }
    }

    @Test("A connection that the server has ended meanwhile is noticed before it is used")
    func endedMeanwhile() async throws {
        try await bench.play { peer in
            try await peer.signIn()
            try await peer.answer("NOOP")
            try await peer.say("* BYE idle for too long")
        } _: { context, client in
            try await client.poll()
            #expect(client.isUsable)
            for _ in 0..<1000 where client.checkUsable() {
                await context.loop.sleep(until: context.loop.now + .milliseconds(2))
            }
            #expect(!client.isUsable)
        }
    }

    @Test("A server that does not answer is given up")
    func silence() async throws {
        try await bench.play(patience: .seconds(2)) { peer in
            try await peer.signIn()
            _ = try await peer.command()
            try await peer.end()
        } _: { _, client in
            let failed = await failure { () async throws(UpstreamError) in try await client.poll() }
            guard case .connectionLost(let text)? = failed else {
                Issue.record("\(String(describing: failed))")
                return
            }
            #expect(text.contains("gave no answer"))
        }
    }

    @Test("The wait doubles with each failure, is spread, and has an end")
    func backoff() {
        for (random, share) in [(0.0, 0.75), (0.5, 1.0)] {
            let backoff = Backoff(first: .seconds(1), last: .seconds(60)) { random }
            #expect(backoff.delay(afterFailures: 1) == .seconds(1) * share)
            #expect(backoff.delay(afterFailures: 2) == .seconds(2) * share)
            #expect(backoff.delay(afterFailures: 6) == .seconds(32) * share)
            #expect(backoff.delay(afterFailures: 7) == .seconds(60) * share)
            #expect(backoff.delay(afterFailures: 100_000) == .seconds(60) * share)
        }
        #expect(Backoff(first: .seconds(1), last: .seconds(60)) { 0.999 }.delay(afterFailures: 20) <= .seconds(60))
    }
}
