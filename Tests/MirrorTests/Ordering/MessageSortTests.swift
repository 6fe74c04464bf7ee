import MailTypes
import Mirror
import Testing

@Suite struct MessageSortTests {
    private func key(_ text: String) -> CollationKey { Collation.unicodeCasemap.key(of: text) }

    private func row(_ number: UInt32, _ fill: (inout SortRow) -> Void) -> SortRow {
        var row = SortRow(number: number)
        fill(&row)
        return row
    }

    private var mailbox: [SortRow] {
        let subjects = ["beta", "Alpha", "", "ALPHA", "gamma"]
        return subjects.enumerated().map { place, subject in
            row(UInt32(place + 1)) {
                $0.subject = key(subject)
                $0.sent = [50, 40, 30, 20, 10][place]
                $0.arrival = [1, 2, 1, 2, 1][place]
                $0.size = [5, 5, 7, UInt64.max, 0][place]
                $0.from = key(["zoe", "Ann", "bob", "", "bob"][place])
                $0.to = key(["b", "a", "d", "c", "e"][place])
                $0.cc = key(["", "", "x", "", "a"][place])
                $0.displayFrom = key(["Zoe", "Änne", "Bob", "Anna", "bob"][place])
                $0.displayTo = key(["e", "d", "c", "b", "a"][place])
            }
        }
    }

    @Test(
        arguments: [
            ("", [1, 2, 3, 4, 5]), ("SUBJECT", [3, 2, 4, 1, 5]), ("-SUBJECT", [5, 1, 2, 4, 3]),
            ("SUBJECT DATE", [3, 4, 2, 1, 5]), ("DATE", [5, 4, 3, 2, 1]), ("-DATE", [1, 2, 3, 4, 5]),
            ("ARRIVAL", [1, 3, 5, 2, 4]), ("-ARRIVAL", [2, 4, 1, 3, 5]), ("ARRIVAL -DATE", [1, 3, 5, 2, 4]),
            ("ARRIVAL DATE", [5, 3, 1, 4, 2]), ("-ARRIVAL SUBJECT DATE", [4, 2, 3, 1, 5]), ("SIZE", [5, 1, 2, 3, 4]),
            ("-SIZE", [4, 3, 1, 2, 5]), ("FROM", [4, 2, 3, 5, 1]), ("TO", [2, 1, 4, 3, 5]), ("CC", [1, 2, 4, 5, 3]),
            ("DISPLAYFROM", [4, 2, 3, 5, 1]), ("DISPLAYTO", [5, 4, 3, 2, 1]),
            // What comes again decides nothing.
            ("ARRIVAL -ARRIVAL ARRIVAL DATE", [5, 3, 1, 4, 2]),
        ] as [(String, [UInt32])])
    func orders(criteria: String, expected: [UInt32]) throws {
        let criteria = try criteria.split(separator: " ").map { word in
            let name = word.hasPrefix("-") ? word.dropFirst() : word
            return SortCriterion(try #require(SortCriterion.Key(rawValue: String(name))), isReversed: name != word)
        }
        #expect(MessageSort.numbers(of: mailbox, by: criteria) == expected)
        #expect(MessageSort.numbers(of: mailbox.reversed(), by: criteria) == expected)
    }

    @Test func ofNothing() { #expect(MessageSort.numbers(of: [], by: [SortCriterion(.subject)]) == []) }

    /// Against comparing criterion by criterion, with keys that share their first eight octets and few values.
    @Test(arguments: 0..<40) func laws(seed: UInt64) {
        var random = Generator(seed: seed)
        let words = ["", "a", "abcdefgh", "abcdefghi", "abcdefghj", "é", "E\u{301}a", "\u{0}", "zz"].map(key)
        let rows = (1...UInt32(60)).map { number in
            row(number) {
                $0.subject = random.pick(words)
                $0.from = random.pick(words)
                $0.sent = Int64(random.below(4)) - 2
                $0.size = UInt64(random.below(3))
            }
        }
        let criteria = (0..<random.below(5)).map { _ in
            SortCriterion(random.pick([.subject, .from, .date, .size]), isReversed: random.chance(50))
        }
        func precedes(_ left: SortRow, _ right: SortRow) -> Bool {
            for criterion in criteria {
                let (first, second) = criterion.isReversed ? (right, left) : (left, right)
                switch criterion.key {
                case .subject where left.subject != right.subject: return first.subject < second.subject
                case .from where left.from != right.from: return first.from < second.from
                case .date where left.sent != right.sent: return first.sent < second.sent
                case .size where left.size != right.size: return first.size < second.size
                default: continue
                }
            }
            return left.number < right.number
        }
        let sorted = MessageSort.numbers(of: rows.shuffled(using: &random), by: criteria)
        #expect(sorted == rows.sorted(by: precedes).map(\.number))
    }
}
