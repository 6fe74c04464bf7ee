/// What is wrong with a command or a reply. Names parts of the grammar, never a peer's text.
package enum SMTPSyntaxError: Error, Hashable, Sendable {
    /// No verb of RFC 5321 or an extension known here.
    case unknownCommand
    /// The verb stands without an argument that it needs, or with one that it has no use for.
    case badArguments
    /// No `FROM:<…>` or `TO:<…>`, or what stands between the brackets is no path (RFC 5321 §4.1.2).
    case badPath
    /// A path longer than `SMTPPath.limit`.
    case pathTooLong
    /// The name in EHLO or HELO is neither a domain nor an address literal.
    case badDomain
    /// A parameter that no extension known here defines.
    case unknownParameter
    /// A parameter that stands twice, or whose value its extension does not allow.
    case badParameter
    /// No base 64 where RFC 4954 §4 wants it.
    case badBase64
    /// An address beyond ASCII without the SMTPUTF8 parameter (RFC 6531 §3.4).
    case needsSMTPUTF8
    /// BDAT without a size: what follows it can't be told from commands (RFC 3030 §2).
    case badChunk
    /// A reply that does not begin with three digits, or whose lines disagree about them.
    case badReply
    /// A reply with more lines, or longer ones, than are kept.
    case replyTooLong
}
