internal import Bytes

/// A piece of an HTML document.
enum HTMLToken {
    /// Character data, entities not yet replaced.
    case text(ArraySlice<UInt8>)
    case start(HTMLTag)
    /// The name of an end tag, in lower case.
    case end(String)
}

/// A start tag.
struct HTMLTag {
    /// Attributes kept of one tag.
    static let maximumAttributes = 64

    /// In lower case.
    var name: String
    /// Names in lower case, entities in values not yet replaced; the first of a name counts.
    var attributes: [(name: String, value: ArraySlice<UInt8>)] = []

    /// The value of an attribute with entities replaced.
    func value(_ name: String) -> String? {
        attributes.first { $0.name == name }.map { HTMLEntities.replaced($0.value) }
    }
}

/// Takes an HTML document apart in one pass, as browsers do it (WHATWG HTML §13.2.5), comments and declarations left out.
/// The inside of elements whose content is no markup is passed over.
struct HTMLTokens: Sequence, IteratorProtocol {
    private let html: [UInt8]
    private var position = 0

    init(_ html: String) { self.html = Array(html.utf8) }

    mutating func next() -> HTMLToken? {
        while position < html.count {
            if html[position] == ASCII.openAngle {
                if let token = markup() { return token }
            } else {
                let start = position
                position = ByteSearch.first(ASCII.openAngle, in: html, from: start) ?? html.count
                return .text(html[start..<position])
            }
        }
        return nil
    }

    /// What begins with `<`. Nil when it was something without meaning here, and that is passed over.
    private mutating func markup() -> HTMLToken? {
        let start = position
        guard start + 1 < html.count else {
            position = html.count
            return .text(html[start...])
        }
        switch html[start + 1] {
        case UInt8(ascii: "!"): skipDeclaration()
        case UInt8(ascii: "?"): skip(past: ASCII.closeAngle, from: start + 2)
        case ASCII.slash: return endTag()
        case let byte where ASCII.isLetter(byte): return startTag()
        default:
            position = start + 1
            return .text(html[start..<position])
        }
        return nil
    }

    private mutating func skip(past byte: UInt8, from start: Int) {
        position = ByteSearch.first(byte, in: html, from: start).map { $0 + 1 } ?? html.count
    }

    /// A comment up to its end, any other declaration up to `>`.
    private mutating func skipDeclaration() {
        let inside = position + 2
        guard html[inside...].starts(with: "--".utf8) else { return skip(past: ASCII.closeAngle, from: inside) }
        // The dashes that open may close as well: `<!-->` and `<!--->` are whole comments.
        var mark = ByteSearch.first(ASCII.closeAngle, in: html, from: inside + 2)
        while let end = mark {
            let before = html[end - 1] == UInt8(ascii: "!") ? end - 1 : end
            if html[before - 1] == ASCII.dash, html[before - 2] == ASCII.dash {
                position = end + 1
                return
            }
            mark = ByteSearch.first(ASCII.closeAngle, in: html, from: end + 1)
        }
        position = html.count
    }

    private mutating func endTag() -> HTMLToken? {
        position += 2
        guard position < html.count, ASCII.isLetter(html[position]) else {
            skip(past: ASCII.closeAngle, from: position)
            return nil
        }
        let name = tagName()
        // Attributes of end tags mean nothing, but their quotation marks hide `>`.
        return attributes() == nil ? nil : .end(name)
    }

    private mutating func startTag() -> HTMLToken? {
        position += 1
        let name = tagName()
        guard let attributes = attributes() else { return nil }
        if Self.rawElements.contains(name) { skipRawContent(of: name) }
        return .start(HTMLTag(name: name, attributes: attributes))
    }

    private mutating func tagName() -> String {
        let start = position
        while position < html.count, !Self.endsName(html[position]) { position += 1 }
        return String(lossy: html[start..<position].asciiLowercased())
    }

    private static func isBlank(_ byte: UInt8) -> Bool { HeaderLexer.isBlank(byte) || byte == 0x0C }

    private static func endsName(_ byte: UInt8) -> Bool {
        isBlank(byte) || byte == ASCII.slash || byte == ASCII.closeAngle
    }

    /// The attributes up to and with `>`. Nil when the document ends before, and then the tag does not count.
    private mutating func attributes() -> [(name: String, value: ArraySlice<UInt8>)]? {
        var found: [(name: String, value: ArraySlice<UInt8>)] = []
        while true {
            while position < html.count, Self.isBlank(html[position]) || html[position] == ASCII.slash { position += 1 }
            guard position < html.count else { return nil }
            if html[position] == ASCII.closeAngle {
                position += 1
                return found
            }
            let start = position
            // A name may begin with `=`, but hold none behind.
            position += 1
            while position < html.count, !Self.endsName(html[position]), html[position] != ASCII.equals {
                position += 1
            }
            let name = html[start..<position]
            let value = attributeValue()
            if found.count < HTMLTag.maximumAttributes {
                let name = String(lossy: name.asciiLowercased())
                if !found.contains(where: { $0.name == name }) { found.append((name, value)) }
            }
        }
    }

    private mutating func attributeValue() -> ArraySlice<UInt8> {
        let nameEnd = position
        while position < html.count, Self.isBlank(html[position]) { position += 1 }
        guard position < html.count, html[position] == ASCII.equals else { return html[nameEnd..<nameEnd] }
        position += 1
        while position < html.count, Self.isBlank(html[position]) { position += 1 }
        guard position < html.count else { return [] }
        let mark = html[position]
        if mark == ASCII.quote || mark == ASCII.apostrophe {
            let start = position + 1
            let end = ByteSearch.first(mark, in: html, from: start) ?? html.count
            position = Swift.min(end + 1, html.count)
            return html[start..<end]
        }
        let start = position
        while position < html.count, !Self.isBlank(html[position]), html[position] != ASCII.closeAngle { position += 1 }
        return html[start..<position]
    }

    /// Elements whose content is no markup, and nothing for a reader.
    private static let rawElements: Set<String> = [
        "script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "plaintext",
    ]

    /// Passes over everything up to the end tag, which is left to be read; to the end when there is none.
    private mutating func skipRawContent(of name: String) {
        let name = Array(name.utf8)
        while let mark = ByteSearch.first(ASCII.openAngle, in: html, from: position) {
            position = mark + 1
            let rest = html[position...]
            if rest.first == ASCII.slash, rest.dropFirst().startsIgnoringASCIICase(with: name),
                rest.dropFirst(1 + name.count).first.map(Self.endsName) ?? true
            {
                position = mark
                return
            }
        }
        position = html.count
    }
}
