package import TLS

/// One service of an upstream server: where it is and how the way there is protected.
package struct Endpoint: Sendable {
    package enum Security: Hashable, Sendable {
        /// TLS from the first octet.
        case implicit
        /// TLS after STARTTLS, which must succeed.
        case startTLS
        case none
    }

    package var host: String
    package var port: UInt16
    package var security: Security
    /// Whom to trust; unused when `security` is `.none`.
    package var trust: ClientTLS
    /// Whether `trust` lets in only servers that prove who they are.
    package var isVerified: Bool
    /// For the connection, TLS and sign-in together.
    package var connectTimeout: Duration
    /// Silence after which a command counts as lost.
    package var replyTimeout: Duration

    package init(
        host: String, port: UInt16, security: Security, trust: ClientTLS, isVerified: Bool = false,
        connectTimeout: Duration = .seconds(30),
        replyTimeout: Duration = .seconds(120)
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.trust = trust
        self.isVerified = isVerified
        self.connectTimeout = connectTimeout
        self.replyTimeout = replyTimeout
    }
}
