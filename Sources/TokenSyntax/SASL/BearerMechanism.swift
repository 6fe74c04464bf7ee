/// The mechanisms by which a client shows a token that somebody else has issued.
package enum BearerMechanism: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// RFC 7628.
    case oauthBearer = "OAUTHBEARER"
    /// Google's, older, and in some mail programs the only one:
    /// https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
    case xoauth2 = "XOAUTH2"

    /// The mechanism of this registered name, in whatever case it is written.
    package init?(name: String) { self.init(rawValue: name.uppercased()) }

    package var description: String { rawValue }
}
