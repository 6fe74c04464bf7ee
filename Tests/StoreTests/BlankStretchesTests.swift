import MailTypes
import Testing

@testable import Store

@Suite struct BlankStretchesTests {
    private let mailbox = CachedMailbox.ID(rawValue: 1)

    private func blank(_ stretches: BlankStretches, _ uids: ClosedRange<UInt32>) -> [UInt32] {
        uids.filter { stretches.contains(UID($0), of: mailbox) }
    }

    @Test func whatIsSavedIsNoLongerBlank() {
        var stretches = BlankStretches()
        stretches.insert(3...UInt32.max, of: mailbox, asOf: stretches.saves)
        stretches.remove(NumberSet(5...6), of: mailbox)
        #expect(blank(stretches, 1...8) == [3, 4, 7, 8])
        #expect(!stretches.contains(UID(3), of: CachedMailbox.ID(rawValue: 2)))
    }

    @Test func aLookThatBeganBeforeSomethingWasSavedSaysNothing() {
        var stretches = BlankStretches()
        let before = stretches.saves
        stretches.remove(NumberSet(5...6), of: mailbox)
        stretches.insert(1...8, of: mailbox, asOf: before)
        #expect(blank(stretches, 1...8) == [])
        stretches.insert(1...4, of: mailbox, asOf: stretches.saves)
        #expect(blank(stretches, 1...8) == [1, 2, 3, 4])
    }

    @Test func takesNoMoreRoomThanItsLimits() {
        var stretches = BlankStretches()
        stretches.insert(1...UInt32.max, of: mailbox, asOf: stretches.saves)
        let scattered = NumberSet((1...UInt32(BlankStretches.stretchLimit)).map { $0 * 2 })
        stretches.remove(scattered, of: mailbox)
        #expect(blank(stretches, 1...8) == [])
        for number in 1...Int64(BlankStretches.mailboxLimit) + 1 {
            stretches.insert(1...1, of: CachedMailbox.ID(rawValue: number), asOf: stretches.saves)
        }
        #expect(!stretches.contains(UID(1), of: mailbox))
    }
}
