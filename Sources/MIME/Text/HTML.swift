/// HTML as mail carries it, made readable or harmless. Bounded by its input; never fails.
package enum HTML {
    /// The text: tags stripped, entities replaced, block elements on lines of their own. Lines end in LF.
    package static func text(_ html: String) -> String {
        var writer = HTMLTextWriter()
        for token in HTMLTokens(html) { writer.take(token) }
        return writer.text
    }

    /// Only allowed elements and attributes; no script, style sheet, form, event handler or remote content.
    /// Images keep `cid:` sources alone, links `http`, `https`, `mailto` and `tel` alone. Every element is closed.
    package static func sanitised(_ html: String) -> String {
        var writer = HTMLSanitiser()
        for token in HTMLTokens(html) { writer.take(token) }
        return writer.finish()
    }

    /// `&`, `<`, `>` and `"` replaced.
    package static func escaped(_ text: String) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count + text.utf8.count / 16)
        for byte in text.utf8 {
            switch byte {
            case 0x26: output.append(contentsOf: "&amp;".utf8)
            case 0x3C: output.append(contentsOf: "&lt;".utf8)
            case 0x3E: output.append(contentsOf: "&gt;".utf8)
            case 0x22: output.append(contentsOf: "&quot;".utf8)
            default: output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
