internal import MailTypes

/// Which message is below which. Messages have the numbers of their rows; missing parents, which stand at the top
/// alone, have numbers behind them.
struct ThreadTree {
    /// No parent: the head of a thread.
    static let none = -1

    let messageCount: Int
    /// Of each message its parent.
    var parents: [Int]
    /// The next number for a missing parent.
    private var next: Int

    init(messageCount: Int) {
        self.messageCount = messageCount
        parents = [Int](repeating: Self.none, count: messageCount)
        next = messageCount
    }

    /// A missing parent that is not yet used.
    mutating func addHolder() -> Int {
        defer { next += 1 }
        return next
    }

    /// Gives missing parents numbers without gaps, and takes away those that hold a single message.
    mutating func removeNeedlessHolders() {
        var counts: [Int: Int] = [:]
        for parent in parents where parent >= messageCount { counts[parent, default: 0] += 1 }
        var numbers: [Int: Int] = [:]
        for (message, parent) in parents.enumerated() where parent >= messageCount {
            if counts[parent] == 1 {
                parents[message] = Self.none
            } else if let number = numbers[parent] {
                parents[message] = number
            } else {
                let number = addHolder()
                numbers[parent] = number
                parents[message] = number
            }
        }
    }

    /// The threads, siblings and heads in this order of the messages; a missing parent stands where the first message
    /// below it does (RFC 5256 §3, steps 4 and 6).
    func threads(of rows: [ThreadRow], order: [Int]) -> MessageThreads {
        let children = ChildLists(parents: parents, order: order, nodeCount: next)
        var nodes: [MessageThreads.Node] = []
        nodes.reserveCapacity(rows.count + rows.count / 8)
        var isWritten = [Bool](repeating: false, count: next - messageCount)
        var pending: [(node: Int, depth: UInt32)] = []
        for message in order {
            let parent = parents[message]
            var head = message
            if parent >= messageCount {
                guard !isWritten[parent - messageCount] else { continue }
                isWritten[parent - messageCount] = true
                head = parent
            } else if parent != Self.none {
                continue
            }
            pending.append((head, 0))
            while let (node, depth) = pending.popLast() {
                let below = children[node]
                nodes.append(
                    MessageThreads.Node(
                        number: node < messageCount ? rows[node].number : 0, depth: depth,
                        childCount: UInt32(below.count)))
                for child in below.reversed() { pending.append((child, depth + 1)) }
            }
        }
        return MessageThreads(nodes: nodes)
    }
}

/// The children of every node, in one array.
private struct ChildLists {
    private var starts: [Int]
    private var children: [Int]

    init(parents: [Int], order: [Int], nodeCount: Int) {
        starts = [Int](repeating: 0, count: nodeCount + 1)
        for parent in parents where parent != ThreadTree.none { starts[parent + 1] += 1 }
        for node in 0..<nodeCount { starts[node + 1] += starts[node] }
        children = [Int](repeating: 0, count: starts[nodeCount])
        var ends = starts
        for message in order where parents[message] != ThreadTree.none {
            children[ends[parents[message]]] = message
            ends[parents[message]] += 1
        }
    }

    subscript(node: Int) -> ArraySlice<Int> { children[starts[node]..<starts[node + 1]] }
}
