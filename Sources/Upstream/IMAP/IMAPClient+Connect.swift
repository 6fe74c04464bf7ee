internal import Bytes
internal import IMAPSyntax
package import Loop
package import SASL
internal import TLS

/// Connecting, protecting the connection, and signing in.
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
        do {
            try await client.greet(endpoint, deadline)
            try await client.signIn(pool, authenticate)
            try await client.learnDelimiter()
        } catch {
            client.close()
            throw error
        }
        return client
    }

    /// Reads the greeting and begins TLS where that is still to be done.
    private func greet(_ endpoint: Endpoint, _ deadline: MonotonicTime) async throws(UpstreamError) {
        guard case .response(let framed) = try await nextEvent(), case .untagged(let greeting) = try parse(framed),
            case .condition(let condition, let text) = greeting
        else { throw .unreachable("\(peerName) does not greet as an IMAP server: look at host, port and tls") }
        switch condition {
        case .ok: break
        case .preauth:
            // Nobody signed in, so nobody knows whose mail this would be.
            throw .unreachable("\(peerName) lets anybody in without sign-in (PREAUTH), which is not accepted")
        default: throw .unreachable("\(peerName) refuses the connection: \(String(lossy: text.text))")
        }
        if case .capability(let names) = text.code { capabilities = Set(names) }
        if capabilities.isEmpty { try await run(.capability) }
        guard endpoint.security == .startTLS else { return }
        guard capabilities.contains("STARTTLS") else {
            throw .unreachable(
                "\(peerName) does not offer STARTTLS: use tls: implicit (port 993) if it has that, tls: none only on a "
                    + "network you trust")
        }
        try await run(.startTLS)
        do throws(ConnectionError) {
            try await connection.startTLS(client: endpoint.trust, host: endpoint.host, until: deadline)
        } catch { throw .unreachable("\(peerName): \(error)") }
        // RFC 9051 §6.2.1: what was said before is forgotten.
        try await run(.capability)
    }

    /// AUTHENTICATE (RFC 9051 §6.2.2, SASL-IR), or LOGIN where the server has no mechanism.
    private func signIn(
        _ pool: WorkerPool,
        _ authenticate: (_ offered: [String], _ isEncrypted: Bool) throws(UpstreamError) -> SASLClient
    ) async throws(UpstreamError) {
        let offered = capabilities.filter { $0.hasPrefix("AUTH=") }.map { String($0.dropFirst(5)) }.sorted()
        let usesLogin = offered.isEmpty && !capabilities.contains("LOGINDISABLED")
        let client = try authenticate(usesLogin ? ["PLAIN"] : offered, connection.isEncrypted)
        let known = capabilities
        capabilities = []
        let first = try await work(pool) { try client.start() }
        if usesLogin {
            // The exchange of PLAIN has the name and the password that LOGIN asks for (RFC 4616 §2).
            let fields = (first ?? []).split(separator: 0, omittingEmptySubsequences: false)
            guard fields.count == 3 else {
                throw .authenticationFailed("\(peerName) has no way to sign in that can be used")
            }
            try await signingIn { () async throws(UpstreamError) in
                try await self.run(.login(name: Array(fields[1]), password: Array(fields[2])))
            }
        } else {
            try await signingIn { () async throws(UpstreamError) in
                try await self.exchange(client, first, pool, hasInitialResponse: known.contains("SASL-IR"))
            }
        }
        if capabilities.isEmpty { try await run(.capability) }
        if capabilities.contains("LITERAL+") {
            encoder.literals = .plus
        } else if capabilities.contains("LITERAL-") || capabilities.contains("IMAP4REV2") {
            encoder.literals = .minus
        }
    }

    /// A refusal of the sign-in is told apart from other refusals.
    private func signingIn(_ work: () async throws(UpstreamError) -> Void) async throws(UpstreamError) {
        do { try await work() } catch {
            guard case .refused(let code, let text) = error else { throw error }
            if code == "UNAVAILABLE" { throw .unreachable("\(peerName): \(text)") }
            throw .authenticationFailed("\(peerName) refuses the sign-in: \(text)")
        }
    }

    private func exchange(
        _ client: SASLClient, _ first: [UInt8]?, _ pool: WorkerPool, hasInitialResponse: Bool
    ) async throws(UpstreamError) {
        let tag = nextTag()
        var line = tag + Array(" AUTHENTICATE \(client.mechanism)".utf8)
        var pending = first
        if hasInitialResponse, let initial = first {
            // RFC 4959 §3: "=" stands for an empty initial response.
            line += [0x20] + (initial.isEmpty ? [0x3D] : Base64.encode(initial))
            pending = nil
        }
        connection.output.append(contentsOf: line + [0x0D, 0x0A])
        try await flush()
        while true {
            guard case .response(let framed) = try await nextEvent() else { continue }
            switch try parse(framed) {
            case .continuation(let text):
                let answer: [UInt8]
                if let initial = pending {
                    answer = initial
                    pending = nil
                } else {
                    guard let challenge = Base64.decode(text) else {
                        throw fail(.connectionLost("\(peerName) sent a challenge that is no base 64"))
                    }
                    answer = try await work(pool) { try client.step(challenge) }
                }
                connection.output.append(contentsOf: Base64.encode(answer) + [0x0D, 0x0A])
                try await flush()
            case .tagged(let answered, let condition, let text) where answered == tag:
                guard condition == .ok else { throw .refused(code: text.code?.name, text: String(lossy: text.text)) }
                _ = try await work(pool) { try client.finish() }
                if case .capability(let names) = text.code { capabilities = Set(names) }
                return
            case .untagged(.capability(let names)): capabilities = Set(names)
            default: break
            }
        }
    }

    private func work<Value: Sendable>(
        _ pool: WorkerPool, _ step: @escaping @Sendable () throws -> Value
    ) async throws(UpstreamError) -> Value {
        do { return try await pool.run(step) } catch {
            throw fail(.authenticationFailed("sign-in at \(peerName): \(error)"))
        }
    }
}

extension Connection {
    /// Connects and, for implicit TLS, protects the connection.
    static func open(
        to endpoint: Endpoint, on loop: EventLoop, pool: WorkerPool, until deadline: MonotonicTime
    ) async throws(UpstreamError) -> Connection {
        let connection: Connection
        do throws(LoopError) {
            let socket = try await Socket.connect(
                host: endpoint.host, port: endpoint.port, until: deadline, on: loop, resolver: pool)
            do throws(ConnectionError) { connection = try Connection(socket, on: loop) } catch {
                throw LoopError.stopping
            }
        } catch { throw .unreachable("\(endpoint.host):\(endpoint.port) can't be reached: \(error)") }
        guard endpoint.security == .implicit else { return connection }
        do throws(ConnectionError) {
            try await connection.startTLS(client: endpoint.trust, host: endpoint.host, until: deadline)
        } catch {
            connection.close()
            throw .unreachable("\(endpoint.host):\(endpoint.port): \(error)")
        }
        return connection
    }
}
