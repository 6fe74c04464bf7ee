/// Why octets are not what they should be. Carries positions and names of fields, never a value that somebody sent.
package enum TokenSyntaxError: Error, Hashable, Sendable {
    /// Not strict JSON (RFC 8259, RFC 7493); `offset` is where reading ended.
    case json(offset: Int)
    /// JSON that is longer, deeper or has more values than is read.
    case tooLarge
    /// Not three parts in base64url with an object each in the first two (RFC 7515 §7.1).
    case token
    /// A header field has a value that is not dealt with: `alg`, `crit`, `typ` (RFC 8725 §3.1, §3.11).
    case header(String)
    /// A field of a document is missing or of another type than it should be.
    case field(String)
    /// Not the message of the mechanism (RFC 7628 §3.1).
    case message
}
