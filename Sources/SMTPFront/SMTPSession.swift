internal import Bytes
internal import Engine
internal import Loop
internal import SMTPSyntax
internal import TLS

/// One client that sends, from its greeting to its QUIT: one task, one connection (D3).
///
/// Answers gather in the connection's output and leave together, when no complete command is left or when the client
/// has to go on. A MAIL and the RCPTs that come with it wait for one another, so that the upstream hears them in one
/// packet and each gets the upstream's own answer.
final class SMTPSession {
    /// Whether a new connection is let in.
    enum Admission: Sendable {
        case welcome
        /// Too many from its address, or altogether.
        case tooMany
        case stopping
    }

    /// How far the client is.
    enum State {
        /// It has not said EHLO, at all or since TLS began.
        case greeted
        /// It has, and may sign in.
        case introduced
        /// Its next lines belong to the exchange.
        case authenticating(SignInExchange)
        case authenticated(Principal)
    }

    /// How long the last words may take.
    static let farewellTime: Duration = .seconds(2)
    /// Unsent octets above which nothing more is read.
    static let outputLimit = 262_144

    let connection: Connection
    let house: SMTPHouse
    let security: SMTPListener.Security
    let loop: EventLoop
    let log: Log

    var state = State.greeted
    var clientName = ""
    var transaction: SMTPTransaction?
    var badCommandCount = 0
    var failedSignInCount = 0
    /// Nothing more is read; what waits to be sent is sent, and the connection closed.
    var isEnding = false
    /// The house is closing, and the client in the middle of a message that comes in chunks: it ends with that message.
    private var isLeaving = false
    private var framer = SMTPLineFramer()
    private let begun: MonotonicTime

    init(_ connection: Connection, house: SMTPHouse, security: SMTPListener.Security) {
        self.connection = connection
        self.house = house
        self.security = security
        loop = connection.signal.loop
        begun = loop.now
        log = house.engine.log.with(["protocol": "smtp", "peer": connection.peer.hostText])
    }

    var engine: Engine { house.engine }
    var limits: SMTPLimits { house.limits }

    /// Whether credentials may be sent here.
    var mayAuthenticate: Bool {
        connection.isEncrypted || limits.allowsInsecureLoopback && connection.peer.isLoopback
    }

    func run(_ admission: Admission) async {
        do throws(ConnectionError) {
            if security == .implicit {
                try await connection.startTLS(server: house.tls, until: loop.now + limits.handshakeTime)
                engine.noteCertificate(of: connection)
            }
            switch admission {
            case .welcome:
                say(SMTPReply(220, nil, "\(engine.configuration.hostName) ESMTP Posthouse"))
                try await serve()
            case .tooMany: end(Replies.tooManyConnections)
            case .stopping: end(Replies.shuttingDown)
            }
        } catch {
            log.debug("connection lost", ["reason": error])
            connection.close()
        }
        await transaction?.abandon()
        if case .authenticating(let exchange) = state { exchange.cancel() }
        await connection.finish(until: loop.now + Self.farewellTime)
    }

    /// Reads and answers until the end.
    private func serve() async throws(ConnectionError) {
        try connection.send()
        while !isEnding {
            let events = await connection.signal.next(until: deadline)
            if events.contains(.output) { try connection.send() }
            if events.contains(.shutdown) {
                guard !isLeaving, isAmidChunks else { return end(Replies.shuttingDown) }
                isLeaving = true
            }
            if events.contains(.input) {
                if connection.unsentCount >= Self.outputLimit {
                    try await connection.flush(below: Self.outputLimit, until: loop.now + limits.outputTime)
                }
                switch try connection.receive() {
                case .data:
                    try await answerInput()
                    if isLeaving, !isAmidChunks, !isEnding { return end(Replies.shuttingDown) }
                case .nothing: break
                case .end: isEnding = true
                }
            } else if events == .deadline {
                return end(Replies.silence)
            }
        }
    }

    /// Whether a message has begun to come in chunks, and may yet be sent.
    private var isAmidChunks: Bool {
        guard let message = transaction?.chunks else { return false }
        return message.refusal == nil
    }

    /// When the client has been silent for too long.
    private var deadline: MonotonicTime {
        let idle = loop.now + limits.idleTime
        if case .authenticated = state { return idle }
        return min(idle, begun + limits.signInTime)
    }

    /// Answers every complete command that is there, in one write.
    private func answerInput() async throws(ConnectionError) {
        while !isEnding, let line = framer.next(from: &connection.input) {
            switch line {
            case .complete(let octets): try await answer(octets)
            case .tooLong:
                await settle()
                fault(Replies.lineTooLong)
            case .malformed(let octets):
                await settle()
                // What follows it may be the chunk, and must not be read as commands.
                if SMTPCommand.isChunk(octets) { return end(Replies.badChunk) }
                fault(Replies.badLine)
            }
        }
        await settle()
        try connection.send()
    }

    // MARK: Speaking

    func say(_ reply: SMTPReply) {
        connection.output.append { reply.append(to: &$0, allowsUTF8: transaction?.parameters.smtpUTF8 ?? false) }
    }

    /// Says something that counts against the client.
    func fault(_ reply: SMTPReply) {
        badCommandCount += 1
        guard badCommandCount < limits.badCommands else { return end(Replies.tooManyErrors) }
        say(reply)
    }

    /// The last words.
    func end(_ reply: SMTPReply) {
        say(reply)
        isEnding = true
    }

    /// A new dialogue, as after STARTTLS (RFC 3207 §4.2).
    func forget() {
        state = .greeted
        clientName = ""
        framer = SMTPLineFramer()
    }
}
