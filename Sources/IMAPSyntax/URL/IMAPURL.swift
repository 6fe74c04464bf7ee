package import MailTypes

/// What an IMAP URL names: a server, a mailbox, a search in it, a message or a part of one (RFC 5092), and who may
/// fetch it by URLFETCH (RFC 4467).
package struct IMAPURL: Hashable, Sendable {
    /// Octets of the longest that is read.
    package static let longest = 8_192

    /// `iserver` (RFC 5092 §3).
    package struct Server: Hashable, Sendable {
        package var user: String?
        /// The SASL mechanism in upper case, `*` for any; nil when none is named.
        package var mechanism: String?
        /// A name or an address as it stands, an IPv6 address in its brackets.
        package var host: String
        package var port: UInt16?

        package init(user: String? = nil, mechanism: String? = nil, host: String, port: UInt16? = nil) {
            self.user = user
            self.mechanism = mechanism
            self.host = host
            self.port = port
        }
    }

    /// `;PARTIAL=` (RFC 5092 §6, in CATENATE also RFC 5550 §5.7.1): some octets of what is named.
    package struct Range: Hashable, Sendable {
        package var offset: UInt64
        /// At least 1; nil for all up to the end.
        package var count: UInt64?

        package init(offset: UInt64, count: UInt64? = nil) {
            self.offset = offset
            self.count = count
        }
    }

    /// `iurlauth` (RFC 5092 §6.1): who may fetch the URL, and until when.
    package struct Authorization: Hashable, Sendable {
        package var expires: Moment?
        package var access: Access
        /// Nil in a `url-rump`, which is still to be authorised.
        package var verifier: Verifier?

        package init(expires: Moment? = nil, access: Access, verifier: Verifier? = nil) {
            self.expires = expires
            self.access = access
            self.verifier = verifier
        }
    }

    /// `access` (RFC 5092 §6.1.1.3, RFC 5593 §3).
    package enum Access: Hashable, Sendable {
        /// A submission server, for this user.
        case submission(user: String)
        case user(String)
        /// Anybody who has signed in otherwise than anonymously.
        case authenticated
        case anonymous
        /// Another application by its name in lower case, such as `stream`, and the user for whom it fetches.
        case application(String, user: String?)
    }

    /// `iua-verifier`: what shows that the URL was made by the server.
    package struct Verifier: Hashable, Sendable {
        /// In upper case.
        package var mechanism: String
        /// At least 32 hexadecimal digits, in lower case.
        package var token: String

        package init(mechanism: String, token: String) {
            self.mechanism = mechanism
            self.token = token
        }
    }

    /// Nil for a relative URL.
    package var server: Server?
    /// Nil when only a server is named, or when a relative URL is about the selected mailbox.
    package var mailbox: MailboxName?
    package var uidValidity: UIDValidity?
    /// The octets of a search program, as IMAP writes it; only without `uid`.
    package var search: [UInt8]?
    package var uid: UID?
    /// Only with `uid`, as are those below; nil for the whole message.
    package var section: BodySection?
    package var range: Range?
    package var authorization: Authorization?

    package init(
        server: Server? = nil, mailbox: MailboxName? = nil, uidValidity: UIDValidity? = nil, search: [UInt8]? = nil,
        uid: UID? = nil, section: BodySection? = nil, range: Range? = nil, authorization: Authorization? = nil
    ) {
        self.server = server
        self.mailbox = mailbox
        self.uidValidity = uidValidity
        self.search = search
        self.uid = uid
        self.section = section
        self.range = range
        self.authorization = authorization
    }
}
