package import MailTypes

/// The threads of THREAD (RFC 5256 §3).
package enum MessageThreading {
    /// The messages in threads. The order in which the rows come plays no part.
    ///
    /// - Precondition: no number comes twice.
    package static func threads(of rows: [ThreadRow], by algorithm: ThreadAlgorithm) -> MessageThreads {
        let rows = rows.sorted { $0.number < $1.number }
        return switch algorithm {
        case .orderedSubject: orderedSubject(rows)
        case .references: references(rows, mergesSubjects: true)
        case .refs: references(rows, mergesSubjects: false)
        }
    }

    /// Messages of one base subject are a thread; the first by date is the parent of all others.
    private static func orderedSubject(_ rows: [ThreadRow]) -> MessageThreads {
        let subjects = TextRanks.of(rows.map(\.subject))
        var tree = ThreadTree(messageCount: rows.count)
        var first: [Int64: Int] = [:]
        let order = places(of: rows)
        for place in order {
            if let head = first[subjects[place]] {
                tree.parents[place] = head
            } else {
                first[subjects[place]] = place
            }
        }
        return tree.threads(of: rows, order: order)
    }

    private static func references(_ rows: [ThreadRow], mergesSubjects: Bool) -> MessageThreads {
        // Steps 1 to 3.
        var tree = ReferenceForest(rows).pruned()
        // Steps 4 and 6 sort siblings and heads by date: they are taken in this order wherever they are gathered.
        let order = places(of: rows)
        if mergesSubjects { SubjectTable.merge(&tree, rows: rows, order: order) }
        let threads = tree.threads(of: rows, order: order)
        return mergesSubjects ? threads : byNewest(threads, rows: rows)
    }

    /// The places of the rows in the order of their sent dates, equal ones in the order of their numbers.
    ///
    /// - Parameter rows: by number.
    private static func places(of rows: [ThreadRow]) -> [Int] {
        let sent = rows.map(\.sent)
        return rows.indices.sorted { sent[$0] == sent[$1] ? $0 < $1 : sent[$0] < sent[$1] }
    }

    /// The threads in the order of the newest arrival in each (draft-ietf-morg-inthread, in place of step 4).
    private static func byNewest(_ threads: MessageThreads, rows: [ThreadRow]) -> MessageThreads {
        struct Thread {
            let start: Int
            var end: Int
            var newest: (arrival: Int64, number: UInt32)
        }
        var arrivals: [UInt32: Int64] = [:]
        for row in rows { arrivals[row.number] = row.arrival }
        var found: [Thread] = []
        for (place, node) in threads.nodes.enumerated() {
            if node.depth == 0 { found.append(Thread(start: place, end: place, newest: (.min, 0))) }
            let last = found.count - 1
            found[last].end = place + 1
            if let arrival = arrivals[node.number], (arrival, node.number) > found[last].newest {
                found[last].newest = (arrival, node.number)
            }
        }
        found.sort { $0.newest < $1.newest }
        return MessageThreads(nodes: found.flatMap { threads.nodes[$0.start..<$0.end] })
    }
}
