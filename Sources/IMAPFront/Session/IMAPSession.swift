internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import Loop
internal import TLS

/// One client's conversation: one task, one loop, one kind of wait.
///
/// Handlers change the session's state and append untagged data; only `finish` writes tagged lines. Commands run one
/// after another: while one waits for the engine, nothing is read.
final class IMAPSession {
    enum State {
        case notAuthenticated
        case authenticated(Principal)
        case selected(Principal, Selection)
    }

    /// Who the next octets are for.
    enum Activity {
        case commands
        /// A SASL exchange: lines in base 64.
        case authenticating(tag: [UInt8], SignInExchange)
        /// IDLE, until DONE.
        case idling(tag: [UInt8])
        /// APPEND, while its message arrives.
        case appending(PendingAppend)
    }

    let listener: IMAPListener
    let configuration: IMAPConfiguration
    let connection: Connection
    let number: Int
    var log: Log
    var framer = CommandFramer(limits: .beforeSignIn)
    var state = State.notAuthenticated
    var activity = Activity.commands
    /// IMAP4rev2 was enabled: ESEARCH answers, names in UTF-8, no RECENT (RFC 9051 Appendix A).
    var usesRev2 = false
    /// UTF8=ACCEPT was enabled (RFC 6855 §3).
    var usesUTF8 = false
    /// A command has shown that the client knows mod-sequences: FETCH responses with flags have them from then on
    /// (RFC 7162 §3.1).
    var usesCondStore = false
    /// QRESYNC was enabled: VANISHED instead of EXPUNGE (RFC 7162 §3.2.4).
    var usesQuickResync = false
    /// UIDONLY was enabled: messages have no sequence numbers (RFC 9586).
    var usesUIDOnly = false
    /// What the client wants to be told of unasked; nil as long as it has not said so (RFC 5465 §3.1).
    var notifications: Notifications?
    /// When silence ends the session. Before sign-in it does not move.
    var deadline: MonotonicTime
    /// Tells the client that a long command goes on.
    private(set) lazy var progress = ProgressTeller(connection, interval: configuration.limits.progressInterval)
    var badCommands = 0
    var failedSignIns = 0
    /// Nothing more is read or answered.
    var isEnding = false
    /// Where the session goes on, set by a sign-in.
    var destination: EventLoop?
    /// TLS begins before anything is said.
    private let beginsWithTLS: Bool
    /// The greeting, if there is to be one, is out.
    private var hasBegun: Bool
    /// Set by a command: its task may hold the stacks of deep calls (see `Ending.rests`).
    var hasWorked = false
    /// Goes on in a task of its own as soon as nothing is to be done.
    var isToRest = false

    init(
        _ connection: Connection, number: Int, security: IMAPConfiguration.Security, listener: IMAPListener,
        configuration: IMAPConfiguration
    ) {
        self.connection = connection
        self.number = number
        self.listener = listener
        self.configuration = configuration
        log = listener.log.with(["session": "imap-\(number)", "peer": "\(connection.peer)"])
        deadline = connection.signal.loop.now + configuration.limits.signInTime
        beginsWithTLS = security == .implicitTLS
        hasBegun = false
    }

    // MARK: From loop to loop

    /// A signed-in session between two loops.
    struct Seed: Sendable {
        let connection: DetachedConnection
        let configuration: IMAPConfiguration
        let number: Int
        let log: Log
        let principal: Principal
        let usesRev2: Bool
    }

    /// Where a session goes on.
    struct Move: Sendable {
        let loop: EventLoop
        let seed: Seed
    }

    /// Takes a session up on its new loop; nil when the connection can't be taken over.
    init?(_ seed: Seed, on loop: EventLoop, listener: IMAPListener) {
        guard let connection = try? Connection.attach(seed.connection, on: loop) else { return nil }
        self.connection = connection
        self.listener = listener
        configuration = seed.configuration
        number = seed.number
        log = seed.log
        usesRev2 = seed.usesRev2
        deadline = loop.now + seed.configuration.limits.idleTime
        beginsWithTLS = false
        hasBegun = true
        state = .authenticated(seed.principal)
        framer.limits = signedInLimits
    }

    // MARK: The conversation

    /// How a session's task ends.
    enum Ending {
        /// The conversation is over.
        case ended
        /// The session goes on where its account lives.
        case moves(Move)
        /// The session has nothing to do and goes on in a new task: a task keeps the memory that its deepest calls
        /// needed until it ends, many KiB after a SELECT or a FETCH, and a new one has none.
        case rests
    }

    /// How long nothing happens before a session rests.
    private static let restAfter = Duration.seconds(5)

    /// Talks until either side ends it, or until the session has to go on elsewhere.
    func run() async -> Ending {
        hasWorked = false
        isToRest = false
        do throws(ConnectionError) {
            if !hasBegun { try await begin() }
            try await converse()
            if let destination, let principal {
                try connection.send()
                let seed = Seed(
                    connection: connection.detach(), configuration: configuration, number: number, log: log,
                    principal: principal, usesRev2: usesRev2)
                return .moves(Move(loop: destination, seed: seed))
            }
            if isToRest, !isEnding {
                connection.rest()
                return .rests
            }
        } catch {
            noteLoss(error)
        }
        await closeMailbox()
        await forgetNotifications()
        await connection.finish(until: connection.signal.loop.now + .seconds(5))
        log.info("session ended", ["received": "\(connection.receivedCount)", "sent": "\(connection.sentCount)"])
        return .ended
    }

