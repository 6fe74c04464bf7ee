/// Finds what somebody meant to write.
package enum Suggestion {
    /// Words longer than this are not compared.
    package static let wordLimit = 64

    /// The nearest of `words`, when it is near enough to be a slip of the keys.
    package static func nearest(to word: String, among words: some Sequence<String>) -> String? {
        let written = Array(word.lowercased())
        guard !written.isEmpty, written.count <= wordLimit else { return nil }
        var best: (word: String, distance: Int)?
        for candidate in words {
            let known = Array(candidate.lowercased())
            guard known.count <= wordLimit else { continue }
            let distance = distance(written, known)
            guard distance <= max(1, min(written.count, known.count) / 3) else { continue }
            if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
        }
        return best?.word
    }

    /// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other
    /// (optimal string alignment).
    static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1] + [Int](repeating: 0, count: right.count)
            for column in right.indices {
                let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
                current[column + 1] = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    current[column + 1] = min(current[column + 1], beforeLast[column - 1] + 1)
                }
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
