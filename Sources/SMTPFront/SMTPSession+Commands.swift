internal import Bytes
internal import Engine
internal import Loop
internal import SMTPSyntax
internal import TLS

/// One method a verb.
extension SMTPSession {
    /// Answers one line.
    func answer(_ line: [UInt8]) async throws(ConnectionError) {
        if case .authenticating(let exchange) = state { return try await respond(line, to: exchange) }
        let command: SMTPCommand
        do throws(SMTPSyntaxError) {
            command = try SMTPCommand(parsing: line)
        } catch {
            await settle()
            // A browser that was led here brings a form full of commands along.
            if isHTTP(line) { return end(Replies.notHTTP) }
            // What follows is data of any kind, nobody knows how much of it.
            if error == .badChunk { return end(Replies.badChunk) }
            return fault(Replies.syntax(error, of: line))
        }
        switch command {
        case .mail(let sender, let parameters): return await mail(sender, parameters)
        case .rcpt(let recipient, let parameters): return await rcpt(EnvelopeRecipient(recipient, parameters))
        default: await settle()
        }
        switch command {
        case .ehlo(let name): await hello(name, isExtended: true)
        case .helo(let name): await hello(name, isExtended: false)
        case .data: try await data()
        case .bdat(let size, let isLast): try await chunk(size, isLast: isLast)
        case .burl(let url, let isLast): try await piece(at: url, isLast: isLast)
        case .rset:
            await abandon()
            say(Replies.ok)
        case .noop: say(Replies.ok)
        case .quit: end(Replies.bye)
        case .help: say(Replies.help)
        case .vrfy: verify()
        case .expn: fault(Replies.notImplemented)
        case .startTLS: try await startTLS()
        case .auth(let mechanism, let response): try await auth(mechanism, response)
        case .mail, .rcpt: break
        }
    }

    private func isHTTP(_ line: [UInt8]) -> Bool {
        ["GET ", "POST ", "PUT ", "HEAD ", "OPTIONS ", "Host:"].contains {
            line.startsIgnoringASCIICase(with: $0.utf8)
        }
    }

    private func hello(_ name: String, isExtended: Bool) async {
        await abandon()
        clientName = name
        if case .greeted = state { state = .introduced }
        let host = engine.configuration.hostName
        guard isExtended else { return say(SMTPReply(250, nil, host)) }
        var lines = [
            host, "PIPELINING", "SIZE \(limits.messageSize)", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "CHUNKING",
            "LIMITS RCPTMAX=\(limits.recipients)",
        ]
        if !connection.isEncrypted { lines.append("STARTTLS") }
        if case .introduced = state, mayAuthenticate {
            let mechanisms = engine.mechanisms(encrypted: true, client: connection.certifiedClient)
            lines.append("AUTH \(mechanisms.joined(separator: " "))")
        }
        if case .authenticated(let principal) = state {
            lines += words(of: await engine.offers(for: principal))
            lines.append("BURL imap")
            if engine.takesBinaryMIME(from: principal) { lines.append("BINARYMIME") }
            if let limit = engine.futureReleaseLimit(for: principal) {
                lines.append("FUTURERELEASE \(limit.seconds) \(FutureRelease.text(limit.until))")
            }
        } else {
            lines += words(of: engine.commonOffers)
            // Known here, but not before the sign-in (RFC 4468 §3.1).
            lines.append("BURL")
        }
        say(SMTPReply(250, nil, lines))
    }

    private func words(of offers: SubmissionOffers) -> [String] {
        (offers.deliveryStatus ? ["DSN"] : []) + (offers.requireTLS && connection.isEncrypted ? ["REQUIRETLS"] : [])
    }

    private func verify() {
        guard case .authenticated = state else { return fault(Replies.signInFirst) }
        say(Replies.cannotVerify)
    }

    private func startTLS() async throws(ConnectionError) {
        guard !connection.isEncrypted else { return fault(Replies.tlsAlready) }
        guard transaction == nil else { return fault(Replies.notDuringMail) }
        say(Replies.readyForTLS)
        // The connection drops whatever the client sent behind the command: anybody could have put it there.
        try await connection.startTLS(server: house.tls, until: loop.now + limits.handshakeTime)
        engine.noteCertificate(of: connection)
        forget()
    }

    // MARK: Signing in

    private func auth(_ mechanism: String, _ response: [UInt8]?) async throws(ConnectionError) {
        switch state {
        case .greeted: return fault(Replies.helloFirst)
        case .authenticated, .authenticating: return fault(Replies.signedInAlready)
        case .introduced: break
        }
        guard mayAuthenticate else { return fault(Replies.encryptionNeeded) }
        let exchange = engine.beginSignIn(
            mechanism: mechanism, peer: connection.peer, encrypted: true, client: connection.certifiedClient)
        state = .authenticating(exchange)
        try await advance(exchange, response)
    }

    /// A line within an exchange (RFC 4954 §4).
    private func respond(_ line: [UInt8], to exchange: SignInExchange) async throws(ConnectionError) {
        if line == [0x2A] {
            exchange.cancel()
            state = .introduced
            return fault(Replies.cancelled)
        }
        guard let response = Base64.decode(line) else {
            exchange.cancel()
            state = .introduced
            return fault(Replies.badBase64)
        }
        try await advance(exchange, response)
    }

    private func advance(_ exchange: SignInExchange, _ response: [UInt8]?) async throws(ConnectionError) {
        switch await exchange.step(response) {
        case .challenge(let challenge): say(SMTPReply(334, nil, String(lossy: Base64.encode(challenge))))
        case .signedIn(let principal):
            state = .authenticated(principal)
            say(Replies.signedIn)
        case .failed(let failure):
            state = .introduced
            failedSignInCount += 1
            guard failedSignInCount < limits.failedSignIns else { return end(Replies.tooManyFailures) }
            switch failure {
            case .refused: say(Replies.badCredentials)
            case .throttled: say(Replies.throttled)
            case .unavailable: say(Replies.signInUnavailable)
            case .noMechanism: say(Replies.noMechanism)
            }
        }
    }
}
