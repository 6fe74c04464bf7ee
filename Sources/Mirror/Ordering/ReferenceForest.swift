/// Messages and those they refer to, linked as parents and children: steps 1 to 3 of REFERENCES (RFC 5256 §3).
///
/// The messages have the numbers of their rows, missing ones those behind. Nothing here calls itself: a thread may be
/// as long as the mailbox.
struct ReferenceForest {
    /// No node.
    private static let none = -1

    private let messageCount: Int
    private var parents: [Int] = []
    private var firstChildren: [Int] = []
    private var nextSiblings: [Int] = []
    private var previousSiblings: [Int] = []
    private var nodes: [String: Int] = [:]

    /// Step 1.
    ///
    /// - Parameter rows: in the order of their numbers.
    init(_ rows: [ThreadRow]) {
        messageCount = rows.count
        nodes.reserveCapacity(rows.count)
        for row in rows {
            let node = addNode()
            // A message without an identifier, or with that of an earlier one, is referred to by nobody.
            if let id = row.messageID, nodes[id] == nil { nodes[id] = node }
        }
        for (message, row) in rows.enumerated() { link(message, row.references) }
    }

    private mutating func addNode() -> Int {
        parents.append(Self.none)
        firstChildren.append(Self.none)
        nextSiblings.append(Self.none)
        previousSiblings.append(Self.none)
        return parents.count - 1
    }

    /// Steps 1.A and 1.B for one message.
    private mutating func link(_ message: Int, _ references: [String]) {
        var last = Self.none
        for id in references {
            let node = node(of: id)
            // Who has a parent keeps it: References may have been shortened in the middle.
            if last != Self.none, parents[node] == Self.none { link(node, below: last) }
            last = node
        }
        guard parents[message] != last else { return }
        cut(message)
        if last != Self.none { link(message, below: last) }
    }

    private mutating func node(of id: String) -> Int {
        if let node = nodes[id] { return node }
        let node = addNode()
        nodes[id] = node
        return node
    }

    /// Makes `child`, which has no parent, a child of `parent`, unless that closes a loop.
    private mutating func link(_ child: Int, below parent: Int) {
        guard !isInTree(parent, of: child) else { return }
        let sibling = firstChildren[parent]
        parents[child] = parent
        nextSiblings[child] = sibling
        if sibling != Self.none { previousSiblings[sibling] = child }
        firstChildren[parent] = child
    }

    private mutating func cut(_ child: Int) {
        guard parents[child] != Self.none else { return }
        let next = nextSiblings[child]
        let previous = previousSiblings[child]
        if previous == Self.none {
            firstChildren[parents[child]] = next
        } else {
            nextSiblings[previous] = next
        }
        if next != Self.none { previousSiblings[next] = previous }
        parents[child] = Self.none
        nextSiblings[child] = Self.none
        previousSiblings[child] = Self.none
    }

    /// Whether `node` is `top`, which has no parent, or anywhere below it.
    ///
    /// It goes up from the one and through the tree of the other in turn, so that it costs no more than the smaller of
    /// both takes: joining all messages one by one costs n log n steps together.
    private func isInTree(_ node: Int, of top: Int) -> Bool {
        var above = node
        var below = top
        while above != top {
            guard parents[above] != Self.none, let next = follower(of: below, within: top) else { return false }
            if next == node { return true }
            above = parents[above]
            below = next
        }
        return true
    }

    /// The node after this one when each comes before its children; nil after the last one below `top`.
    private func follower(of node: Int, within top: Int) -> Int? {
        if firstChildren[node] != Self.none { return firstChildren[node] }
        var node = node
        while node != top {
            if nextSiblings[node] != Self.none { return nextSiblings[node] }
            node = parents[node]
        }
        return nil
    }

    /// Steps 2 and 3: the messages alone, each below the nearest message above it. Those that have none but are in one
    /// tree stay together under a missing parent when there are several.
    func pruned() -> ThreadTree {
        var tree = ThreadTree(messageCount: messageCount)
        /// For each missing message the nearest message above it, or the missing one at the top; itself while unknown.
        var holders = Array(parents.indices)
        var path: [Int] = []
        for message in 0..<messageCount where parents[message] != Self.none {
            var node = parents[message]
            while node >= messageCount, holders[node] == node, parents[node] != Self.none {
                path.append(node)
                node = parents[node]
            }
            let holder = holders[node]
            for node in path { holders[node] = holder }
            path.removeAll(keepingCapacity: true)
            tree.parents[message] = holder
        }
        tree.removeNeedlessHolders()
        return tree
    }
}
