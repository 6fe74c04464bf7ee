import MailTypes
import Mirror
import Testing

/// Random mailboxes with few identifiers and few subjects, so that references cross, loop and point nowhere.
@Suite struct ThreadingProperty {
    private static func mailbox(_ random: inout Generator) -> [ThreadRow] {
        let ids = (0..<(2 + random.below(14))).map { "\($0)@example.org" }
        let subjects = ["", "s", "t", "u", "a longer one", "a longer two"].map { Collation.unicodeCasemap.key(of: $0) }
        return (0..<random.below(20)).map { place in
            var row = ThreadRow(number: UInt32(place * 3 + 1))
            row.sent = Int64(random.below(8))
            row.arrival = Int64(random.below(8))
            row.messageID = random.chance(85) ? random.pick(ids) : nil
            row.references = (0..<random.below(5)).map { _ in random.pick(ids) }
            row.subject = random.pick(subjects)
            row.isReplyOrForward = random.chance(50)
            return row
        }
    }

    @Test(arguments: 0..<20) func asTheTextSays(seed: UInt64) {
        var random = Generator(seed: seed)
        for _ in 0..<300 {
            let rows = Self.mailbox(&random)
            for algorithm in [ThreadAlgorithm.references, .refs] {
                let expected = PlainThreading.threads(of: rows, mergesSubjects: algorithm == .references)
                let threads = MessageThreading.threads(of: rows.shuffled(using: &random), by: algorithm)
                #expect(threads.description == expected, "\(algorithm) of \(rows)")
            }
        }
    }

    @Test(arguments: ThreadAlgorithm.allCases) func everyMessageOnce(algorithm: ThreadAlgorithm) {
        var random = Generator(seed: 77)
        for _ in 0..<1000 {
            let rows = Self.mailbox(&random)
            let threads = MessageThreading.threads(of: rows, by: algorithm)
            #expect(threads.nodes.map(\.number).filter { $0 > 0 }.sorted() == rows.map(\.number))
            for (place, node) in threads.nodes.enumerated() {
                let inside = threads.nodes[(place + 1)...].prefix { $0.depth > node.depth }
                #expect(node.childCount == inside.count { $0.depth == node.depth + 1 })
                #expect(node.number > 0 || (node.depth == 0 && node.childCount > 1), "\(threads)")
            }
            #expect(MessageThreading.threads(of: rows.shuffled(using: &random), by: algorithm) == threads)
        }
    }

    /// A thread as long as the mailbox, whatever the order in which it arrived; neither time nor the stack give out.
    @Test(arguments: ["oldest first", "newest first", "mixed"]) func oneLongThread(order: String) {
        let count = 20_000
        var random = Generator(seed: 3)
        var places = Array(0..<count)
        if order == "newest first" { places.reverse() }
        if order == "mixed" { places.shuffle(using: &random) }
        let rows = places.enumerated().map { number, place in
            var row = ThreadRow(number: UInt32(number + 1))
            row.sent = Int64(place)
            row.messageID = "\(place)@example.org"
            row.references = (max(0, place - 3)..<place).map { "\($0)@example.org" }
            return row
        }
        let threads = MessageThreading.threads(of: rows, by: .references)
        #expect(threads.count == 1)
        #expect(threads.nodes.map(\.depth) == (0..<UInt32(count)).map { $0 })
    }
}
