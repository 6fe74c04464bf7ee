/// Encoded words (RFC 2047, language suffix of RFC 2231 §5).
package enum EncodedWord {
    /// Octets of one encoded word that are written at most (RFC 2047 §2).
    package static let maximumLength = 75

    /// The text with every encoded word decoded. Blanks between adjacent encoded words go away; neighbours of the same
    /// charset are joined before they are converted, so that a character split between them survives.
    /// Octets outside encoded words are UTF-8, or windows-1252 where they are none.
    package static func decode(_ value: some Collection<UInt8>) -> String { fatalError("API") }

    /// Unstructured text for a header: as it is when ASCII allows, else in UTF-8 encoded words separated by spaces.
    package static func encode(_ text: String) -> String { fatalError("API") }

    /// A phrase before an address: atoms as they are, else a quoted string, else encoded words.
    package static func encodePhrase(_ text: String) -> String { fatalError("API") }
}
