import MailTypes
import Mirror
import Testing

private func makeMirror(_ messages: [(UInt32, [Flag])], uidNext: UInt32 = 1, logLimit: Int = 100) -> MailboxMirror {
    MailboxMirror(
        uidValidity: UIDValidity(rawValue: 7), uidNext: uidNext, highestModSeq: ModSeq(rawValue: 50),
        rows: messages.map {
            MailboxMirror.Row(uid: UID($0.0), flags: FlagSet($0.1), modSeq: ModSeq(rawValue: UInt64($0.0)))
        }, logLimit: logLimit)
}

@Suite struct MailboxMirrorTests {
    @Test func loadsRowsInAnyOrder() {
        let mirror = makeMirror([(9, [.seen]), (3, []), (5, [.deleted])], uidNext: 4)
        #expect(mirror.uids(in: NumberSet(1...UInt32.max)) == [UID(3), UID(5), UID(9)])
        #expect(mirror.exists == 3)
        #expect(mirror.uidNext == 10)
        #expect(mirror.unseenCount == 2)
        #expect(mirror.deletedCount == 1)
        #expect(mirror.recentCount == 0)
        #expect(mirror.firstUnseen == 1)
        #expect(mirror.highestModSeq == ModSeq(rawValue: 50))
        #expect(mirror.lastUID == 9)
    }

    @Test func aModSeqInTheRowsRaisesTheHighest() {
        let row = MailboxMirror.Row(uid: UID(1), flags: .empty, modSeq: ModSeq(rawValue: 90))
        var mirror = MailboxMirror(uidValidity: UIDValidity(rawValue: 1), rows: [row])
        #expect(mirror.highestModSeq == ModSeq(rawValue: 90))
        #expect(mirror.update([.flags(UID(1), FlagSet([.seen]))]).highestModSeq == ModSeq(rawValue: 91))
        #expect(mirror.log.changes(after: ModSeq(rawValue: 89)) == nil)
        #expect(mirror.log.changes(after: ModSeq(rawValue: 90))?.count == 1)
    }

    @Test func aPlanLeavesOutWhatChangesNothing() {
        let mirror = makeMirror([(1, [.seen]), (2, [])])
        let plan = mirror.plan([
            .flags(UID(1), FlagSet([.seen, .recent])),  // the same flags
            .added(UID(2), .empty),  // known
            .flags(UID(8), FlagSet([.seen])),  // unknown
            .expunged(UID(8)),
            .added(UID(3), .empty),
            .flags(UID(3), FlagSet([.flagged])),
            .expunged(UID(3)),
            .expunged(UID(3)),
            .added(UID(1), FlagSet([.draft])),  // known, other flags
        ])
        #expect(
            plan.steps.map(\.update) == [
                .added(UID(3), .empty), .flags(UID(3), FlagSet([.flagged])), .expunged(UID(3)),
                .added(UID(1), FlagSet([.draft])),
            ])
        #expect(plan.steps.map(\.modSeq.rawValue) == [51, 52, 53, 54])
    }

    @Test func aPlanIsWhatHappens() {
        var mirror = makeMirror([(1, []), (2, []), (3, []), (4, [])])
        let plan = mirror.plan([
            .expunged(UID(4)), .expunged(UID(1)), .added(UID(7), FlagSet([.seen])), .expunged(UID(2)),
        ])
        mirror.apply(plan)
        #expect(mirror.uids(in: NumberSet(1...100)) == [UID(3), UID(7)])
        #expect(mirror.highestModSeq == ModSeq(rawValue: 54))
        #expect(mirror.unseenCount == 1)
        #expect(mirror.row(of: UID(7))?.modSeq == ModSeq(rawValue: 53))
        #expect(mirror.uids(expungedAfter: ModSeq(rawValue: 51))?.description == "1:2")
        #expect(mirror.uids(expungedAfter: ModSeq(rawValue: 49)) == nil)
        #expect(mirror.uids(changedAfter: ModSeq(rawValue: 50)) == [UID(7)])
    }

    @Test func keywordsAreThoseInUse() {
        var mirror = makeMirror([(1, [Flag("Work"), .seen]), (2, [Flag("$Junk")])])
        #expect(mirror.keywords == [Flag("$Junk"), Flag("Work")])
        mirror.update([.flags(UID(2), .empty), .flags(UID(1), FlagSet([Flag("later")]))])
        #expect(mirror.keywords == [Flag("later")])
    }

    @Test func manyKeywordsDoNotStay() {
        var mirror = makeMirror([(1, [])])
        for number in 0..<10_000 { mirror.update([.flags(UID(1), FlagSet([Flag("key\(number)")]))]) }
        #expect(mirror.keywords == [Flag("key9999")])
        #expect(mirror.log.count <= mirror.log.limit)
    }

    @Test func theLogIsBoundedAndSaysSo() {
        var mirror = makeMirror([], logLimit: 8)
        for uid in 1...20 as ClosedRange<UInt32> { mirror.update([.added(UID(uid), .empty)]) }
        #expect(mirror.log.count <= 8)
        let trimmed = mirror.log.trimmedThrough
        #expect(mirror.log.changes(after: trimmed)?.count == Int(mirror.highestModSeq.rawValue - trimmed.rawValue))
        #expect(mirror.log.changes(after: ModSeq(rawValue: trimmed.rawValue - 1)) == nil)
    }

    @Test func theLargestUIDIsNoTrap() {
        var mirror = makeMirror([(UInt32.max, [])])
        #expect(mirror.uidNext == UInt32.max)
        mirror.update([.expunged(UID(UInt32.max))])
        #expect(mirror.exists == 0)
        #expect(mirror.uidSet.isEmpty)
    }

    @Test func anEpochForgetsAndGoesOn() {
        var mirror = makeMirror([(1, []), (2, [])])
        mirror.beginEpoch(uidValidity: UIDValidity(rawValue: 8), uidNext: 3)
        #expect(mirror.exists == 0)
        #expect(mirror.unseenCount == 0)
        #expect(mirror.uidNext == 3)
        #expect(mirror.highestModSeq == ModSeq(rawValue: 50))
        #expect(mirror.uidValidity.rawValue == 8)
    }
}

