/// An upstream mail server.
package struct Server: Hashable, Sendable {
    /// How a connection is protected.
    package enum Security: String, Sendable, CaseIterable, Codable {
        /// TLS from the first octet.
        case implicit
        /// TLS after STARTTLS, which must succeed.
        case startTLS = "starttls"
        case none
    }

    /// One service of a server.
    package struct Endpoint: Hashable, Sendable, Codable {
        package static let defaultConnectTimeout = 30
        package static let defaultReplyTimeout = 120

        package var host: String
        package var port: UInt16
        package var security: Security
        /// A PEM file with the authorities to trust; nil for the system's.
        package var authorityFile: String?
        package var verifiesCertificate: Bool
        /// The SASL mechanism to use; nil picks the strongest that the server offers.
        package var mechanism: String?
        /// Seconds, TLS handshake included.
        package var connectTimeout: Int
        /// Seconds of silence after which a command counts as lost.
        package var replyTimeout: Int

        package init(
            host: String, port: UInt16, security: Security, authorityFile: String? = nil,
            verifiesCertificate: Bool = true, mechanism: String? = nil,
            connectTimeout: Int = Endpoint.defaultConnectTimeout, replyTimeout: Int = Endpoint.defaultReplyTimeout
        ) {
            self.host = host
            self.port = port
            self.security = security
            self.authorityFile = authorityFile
            self.verifiesCertificate = verifiesCertificate
            self.mechanism = mechanism
            self.connectTimeout = connectTimeout
            self.replyTimeout = replyTimeout
        }
    }

    package static let defaultConnectionLimit = 4

    /// Unique, compared without case.
    package var name: String
    package var imap: Endpoint?
    package var smtp: Endpoint?
    /// IMAP connections for each account, at least 1.
    package var connectionLimit: Int
    /// Octets that each account may receive by IMAP in a day (UTC), at least 1; nil for no limit.
    package var dailyDownload: Int?
    /// Octets that each account may send by IMAP in a day (UTC), at least 1; nil for no limit.
    package var dailyUpload: Int?
    /// Whether it saves what is sent through it in Sent by itself.
    package var savesSent: Bool

    package init(
        name: String, imap: Endpoint? = nil, smtp: Endpoint? = nil,
        connectionLimit: Int = Server.defaultConnectionLimit, dailyDownload: Int? = nil, dailyUpload: Int? = nil,
        savesSent: Bool = false
    ) {
        self.name = name
        self.imap = imap
        self.smtp = smtp
        self.connectionLimit = connectionLimit
        self.dailyDownload = dailyDownload
        self.dailyUpload = dailyUpload
        self.savesSent = savesSent
    }
}
