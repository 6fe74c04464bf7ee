/// Why octets are not what the grammar wants. Positions count octets from the start of the command or response.
package enum IMAPSyntaxError: Error, Hashable, Sendable {
    /// Something else than `expected` stands at `position`.
    case unexpected(position: Int, expected: String)
    /// The command's name is none that this server knows.
    case unknownCommand(position: Int)
    /// Well-formed as a string but no mailbox name: bad modified UTF-7, bad UTF-8, or empty.
    case invalidMailboxName(position: Int)
    /// A literal or quoted string that must be UTF-8 is not.
    case invalidUTF8(position: Int)
    /// `CHARSET` names one that this server does not read (RFC 9051 §6.4.4).
    case unknownCharset(position: Int)
    /// Parentheses or search keys are nested deeper than the limit allows.
    case tooDeep(position: Int)
    /// A list has more members than the limit allows.
    case tooMany(position: Int)
}
