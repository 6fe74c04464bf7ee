internal import Bytes

/// What of HTML is allowed in a recorded message.
enum HTMLRules {
    static let elements: Set<String> = [
        "a", "abbr", "acronym", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br", "caption",
        "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em",
        "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins",
        "kbd", "li", "main", "mark", "nav", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span", "strike",
        "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u",
        "ul", "var", "wbr",
    ]
    static let voidElements: Set<String> = ["br", "col", "hr", "img", "wbr"]
    /// One that begins right inside another of its kind ends that one (WHATWG HTML §13.1.2.4).
    static let selfClosing: Set<String> = ["p", "li", "dd", "dt", "tr", "td", "th"]

    private static let attributes: Set<String> = [
        "align", "alt", "bgcolor", "border", "cellpadding", "cellspacing", "color", "colspan", "dir", "face", "height",
        "lang", "nowrap", "reversed", "rowspan", "size", "span", "start", "title", "type", "valign", "width",
    ]
    private static let schemes: Set<String> = ["http", "https", "mailto", "tel"]

    /// The value that an attribute may have, or nil when it is not allowed.
    static func value(of name: String, _ value: String, in element: String) -> String? {
        switch name {
        case "href": return element == "a" ? link(value, schemes) : nil
        case "src": return element == "img" ? link(value, ["cid"]) : nil
        case "style": return style(value)
        default:
            guard attributes.contains(name) else { return nil }
            return EncodedWord.withoutControls(value)
        }
    }

    /// An address with one of these schemes; blanks and controls inside, which browsers pass over, are taken out first.
    private static func link(_ value: String, _ schemes: Set<String>) -> String? {
        let plain = String(lossy: value.utf8.filter { $0 > ASCII.space && $0 != ASCII.delete })
        guard let colon = plain.firstIndex(of: ":"), schemes.contains(plain[..<colon].lowercased()) else { return nil }
        return plain
    }

    /// Declarations whose property is allowed and whose value can neither load anything nor hide the rest.
    private static func style(_ value: String) -> String? {
        var kept: [String] = []
        for declaration in value.split(separator: ";").prefix(HTMLTag.maximumAttributes) {
            guard let colon = declaration.firstIndex(of: ":") else { continue }
            let property = trimmed(declaration[..<colon]).lowercased()
            let text = trimmed(declaration[declaration.index(after: colon)...])
            if properties.contains(property), isHarmless(text) { kept.append("\(property): \(text)") }
        }
        return kept.isEmpty ? nil : kept.joined(separator: "; ")
    }

    private static func trimmed(_ text: Substring) -> String {
        String(lossy: text.utf8.filter { !ASCII.isControl($0) }.trimmingBlanks)
    }

    private static func isHarmless(_ value: String) -> Bool {
        let isPlain = value.utf8.allSatisfy {
            ASCII.isLetter($0) || ASCII.isDigit($0) || " #%.,-+!'\"".utf8.contains($0)
        }
        if isPlain { return !value.isEmpty }
        // Parentheses belong to functions; only colours need one.
        let lower = value.lowercased()
        guard lower.hasPrefix("rgb(") || lower.hasPrefix("rgba("), lower.hasSuffix(")") else { return false }
        let inside = lower.drop { $0 != "(" }.dropFirst().dropLast()
        return inside.utf8.allSatisfy { ASCII.isDigit($0) || " .,%".utf8.contains($0) }
    }

    private static let properties: Set<String> = [
        "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left",
        "border-right", "border-spacing", "border-style", "border-top", "border-width", "color", "direction",
        "font-family", "font-size", "font-style", "font-variant", "font-weight", "height", "letter-spacing",
        "line-height", "list-style-type", "margin", "margin-bottom", "margin-left", "margin-right", "margin-top",
        "max-width", "min-width", "padding", "padding-bottom", "padding-left", "padding-right", "padding-top",
        "text-align", "text-decoration", "text-indent", "text-transform", "vertical-align", "white-space", "width",
    ]
}
