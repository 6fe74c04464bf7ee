internal import Bytes

/// Collects the characters of a preview: blanks and line ends become one space, what cannot be seen goes.
struct PreviewWriter {
    private let limit: Int
    private var scalars = String.UnicodeScalarView()
    private var count = 0
    /// A space is due before the next character.
    private var isApart = false
    /// Joiners that go if nothing is joined; newsletters fill their beginnings with them.
    private var joiners: [Unicode.Scalar] = []

    /// Joiners kept between two characters.
    private static let maximumJoiners = 2

    init(limit: Int) { self.limit = limit }

    var isEmpty: Bool { count == 0 }
    /// Whether more came than is kept.
    var isFull: Bool { count > limit }

    /// What was kept, up to the last whole character as people count them.
    var text: String {
        let text = String(scalars)
        guard isFull else { return text }
        var kept = ""
        var length = 0
        for character in text {
            length += character.unicodeScalars.count
            if length > limit { break }
            kept.append(character)
        }
        // A single character may have any number of marks.
        if kept.isEmpty { kept = String(String.UnicodeScalarView(scalars.prefix(limit))) }
        return kept.hasSuffix(" ") ? String(kept.dropLast()) : kept
    }

    /// Adds a line, apart from what is there. Addresses in angle brackets and the names of images are left out.
    mutating func append(line: Substring.UTF8View) {
        isApart = true
        joiners = []
        var rest = line
        while !rest.isEmpty, !isFull {
            let mark = rest.firstIndex { $0 == ASCII.openAngle || $0 == ASCII.openBracket } ?? rest.endIndex
            append(rest[..<mark])
            rest = rest[mark...]
            guard let end = Self.insertionEnd(rest) else {
                append(rest.prefix(1))
                rest = rest.dropFirst()
                continue
            }
            isApart = true
            rest = rest[end...]
        }
    }

    /// Behind a `<https://…>`, `<mailto:…>`, `[cid:…]` or `[image: …]` with which `text` begins; nil for anything else.
    private static func insertionEnd(_ text: Substring.UTF8View) -> Substring.UTF8View.Index? {
        guard let first = text.first else { return nil }
        let isAddress = first == ASCII.openAngle
        let words = isAddress ? ["http://", "https://", "mailto:"] : ["cid:", "image:"]
        let inside = text.dropFirst()
        let isMarked = words.contains { inside.prefix($0.utf8.count).equalsIgnoringASCIICase($0.utf8) }
        guard isMarked else { return nil }
        let close = isAddress ? ASCII.closeAngle : ASCII.closeBracket
        return inside.firstIndex(of: close).map { inside.index(after: $0) }
    }

    private mutating func append(_ piece: Substring.UTF8View) {
        for scalar in Substring(piece).unicodeScalars {
            if isFull { return }
            append(scalar)
        }
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        switch Self.kind(of: scalar) {
        case .invisible: return
        case .blank:
            isApart = true
            joiners = []
        case .joiner:
            if !isApart, joiners.count < Self.maximumJoiners { joiners.append(scalar) }
        case .selector: if !isApart { write(scalar) }
        case .visible:
            if isApart, count > 0 { add(" ") }
            isApart = false
            write(scalar)
        }
    }

    private mutating func write(_ scalar: Unicode.Scalar) {
        for joiner in joiners { add(joiner) }
        joiners = []
        add(scalar)
    }

    private mutating func add(_ scalar: Unicode.Scalar) {
        scalars.append(scalar)
        count += 1
    }

    private enum Kind {
        case visible
        case blank
        /// Joins two characters, or keeps them from joining.
        case joiner
        /// Belongs to the character before it.
        case selector
        case invisible
    }

    private static func kind(of scalar: Unicode.Scalar) -> Kind {
        let value = scalar.value
        if value < 0x7F { return value > 0x20 ? .visible : .blank }
        let properties = scalar.properties
        if properties.isWhitespace || properties.generalCategory == .control || value == 0x2800 { return .blank }
        guard properties.isDefaultIgnorableCodePoint || value == 0xFFFC else { return .visible }
        switch value {
        case 0x200C, 0x200D: return .joiner
        case 0xFE00...0xFE0F, 0xE0020...0xE007F, 0xE0100...0xE01EF: return .selector
        default: return .invisible
        }
    }
}
