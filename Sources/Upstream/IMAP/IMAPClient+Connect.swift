internal import Bytes
internal import IMAPSyntax
package import Loop
package import SASL
internal import TLS

/// Connecting, protecting the connection, and getting ready.
extension IMAPClient {
    /// Connects, protects the connection as the endpoint says, and signs in.
    ///
    /// - Parameters:
    ///   - pool: where names are resolved and SASL steps run.
    ///   - authenticate: makes the client's side of the exchange from the mechanisms offered, and whether the
    ///     connection is encrypted.
    package static func connect(
        to endpoint: Endpoint, on loop: EventLoop, pool: WorkerPool,
        authenticate: (_ offered: [String], _ isEncrypted: Bool) throws(UpstreamError) -> SASLClient
    ) async throws(UpstreamError) -> IMAPClient {
        let deadline = loop.now + endpoint.connectTimeout
        let connection = try await Connection.open(to: endpoint, on: loop, pool: pool, until: deadline)
        let client = IMAPClient(
            connection, on: loop, peerName: "\(endpoint.host):\(endpoint.port)", replyTimeout: endpoint.replyTimeout)
        client.connectDeadline = deadline
        do {
            let isSignedIn = try await client.greet(endpoint, deadline)
            if !isSignedIn { try await client.signIn(pool, authenticate) }
            try await client.prepare()
        } catch {
            client.close()
            // Before it is signed in no connection is lost: there was none yet.
            switch error {
            case .connectionLost(let text): throw .unreachable(text)
            case .refused: throw .unreachable("\(client.peerName) refuses: \(error)")
            default: throw error
            }
        }
        client.connectDeadline = nil
        return client
    }

    /// Reads the greeting and begins TLS where that is still to be done. True when there is nobody to sign in.
    private func greet(_ endpoint: Endpoint, _ deadline: MonotonicTime) async throws(UpstreamError) -> Bool {
        guard case .response(let framed) = try await nextEvent(), case .untagged(let greeting) = parse(framed),
            case .condition(let condition, let text) = greeting
        else { throw .unreachable("\(peerName) does not greet as an IMAP server: look at host, port and tls") }
        switch condition {
        case .ok: break
        case .preauth:
            // Nobody signed in, so nobody knows whose mail this would be; and whoever asked for STARTTLS could be
            // talked out of it this way. On the machine itself it is how local servers are tunnelled to.
            guard connection.peer.isLoopback, endpoint.security != .startTLS else {
                throw .unreachable("\(peerName) lets anybody in without sign-in (PREAUTH), which is not accepted")
            }
            try await run(.capability)
            return true
        default: throw .unreachable("\(peerName) refuses the connection: \(String(lossy: text.text))")
        }
        if case .capability(let names) = text.code { capabilities = Set(names) }
        if capabilities.isEmpty { try await run(.capability) }
        guard capabilities.contains("IMAP4REV1") || capabilities.contains("IMAP4REV2") else {
            throw .unreachable("\(peerName) speaks neither IMAP4rev1 nor IMAP4rev2")
        }
        guard endpoint.security == .startTLS else { return false }
        guard capabilities.contains("STARTTLS") else {
            throw .unreachable(
                "\(peerName) does not offer STARTTLS: use tls: implicit (port 993) if it has that, tls: none only on a "
                    + "network you trust")
        }
        try await run(.startTLS)
        do throws(ConnectionError) {
            try await connection.startTLS(client: endpoint.trust, host: endpoint.host, until: deadline)
        } catch { throw .unreachable(Self.text(of: error, endpoint)) }
        // RFC 9051 §6.2.1: what was said before is forgotten, for it was not protected.
        framer = ResponseFramer()
        capabilities = []
        forgetEvents()
        try await run(.capability)
        return false
    }

    /// What is asked once a connection: nobody waits for the identification and for QRESYNC, which go out with the next
    /// command.
    private func prepare() async throws(UpstreamError) {
        if capabilities.isEmpty { try await run(.capability) }
        if capabilities.contains("LITERAL+") {
            encoder.literals = .plus
        } else if capabilities.contains("LITERAL-") || capabilities.contains("IMAP4REV2") {
            encoder.literals = .minus
        }
        if ServerQuirks.wantsIdentification(capabilities) {
            mention(.id([IDField(name: Array("name".utf8), value: Array("Posthouse".utf8))]))
        }
        if capabilities.contains("QRESYNC"), capabilities.contains("ENABLE") || capabilities.contains("IMAP4REV2") {
            mention(.enable(["QRESYNC"]))
            usesQuickResync = true
        }
        try await learnNames()
    }

    /// Names the host once, as the handshake's errors do already.
    static func text(of error: ConnectionError, _ endpoint: Endpoint) -> String {
        if case .handshake(_, let failure) = error { return "\(endpoint.host):\(endpoint.port): \(failure)" }
        return "\(endpoint.host):\(endpoint.port): \(error)"
    }
}

extension Connection {
    /// Octets that stay unacknowledged this long mean that the peer is gone, in milliseconds.
    private static let unacknowledgedLimit: Int32 = 120_000

    /// Connects and, for implicit TLS, protects the connection. The kernel looks after a peer that falls silent.
    static func open(
        to endpoint: Endpoint, on loop: EventLoop, pool: WorkerPool, until deadline: MonotonicTime
    ) async throws(UpstreamError) -> Connection {
        let connection: Connection
        do throws(LoopError) {
            let socket = try await Socket.connect(
                host: endpoint.host, port: endpoint.port, until: deadline, on: loop, resolver: pool)
            socket.keepAlive()
            socket.limitUnacknowledged(milliseconds: unacknowledgedLimit)
            do throws(ConnectionError) { connection = try Connection(socket, on: loop) } catch {
                throw LoopError.stopping
            }
        } catch { throw .unreachable("\(endpoint.host):\(endpoint.port) can't be reached: \(error)") }
        guard endpoint.security == .implicit else { return connection }
        do throws(ConnectionError) {
            try await connection.startTLS(client: endpoint.trust, host: endpoint.host, until: deadline)
        } catch {
            connection.close()
            throw .unreachable(IMAPClient.text(of: error, endpoint))
        }
        return connection
    }
}
