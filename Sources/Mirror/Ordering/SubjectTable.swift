internal import MailTypes

/// Step 5 of REFERENCES (RFC 5256 §3): threads of the same base subject become one.
enum SubjectTable {
    /// The head of a thread.
    private struct Head {
        /// The message, or the first one below a missing parent: its subject is the thread's.
        let message: Int
        /// The missing parent, when the thread has one.
        let holder: Int?
    }

    /// - Parameters:
    ///   - rows: in the order of their numbers.
    ///   - order: of the messages, by sent date.
    static func merge(_ tree: inout ThreadTree, rows: [ThreadRow], order: [Int]) {
        let heads = heads(of: tree, order: order)
        var table = table(of: heads, rows: rows)
        /// The missing parent that has taken the place of another.
        var heirs: [Int: Int] = [:]
        for head in heads {
            let subject = rows[head.message].subject
            guard !subject.isEmpty, let other = table[subject], other.message != head.message else { continue }
            switch (other.holder, head.holder) {
            case (let holder?, let mine?): if holder != mine { heirs[mine] = holder }
            case (let holder?, nil): tree.parents[head.message] = holder
            case (nil, _):
                if rows[head.message].isReplyOrForward, !rows[other.message].isReplyOrForward {
                    tree.parents[head.message] = other.message
                } else {
                    let holder = tree.addHolder()
                    tree.parents[head.message] = holder
                    tree.parents[other.message] = holder
                    table[subject] = Head(message: other.message, holder: holder)
                }
            }
        }
        guard !heirs.isEmpty else { return }
        for (message, parent) in tree.parents.enumerated() {
            if let heir = heirs[parent] { tree.parents[message] = heir }
        }
    }

    /// The children of the root, in the order of step 4.
    private static func heads(of tree: ThreadTree, order: [Int]) -> [Head] {
        var seen: Set<Int> = []
        var heads: [Head] = []
        for message in order {
            let parent = tree.parents[message]
            if parent == ThreadTree.none {
                heads.append(Head(message: message, holder: nil))
            } else if parent >= tree.messageCount, seen.insert(parent).inserted {
                heads.append(Head(message: message, holder: parent))
            }
        }
        return heads
    }

    /// Steps 5.A and 5.B: for each subject a missing parent before all else, then one that is no reply, then the first.
    private static func table(of heads: [Head], rows: [ThreadRow]) -> [CollationKey: Head] {
        var table: [CollationKey: Head] = [:]
        for head in heads {
            let row = rows[head.message]
            guard !row.subject.isEmpty else { continue }
            if let other = table[row.subject] {
                guard other.holder == nil,
                    head.holder != nil || (rows[other.message].isReplyOrForward && !row.isReplyOrForward)
                else { continue }
            }
            table[row.subject] = head
        }
        return table
    }
}
