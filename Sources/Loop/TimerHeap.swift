/// What happens at a deadline. A node is in one heap at most, and knows its place there.
final class TimerNode {
    enum Action {
        /// Ends a sleep: true when the deadline came, false when the loop stops.
        case resume(UnsafeContinuation<Bool, Never>)
        case signal(WeakSignal)
    }

    let action: Action
    fileprivate(set) var deadline: MonotonicTime = .distantFuture
    /// The place in the heap, or -1 outside of it.
    fileprivate(set) var index = -1

    init(_ action: Action) { self.action = action }

    var isArmed: Bool { index >= 0 }

    func fire(_ now: MonotonicTime) {
        switch action {
        case .resume(let continuation): continuation.resume(returning: true)
        case .signal(let weak): weak.signal?.deadlineCame(now)
        }
    }

    /// The loop stops before the deadline.
    func abandon() {
        if case .resume(let continuation) = action { continuation.resume(returning: false) }
    }
}

/// The deadlines of a loop, the earliest first: a binary heap whose nodes can be moved and taken out.
struct TimerHeap {
    private var nodes: [TimerNode] = []

    var isEmpty: Bool { nodes.isEmpty }
    var count: Int { nodes.count }
    var firstDeadline: MonotonicTime? { nodes.first?.deadline }

    /// Arms a node, or moves it when it is armed.
    mutating func insert(_ node: TimerNode, at deadline: MonotonicTime) {
        if node.isArmed { remove(node) }
        node.deadline = deadline
        node.index = nodes.count
        nodes.append(node)
        rise(from: node.index)
    }

    mutating func remove(_ node: TimerNode) {
        let index = node.index
        guard index >= 0 else { return }
        node.index = -1
        let last = nodes.removeLast()
        guard index < nodes.count else { return }
        place(last, at: index)
        rise(from: index)
        sink(from: last.index)
    }

    /// Takes the first node when its deadline has come.
    mutating func removeFirst(notAfter now: MonotonicTime) -> TimerNode? {
        guard let first = nodes.first, first.deadline <= now else { return nil }
        remove(first)
        return first
    }

    /// Takes all nodes, in no order.
    mutating func removeAll() -> [TimerNode] {
        defer { nodes = [] }
        for node in nodes { node.index = -1 }
        return nodes
    }

    private mutating func place(_ node: TimerNode, at index: Int) {
        nodes[index] = node
        node.index = index
    }

    private mutating func rise(from start: Int) {
        var index = start
        let node = nodes[index]
        while index > 0 {
            let parent = (index - 1) / 2
            guard node.deadline < nodes[parent].deadline else { break }
            place(nodes[parent], at: index)
            index = parent
        }
        place(node, at: index)
    }

    private mutating func sink(from start: Int) {
        var index = start
        let node = nodes[index]
        while true {
            var child = 2 * index + 1
            guard child < nodes.count else { break }
            if child + 1 < nodes.count, nodes[child + 1].deadline < nodes[child].deadline { child += 1 }
            guard nodes[child].deadline < node.deadline else { break }
            place(nodes[child], at: index)
            index = child
        }
        place(node, at: index)
    }
}
