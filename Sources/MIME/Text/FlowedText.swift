/// `text/plain; format=flowed` (RFC 3676).
package enum FlowedText {
    /// The paragraphs with soft line breaks undone. Lines end in LF.
    package static func unflowed(_ text: String, deletingSpaces: Bool) -> String { fatalError("API") }
}