    private func begin() async throws(ConnectionError) {
        hasBegun = true
        if beginsWithTLS, let tls = configuration.tls {
            try await connection.startTLS(server: tls, until: deadline)
            engine.noteCertificate(of: connection)
        }
        greet()
    }

    private func noteLoss(_ error: ConnectionError) {
        isEnding = true
        switch error {
        case .ended, .closed, .stopping: log.debug("connection closed by the client")
        default: log.info("connection lost", ["reason": "\(error)"])
        }
        connection.output.removeAll()
    }

    private func converse() async throws(ConnectionError) {
        try connection.send()
        while !isEnding, destination == nil, !isToRest {
            // Nothing waits: what the last answers were gathered in is given back.
            if connection.output.isEmpty { connection.output = ByteQueue() }
            let isFull = connection.unsentCount >= configuration.limits.unsent
            let wanted: Signal.Events = isFull ? [.output, .shutdown] : [.input, .output, .mailbox, .shutdown]
            var limit = deadline
            if connection.unsentCount > 0 {
                limit = min(limit, now + configuration.limits.stallTime)
            } else if hasWorked {
                limit = min(limit, now + Self.restAfter)
            }
            let events = await connection.signal.next(of: wanted, until: limit)
            if events.contains(.output) { try connection.send() }
            if events.contains(.shutdown) {
                sayBye("The server is shutting down", .unavailable)
            } else if events == .deadline {
                if limit < deadline, connection.unsentCount == 0 { isToRest = true } else { timeOut() }
            } else {
                if events.contains(.mailbox) { try await pushUpdates() }
                if events.contains(.input) { try receive() }
                // Also what an earlier round left because too much waited to be sent.
                try await consume()
            }
            try connection.send()
        }
    }

    var now: MonotonicTime { connection.signal.loop.now }

    /// Takes in what has come. Silence is over, but for who has not signed in.
    private func receive() throws(ConnectionError) {
        switch try connection.receive() {
        case .data:
            if principal != nil { deadline = now + configuration.limits.idleTime }
        case .end: isEnding = true
        case .nothing: break
        }
    }

    /// Handles what is complete.
    private func consume() async throws(ConnectionError) {
        while !isEnding, destination == nil, connection.unsentCount < configuration.limits.unsent {
            switch activity {
            case .commands, .appending:
                guard let event = framer.next(from: &connection.input) else { return }
                try await handle(event)
            case .authenticating(let tag, let exchange):
                guard let line = framer.nextLine(from: &connection.input) else { return }
                try await continueSignIn(line, tag, exchange)
            case .idling(let tag):
                guard let line = framer.nextLine(from: &connection.input) else { return }
                try await endIdle(line, tag)
            }
            try connection.send()
        }
    }

    private func timeOut() {
        log.info("session timed out")
        sayBye(principal == nil ? "Too slow to sign in" : "Autologout after idling", nil)
    }

    // MARK: What the session says

    private func greet() {
        connection.output.append { (output) in
            output.appendUntagged(.ok, .capability(capabilities), "\(configuration.hostName) Posthouse ready")
        }
    }

    /// Ends the conversation from this side.
    func sayBye(_ text: String, _ code: ResponseCode?) {
        isEnding = true
        connection.output.append { (output) in output.appendUntagged(.bye, code, text) }
    }

    /// Writes a command's tagged line.
    func finish(_ tag: [UInt8], _ reply: Reply) {
        connection.output.append { (output) in output.appendTagged(tag, reply.condition, reply.code, reply.text) }
        if reply.condition == .bad { noteBadCommand() } else { badCommands = 0 }
    }

    /// Counts a command that is none, and sends a client away that sends nothing else.
    func noteBadCommand() {
        listener.badCommands.add()
        badCommands += 1
        guard badCommands >= configuration.limits.badCommands, !isEnding else { return }
        log.notice("session ended after too many bad commands")
        sayBye("Too many bad commands", nil)
    }

    // MARK: Who and where

    var principal: Principal? {
        switch state {
        case .notAuthenticated: nil
        case .authenticated(let principal), .selected(let principal, _): principal
        }
    }

    /// Mailboxes' names and quoted strings are in UTF-8, both ways (RFC 9051 §5.1, RFC 6855 §3).
    var speaksUTF8: Bool { usesRev2 || usesUTF8 }

    var selection: Selection? {
        if case .selected(_, let selection) = state { selection } else { nil }
    }

    var engine: Engine { listener.engine }

    /// Whether passwords may come over this connection.
    var isProtected: Bool {
        connection.isEncrypted || (configuration.allowsInsecureLoopbackSignIn && connection.peer.isLoopback)
    }

    var offersTLS: Bool { configuration.tls != nil && !connection.isEncrypted && principal == nil }

    var capabilities: [String] {
        principal == nil
            ? Capabilities.beforeSignIn(
                mechanisms: engine.mechanisms(encrypted: isProtected, client: connection.certifiedClient),
                offersTLS: offersTLS)
            : Capabilities.afterSignIn(messageLimit: engine.configuration.messageLimit)
                + (isAtGmail ? ["X-GM-EXT-1"] : [])
    }

    var signedInLimits: CommandFramer.Limits {
        var limits = CommandFramer.Limits()
        limits.message = UInt64(engine.configuration.messageLimit)
        return limits
    }

    /// Leaves the selected mailbox, if any.
    func closeMailbox() async {
        guard case .selected(let principal, let selection) = state else { return }
        notifications?.known[selection.mailbox.name] = await countsAtLeave(of: selection)
        state = .authenticated(principal)
        await selection.mailbox.close()
    }
}
