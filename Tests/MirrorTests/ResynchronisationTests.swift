import MailTypes
import Mirror
import Testing

@Suite struct ResynchronisationTests {
    private static func modSeq(_ value: UInt64) -> ModSeq { ModSeq(rawValue: value) }

    private func sets(_ text: String) -> NumberSet {
        NumberSet(
            ranges: text.split(separator: ",").map { range in
                let bounds = range.split(separator: ":").compactMap { UInt32($0) }
                return bounds[0]...bounds[bounds.count - 1]
            })
    }

    /// Ten messages read at 10 to 19; then 2 and 7 are expunged at 20 and 21, 4 is seen at 22, 11 comes at 23, and 9
    /// is expunged at 24.
    private func makeMirror(logLimit: Int) -> MailboxMirror {
        var mirror = MailboxMirror(
            uidValidity: UIDValidity(rawValue: 1), highestModSeq: Self.modSeq(9),
            expunges: ExpungeLog(completeAfter: Self.modSeq(9), limit: logLimit))
        mirror.update((1...10).map { .added(UID($0), .empty) })
        mirror.update([.expunged(UID(2)), .expunged(UID(7)), .flags(UID(4), FlagSet([.seen]))])
        mirror.update([.added(UID(11), .empty), .expunged(UID(9))])
        return mirror
    }

    struct Case: Sendable {
        var modSeq: UInt64
        var known: String?
        var numbers: String?
        var uids: String?
        var logLimit = 10
        var vanished: String
        var changed: [UInt32]
    }

    @Test(arguments: [
        Case(modSeq: 24, vanished: "", changed: []),
        Case(modSeq: 23, vanished: "9", changed: []),
        Case(modSeq: 19, vanished: "2,7,9", changed: [4, 11]),
        Case(modSeq: 21, known: "1:8", vanished: "", changed: [4]),
        Case(modSeq: 19, known: "1:2,6:11", vanished: "2,7,9", changed: [11]),
        // UIDs that are still to be given are not gone.
        Case(modSeq: 19, known: "1:4294967295", vanished: "2,7,9", changed: [4, 11]),
        Case(modSeq: 9, vanished: "2,7,9", changed: [1, 3, 4, 5, 6, 8, 10, 11]),
        // The log reaches back to nothing: all that is not there is gone.
        Case(modSeq: 8, vanished: "2,7,9", changed: [1, 3, 4, 5, 6, 8, 10, 11]),
        Case(modSeq: 19, logLimit: 1, vanished: "2,7,9", changed: [4, 11]),
        Case(modSeq: 19, known: "1,3:8", logLimit: 1, vanished: "7", changed: [4]),
        // A modSeq from a past that is lost here: everything.
        Case(modSeq: 99, known: "1:9", vanished: "2,7,9", changed: [1, 3, 4, 5, 6, 8]),
        // Number 1 is UID 1 on both sides; number 3 was UID 3 to the client.
        Case(modSeq: 20, known: "1:10", numbers: "1,3", uids: "1,3", logLimit: 1, vanished: "2,7,9", changed: [4]),
        // Number 2 is UID 3 here: nothing up to there is gone, says the client itself.
        Case(modSeq: 20, known: "1:10", numbers: "1:2", uids: "1,3", logLimit: 1, vanished: "7,9", changed: [4]),
        // A change below a landmark makes it worthless.
        Case(
            modSeq: 20, known: "1:10", numbers: "1:2,5", uids: "1,3,6", logLimit: 1, vanished: "7,9", changed: [4]),
        // While the log tells, landmarks are not looked at.
        Case(modSeq: 19, known: "1:10", numbers: "9", uids: "11", vanished: "2,7,9", changed: [4]),
    ]) func tellsWhatWasMissed(_ wanted: Case) {
        let mirror = makeMirror(logLimit: wanted.logLimit)
        var memory = ClientMemory(modSeq: Self.modSeq(wanted.modSeq), knownUIDs: wanted.known.map(sets))
        if let numbers = wanted.numbers, let uids = wanted.uids {
            memory.landmarks = ClientMemory.Landmarks(numbers: sets(numbers), uids: sets(uids))
            #expect(memory.landmarks != nil)
        }
        let missed = mirror.missed(memory)
        #expect(missed.vanished.description == wanted.vanished)
        #expect(missed.changed.map(\.rawValue) == wanted.changed)
    }

    @Test func landmarksAreOfOneSize() {
        #expect(ClientMemory.Landmarks(numbers: sets("1:3"), uids: sets("5,7")) == nil)
        #expect(ClientMemory.Landmarks(numbers: sets("1:3"), uids: sets("5,7,9")) != nil)
    }

    @Test func endlessLandmarksCostNoMoreThanTheMailbox() {
        let all = NumberSet(1...UInt32.max)
        let mirror = makeMirror(logLimit: 1)
        let memory = ClientMemory(
            modSeq: Self.modSeq(12), landmarks: ClientMemory.Landmarks(numbers: all, uids: all))
        #expect(memory.landmarks != nil)
        #expect(mirror.missed(memory).vanished.description == "2,7,9")
    }

