import Engine
import Loop
import MIME
import MailTypes
import Mirror
import TestKit
import Testing

/// Listing messages by chosen header fields, with a real upstream.
@Suite(.timeLimit(.minutes(20)))
struct ListingTests {
    private let from = HeaderSelection([Array("from".utf8), Array("Subject".utf8)], isWanted: true)

    private func texts(_ found: FetchedMessages) -> [String] {
        found.messages.map { String(decoding: $0.fields ?? [], as: UTF8.self) }
    }

    private func fields(_ subject: String) -> String {
        "From: Jan <jan@customer.example>\r\nSubject: \(subject)\r\n\r\n"
    }

    @Test func secondListingIsFromMemoryAndTheSame() async throws {
        try await EngineHouse.with { house in
            let alice = try house.principal("alice", account: "support")
            var uids: [UID] = []
            for name in ["one", "two", "three"] { uids.append(try await house.append(letter(name), as: alice)) }
            let first = try await Viewer(house.engine.open(.inbox, for: alice, readOnly: false))
            let needs: MessageNeeds = [.size, .internalDate, .header]
            let count = house.engine.counters.counter("headers_listed_from_memory_total")
            let one = try await first.mailbox.listing(Array(uids.prefix(2)), needs: needs, choosing: from)
            #expect(texts(one) == [fields("one"), fields("two")])
            #expect(count.value == 0)
            // Another session; the last one is not remembered yet, and what is asked for comes in the order of asking.
            let second = try await Viewer(house.engine.open(.inbox, for: alice, readOnly: true))
            let all = try await second.mailbox.listing(uids.reversed(), needs: needs, choosing: from)
            #expect(texts(all) == [fields("three"), fields("two"), fields("one")])
            #expect(count.value == 2)
            // Flags are as they are now; size and date as the whole listing says.
            _ = try await first.mailbox.store(NumberSet([uids[0]]), .add, [.flagged])
            let again = try await second.mailbox.listing(uids, needs: needs, choosing: from)
            #expect(count.value == 5)
            let plain = try await second.mailbox.messages(uids, needs: needs)
            #expect(again.messages.map(\.size) == plain.messages.map(\.size))
            #expect(again.messages.map(\.internalDate) == plain.messages.map(\.internalDate))
            #expect(again.messages.map(\.modSeq) == plain.messages.map(\.modSeq))
            #expect(again.messages.first?.flags.contains(.flagged) == true)
            // What was expunged is gone, although it is remembered.
            _ = try await first.mailbox.store(NumberSet([uids[1]]), .add, [.deleted])
            try await first.mailbox.expunge(nil)
            let left = try await second.mailbox.listing(uids, needs: needs, choosing: from)
            #expect(texts(left) == [fields("one"), fields("three")])
        }
    }

    @Test func anotherMailboxOfTheNameIsReadAnew() async throws {
        try await EngineHouse.with { house in
            let alice = try house.principal("alice", account: "support")
            let name = MailboxName("Old")
            for subject in ["before", "after"] {
                try await house.engine.create(name, for: alice)
                let uid = try await house.append(letter(subject), to: name, as: alice)
                let viewer = try await Viewer(house.engine.open(name, for: alice, readOnly: true))
                for _ in 0..<2 {
                    let found = try await viewer.mailbox.listing([uid], needs: [.header], choosing: from)
                    #expect(texts(found) == [fields(subject)])
                }
                await viewer.mailbox.close()
                try await house.engine.delete(name, for: alice)
            }
        }
    }
}
