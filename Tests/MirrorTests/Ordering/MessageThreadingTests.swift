import MailTypes
import Mirror
import Testing

@Suite struct MessageThreadingTests {
    /// Rows from lines of `number date id references… | subject`; `-` stands for no identifier, and a subject with
    /// `+` before it for a reply's.
    private func rows(_ text: String) -> [ThreadRow] {
        text.split(separator: "\n").map { line in
            let sides = line.split(separator: "|", maxSplits: 1)
            let words = sides[0].split(separator: " ").map(String.init)
            let subject = sides.count > 1 ? sides[1].drop { $0 == " " } : ""
            var row = ThreadRow(number: UInt32(words[0]) ?? 0)
            row.sent = Int64(words[1]) ?? 0
            row.arrival = Int64(row.number)
            row.messageID = words[2] == "-" ? nil : words[2]
            row.references = Array(words[3...])
            row.isReplyOrForward = subject.hasPrefix("+")
            row.subject = Collation.unicodeCasemap.key(of: String(subject.drop { $0 == "+" }))
            return row
        }
    }

    private func threads(_ text: String, _ algorithm: ThreadAlgorithm = .references) -> String {
        MessageThreading.threads(of: rows(text), by: algorithm).description
    }

    @Test(arguments: [
        ("", ""), ("1 1 a", "(1)"), ("1 1 -", "(1)"), ("1 1 a\n2 2 b", "(1)(2)"), ("1 2 a\n2 1 b", "(2)(1)"),
        // Chains, branches, by dates; equal dates by number.
        ("1 1 a\n2 2 b a\n3 3 c a b", "(1 2 3)"), ("1 1 a\n2 3 b a\n3 2 c a", "(1 (3)(2))"),
        ("1 1 a\n2 1 b a\n3 1 c a", "(1 (2)(3))"), ("3 1 a\n2 2 b a\n1 3 c b", "(3 2 1)"),
        ("1 1 a\n2 2 b a\n3 3 c b\n4 4 d b\n5 5 e", "(1 2 (3)(4))(5)"),
        // A child may be older than its parent.
        ("1 9 a\n2 1 b a\n3 5 c", "(3)(1 2)"),
        // Missing parents: several children stay together, a single one stands alone, inside they vanish.
        ("1 1 a x\n2 2 b x", "((1)(2))"), ("1 1 a x", "(1)"), ("1 1 a x y\n2 2 b x z", "((1)(2))"),
        ("1 1 a x y\n2 2 b x y", "((1)(2))"), ("1 1 a\n2 2 b a x\n3 3 c a x", "(1 (2)(3))"),
        ("1 1 a\n2 2 b a x y\n3 3 c b z", "(1 2 3)"), ("1 5 a x\n2 6 b x\n3 3 c", "(3)((1)(2))"),
        // No identifier, or one that another has already.
        ("1 1 -\n2 2 - a\n3 3 a", "(1)(3 2)"), ("1 1 a\n2 2 a\n3 3 c a", "(1 3)(2)"),
        ("1 1 a\n2 2 a a\n3 3 c a", "(1 (2)(3))"),
        // A message's own references count for more than what others say of it; what they say is kept otherwise.
        ("1 3 c a b\n2 2 b\n3 1 a", "(3)(2 1)"), ("1 1 a\n2 2 b\n3 3 c a b", "(1 2 3)"),
        ("1 3 c a b\n2 1 a\n3 2 b a", "(2 3 1)"),
        ("1 3 c a b\n2 1 a\n3 2 b x\n4 4 d x", "(2)((3 1)(4))"), ("1 1 c x b\n2 2 d y b", "((1)(2))"),
        // Loops: the link that would close one is not made.
        ("1 1 a a", "(1)"), ("1 1 a b\n2 2 b a", "(2 1)"), ("1 1 a b\n2 2 b c\n3 3 c a", "(3 2 1)"),
        ("1 1 a b a b a", "(1)"), ("1 1 a\n2 2 b a b a", "(1 2)"), ("1 1 c a b a b\n2 2 a\n3 3 b a", "(2 3 1)"),
    ])
    func references(rows: String, expected: String) {
        #expect(threads(rows) == expected)
    }

