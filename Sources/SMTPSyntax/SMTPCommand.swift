/// What a client asks of a server.
package enum SMTPCommand: Hashable, Sendable {
    /// The client's name for itself: a domain or an address literal, as it wrote it.
    case ehlo(String)
    case helo(String)
    case mail(SMTPPath, MailParameters)
    case rcpt(SMTPPath, RecipientParameters)
    case data
    /// RFC 3030: this many octets follow, unstuffed; the last piece or not.
    case bdat(size: UInt64, isLast: Bool)
    /// RFC 4468: what this URL names is a piece of the message; the last one or not.
    case burl(url: [UInt8], isLast: Bool)
    case rset
    case noop
    case quit
    case help(String)
    case vrfy(String)
    case expn(String)
    /// RFC 3207.
    case startTLS
    /// RFC 4954: the mechanism as written, and the initial response decoded (`=` is an empty one).
    case auth(mechanism: String, initialResponse: [UInt8]?)
}
