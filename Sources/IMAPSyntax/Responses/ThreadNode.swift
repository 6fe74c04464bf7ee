internal import Bytes

/// A place in the answer to `THREAD` (RFC 5256 §4). The answer is a list of these in the order in which it is written:
/// each message before those that follow up on it.
///
/// It is flat because threads are deep: a long one would need a call for each of its messages.
package struct ThreadNode: Hashable, Sendable {
    /// Nil stands for a message that is missing, the parent of several: `((3)(5))`.
    package var number: UInt32?
    /// 0 begins a thread; every other is one more than that of its parent, the last before it of lesser depth.
    package var depth: Int

    package init(_ number: UInt32?, depth: Int) {
        self.number = number
        self.depth = depth
    }
}

extension ResponseReader {
    /// `THREAD`, the word taken; nil when its parentheses are not what the grammar has.
    mutating func threadResponse() -> UntaggedResponse? {
        var nodes: [ThreadNode] = []
        // The depths to go back to at each closing parenthesis.
        var open: [Int] = []
        var depth = 0
        var isFresh = false
        while !isAtEnd {
            if skip(UInt8(ascii: "(")) {
                if isFresh {
                    nodes.append(ThreadNode(nil, depth: depth))
                    depth += 1
                }
                open.append(depth)
                isFresh = true
            } else if skip(UInt8(ascii: ")")) {
                guard let outer = open.popLast(), !isFresh else { return nil }
                depth = outer
            } else if peek == ASCII.space {
                spaces()
            } else {
                guard let number = number32(), number > 0, !open.isEmpty else { return nil }
                nodes.append(ThreadNode(number, depth: depth))
                depth += 1
                isFresh = false
            }
        }
        return open.isEmpty ? .thread(nodes) : nil
    }
}

extension [UInt8] {
    /// `* THREAD (2)(3 6 (4 23)(44 7 96))`.
    /// - Precondition: depths are as `ThreadNode` says.
    package mutating func appendThreads(_ nodes: [ThreadNode]) {
        append(text: nodes.isEmpty ? "* THREAD" : "* THREAD ")
        let childCounts = Self.childCounts(of: nodes)
        // The depth of the first member within each open parenthesis, and the parents of the current node.
        var open: [Int] = []
        var parents: [Int] = []
        for (index, node) in nodes.enumerated() {
            while let last = open.last, last >= node.depth {
                append(UInt8(ascii: ")"))
                open.removeLast()
            }
            precondition(node.depth <= parents.count, "a depth without a parent")
            parents.removeLast(parents.count - node.depth)
            let isOnlyChild = parents.last.map { childCounts[$0] == 1 } ?? false
            if !isOnlyChild || node.number == nil {
                if last.map(ASCII.isDigit) ?? false { append(ASCII.space) }
                append(UInt8(ascii: "("))
                open.append(node.depth)
            }
            if let number = node.number {
                if last.map(ASCII.isDigit) ?? false { append(ASCII.space) }
                append(decimal: number)
            }
            parents.append(index)
        }
        append(contentsOf: open.map { _ in UInt8(ascii: ")") })
        appendLineEnd()
    }

    private static func childCounts(of nodes: [ThreadNode]) -> [Int] {
        var counts = [Int](repeating: 0, count: nodes.count)
        var parents: [Int] = []
        for (index, node) in nodes.enumerated() {
            precondition(node.depth <= parents.count, "a depth without a parent")
            parents.removeLast(parents.count - node.depth)
            if let parent = parents.last { counts[parent] += 1 }
            parents.append(index)
        }
        return counts
    }
}