@Suite struct FlagSetTests {
    @Test func ordersAndFolds() {
        let set = FlagSet([Flag("zeta"), .seen, Flag("\\ANSWERED"), Flag("Alpha"), Flag("alpha"), .recent, .seen])
        #expect(set.description == "\\Answered \\Seen Alpha zeta")
        #expect(set == FlagSet([Flag("ALPHA"), Flag("ZETA"), .answered, .seen]))
        #expect(set.hashValue == FlagSet([Flag("ALPHA"), Flag("ZETA"), .answered, .seen]).hashValue)
        #expect(set.contains(Flag("ALPHA")) && set.contains(.seen) && !set.contains(.draft) && !set.contains(.recent))
    }

    @Test func addsAndTakes() {
        let set = FlagSet([.seen, Flag("a")])
        #expect(set.union(FlagSet([.draft])) == FlagSet([.seen, .draft, Flag("a")]))
        #expect(set.union(FlagSet([Flag("b"), Flag("A")])) == FlagSet([.seen, Flag("a"), Flag("b")]))
        #expect(set.subtracting(FlagSet([.seen, Flag("A"), .draft])) == .empty)
        #expect(set.subtracting(.empty) == set)
        #expect(FlagSet([.deleted]).isDeleted && !set.isDeleted && set.isSeen)
    }
}

@Suite struct SequenceViewTests {
    let mirror = makeMirror([(2, []), (4, []), (8, [])])

    @Test func translates() {
        let view = SequenceView(mirror)
        #expect(view.exists == 3)
        #expect(view.lastUID == 8)
        #expect((0...4).map { view.uid(at: $0)?.rawValue } == [nil, 2, 4, 8, nil])
        #expect((1...9).map { view.sequenceNumber(of: UID($0)) } == [nil, 1, nil, 2, nil, nil, nil, 3, nil])
        #expect(view.uids(atSequenceNumbers: NumberSet(1...2)) == [UID(2), UID(4)])
        #expect(view.uids(atSequenceNumbers: NumberSet(3...4)) == nil)
        #expect(view.uids(atSequenceNumbers: NumberSet()) == [])
        #expect(view.uids(in: NumberSet(3...UInt32.max)) == [UID(4), UID(8)])
        #expect(view.sequenceNumbers(of: NumberSet(3...UInt32.max)).description == "2:3")
    }

