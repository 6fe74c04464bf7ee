internal import Loop
internal import Synchronization

/// Asks servers by HTTPS, on threads of its own: one that does not answer holds up no sign-in with a password.
package final class HTTPClient: Sendable {
    /// What a request may take.
    package struct Limits: Hashable, Sendable {
        /// For the name, the connection and TLS together.
        package var connectTime: Duration = .seconds(5)
        /// From the beginning to the last octet.
        package var wholeTime: Duration = .seconds(10)
        /// Octets of an answer.
        package var responseSize = 256 << 10
        /// Requests at one time.
        package var threads = 4
        /// Requests that may wait for a thread.
        package var waiting = 64

        package init() {}
    }

    private let limits: Limits
    private let pool = Locked<WorkerPool?>(nil)
    private let isStopping = Stop()

    /// Takes no thread before the first request.
    package init(limits: Limits = Limits()) { self.limits = limits }

    /// The answer of status 200 to `request`; any other is an error.
    package func perform(_ request: HTTPRequest) async throws(HTTPError) -> [UInt8] {
        guard request.address.isPrivate else { throw .notPrivate(request.address) }
        let (limits, isStopping) = (limits, isStopping)
        let result: Result<HTTPResponse, HTTPError>
        do {
            result = try await running().perform {
                Result { () throws(HTTPError) in try Transfer.perform(request, limits, isStopping) }
            }
        } catch {
            throw .overloaded
        }
        let response = try result.get()
        guard response.status == 200 else { throw .status(request.address, response.status) }
        return response.body
    }

    /// Gives up what is under way, which takes about a second, and waits, blocking, until the threads have ended.
    package func stop() {
        isStopping.raise()
        pool.withLock { $0 }?.stop()
    }

    private func running() throws(LoopError) -> WorkerPool {
        let (limits, isStopping) = (limits, isStopping)
        return try pool.withLock { pool throws(LoopError) in
            if let pool { return pool }
            guard !isStopping.isRaised else { throw .stopping }
            let made = try WorkerPool(threads: limits.threads, queueLimit: limits.waiting)
            pool = made
            return made
        }
    }
}

/// Whether transfers are to end; read by them between octets.
final class Stop: Sendable {
    private let flag = Atomic(false)
    var isRaised: Bool { flag.load(ordering: .relaxed) }
    func raise() { flag.store(true, ordering: .relaxed) }
}
