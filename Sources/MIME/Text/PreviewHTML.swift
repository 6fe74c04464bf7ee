internal import Bytes

/// The text of an HTML document for a preview: images left out, and what mail clients mark as quotation reduced to a
/// quoted line, as `PreviewText` knows it from plain text.
enum PreviewHTML {
    static func text(_ html: String, keepsQuotes: Bool) -> String {
        var writer = HTMLTextWriter()
        /// The element that is passed over, and how many of its kind are open.
        var quote: (name: String, depth: Int)?
        for token in HTMLTokens(html) {
            if let (name, depth) = quote {
                quote = passing(token, name, depth)
                continue
            }
            guard case .start(let tag) = token else {
                writer.take(token)
                continue
            }
            if tag.name == "img" { continue }
            if !keepsQuotes, isQuote(tag) {
                quote = (tag.name, 1)
                add(line: ">", to: &writer)
            } else {
                if isReplyMark(tag) { add(line: PreviewLine.replyMarkText, to: &writer) }
                writer.take(token)
            }
        }
        return writer.text
    }

    private static func passing(_ token: HTMLToken, _ name: String, _ depth: Int) -> (name: String, depth: Int)? {
        switch token {
        case .start(let tag) where tag.name == name: (name, depth + 1)
        case .end(name): depth > 1 ? (name, depth - 1) : nil
        default: (name, depth)
        }
    }

    private static func add(line: String, to writer: inout HTMLTextWriter) {
        writer.take(.start(HTMLTag(name: "div")))
        writer.take(.text(Array(line.utf8)[...]))
        writer.take(.end("div"))
    }

    private static func isQuote(_ tag: HTMLTag) -> Bool {
        guard !HTMLRules.voidElements.contains(tag.name) else { return false }
        if tag.name == "blockquote", tag.value("type")?.lowercased() == "cite" || tag.value("cite") != nil {
            return true
        }
        guard let classes = tag.value("class") else { return false }
        return classes.split(separator: " ").contains { quoteClasses.contains(String($0)) }
    }

    /// What Outlook puts between a reply and what it replies to.
    private static func isReplyMark(_ tag: HTMLTag) -> Bool {
        guard let id = tag.value("id") else { return false }
        return id == "divRplyFwdMsg" || id == "appendonsend"
    }

    /// Quotations and signatures of Gmail, Thunderbird, Yahoo, Proton and Zimbra.
    private static let quoteClasses: Set<String> = [
        "gmail_quote", "gmail_attr", "gmail_signature", "moz-cite-prefix", "moz-signature", "yahoo_quoted",
        "protonmail_quote", "protonmail_signature_block", "zmail_extra",
    ]
}
