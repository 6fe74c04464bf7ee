internal import Bytes

/// Writes what a reader of the document sees, as plain text.
struct HTMLTextWriter {
    private var output: [UInt8] = []
    /// Line ends that stand before the next word; two make an empty line.
    private var breaks = 0
    private var hasBlank = false
    private var preformattedDepth = 0
    private var headDepth = 0

    var text: String { String(lossy: output) }

    mutating func take(_ token: HTMLToken) {
        switch token {
        case .text(let text): if headDepth == 0 { append(HTMLEntities.replaced(text)) }
        case .start(let tag): begin(tag)
        case .end(let name): end(name)
        }
    }

    private mutating func begin(_ tag: HTMLTag) {
        switch tag.name {
        case "head": headDepth = 1
        case "body": headDepth = 0
        case "br":
            // A second one makes an empty line.
            hasBlank = false
            breaks = min(breaks + 1, 2)
        case "hr":
            breakLine(2)
            append("---")
            breakLine(2)
        case "img": if let text = tag.value("alt") { append(text) }
        case "td", "th": hasBlank = true
        case "li":
            breakLine(1)
            append("- ")
        case "pre":
            breakLine(2)
            preformattedDepth += 1
        default: breakAround(tag.name)
        }
    }

    private mutating func end(_ name: String) {
        switch name {
        case "head": headDepth = 0
        case "pre":
            breakLine(2)
            preformattedDepth = max(0, preformattedDepth - 1)
        case "br", "li": breakLine(1)
        default: breakAround(name)
        }
    }

    private mutating func breakAround(_ name: String) {
        if Self.paragraphs.contains(name) { breakLine(2) } else if Self.blocks.contains(name) { breakLine(1) }
    }

    private mutating func breakLine(_ count: Int) {
        hasBlank = false
        breaks = max(breaks, count)
    }

    private mutating func append(_ text: String) {
        for byte in text.utf8 {
            if preformattedDepth > 0, byte == ASCII.lf {
                flush()
                output.append(byte)
            } else if byte == ASCII.space || byte == ASCII.tab || byte == ASCII.lf || byte == ASCII.cr || byte == 0x0C {
                if preformattedDepth > 0, byte != ASCII.cr {
                    flush()
                    output.append(ASCII.space)
                } else {
                    hasBlank = true
                }
            } else if byte >= ASCII.space, byte != ASCII.delete {
                flush()
                output.append(byte)
            }
        }
    }

    /// Writes what is due before a word.
    private mutating func flush() {
        if output.isEmpty {
            breaks = 0
            hasBlank = false
        }
        guard breaks > 0 || hasBlank else { return }
        if breaks > 0 {
            for _ in 0..<breaks { output.append(ASCII.lf) }
        } else if output.last != ASCII.space, output.last != ASCII.lf {
            output.append(ASCII.space)
        }
        breaks = 0
        hasBlank = false
    }

    private static let paragraphs: Set<String> = [
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote",
    ]
    private static let blocks: Set<String> = [
        "div", "tr", "center", "address", "article", "aside", "caption", "dd", "dt", "figure", "figcaption", "footer",
        "form", "header", "main", "nav", "section", "fieldset", "option", "summary", "details", "title",
    ]
}
