internal import Synchronization

/// A number that only grows, or a level that rises and falls; changed from any thread.
package final class Counter: Sendable {
    /// The name that metrics show, such as `imap_commands_total`.
    package let name: String
    /// What tells counters of one name apart, such as `command="FETCH"`; empty for none.
    package let labels: String
    private let number = Atomic<Int>(0)

    init(name: String, labels: String) {
        self.name = name
        self.labels = labels
    }

    package func add(_ amount: Int = 1) { number.add(amount, ordering: .relaxed) }
    package func set(_ value: Int) { number.store(value, ordering: .relaxed) }
    package var value: Int { number.load(ordering: .relaxed) }
}

/// The counters of a process. Look one up once and keep it: the look-up takes a lock, counting does not.
package final class Counters: Sendable {
    private struct Key: Hashable {
        let name: String
        let labels: String
    }

    private let all = Locked<[Key: Counter]>([:])

    package init() {}

    /// The counter of this name and these labels; made when it is asked for first.
    package func counter(_ name: String, labels: String = "") -> Counter {
        all.withLock { all in
            let key = Key(name: name, labels: labels)
            if let counter = all[key] { return counter }
            let counter = Counter(name: name, labels: labels)
            all[key] = counter
            return counter
        }
    }

    /// Every counter, by name and labels.
    package var sorted: [Counter] {
        all.withLock { Array($0.values) }.sorted { ($0.name, $0.labels) < ($1.name, $1.labels) }
    }
}
