/// An upstream submission server, and how it is spoken to.
package struct SMTPEndpoint: Sendable {
    /// How long to wait for a server's answers: the least that RFC 5321 §4.5.3.2 asks for, unless configured shorter.
    package struct Patience: Hashable, Sendable {
        /// Resolution and connection; then once more for the TLS handshake.
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

    package var server: Endpoint
    /// The name to give in EHLO.
    package var clientName: String
    package var patience: Patience

    /// - Parameter patience: nil for the default, with what the server's configuration says of it.
    package init(_ server: Endpoint, clientName: String, patience: Patience? = nil) {
        self.server = server
        self.clientName = clientName
        var configured = Patience()
        configured.connect = server.connectTimeout
        configured.command = server.replyTimeout
        configured.dataInitiation = server.replyTimeout
        self.patience = patience ?? configured
    }

    /// `host:port`, for logs and answers.
    package var name: String { "\(server.host):\(server.port)" }
}
