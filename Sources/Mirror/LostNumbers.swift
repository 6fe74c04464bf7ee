package import MailTypes

/// Mod-sequences that can't be relied on.
///
/// A run of the house may end before the last changes that it told of are on disk. The next one does not know what
/// they were, and some may have been undone meanwhile without a trace. So the numbers between the last one on disk and
/// the first of the next run are remembered: a client that has one of them knows things that nobody here does, and is
/// told everything.
package struct LostNumbers: Hashable, Sendable {
    /// Numbers above `after`, up to `through`.
    package struct Stretch: Hashable, Sendable {
        package let after: ModSeq
        package let through: ModSeq

        package init(after: ModSeq, through: ModSeq) {
            self.after = after
            self.through = through
        }
    }

    /// How many stretches are kept; of more the two oldest become one with all that is between them, which costs a
    /// client from that time an answer that is longer than need be.
    package static let limit = 8

    /// Ascending.
    package private(set) var stretches: [Stretch] = []

    /// - Parameter stretches: ascending.
    package init(_ stretches: [Stretch] = []) { for stretch in stretches { add(stretch) } }

    /// The greatest of them, 0 when there is none.
    package var last: ModSeq { stretches.last?.through ?? .zero }

    package func contains(_ modSeq: ModSeq) -> Bool {
        stretches.contains { modSeq > $0.after && modSeq <= $0.through }
    }

    /// Adds a stretch behind those that are known. An empty one is left out.
    mutating func add(_ stretch: Stretch) {
        let after = max(stretch.after, last)
        guard stretch.through > after else { return }
        stretches.append(Stretch(after: after, through: stretch.through))
        guard stretches.count > Self.limit else { return }
        stretches.replaceSubrange(0..<2, with: [Stretch(after: stretches[0].after, through: stretches[1].through)])
    }
}
