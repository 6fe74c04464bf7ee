internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import Loop
internal import TLS

/// How far a long command has come (RFC 9585).
extension IMAPSession {
    /// The command that runs, and when the client next hears of it.
    struct Running {
        let tag: [UInt8]
        var nextNote: MonotonicTime
    }

    /// Asks the engine what may take long; the client hears every `progressInterval` that the command goes on.
    ///
    /// `done` and `goal` are numbers of one kind; the goal takes a `done` (RFC 9585 §4).
    /// - Precondition: no response has been begun and not ended: a note may come at any time until this returns.
    func askPatiently<Value>(
        done: Int? = nil, of goal: Int? = nil, _ question: () async throws(EngineError) -> Value
    ) async throws(Fault) -> Value {
        try await ask { () async throws(EngineError) in try await patiently(done: done, of: goal, question) }
    }

    /// The same for who turns refusals into replies himself.
    func patiently<Value>(
        done: Int? = nil, of goal: Int? = nil, _ question: () async throws(EngineError) -> Value
    ) async throws(EngineError) -> Value {
        let note = ProgressNote(self, done: done, goal: goal)
        defer { note.end() }
        return try await question()
    }

    /// Writes one note, unless the client does not even take what is there already.
    fileprivate func noteProgress(done: Int?, goal: Int?) {
        guard let tag = running?.tag, connection.unsentCount < configuration.limits.unsent else { return }
        let progress = Progress(tag: tag, done: done.map { UInt64($0) }, goal: goal.map { UInt64($0) })
        connection.output.append { (output) in output.appendUntagged(.ok, .inProgress(progress), "Still at it") }
        // A connection that has failed says so again to the session itself.
        do throws(ConnectionError) { try connection.send() } catch {}
    }
}

/// Notes on one question to the engine, from a task beside the session's: that one is suspended all the while.
///
/// Belongs to the session's loop, like everything of the session, and is used there alone.
private final class ProgressNote: @unchecked Sendable {
    /// A wait for what is past is none, and the loop has others to serve.
    private static let shortestInterval = Duration.milliseconds(1)

    private var session: IMAPSession?
    private let signal: Signal

    init(_ session: IMAPSession, done: Int?, goal: Int?) {
        self.session = session
        let loop = session.connection.signal.loop
        signal = Signal(on: loop)
        loop.spawn { [self] context in
            while let session = self.session, let next = session.running?.nextNote {
                guard await signal.next(of: [.work, .shutdown], until: next) == .deadline else { return }
                guard let session = self.session else { return }
                let interval = max(session.configuration.limits.progressInterval, Self.shortestInterval)
                session.running?.nextNote = context.loop.now + interval
                session.noteProgress(done: done, goal: goal)
            }
        }
    }

    func end() {
        session = nil
        signal.raise(.work)
    }
}
