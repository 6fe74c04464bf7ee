/// Messages in the threads that THREAD answers with (RFC 5256 §4), as a list: each node before its children.
package struct MessageThreads: Hashable, Sendable {
    /// A message, or a parent that is missing.
    package struct Node: Hashable, Sendable {
        /// The message's number; 0 for a parent that is missing, which stands at the top and has children only.
        package let number: UInt32
        /// How many nodes are above it; 0 at the top of a thread.
        package let depth: UInt32
        /// How many nodes are directly below it.
        package let childCount: UInt32

        package init(number: UInt32, depth: UInt32, childCount: UInt32) {
            self.number = number
            self.depth = depth
            self.childCount = childCount
        }
    }

    /// The threads one after the other, siblings in their order.
    package let nodes: [Node]

    /// - Precondition: the nodes are a forest, each before its children.
    package init(nodes: [Node]) { self.nodes = nodes }

    /// How many threads there are.
    package var count: Int { nodes.reduce(0) { $1.depth == 0 ? $0 + 1 : $0 } }
}

extension MessageThreads: CustomStringConvertible {
    /// As IMAP writes them (RFC 5256 §5, `thread-list`): `(1)(2 3 (4)(5))`.
    package var description: String {
        var text = ""
        /// The depths of the nodes whose parentheses are open.
        var open: [UInt32] = []
        /// The child counts of the node at hand and of those above it.
        var above: [UInt32] = []
        for (place, node) in nodes.enumerated() {
            while let depth = open.last, depth >= node.depth {
                text += ")"
                open.removeLast()
            }
            above.removeSubrange(Int(node.depth)...)
            let isFirst = node.depth > 0 && nodes[place - 1].depth < node.depth
            // A space stands behind a number; a missing parent has none.
            if isFirst, nodes[place - 1].number > 0 { text += " " }
            if above.last.map({ $0 > 1 }) ?? true {
                text += "("
                open.append(node.depth)
            }
            if node.number > 0 { text += String(node.number) }
            above.append(node.childCount)
        }
        return text + String(repeating: ")", count: open.count)
    }
}
