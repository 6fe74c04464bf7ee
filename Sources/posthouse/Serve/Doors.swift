internal import Configuration
internal import Engine
internal import IMAPFront
internal import Loop
internal import SMTPFront
internal import TLS
internal import YAML

/// The addresses that clients come in by, whatever they speak there.
final class Doors: Sendable {
    /// A port that is open, with what is spoken there.
    private struct Place: Sendable {
        let service: ProcessSettings.Listener.Service
        let listener: Listener
    }

    private let places: [Place]
    private let imap: IMAPListener
    private let submission: [SMTPListener]
    private let tls: ServerTLS?

    /// Opens the ports; accepts nothing yet.
    init(
        _ settings: ProcessSettings, tls: ServerTLS?, engine: Engine, loops: [EventLoop], log: Log, counters: Counters
    ) throws(Failure) {
        var places: [Place] = []
        var submission: [SMTPListener] = []
        for wanted in settings.listeners {
            let listener: Listener
            do throws(LoopError) {
                listener = try Listener(on: wanted.value.address)
            } catch {
                throw Failure(
                    .system, "\(settings.file):\(wanted.position): \(error)",
                    remedy: "Another program may have the port, or it is below 1024: those need root, or "
                        + "AmbientCapabilities=CAP_NET_BIND_SERVICE under systemd.")
            }
            let service = wanted.value.service
            places.append(Place(service: service, listener: listener))
            if !service.isIMAP, let tls {
                submission.append(
                    SMTPListener(
                        listener, security: service.isImplicitTLS ? .implicit : .startTLS, tls: tls, engine: engine,
                        loops: loops, limits: SMTPLimits(settings)))
            }
        }
        self.places = places
        self.submission = submission
        self.tls = tls
        imap = IMAPListener(
            configuration: IMAPConfiguration(settings, tls: tls), engine: engine, loops: loops, log: log,
            counters: counters)
    }

    /// Where clients may come, with the ports that the system chose.
    var addresses: [(service: String, address: SocketAddress)] {
        places.map { ($0.service.rawValue, $0.listener.address) }
    }

    var sessionCount: Int { submission.reduce(imap.sessionCount) { $0 + $1.sessionCount } }

    /// Begins to accept.
    func open() {
        for place in places where place.service.isIMAP {
            imap.accept(on: place.listener, security: place.service.isImplicitTLS ? .implicitTLS : .startTLS)
        }
        for listener in submission { listener.start() }
    }

    /// Accepts no more, asks every session to end, and waits until all have or the deadline has come.
    /// Returns how many are left.
    /// - Precondition: called on `loop`.
    func close(on loop: EventLoop, until deadline: MonotonicTime) async -> Int {
        let emptied = Signal(on: loop)
        loop.spawn { _ in
            await self.imap.stop()
            emptied.raise(.work)
        }
        for listener in submission { listener.stop() }
        for listener in submission { _ = await listener.drained(until: deadline) }
        _ = await emptied.next(of: .work, until: deadline)
        return sessionCount
    }
}

extension ProcessSettings.Listener.Service {
    fileprivate var isIMAP: Bool { self == .imap || self == .imaps }
}

extension IMAPConfiguration {
    fileprivate init(_ settings: ProcessSettings, tls: ServerTLS?) {
        self.init(hostName: settings.hostName, tls: tls)
        allowsInsecureLoopbackSignIn = settings.allowsInsecureLoopbackSignIn
        limits.connections = settings.limits.connections
        limits.connectionsPerAddress = settings.limits.connectionsPerAddress
        limits.signInTime = settings.limits.signInTime
        limits.idleTime = settings.limits.idleTime
        limits.badCommands = settings.limits.badCommands
        limits.drainTime = settings.limits.drainTime
    }
}

extension SMTPLimits {
    fileprivate init(_ settings: ProcessSettings) {
        self.init()
        connections = settings.limits.connections
        connectionsPerAddress = settings.limits.connectionsPerAddress
        signInTime = settings.limits.signInTime
        idleTime = settings.limits.submissionIdleTime
        messageSize = UInt64(settings.limits.messageSize)
        recipients = settings.limits.recipients
        badCommands = settings.limits.badCommands
        allowsInsecureLoopback = settings.allowsInsecureLoopbackSignIn
    }
}
