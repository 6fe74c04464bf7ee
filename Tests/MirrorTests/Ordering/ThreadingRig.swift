import MailTypes
import Mirror

/// REFERENCES and REFS as RFC 5256 §3 words them, step by step, on nodes that are objects: slow, and easy to compare
/// with the text.
struct PlainThreading {
    final class Node {
        var row: ThreadRow?
        weak var parent: Node?
        var children: [Node] = []
        init(_ row: ThreadRow?) { self.row = row }

        func isBelow(_ other: Node) -> Bool {
            var node: Node? = self
            while let here = node {
                if here === other { return true }
                node = here.parent
            }
            return false
        }

        func add(_ child: Node) {
            child.parent?.children.removeAll { $0 === child }
            child.parent = self
            children.append(child)
        }

        /// The message by which this node is sorted, and whose subject counts.
        var head: ThreadRow? { row ?? children.first?.row }
    }

    private var table: [String: Node] = [:]
    private let root = Node(nil)
    private var all: [Node] = []

    static func threads(of rows: [ThreadRow], mergesSubjects: Bool) -> String {
        var threading = PlainThreading()
        threading.link(rows.sorted { $0.number < $1.number })
        threading.prune(threading.root)
        threading.sort(threading.root)
        if mergesSubjects { threading.merge() }
        threading.sort(threading.root)
        if !mergesSubjects { threading.root.children.sort { newest(of: $0) < newest(of: $1) } }
        return threading.root.children.map { "(\(text(of: $0)))" }.joined()
    }

    // MARK: Steps 1 and 2

    private mutating func link(_ rows: [ThreadRow]) {
        var messages: [Node] = []
        for row in rows {
            let node = Node(row)
            messages.append(node)
            if let id = row.messageID, table[id] == nil { table[id] = node }
        }
        all = messages
        for (message, row) in zip(messages, rows) {
            let ancestors = row.references.map { node(of: $0) }
            for (parent, child) in zip(ancestors, ancestors.dropFirst())
            where child.parent == nil && !parent.isBelow(child) { parent.add(child) }
            message.parent?.children.removeAll { $0 === message }
            message.parent = nil
            if let last = ancestors.last, !last.isBelow(message) { last.add(message) }
        }
        for node in all where node.parent == nil { root.add(node) }
    }

    private mutating func node(of id: String) -> Node {
        if let node = table[id] { return node }
        let node = Node(nil)
        table[id] = node
        all.append(node)
        return node
    }

    // MARK: Step 3

    private func prune(_ node: Node) {
        for child in node.children { prune(child) }
        for child in node.children where child.row == nil {
            if child.children.isEmpty || node !== root || child.children.count == 1 {
                for grandchild in child.children { node.add(grandchild) }
                node.children.removeAll { $0 === child }
            }
        }
    }

    // MARK: Steps 4 and 6

    private func sort(_ node: Node) {
        for child in node.children { sort(child) }
        node.children.sort { left, right in
            guard let left = left.head, let right = right.head else { return false }
            return (left.sent, left.number) < (right.sent, right.number)
        }
    }

    private static func newest(of node: Node) -> (Int64, UInt32) {
        var newest = node.row.map { ($0.arrival, $0.number) } ?? (.min, 0)
        for child in node.children where Self.newest(of: child) > newest { newest = Self.newest(of: child) }
        return newest
    }

    // MARK: Step 5

    private func merge() {
        var subjects: [CollationKey: Node] = [:]
        for node in root.children {
            guard let head = node.head, !head.subject.isEmpty else { continue }
            if let other = subjects[head.subject] {
                guard let row = other.row else { continue }
                guard node.row == nil || (row.isReplyOrForward && !head.isReplyOrForward) else { continue }
            }
            subjects[head.subject] = node
        }
        for node in root.children {
            guard let head = node.head, let other = subjects[head.subject], other !== node, node.parent === root
            else { continue }
            if other.row == nil, node.row == nil {
                for child in node.children { other.add(child) }
                root.children.removeAll { $0 === node }
            } else if other.row == nil {
                other.add(node)
            } else if head.isReplyOrForward, other.row?.isReplyOrForward == false {
                other.add(node)
            } else {
                let dummy = Node(nil)
                root.add(dummy)
                dummy.add(other)
                dummy.add(node)
                subjects[head.subject] = dummy
            }
        }
    }

    private static func text(of node: Node) -> String {
        let number = node.row.map { String($0.number) } ?? ""
        if node.children.count == 1 { return "\(number) \(text(of: node.children[0]))" }
        let inside = node.children.map { "(\(text(of: $0)))" }.joined()
        return number.isEmpty || inside.isEmpty ? number + inside : "\(number) \(inside)"
    }
}
