package import MailTypes

/// Takes the messages of `fetchBodies`, one after the other. What it throws is told when all the others of the command
/// have been given to it; of the message that it failed at it hears nothing more.
package protocol BodySink: AnyObject {
    func begin(_ uid: UID, size: UInt64) async throws(UpstreamError)
    func take(_ bytes: [UInt8]) async throws(UpstreamError)
    /// - Parameter internalDate: when the server gave it.
    func end(internalDate: Moment?) async throws(UpstreamError)
}

/// Stands between the stream and a sink: a sink that fails must not leave octets on the connection that nobody reads.
final class BodyStream {
    private let sink: any BodySink
    /// The message that the sink is in the middle of.
    private var open: UID?
    /// The first thing that went wrong since `takeFailure`.
    private(set) var failure: UpstreamError?

    init(_ sink: any BodySink) { self.sink = sink }

    /// What went wrong, forgotten here.
    func takeFailure() -> UpstreamError? {
        defer { failure = nil }
        return failure
    }

    /// False when the message is not wanted.
    func begin(_ uid: UID, size: UInt64) async -> Bool {
        open = nil
        await attempt { (sink) async throws(UpstreamError) in
            try await sink.begin(uid, size: size)
            open = uid
        }
        return open != nil
    }

    func take(_ bytes: [UInt8]) async {
        guard open != nil else { return }
        await attempt { (sink) async throws(UpstreamError) in try await sink.take(bytes) }
    }

    /// - Parameter uid: the message's, as the whole response has it. A server that writes it after the body may have
    ///   meant another one than its sequence number says; that one is not taken.
    func end(_ uid: UID, internalDate: Moment?) async {
        guard open == uid else {
            open = nil
            return
        }
        await attempt { (sink) async throws(UpstreamError) in try await sink.end(internalDate: internalDate) }
        open = nil
    }

    private func attempt(_ work: (any BodySink) async throws(UpstreamError) -> Void) async {
        do throws(UpstreamError) { try await work(sink) } catch {
            open = nil
            failure = failure ?? error
        }
    }
}
