package import TLS

/// What the process decides for IMAP sessions.
package struct IMAPConfiguration: Sendable {
    /// How a listener's connections are protected.
    package enum Security: Hashable, Sendable {
        /// In the clear until STARTTLS: port 143.
        case startTLS
        /// From the first octet: port 993.
        case implicitTLS
    }

    package struct Limits: Sendable {
        /// Sessions at one time.
        package var connections = 10_000
        /// Sessions at one time from one address, an IPv6 /64 counting as one.
        package var connectionsPerAddress = 1_000
        /// For a client to sign in, TLS handshake included.
        package var signInTime = Duration.seconds(60)
        /// Silence before a client is sent away; RFC 9051 §5.4 asks for 30 minutes.
        package var idleTime = Duration.seconds(30 * 60)
        /// For a client to take what waits for it.
        package var stallTime = Duration.seconds(5 * 60)
        /// Commands in a row that are none before a client is sent away.
        package var badCommands = 20
        /// Failed sign-ins of one connection.
        package var failedSignIns = 5
        /// For sessions to finish once `stop` was called.
        package var drainTime = Duration.seconds(10)
        /// Octets that may wait to be sent before a session stops to read.
        package var unsent = 256 * 1024
        /// Messages of one APPEND (RFC 3502).
        package var appendedMessages = 100
        /// Octets of all messages of one APPEND. One alone may have what the engine takes.
        package var appendedOctets: UInt64 = 256 << 20
        /// Between two notes on how far a long command is (RFC 9585).
        package var progressInterval = Duration.seconds(10)
        /// Searches of one session that are kept up to date.
        package var searchContexts = 16
        /// Mailboxes that one ESEARCH looks into.
        package var searchedMailboxes = 1_000
        /// Mailboxes of whose messages one session is told unasked.
        package var watchedMailboxes = 1_000
        /// Entries of metadata that one command asks for by name.
        package var metadataEntries = 256

        package init() {}
    }

    /// Names the host in the greeting.
    package var hostName: String
    /// Nil where no certificate is configured: then there is no STARTTLS, and implicit TLS can't be listened for.
    package var tls: ServerTLS?
    /// Lets clients of this very machine sign in without TLS.
    package var allowsInsecureLoopbackSignIn = false
    package var limits = Limits()

    package init(hostName: String, tls: ServerTLS?) {
        self.hostName = hostName
        self.tls = tls
    }
}
