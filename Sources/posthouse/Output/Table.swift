/// Rows for people: columns aligned by how wide characters show, headings above.
struct Table {
    private let headings: [String]
    private var rows: [[String]] = []

    init(_ headings: [String]) { self.headings = headings }

    /// - Precondition: as many cells as there are headings.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == headings.count)
        rows.append(cells.map(Self.onOneLine))
    }

    var isEmpty: Bool { rows.isEmpty }

    /// Every line ends with a line feed; no blanks at the ends of lines.
    var text: String {
        let all = [headings] + rows
        let widths = headings.indices.map { column in all.map { Self.width(of: $0[column]) }.max() ?? 0 }
        return all.map { cells in
            var line = ""
            for (column, cell) in cells.enumerated() {
                line += cell
                if column + 1 < cells.count {
                    line += String(repeating: " ", count: widths[column] - Self.width(of: cell) + 2)
                }
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    /// What a stranger wrote must not move the cursor of who reads it.
    static func onOneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }

    /// Columns of a terminal: two for East Asian wide characters and emoji, none for marks on the one before.
    static func width(of text: String) -> Int { text.reduce(0) { $0 + width(of: $1) } }

    private static func width(of character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        switch first.value {
        case 0..<0x1100: return 1
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
