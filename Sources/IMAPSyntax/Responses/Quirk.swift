/// A leniency that an upstream server needed: something outside the grammar that was read all the same.
package enum Quirk: String, CaseIterable, Hashable, Sendable {
    /// A mailbox name with octets that are neither modified UTF-7 nor UTF-8: UW-IMAP and Courier over old mail stores.
    case undecodableMailboxName
    /// A mailbox name in UTF-8 although nothing enabled it: Cyrus before 3, hMailServer.
    case unencodedMailboxName
    /// More than one space between two values, or one after the last: Exchange, Domino.
    case extraSpaces
    /// A number in quotes, a negative one, or `NIL` in place of one: Exchange (size -1), GroupWise (lines).
    case oddNumber
    /// An atom where a string belongs: Communigate in ENVELOPE.
    case atomForString
    /// A quoted string without its end.
    case openQuote
    /// Parentheses deeper than the limit; read as a missing value.
    case nestedTooDeeply
    /// `()` where `NIL` belongs: Domino's address lists, Exchange's parameters.
    case emptyList
    /// An ENVELOPE with fewer than ten fields.
    case shortEnvelope
    /// A multipart without parts: Exchange for `multipart/*` without a boundary.
    case emptyMultipart
    /// `message/rfc822` without envelope and structure: Gmail for a forwarded message that it can't read, Exchange.
    case messageWithoutEnvelope
    /// `text/*` without its count of lines: GroupWise, Gmail for attached text.
    case textWithoutLines
    /// A body part that misses basic fields.
    case shortBody
    /// Extension data that is not what the grammar says; left out.
    case oddBodyExtension
    /// A date outside the grammar: zone missing, one-digit hour.
    case oddDate
    /// `MODSEQ 5` without its parentheses.
    case bareModSeq
    /// A condition without text: many.
    case missingText
    /// An untagged response that starts like a known one and can't be read.
    case unreadableResponse
}