    @Test(arguments: [
        // A reply without references joins what it replies to, as a child.
        ("1 1 a | s\n2 2 b | +s", "(1 2)"), ("1 2 a | s\n2 1 b | +s", "(1 2)"), ("1 1 a | s\n2 2 b | +S", "(1 2)"),
        ("1 1 a | s\n2 2 b | +s\n3 3 c | +s", "(1 (2)(3))"), ("1 1 a | s\n2 2 b | +t", "(1)(2)"),
        // Two that are no replies, or two replies, become siblings without a parent.
        ("1 1 a | s\n2 2 b | s", "((1)(2))"), ("1 1 a | +s\n2 2 b | +s", "((1)(2))"),
        ("1 1 a | s\n2 2 b | s\n3 3 c | +s", "((1)(2)(3))"), ("1 1 a | +s\n2 2 b | +s\n3 3 c | s", "(3 (1)(2))"),
        // A missing parent takes them all in; two missing ones become one.
        ("1 1 a x | s\n2 2 b x | t\n3 3 c | s", "((1)(2)(3))"), ("1 5 a x | s\n2 6 b x\n3 3 c | s", "((3)(1)(2))"),
        ("1 1 a x | s\n2 2 b x | s\n3 3 c y | +s\n4 4 d y | u\n5 5 e | u", "((1)(2)(3)(4))(5)"),
        ("1 1 c | s\n2 2 a x | s\n3 3 b x\n4 4 d y | s\n5 5 e y", "((1)(2)(3)(4)(5))"),
        // No subject, no merging; below the top neither.
        ("1 1 a\n2 2 b", "(1)(2)"), ("1 1 a | +\n2 2 b | +", "(1)(2)"),
        ("1 1 a | s\n2 2 b a | t\n3 3 c | t", "(1 2)(3)"),
        // A whole thread is merged.
        ("1 1 a | s\n2 2 b | +s\n3 3 c b | +s\n4 4 d a | +s", "(1 (2 3)(4))"),
    ])
    func mergedSubjects(rows: String, expected: String) {
        #expect(threads(rows) == expected)
    }

    @Test(arguments: [
        ("", ""), ("1 1 a | s", "(1)"), ("1 1 a | s\n2 2 b | S\n3 3 c | s", "(1 (2)(3))"),
        ("1 3 a | s\n2 2 b | s\n3 1 c | s", "(3 (2)(1))"), ("1 1 a | s\n2 2 b | t\n3 3 c | s", "(1 3)(2)"),
        ("1 5 a | s\n2 2 b | t\n3 3 c | t\n4 1 d | s", "(4 1)(2 3)"), ("1 1 a\n2 2 b", "(1 2)"),
        // Replies are nothing special here, nor are references.
        ("1 1 a | +s\n2 2 b a | t\n3 3 c | s", "(1 3)(2)"),
    ])
    func orderedSubject(rows: String, expected: String) {
        #expect(threads(rows, .orderedSubject) == expected)
    }

    /// Threads in the order of the newest arrival, messages in them by date.
    @Test(arguments: [
        ("1 1 a\n2 2 b\n3 3 c a", "(2)(1 3)"), ("1 9 a\n2 8 b", "(1)(2)"), ("1 1 a x\n2 5 b\n3 3 c x", "(2)((1)(3))"),
        ("1 1 a | s\n2 2 b | +s", "(1)(2)"), ("1 1 a\n2 9 b a\n3 5 c a\n4 1 d", "(1 (3)(2))(4)"),
    ])
    func refs(rows: String, expected: String) {
        #expect(threads(rows, .refs) == expected)
    }
}
