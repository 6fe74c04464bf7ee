internal import Bytes
internal import IMAPSyntax
internal import Loop
internal import SASL
internal import TLS

/// Signing in: AUTHENTICATE (RFC 9051 §6.2.2, SASL-IR), or LOGIN where the server has no mechanism that is known here.
extension IMAPClient {
    func signIn(
        _ pool: WorkerPool,
        _ authenticate: (_ offered: [String], _ isEncrypted: Bool) throws(UpstreamError) -> SASLClient
    ) async throws(UpstreamError) {
        let offered = capabilities.filter { $0.hasPrefix("AUTH=") }.map { String($0.dropFirst(5)) }.sorted()
        let hasKnown = offered.contains { SASLMechanism(name: $0) != nil }
        guard hasKnown || !capabilities.contains("LOGINDISABLED") else {
            throw .authenticationFailed(
                offered.isEmpty
                    ? "\(peerName) offers no way to sign in here; it may want TLS first"
                    : "\(peerName) offers only \(offered.joined(separator: ", ")) to sign in, which is not known here")
        }
        // LOGIN shows the password as PLAIN does, so whoever may choose the one may choose the other.
        let client = try authenticate(hasKnown ? offered : ["PLAIN"], connection.isEncrypted)
        let hasInitialResponse = capabilities.contains("SASL-IR")
        capabilities = []
        let first = try await work(pool) { try client.start() }
        if hasKnown {
            try await exchange(client, first, pool, hasInitialResponse: hasInitialResponse)
        } else {
            try await login(first)
        }
    }

    private func login(_ plain: [UInt8]?) async throws(UpstreamError) {
        // The exchange of PLAIN has the name and the password that LOGIN asks for (RFC 4616 §2).
        let fields = (plain ?? []).split(separator: 0, omittingEmptySubsequences: false)
        guard fields.count == 3 else {
            throw .authenticationFailed("\(peerName) has no way to sign in that can be used")
        }
        let command = Command.login(name: Array(fields[1]), password: Array(fields[2]))
        do {
            try await run(command)
        } catch {
            guard case .refused(let code, let text) = error else { throw error }
            throw refusal(code, text)
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
            line += [ASCII.space] + (initial.isEmpty ? [UInt8(ascii: "=")] : Base64.encode(initial))
            pending = nil
        }
        connection.output.append(contentsOf: line + [ASCII.cr, ASCII.lf])
        try await flush()
        var challenges = 0
        while true {
            let event = try await nextEvent()
            guard case .response(let framed) = event else { continue }
            switch parse(framed) {
            case .continuation(let text):
                challenges += 1
                guard challenges <= IMAPLimits.challenges else {
                    throw fail(.authenticationFailed("\(peerName) does not come to the end of the sign-in"))
                }
                let answer: [UInt8]
                if let initial = pending {
                    answer = initial
                    pending = nil
                } else {
                    guard let challenge = Base64.decode(text.trimmingBlanks) else {
                        throw fail(.authenticationFailed("\(peerName) sent a challenge that is no base 64"))
                    }
                    answer = try await work(pool) { try client.step(challenge) }
                }
                connection.output.append(contentsOf: Base64.encode(answer) + [ASCII.cr, ASCII.lf])
                try await flush()
            case .tagged(tag, let condition, let text):
                if case .capability(let names) = text.code { capabilities = Set(names) }
                guard condition == .ok else { throw refusal(text.code?.name, String(lossy: text.text)) }
                _ = try await work(pool) { try client.finish() }
                return
            default: try takeUnasked(event)
            }
        }
    }

    /// A refusal that is about the password is told apart from one that is not.
    private func refusal(_ code: String?, _ words: String) -> UpstreamError {
        if ServerQuirks.temporaryCodes.contains(code ?? "") || ServerQuirks.isTooManyConnections(words) {
            return .unreachable("\(peerName) does not let anybody sign in now: \(words)")
        }
        return .authenticationFailed("\(peerName) refuses the sign-in: \(words)")
    }

    private func work<Value: Sendable>(
        _ pool: WorkerPool, _ step: @escaping @Sendable () throws -> Value
    ) async throws(UpstreamError) -> Value {
        do { return try await pool.run(step) } catch let error as LoopError {
            throw fail(.unreachable("sign-in at \(peerName): \(error)"))
        } catch {
            throw fail(.authenticationFailed("sign-in at \(peerName): \(error)"))
        }
    }
}
