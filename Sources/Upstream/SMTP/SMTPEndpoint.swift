package import TLS

/// An upstream submission server, and how it is spoken to.
package struct SMTPEndpoint: Sendable {
    package enum Security: Hashable, Sendable {
        /// TLS from the first octet.
        case implicit
        /// TLS after STARTTLS, which has to succeed.
        case startTLS
        case none
    }

    /// How long to wait for a server's answers: the least that RFC 5321 §4.5.3.2 asks for, unless configured shorter.
    package struct Patience: Hashable, Sendable {
        /// Resolution, connection and TLS handshake.
        package var connect: Duration = .seconds(30)
        package var greeting: Duration = .seconds(300)
        /// EHLO, STARTTLS, AUTH, MAIL, RCPT, RSET.
        package var command: Duration = .seconds(300)
        package var dataInitiation: Duration = .seconds(120)
        /// For the server to take up some of the message.
        package var dataBlock: Duration = .seconds(180)
        /// For the answer to the end of data.
        package var dataTermination: Duration = .seconds(600)
        /// For the answer to QUIT, which nobody needs.
        package var quit: Duration = .seconds(2)
        package init() {}
    }

    package var host: String
    package var port: UInt16
    package var security: Security
    /// Whom to trust; nil only without TLS.
    package var tls: ClientTLS?
    /// The name to give in EHLO.
    package var clientName: String
    package var patience = Patience()

    package init(host: String, port: UInt16, security: Security, tls: ClientTLS?, clientName: String) {
        self.host = host
        self.port = port
        self.security = security
        self.tls = tls
        self.clientName = clientName
    }

    /// `host:port`, for logs and answers.
    package var name: String { "\(host):\(port)" }
}
