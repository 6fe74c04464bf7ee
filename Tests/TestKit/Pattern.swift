/// A line of a transcript in which `…` stands for anything, also for nothing.
struct Pattern {
    private let pieces: [[UInt8]]

    init(_ text: String) {
        pieces = text.split(separator: "…", omittingEmptySubsequences: false).map { Array($0.utf8) }
    }

    /// Whether the whole line is like it.
    func matches(_ line: String) -> Bool {
        var rest = Array(line.utf8)[...]
        guard let first = pieces.first, let last = pieces.last, rest.starts(with: first) else { return false }
        guard pieces.count > 1 else { return rest.count == first.count }
        rest = rest.dropFirst(first.count)
        for piece in pieces.dropFirst().dropLast() {
            guard let found = Self.find(piece, in: rest) else { return false }
            rest = rest[(found + piece.count)...]
        }
        return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
    }

    private static func find(_ piece: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        guard let first = piece.first else { return text.startIndex }
        var start = text.startIndex
        while let index = text[start...].firstIndex(of: first) {
            if text[index...].starts(with: piece) { return index }
            start = index + 1
        }
        return nil
    }
}
