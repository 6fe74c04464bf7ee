import MIME
import MailTypes
import Store
import Testing

@testable import Engine

/// What is remembered of headers: found again, bounded, and never another mailbox's.
@Suite struct HeaderMemoryTests {
    private let subject = HeaderSelection([Array("Subject".utf8)], isWanted: true)
    private let entry = HeaderMemory.Entry(
        fields: [UInt8](repeating: 65, count: 100), size: 1, internalDate: Moment(seconds: 1))
    /// Octets of an entry.
    private let cost = 100 + HeaderMemory.overhead

    private func shelf(_ mailbox: Int64, _ validity: UInt32 = 1, _ selection: HeaderSelection? = nil) throws
        -> HeaderMemory.Shelf
    {
        HeaderMemory.Shelf(
            mailbox: CachedMailbox.ID(rawValue: mailbox), uidValidity: UIDValidity(rawValue: validity),
            selection: selection ?? subject)
    }

    private func uids(_ range: ClosedRange<UInt32>) -> [UID] { range.compactMap { UID(rawValue: $0) } }

    private func note(_ memory: inout HeaderMemory, _ range: ClosedRange<UInt32>, on shelf: HeaderMemory.Shelf) {
        memory.note(uids(range).map { ($0, entry) }, on: shelf)
    }

    private func count(_ memory: inout HeaderMemory, _ range: ClosedRange<UInt32>, on shelf: HeaderMemory.Shelf)
        -> Int
    {
        memory.entries(of: uids(range), on: shelf).count { $0 != nil }
    }

    @Test func findsWhatWasNotedInTheOrderAskedFor() throws {
        var memory = HeaderMemory()
        let shelf = try shelf(1)
        note(&memory, 2...3, on: shelf)
        #expect(memory.entries(of: uids(1...4), on: shelf) == [nil, entry, entry, nil])
        // The same again takes no more room.
        note(&memory, 2...3, on: shelf)
        #expect(memory.octets == 2 * cost)
    }

    @Test func keepsMailboxesValiditiesAndSelectionsApart() throws {
        var memory = HeaderMemory()
        note(&memory, 1...1, on: try shelf(1))
        for other in [
            try shelf(2), try shelf(1, 2), try shelf(1, 1, HeaderSelection([Array("From".utf8)], isWanted: true)),
            try shelf(1, 1, HeaderSelection([Array("Subject".utf8)], isWanted: false)),
        ] { #expect(memory.entries(of: uids(1...1), on: other) == [nil]) }
    }

    @Test func forgetsAMailbox() throws {
        var memory = HeaderMemory()
        note(&memory, 1...2, on: try shelf(1))
        note(&memory, 1...2, on: try shelf(1, 2))
        note(&memory, 1...2, on: try shelf(2))
        memory.forget(CachedMailbox.ID(rawValue: 1))
        #expect(count(&memory, 1...2, on: try shelf(1)) == 0)
        #expect(count(&memory, 1...2, on: try shelf(1, 2)) == 0)
        #expect(count(&memory, 1...2, on: try shelf(2)) == 2)
        #expect(memory.octets == 2 * cost)
    }

    @Test func makesRoomByForgettingWhatWasAskedForLongestAgo() throws {
        var memory = HeaderMemory(limit: 5 * cost)
        note(&memory, 1...2, on: try shelf(1))
        note(&memory, 1...2, on: try shelf(2))
        // The first is used again, so the second has to go.
        #expect(count(&memory, 1...2, on: try shelf(1)) == 2)
        note(&memory, 1...3, on: try shelf(3))
        #expect(count(&memory, 1...2, on: try shelf(1)) == 2)
        #expect(count(&memory, 1...2, on: try shelf(2)) == 0)
        #expect(count(&memory, 1...3, on: try shelf(3)) == 3)
        #expect(memory.octets == 5 * cost)
    }

    @Test func keepsTheFirstOfMoreThanItHolds() throws {
        var memory = HeaderMemory(limit: 10 * cost)
        note(&memory, 1...3, on: try shelf(1))
        for start in stride(from: UInt32(1), to: 100, by: 4) { note(&memory, start...start + 3, on: try shelf(2)) }
        #expect(count(&memory, 1...100, on: try shelf(2)) == 10)
        #expect(count(&memory, 1...10, on: try shelf(2)) == 10)
        #expect(memory.octets == 10 * cost)
    }
}
