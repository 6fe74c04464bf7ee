internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import Loop
internal import TLS

/// LOGIN and AUTHENTICATE (RFC 9051 §6.2.2, §6.2.3; RFC 4959).
extension IMAPSession {
    func login(_ name: [UInt8], _ password: [UInt8]) async -> Reply {
        guard principal == nil else { return .bad("You are signed in already") }
        guard isProtected else { return .no("Begin TLS first", .privacyRequired) }
        guard let name = String(strictUTF8: name) else { return failed(.refused) }
        do throws(SignInFailure) {
            return enter(try await engine.signIn(name: name, password: password, peer: connection.peer), "LOGIN")
        } catch { return failed(error) }
    }

    /// Nil when the exchange goes on.
    func authenticate(_ tag: [UInt8], _ mechanism: String, _ response: [UInt8]?) async -> Reply? {
        guard principal == nil else { return .bad("You are signed in already") }
        guard isProtected else { return .no("Begin TLS first", .privacyRequired) }
        let exchange = engine.beginSignIn(
            mechanism: mechanism, peer: connection.peer, encrypted: isProtected, client: connection.certifiedClient)
        return await step(exchange, response, tag)
    }

    private func step(_ exchange: SignInExchange, _ response: [UInt8]?, _ tag: [UInt8]) async -> Reply? {
        switch await exchange.step(response) {
        case .challenge(let challenge):
            activity = .authenticating(tag: tag, exchange)
            connection.output.append { (output) in output.appendChallenge(challenge) }
            return nil
        case .signedIn(let principal):
            activity = .commands
            return enter(principal, "AUTHENTICATE")
        case .failed(let failure):
            activity = .commands
            return failed(failure)
        }
    }

    func continueSignIn(
        _ event: CommandFramer.LineEvent, _ tag: [UInt8], _ exchange: SignInExchange
    ) async throws(ConnectionError) {
        guard case .line(let line) = event else {
            exchange.cancel()
            return sayBye("The line is too long", .limit)
        }
        if line.elementsEqual("*".utf8) {
            exchange.cancel()
            activity = .commands
            return finish(tag, .bad("Sign-in given up"))
        }
        guard let response = Base64.decode(line) else {
            exchange.cancel()
            activity = .commands
            return finish(tag, .bad("Expected base 64"))
        }
        if let reply = await step(exchange, response, tag) { finish(tag, reply) }
    }

    /// Makes the session hers; it goes on where her account lives.
    private func enter(_ principal: Principal, _ command: String) -> Reply {
        state = .authenticated(principal)
        failedSignIns = 0
        framer.limits = signedInLimits
        deadline = now + configuration.limits.idleTime
        log = log.with(["user": principal.userName])
        log.info("signed in", ["by": command, "tls": connection.tlsVersion ?? "none"])
        if let home = engine.loop(of: principal), home !== connection.signal.loop { destination = home }
        return .ok("Signed in", .capability(capabilities))
    }

    /// UNAUTHENTICATE (RFC 8437 §3): as before the sign-in, with everything forgotten that was enabled or selected. What is
    /// marked `\Deleted` stays.
    func unauthenticate() async -> Reply {
        await closeMailbox()
        await forgetNotifications()
        state = .notAuthenticated
        (usesRev2, usesUTF8, usesCondStore, usesQuickResync, usesUIDOnly) = (false, false, false, false, false)
        framer.limits = .beforeSignIn
        deadline = now + configuration.limits.signInTime
        log.info("signed out", [:])
        log = listener.log.with(["session": "imap-\(number)", "peer": "\(connection.peer)"])
        return .ok("Signed out", .capability(capabilities))
    }

    private func failed(_ failure: SignInFailure) -> Reply {
        failedSignIns += 1
        if failedSignIns >= configuration.limits.failedSignIns { sayBye("Too many failed sign-ins", nil) }
        return switch failure {
        case .refused: .no("Name or password is wrong", .authenticationFailed)
        case .throttled(let time):
            .no("Too many failures, try again in \(max(1, time.components.seconds)) s", .unavailable)
        case .unavailable: .no("Nobody can sign in now, try again later", .unavailable)
        case .noMechanism: .no("This mechanism is not offered", .cannot)
        }
    }
}
