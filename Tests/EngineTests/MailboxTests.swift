import Engine
import IMAPSyntax
import Loop
import MailTypes
import Mirror
import Store
import TestKit
import Testing

@Suite(.timeLimit(.minutes(20)))
struct MailboxTests {
    @Test func aTreeShowsWhatIsGrantedAndNothingElse() async throws {
        try await EngineHouse.with { house in
            let alice = try house.principal("alice")
            let names = try await house.engine.list(for: alice).map(\.name.text)
            #expect(names.contains("INBOX"))
            #expect(names.contains("Shared/support/INBOX"))
            #expect(try await house.engine.list(for: house.principal("bob")).isEmpty)
            let support = try house.principal("alice", account: "support")
            let own = try await house.engine.list(for: support).map(\.name)
            #expect(own.contains(.inbox))
            #expect(!own.contains { $0.text.hasPrefix("Shared") })
            for name in ["Shared", "Shared/support", "Shared/nothing/INBOX", "Nothing"] {
                await #expect(throws: EngineError.noSuchMailbox) {
                    try await house.engine.open(MailboxName(name), for: alice, readOnly: false)
                }
            }
            await #expect(throws: EngineError.noSuchMailbox) {
                try await house.engine.open(.inbox, for: house.principal("bob"), readOnly: false)
            }
        }
    }

    @Test func twoSessionsSeeEachOthersChangesOnOneConnection() async throws {
        try await EngineHouse.with { house in
            let alice = try house.principal("alice", account: "support")
            let carol = try house.principal("carol")
            let first = try await Viewer(house.engine.open(.inbox, for: alice, readOnly: false))
            let second = try await Viewer(house.engine.open(.inbox, for: carol, readOnly: false))
            #expect(second.mailbox.isReadOnly)
            let uid = try await house.append(letter("one"), flags: [.flagged], as: alice)
            #expect(try await second.poll() == [.exists(1)])
            #expect(try await first.poll() == [.exists(1)])
            let outcome = try await first.mailbox.store(NumberSet([uid]), .add, [.seen, .deleted])
            #expect(outcome.uids == [uid])
            guard case .flags(1, uid, let flags, _)? = try await second.poll().first else {
                Issue.record("no flags")
                return
            }
            #expect(flags == FlagSet([.seen, .deleted, .flagged]))
            await #expect(throws: EngineError.readOnly) {
                try await second.mailbox.store(NumberSet([uid]), .add, [.seen])
            }
            try await first.mailbox.expunge(nil)
            #expect(try await second.poll() == [.expunge(sequenceNumber: 1, uid: uid)])
        }
    }

    @Test func whatHappensBehindOurBackArrives() async throws {
        try await EngineHouse.with { house in
            let alice = try house.principal("alice", account: "support")
            let viewer = try await Viewer(house.engine.open(.inbox, for: alice, readOnly: false))
            let signal = Signal(on: house.loop)
            await viewer.mailbox.watch(signal)
            let other = try await IMAPClient.connect("upstream", port: house.provider.imapPort)
            #expect(try await other.login("support", "support-upstream").isOK)
            #expect(try await other.append(letter("one"), to: "INBOX").isOK)
            let events = await house.loop.run { context in
                await signal.next(of: .mailbox, until: context.loop.now + .seconds(20))
            }
            #expect(events == .mailbox)
            #expect(try await viewer.poll() == [.exists(1)])
            try await other.logout()
        }
    }

    @Test func messagesComeFromTheCacheWhenTheUpstreamIsGone() async throws {
        try await EngineHouse.with { house in
            let alice = try house.principal("alice", account: "support")
            let uid = try await house.append(letter("one", String(repeating: "x", count: 200_000)), as: alice)
            let mailbox = try await house.engine.open(.inbox, for: alice, readOnly: false)
            let needs: MessageNeeds = [.internalDate, .size, .envelope, .structure, .header, .body]
            let before = try await mailbox.messages([uid], needs: needs)
            #expect(before.failure == nil)
            try await house.provider.stopDovecot(atOnce: true)
            let after = try await mailbox.messages([uid], needs: needs)
            let message = try #require(after.messages.first)
            let body = try #require(message.body)
            #expect(message.size == UInt64(letter("one", String(repeating: "x", count: 200_000)).utf8.count))
            #expect(try await body.read(0..<5) == Array("From:".utf8))
            #expect(try await body.read(body.size - 3..<body.size + 10) == Array("x\r\n".utf8))
            #expect(try await house.engine.list(for: alice).map(\.name).contains(.inbox))
            await #expect { try await mailbox.store(NumberSet([uid]), .add, [.seen]) } throws: {
                if case EngineError.unavailable = $0 { true } else { false }
            }
            try await house.provider.startDovecot()
            while true {
                do {
                    _ = try await mailbox.store(NumberSet([uid]), .add, [.seen])
                    break
                } catch EngineError.unavailable {
                    _ = await house.loop.run { context in
                        await context.loop.sleep(until: context.loop.now + .milliseconds(50))
                    }
                }
            }
        }
    }

    @Test func copiesAndMovesBetweenAccounts() async throws {
        try await EngineHouse.with { house in
            let alice = try house.principal("alice")
            // Her default account is the first by name: sales.
            let source = MailboxName("Shared/support/INBOX")
            let uid = try await house.append(letter("one"), to: source, flags: [.flagged], as: alice)
            let mailbox = try await house.engine.open(source, for: alice, readOnly: false)
            let copied = try await mailbox.copy(NumberSet([uid]), to: .inbox)
            #expect(copied.source == [uid])
            let moved = try await mailbox.move(NumberSet([uid]), to: .inbox)
            #expect(moved.copies.count == 1)
            let target = try await house.engine.open(.inbox, for: alice, readOnly: true)
            let all = try await target.messages(copied.copies + moved.copies, needs: .size)
            #expect(all.messages.map(\.flags) == [[.flagged], [.flagged]])
            #expect(try await mailbox.begin().1.exists == 0)
        }
    }

    /// UIDs of a mailbox that is gone must not hit the messages of the one that has its name now.
    @Test func aMailboxThatBecameAnotherIsLeftAlone() async throws {
        try await EngineHouse.with { house in
            let alice = try house.principal("alice", account: "support")
            let name = MailboxName("Project")
            try await house.engine.create(name, for: alice)
            let uid = try await house.append(letter("first"), to: name, as: alice)
            let mailbox = try await house.engine.open(name, for: alice, readOnly: false)
            let marked = try await mailbox.store(NumberSet([uid]), .add, [.deleted])
            #expect(marked.uids == [uid])
            let behind = try await IMAPClient.connect("upstream", port: house.provider.imapPort)
            #expect(try await behind.login("support", "support-upstream").isOK)
            // Dovecot stumbles over a connection that has the old one selected: there is none meanwhile.
            house.relay.close()
            try await eventually(
                "the mailbox is made anew",
                holds: {
                    _ = try await behind.command("DELETE Project")
                    _ = try await behind.command("CREATE Project")
                    return try await behind.append(letter("second"), to: "Project", flags: "\\Deleted").isOK
                })
            let view = try await mailbox.begin().0
            let uids = NumberSet([uid])
            try house.relay.open()
            try await eventually(
                "the new mailbox is met",
                holds: {
                    do {
                        let outcome = try await mailbox.store(uids, .add, [.flagged])
                        throw RigFailure("stored: \(outcome)")
                    } catch EngineError.unavailable {
                        return false
                    } catch EngineError.newEpoch {
                        return true
                    }
                })
            await #expect(throws: EngineError.newEpoch) {
                try await mailbox.store(uids, .add, [.flagged], unchangedSince: ModSeq(rawValue: 1 << 62))
            }
            await #expect(throws: EngineError.newEpoch) { try await mailbox.expunge(uids) }
            await #expect(throws: EngineError.newEpoch) { try await mailbox.move(uids, to: .inbox) }
            await #expect(throws: EngineError.newEpoch) { try await mailbox.copy(uids, to: .inbox) }
            await #expect(throws: EngineError.newEpoch) { try await mailbox.messages([uid], needs: .body) }
            await #expect(throws: EngineError.newEpoch) { try await mailbox.search(.all, in: view) }
            try await behind.ok("SELECT Project")
            let flags = try await behind.ok("FETCH 1:* FLAGS").untagged
            #expect(flags.count == 1 && !flags[0].contains("Flagged"), "\(flags)")
            try await behind.logout()
        }
    }

    /// What EXPUNGE took is in the cache, and told to who comes back.
    @Test func expungesAreRemembered() async throws {
        try await EngineHouse.with { house in
            let alice = try house.principal("alice", account: "support")
            var uids: [UID] = []
            for subject in ["one", "two", "three"] { uids.append(try await house.append(letter(subject), as: alice)) }
            let mailbox = try await house.engine.open(.inbox, for: alice, readOnly: false)
            let before = try await mailbox.begin().1
            _ = try await mailbox.store(NumberSet([uids[1]]), .add, [.deleted])
            try await mailbox.expunge(nil)
            let after = try await mailbox.begin().1
            #expect(after.highestModSeq > before.highestModSeq)
            await mailbox.close()
            let account = try #require(house.engine.directory.account(named: "support")).id
            let mailboxes = try await house.cache.mailboxes(of: account)
            let kept = try await house.cache.state(of: #require(mailboxes.first { $0.listing.name == .inbox }).id)
            #expect(kept.expunged.map(\.uid) == [uids[1]] && kept.mailbox.highestModSeq == after.highestModSeq)
            #expect(kept.expungesKnownAfter < before.highestModSeq)
            let memory = OpenMailbox.Memory(
                uidValidity: before.uidValidity, client: ClientMemory(modSeq: before.highestModSeq))
            let again = try await house.engine.open(.inbox, for: alice, readOnly: false)
            let missed = try #require(try await again.resume(memory).2)
            #expect(missed.vanished == NumberSet([uids[1]]) && missed.changed.isEmpty)
            let odd = OpenMailbox.Memory(
                uidValidity: UIDValidity(rawValue: 1), client: ClientMemory(modSeq: before.highestModSeq))
            #expect(try await again.resume(odd).2 == nil)
        }
    }

    @Test func searchesHereAndUpstream() async throws {
        try await EngineHouse.with { house in
            let alice = try house.principal("alice", account: "support")
            let one = try await house.append(letter("one"), flags: [.seen], as: alice)
            let two = try await house.append(letter("two", "A needle."), as: alice)
            let viewer = try await Viewer(house.engine.open(.inbox, for: alice, readOnly: false))
            func search(_ key: SearchKey) async throws -> [UID] {
                try await viewer.mailbox.search(key, in: viewer.view)
            }
            #expect(try await search(.all) == [one, two])
            #expect(try await search(.flag(.seen)) == [one])
            #expect(try await search(.and([.notFlag(.seen), .body(Array("NEEDLE".utf8))])) == [two])
            #expect(try await search(.not(.subject(Array("two".utf8)))) == [one])
            _ = try await viewer.mailbox.messages([one, two], needs: [.body, .header, .internalDate])
            try await house.provider.stopDovecot(atOnce: true)
            #expect(try await search(.body(Array("needle".utf8))) == [two])
            #expect(try await search(.from(Array("JAN".utf8))) == [one, two])
        }
    }
}
