/// HTML as mail carries it, made readable or harmless. Bounded by its input; never fails.
package enum HTML {
    /// The text: tags stripped, entities replaced, block elements on lines of their own.
    package static func text(_ html: String) -> String { fatalError("API") }

    /// Only allowed elements and attributes; no script, style sheet, form, event handler or remote content.
    /// Images keep `cid:` sources alone, links `http`, `https` and `mailto` alone.
    package static func sanitised(_ html: String) -> String { fatalError("API") }

    /// `&`, `<`, `>` and `"` replaced.
    package static func escaped(_ text: String) -> String { fatalError("API") }
}
