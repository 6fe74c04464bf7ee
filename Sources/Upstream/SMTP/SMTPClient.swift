internal import Bytes
package import Loop
package import SASL
package import SMTPSyntax
internal import TLS

/// One signed-in connection to an upstream submission server. Lives on its loop; its methods are called by one task at
/// a time, return when the server has answered, and throw what made the connection useless.
///
/// A server's no to a command is an answer, not an error: codes and texts are kept as they came.
package final class SMTPClient {
    /// What a transaction begins with.
    package struct Mail: Hashable, Sendable {
        package var sender: SMTPPath
        /// Octets that the message will have, as far as known.
        package var size: UInt64?
        /// Whether addresses or header go beyond ASCII (RFC 6531).
        package var smtpUTF8: Bool
        /// Whether the body may hold any octets (RFC 3030 §3).
        package var isBinary: Bool
        /// RET and ENVID (RFC 3461), which go to a server that offers DSN.
        package var returns: MailParameters.Return?
        package var envelopeID: String?
        /// What is to become of the parameters of delivery status notifications at a server without DSN.
        package var withoutDSN: WithoutDSN

        /// Whether the message may go to a server only that keeps to RFC 8689, proven by its certificate.
        package var requiresTLS: Bool

        /// What becomes of parameters that a server has not offered.
        package enum WithoutDSN: Hashable, Sendable {
            /// They are refused, as the server would refuse them itself.
            case refuse
            /// They are left out: whoever sends makes the reports.
            case leaveOut
        }

        package init(
            sender: SMTPPath, size: UInt64? = nil, smtpUTF8: Bool = false, isBinary: Bool = false,
            returns: MailParameters.Return? = nil, envelopeID: String? = nil, withoutDSN: WithoutDSN = .refuse,
            requiresTLS: Bool = false
        ) {
            self.sender = sender
            self.size = size
            self.smtpUTF8 = smtpUTF8
            self.isBinary = isBinary
            self.returns = returns
            self.envelopeID = envelopeID
            self.withoutDSN = withoutDSN
            self.requiresTLS = requiresTLS
        }

        /// The parameters that go along with MAIL where they may.
        var notification: MailParameters {
            var parameters = MailParameters()
            (parameters.returns, parameters.envelopeID) = (returns, envelopeID)
            return parameters
        }
    }

    /// What the server said to MAIL and to each RCPT, in their order.
    package struct EnvelopeAnswer: Hashable, Sendable {
        package var mail: SMTPReply
        /// As many as there were recipients; when MAIL was refused, its answer for each.
        package var recipients: [SMTPReply]
        /// Whether the server was asked for the delivery status notifications that are wanted, and makes them itself.
        package var passesNotification: Bool
        package init(mail: SMTPReply, recipients: [SMTPReply], passesNotification: Bool = false) {
            self.mail = mail
            self.recipients = recipients
            self.passesNotification = passesNotification
        }
    }

    /// Gives the client's side of the sign-in for the mechanisms offered; nil when there is nothing to sign in with.
    package typealias Authenticator =
        @Sendable (_ offered: [String], _ isEncrypted: Bool) async throws(SMTPFailure) -> SASLClient?

    /// Unsent octets above which the message waits for the server to take some.
    package static let outputLimit = 16_384
    /// Octets of one read of the message.
    package static let pieceSize = 16_384
    /// Recipients whose RCPT goes out before the first is answered.
    package static let recipientBatch = 100
    /// The longest initial response that goes along with AUTH (RFC 4954 §4: within the 512 octets of a command).
    static let initialResponseLimit = 480

    package let endpoint: SMTPEndpoint
    package private(set) var capabilities = SMTPCapabilities()
    /// False once the connection has failed, or the server said that it is closing it.
    package internal(set) var isUsable = true
    /// Transactions begun on this connection.
    package private(set) var transactionCount = 0
    /// The transaction that was begun last.
    private(set) var mail: Mail?
    /// RCPTs in it, and the domains in them.
    var askedCount = 0
    var askedDomains: Set<String> = []

    let connection: Connection
    let loop: EventLoop
    let pool: WorkerPool
    private var parser = SMTPReplyParser()

    private init(_ endpoint: SMTPEndpoint, _ connection: Connection, _ loop: EventLoop, _ pool: WorkerPool) {
        self.endpoint = endpoint
        self.connection = connection
        self.loop = loop
        self.pool = pool
    }

    // MARK: Beginning

    /// Connects, takes up TLS as configured, and signs in.
    /// - Precondition: called on `loop`.
    package static func connect(
        to endpoint: SMTPEndpoint, on loop: EventLoop, pool: WorkerPool, authenticator: Authenticator
    ) async throws(SMTPFailure) -> SMTPClient {
        let deadline = loop.now + endpoint.patience.connect
        let client: SMTPClient
        do throws(LoopError) {
            let socket = try await Socket.connect(
                host: endpoint.server.host, port: endpoint.server.port, until: deadline, on: loop, resolver: pool)
            client = SMTPClient(endpoint, try connection(over: socket, on: loop), loop, pool)
        } catch {
            throw .unreachable("\(endpoint.name): \(error)")
        }
        do throws(SMTPFailure) {
            if endpoint.server.security == .implicit { try await client.encrypt(until: deadline) }
            try client.demand(try await client.reply(within: endpoint.patience.greeting), 220, .greeting)
            try await client.hello()
            if endpoint.server.security == .startTLS { try await client.startTLS() }
            if let sasl = try await authenticator(client.capabilities.mechanisms, client.connection.isEncrypted) {
                try await client.authenticate(sasl)
            }
        } catch {
            client.close()
            if case .lost(let text) = error { throw .unreachable(text) }
            throw error
        }
        return client
    }

    private static func connection(over socket: Socket, on loop: EventLoop) throws(LoopError) -> Connection {
        do throws(ConnectionError) {
            return try Connection(socket, on: loop)
        } catch {
            throw .stopping
        }
    }

    private func encrypt(until deadline: MonotonicTime) async throws(SMTPFailure) {
        do throws(ConnectionError) {
            try await connection.startTLS(client: endpoint.server.trust, host: endpoint.server.host, until: deadline)
        } catch {
            throw .unreachable("\(endpoint.name): \(error)")
        }
        parser = SMTPReplyParser()
    }

    private func hello() async throws(SMTPFailure) {
        let answer = try await command("EHLO \(endpoint.clientName)")
        if answer.isPositive {
            capabilities = SMTPCapabilities(answer)
            return
        }
        // A server from before ESMTP, which neither TLS nor a sign-in can be asked of (RFC 5321 §4.1.4).
        guard answer.isPermanent, endpoint.server.security != .startTLS else { throw refusal(.hello, answer) }
        capabilities = SMTPCapabilities()
        try demand(try await command("HELO \(endpoint.clientName)"), 250, .hello)
    }

    private func startTLS() async throws(SMTPFailure) {
        guard capabilities.startTLS else {
            throw .unreachable(
                "\(endpoint.name): it does not offer STARTTLS: configure its port of implicit TLS, or tls: none if the "
                    + "network between is trusted")
        }
        try demand(try await command("STARTTLS"), 220, .startTLS)
        try await encrypt(until: loop.now + endpoint.patience.connect)
        // What was said before is forgotten: anybody could have said it (RFC 3207 §4.2).
        try await hello()
    }

    /// A transaction begins.
    func enter(_ mail: Mail) {
        transactionCount += 1
        self.mail = mail
        askedCount = 0
        askedDomains = []
    }

    /// Whether the server begins another transaction on this connection (RFC 9422 §4.1).
    package var hasTransactionLeft: Bool { transactionCount < capabilities.limits.transactions ?? .max }

    // MARK: Ending

    /// Gives up the transaction, so that another can begin.
    package func reset() async throws(SMTPFailure) {
        try demand(try await command("RSET"), 250, .reset)
    }

    /// Says QUIT, not waiting long for the answer, and closes.
    package func quit() async {
        if isUsable {
            do throws(SMTPFailure) {
                try put(Array("QUIT".utf8))
                try await flush()
                _ = try await reply(within: endpoint.patience.quit)
            } catch {
                // It is closed anyway.
            }
        }
        close()
    }

    package func close() {
        isUsable = false
        connection.close()
    }

    /// Whether an idle connection can still be used: the server has neither closed it nor said anything.
    package func isQuiet() -> Bool {
        guard isUsable, connection.input.isEmpty else { return false }
        let received = try? connection.receive()
        if received != .nothing { isUsable = false }
        return isUsable
    }

    // MARK: Words

    func put(_ line: [UInt8]) throws(SMTPFailure) {
        guard isUsable else { throw .lost("\(endpoint.name): the connection is closed") }
        connection.output.append(contentsOf: line)
        connection.output.append(contentsOf: [ASCII.cr, ASCII.lf])
    }

    func flush() async throws(SMTPFailure) {
        do throws(ConnectionError) {
            try await connection.flush(until: loop.now + endpoint.patience.command)
        } catch {
            throw failed(error)
        }
    }

    func command(_ line: String) async throws(SMTPFailure) -> SMTPReply {
        try put(Array(line.utf8))
        try await flush()
        return try await reply(within: endpoint.patience.command)
    }

    func reply(within patience: Duration) async throws(SMTPFailure) -> SMTPReply {
        let deadline = loop.now + patience
        while true {
            do throws(SMTPSyntaxError) {
                if let reply = try parser.next(from: &connection.input) {
                    // RFC 5321 §3.8: it closes the channel after this.
                    if reply.code == 421 { isUsable = false }
                    return reply
                }
            } catch {
                throw fail(.lost("\(endpoint.name): what it sent is no SMTP reply"))
            }
            do throws(ConnectionError) {
                try await connection.receiveMore(until: deadline)
            } catch {
                throw failed(error)
            }
        }
    }

    func demand(_ reply: SMTPReply, _ code: Int, _ stage: SMTPFailure.Stage) throws(SMTPFailure) {
        guard reply.code == code else { throw refusal(stage, reply) }
    }

    func refusal(_ stage: SMTPFailure.Stage, _ reply: SMTPReply) -> SMTPFailure { fail(.refused(stage, reply)) }

    func failed(_ error: ConnectionError) -> SMTPFailure { fail(.lost("\(endpoint.name): \(error)")) }

    func fail(_ failure: SMTPFailure) -> SMTPFailure {
        isUsable = false
        return failure
    }
}
