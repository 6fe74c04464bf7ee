internal import Configuration
internal import Engine
internal import Loop
internal import SMTPFront
internal import TLS
internal import YAML

/// One of the addresses that clients come in by, whatever they speak there.
enum Door: Sendable {
    case submission(SMTPListener)

    /// Opens the port; accepts nothing yet.
    init(
        _ wanted: ProcessSettings.Listener, settings: ProcessSettings, tls: ServerTLS, engine: Engine,
        loops: [EventLoop]
    ) throws(LoopError) {
        let listener = try Listener(on: wanted.address)
        let isImplicit = wanted.service.isImplicitTLS
        switch wanted.service {
        case .imap, .imaps:
            fatalError()
        case .submission, .submissions:
            self = .submission(
                SMTPListener(
                    listener, security: isImplicit ? .implicit : .startTLS, tls: tls, engine: engine, loops: loops,
                    limits: SMTPLimits(settings)))
        }
    }

    /// Where it is, with the port that the system chose.
    var address: SocketAddress {
        switch self {
        case .submission(let listener): listener.address
        }
    }

    var sessionCount: Int {
        switch self {
        case .submission(let listener): listener.sessionCount
        }
    }

    /// Begins to accept.
    func open() {
        switch self {
        case .submission(let listener): listener.start()
        }
    }

    /// Accepts no more, and asks every session to end.
    func close() {
        switch self {
        case .submission(let listener): listener.stop()
        }
    }

    /// Waits until the last session has ended, or the deadline has come; true when all have.
    func emptied(until deadline: MonotonicTime) async -> Bool {
        switch self {
        case .submission(let listener): await listener.drained(until: deadline)
        }
    }
}

extension SMTPLimits {
    init(_ settings: ProcessSettings) {
        self.init()
        let limits = settings.limits
        connections = limits.connections
        connectionsPerAddress = limits.connectionsPerAddress
        signInTime = limits.signInTime
        idleTime = limits.submissionIdleTime
        messageSize = UInt64(limits.messageSize)
        recipients = limits.recipients
        badCommands = limits.badCommands
        allowsInsecureLoopback = settings.allowsInsecureLoopbackSignIn
    }
}
