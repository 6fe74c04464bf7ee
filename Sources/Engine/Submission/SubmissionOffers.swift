internal import Loop
internal import SMTPSyntax
internal import Store

/// What submission servers have said they can do, since the start: known of those that something was sent to.
final class SubmissionOffers: Sendable {
    /// How many servers are remembered; then all are forgotten.
    static let limit = 1000

    private let known = Locked<[Server.Endpoint: SMTPCapabilities]>([:])

    func note(_ capabilities: SMTPCapabilities, of server: Server) {
        guard let place = server.smtp else { return }
        known.withLock { known in
            if known.count >= Self.limit, known[place] == nil { known = [:] }
            known[place] = capabilities
        }
    }

    /// Whether the server takes binary messages (RFC 3030 §3); nil when nobody knows.
    func takesBinaryMIME(_ server: Server) -> Bool? {
        server.smtp.flatMap { place in known.withLock { $0[place]?.binaryMIME } }
    }
}
