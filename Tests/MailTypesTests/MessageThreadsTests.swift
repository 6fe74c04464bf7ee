import MailTypes
import Testing

@Suite struct MessageThreadsTests {
    /// Nodes as (number, depth); children are counted here.
    private func threads(_ nodes: [(number: UInt32, depth: UInt32)]) -> MessageThreads {
        MessageThreads(
            nodes: nodes.enumerated().map { place, node in
                let inside = nodes[(place + 1)...].prefix { $0.depth > node.depth }
                return MessageThreads.Node(
                    number: node.number, depth: node.depth,
                    childCount: UInt32(inside.count { $0.depth == node.depth + 1 }))
            })
    }

    @Test func text() {
        #expect(threads([]).description == "")
        #expect(threads([(1, 0)]).description == "(1)")
        #expect(threads([(1, 0), (2, 0), (3, 1), (4, 2), (5, 2)]).description == "(1)(2 3 (4)(5))")
        // RFC 5256 §4's own examples.
        #expect(
            threads([(2, 0), (3, 0), (6, 1), (4, 2), (23, 3), (44, 2), (7, 3), (96, 4)]).description
                == "(2)(3 6 (4 23)(44 7 96))")
        #expect(threads([(0, 0), (3, 1), (5, 1)]).description == "((3)(5))")
        #expect(
            threads([(0, 0), (3, 1), (7, 2), (8, 3), (9, 3), (5, 1), (6, 0)]).description == "((3 7 (8)(9))(5))(6)")
        #expect(threads([(1, 0), (2, 1), (3, 2), (4, 2), (5, 1)]).description == "(1 (2 (3)(4))(5))")
    }

    @Test func count() {
        #expect(threads([]).count == 0)
        #expect(threads([(1, 0), (2, 0), (3, 1), (0, 0), (4, 1), (5, 1)]).count == 3)
    }

    @Test func aLongThread() {
        let last = UInt32(100_000)
        let nodes = (1...last).map { MessageThreads.Node(number: $0, depth: $0 - 1, childCount: $0 == last ? 0 : 1) }
        #expect(MessageThreads(nodes: nodes).description == "(\((1...last).map(String.init).joined(separator: " ")))")
    }
}