    @Test func holdsExpungesBackAndShowsWhatIsNew() {
        var mirror = mirror
        let view = SequenceView(mirror)
        mirror.update([.expunged(UID(4)), .added(UID(9), .empty), .flags(UID(8), FlagSet([.seen]))])
        let (held, first) = ViewSync.step(view, mirror: mirror, policy: .withoutExpunges)
        let row = mirror.row(of: UID(8))
        #expect(
            first == [
                .exists(4),
                .flags(sequenceNumber: 3, uid: UID(8), flags: FlagSet([.seen]), modSeq: row?.modSeq ?? .zero),
            ])
        #expect(held.uid(at: 2) == UID(4))
        let (_, second) = ViewSync.step(held, mirror: mirror, policy: .all)
        #expect(second == [.expunge(sequenceNumber: 2, uid: UID(4))])
    }

    @Test func severalExpungesComeFromTheEnd() {
        var mirror = mirror
        let view = SequenceView(mirror)
        mirror.update([.expunged(UID(2)), .expunged(UID(8))])
        let (_, updates) = ViewSync.step(view, mirror: mirror, policy: .all)
        #expect(updates == [.expunge(sequenceNumber: 3, uid: UID(8)), .expunge(sequenceNumber: 1, uid: UID(2))])
    }

    @Test func whatComesAndGoesBetweenStepsIsNotMentioned() {
        var mirror = mirror
        let view = SequenceView(mirror)
        mirror.update([.added(UID(9), .empty), .expunged(UID(9))])
        #expect(ViewSync.step(view, mirror: mirror, policy: .all).1.isEmpty)
    }

    @Test func aLateMessageNeverGetsANumberInTheMiddle() {
        var mirror = mirror
        let view = SequenceView(mirror)
        mirror.update([.added(UID(6), .empty)])
        let (held, first) = ViewSync.step(view, mirror: mirror, policy: .withoutExpunges)
        #expect(first.isEmpty)
        let (after, second) = ViewSync.step(held, mirror: mirror, policy: .all)
        #expect(second == [.expunge(sequenceNumber: 3, uid: UID(8)), .exists(4)])
        #expect(after.uid(at: 3) == UID(6))
    }

    @Test func ownSilentChangeIsNotTold() {
        var mirror = mirror
        var view = SequenceView(mirror)
        let plan = mirror.update([.flags(UID(2), FlagSet([.seen]))])
        view.silence(plan.highestModSeq)
        #expect(ViewSync.step(view, mirror: mirror, policy: .all).1.isEmpty)
        // Another's change to the same message is.
        mirror.update([.flags(UID(2), FlagSet([.seen, .flagged]))])
        let modSeq = mirror.highestModSeq
        #expect(
            ViewSync.step(view, mirror: mirror, policy: .all).1 == [
                .flags(sequenceNumber: 1, uid: UID(2), flags: FlagSet([.seen, .flagged]), modSeq: modSeq)
            ])
    }

    @Test func anotherChangeBeforeTheOwnSilentOneIsTold() {
        var mirror = mirror
        var view = SequenceView(mirror)
        mirror.update([.flags(UID(2), FlagSet([.flagged]))])
        let own = mirror.update([.flags(UID(2), FlagSet([.flagged, .seen]))])
        view.silence(own.highestModSeq)
        #expect(ViewSync.step(view, mirror: mirror, policy: .all).1.count == 1)
    }

    @Test func aNewEpochIsReportedOnce() {
        var mirror = mirror
        let view = SequenceView(mirror)
        mirror.beginEpoch(uidValidity: UIDValidity(rawValue: 8))
        for policy in [ViewSync.Policy.all, .withoutExpunges] {
            let (next, updates) = ViewSync.step(view, mirror: mirror, policy: policy)
            #expect(updates == [.newEpoch(UIDValidity(rawValue: 8))])
            #expect(next.exists == 0)
            #expect(ViewSync.step(next, mirror: mirror, policy: policy).1.isEmpty)
        }
    }

    @Test func aTrimmedLogTellsTheSameAsAWholeOne() {
        var random = Generator(seed: 5)
        for _ in 0..<300 {
            var whole = makeMirror([(2, []), (4, [.seen]), (8, []), (9, [])], logLimit: 1000)
            var trimmed = makeMirror([(2, []), (4, [.seen]), (8, []), (9, [])], logLimit: 1)
            let view = SequenceView(whole)
            for _ in 0..<random.below(12) {
                let uid = UID(UInt32(1 + random.below(14)))
                let update: MailboxMirror.Update =
                    switch random.below(3) {
                    case 0: .added(uid, .empty)
                    case 1: .flags(uid, FlagSet([random.pick(Flag.system)]))
                    default: .expunged(uid)
                    }
                whole.update([update])
                trimmed.update([update])
            }
            for policy in [ViewSync.Policy.all, .withoutExpunges] {
                let expected = ViewSync.step(view, mirror: whole, policy: policy)
                let found = ViewSync.step(view, mirror: trimmed, policy: policy)
                #expect(expected.1 == found.1)
                #expect(expected.0.uidSet == found.0.uidSet)
            }
        }
    }
}