    @Test func anEmptyMailboxHasNothingToTell() {
        let mirror = MailboxMirror(uidValidity: UIDValidity(rawValue: 1), highestModSeq: Self.modSeq(5))
        let missed = mirror.missed(ClientMemory(modSeq: Self.modSeq(1)))
        #expect(missed.vanished.isEmpty && missed.changed.isEmpty)
    }

    @Test func theExpungeLogIsBoundedAndSaysSo() {
        var mirror = MailboxMirror(
            uidValidity: UIDValidity(rawValue: 1), expunges: ExpungeLog(completeAfter: .zero, limit: 10))
        mirror.update((1...30).map { .added(UID($0), .empty) })
        mirror.update((1...11).map { .expunged(UID($0)) })
        #expect(mirror.expunges.count == 11 && mirror.expunges.completeAfter == .zero)
        mirror.update([.expunged(UID(12))])
        #expect(mirror.expunges.count == 10 && mirror.expunges.completeAfter == Self.modSeq(32))
        #expect(mirror.uids(expungedAfter: Self.modSeq(31)) == nil)
        #expect(mirror.uids(expungedAfter: Self.modSeq(32))?.description == "3:12")
        #expect(mirror.expunges.last == Self.modSeq(42))
    }

    @Test func whatIsLoadedGoesOn() {
        let log = ExpungeLog(
            completeAfter: Self.modSeq(3),
            entries: [.init(modSeq: Self.modSeq(3), uid: UID(1)), .init(modSeq: Self.modSeq(8), uid: UID(2))])
        var mirror = MailboxMirror(
            uidValidity: UIDValidity(rawValue: 1), uidNext: 9, highestModSeq: Self.modSeq(4), rows: [], expunges: log)
        #expect(mirror.highestModSeq == Self.modSeq(8))
        #expect(mirror.uids(expungedAfter: Self.modSeq(3))?.description == "2")
        mirror.update([.added(UID(9), .empty), .expunged(UID(9))])
        #expect(mirror.uids(expungedAfter: Self.modSeq(3))?.description == "2,9")
        mirror.beginEpoch(uidValidity: UIDValidity(rawValue: 2))
        #expect(mirror.uids(expungedAfter: Self.modSeq(9)) == nil)
        #expect(mirror.uids(expungedAfter: Self.modSeq(10))?.isEmpty == true)
    }

    @Test func lostNumbersAreBoundedAndNeverForgotten() {
        func stretch(_ after: UInt64, _ through: UInt64) -> LostNumbers.Stretch {
            .init(after: Self.modSeq(after), through: Self.modSeq(through))
        }
        #expect(LostNumbers([stretch(5, 5), stretch(9, 7)]).stretches.isEmpty)
        #expect(
            LostNumbers([stretch(5, 9), stretch(7, 12), stretch(1, 4)]).stretches == [stretch(5, 9), stretch(9, 12)])
        let count = LostNumbers.limit + 3
        let lost = LostNumbers((1...count).map { stretch(UInt64($0) * 100, UInt64($0) * 100 + 10) })
        #expect(lost.stretches.count == LostNumbers.limit)
        #expect(lost.last == Self.modSeq(UInt64(count) * 100 + 10))
        for number in 1...count {
            #expect(lost.contains(Self.modSeq(UInt64(number) * 100 + 1)))
            #expect(lost.contains(Self.modSeq(UInt64(number) * 100 + 10)))
        }
        #expect(!lost.contains(Self.modSeq(100)) && !lost.contains(Self.modSeq(UInt64(count) * 100)))
    }

    @Test func aClientWithALostNumberIsToldEverything() {
        var mirror = makeMirror(logLimit: 10)
        mirror.noteLost(through: Self.modSeq(100))
        #expect(mirror.update([.flags(UID(1), FlagSet([.seen]))]).highestModSeq == Self.modSeq(101))
        // 24 was the last one before, and is as good as ever.
        #expect(mirror.missed(ClientMemory(modSeq: Self.modSeq(24))).changed == [UID(1)])
        for lost in [25, 50, 100] as [UInt64] {
            #expect(!mirror.remembers(Self.modSeq(lost)))
            let missed = mirror.missed(ClientMemory(modSeq: Self.modSeq(lost)))
            #expect(missed.changed.count == mirror.exists && missed.vanished.description == "2,7,9")
        }
        #expect(mirror.missed(ClientMemory(modSeq: Self.modSeq(101))).changed.isEmpty)
        #expect(!mirror.remembers(Self.modSeq(102)))
    }

    @Test func numbersAreAboveTheFloor() {
        var mirror = MailboxMirror(uidValidity: UIDValidity(rawValue: 1), highestModSeq: Self.modSeq(5))
        let plan = mirror.plan([.added(UID(1), .empty), .added(UID(2), .empty)], above: Self.modSeq(1000))
        #expect(plan.steps.map(\.modSeq.rawValue) == [1001, 1002])
        mirror.apply(plan)
        #expect(mirror.update([.expunged(UID(1))], above: Self.modSeq(7)).highestModSeq == Self.modSeq(1003))
        #expect(mirror.plan([.expunged(UID(1))], above: Self.modSeq(5000)).highestModSeq == Self.modSeq(1003))
    }
}
