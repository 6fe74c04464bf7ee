internal import Loop
internal import SASL
internal import Store
package import TLS
internal import TokenSyntax

/// One SASL exchange with a client, from its first response to its outcome. Belongs to one session.
///
/// The session carries the octets: it decodes what the client sends and encodes what the client gets. It ends the
/// exchange with `cancel` when the client gives it up.
package final class SignInExchange {
    /// What one response came to.
    package enum Outcome: Hashable, Sendable {
        /// To be sent to the client, which answers it. Also what a mechanism says along with its success, which IMAP and
        /// SMTP can't carry in the success itself: the client answers that with nothing (RFC 4422 §5).
        case challenge([UInt8])
        case signedIn(Principal)
        case failed(SignInFailure)
    }

    private enum Mechanism {
        case password(SASLMechanism)
        case token(BearerMechanism)
        /// EXTERNAL, for who the client is by its certificate.
        case certificate(CertifiedClient)

        var name: String {
            switch self {
            case .password(let mechanism): mechanism.rawValue
            case .token(let mechanism): mechanism.rawValue
            case .certificate: External.name
            }
        }
    }

    private enum State {
        /// Why it can't even begin; nil when it can.
        case fresh(SignInFailure?)
        case running(SASLServer)
        /// EXTERNAL: the client has been asked as whom it wants to act.
        case asked(CertifiedClient)
        /// The token has been asked for, or is being looked at.
        case awaitingToken(BearerMechanism)
        /// The client has been told what is wrong with its token; whatever it says to that, it is not let in.
        case refusing
        /// The last word has gone out and is to be answered with nothing.
        case closing(Principal)
        case ended
    }

    private let gate: SignInGate
    private let peer: SignInGate.Peer
    private let mechanism: Mechanism?
    private let seen: SeenName
    private var state: State
    private var begun: MonotonicTime

    package init(
        _ gate: SignInGate, mechanism name: String, peer: SignInGate.Peer, isOffered: Bool,
        client: CertifiedClient? = nil
    ) {
        self.gate = gate
        self.peer = peer
        let mechanism: Mechanism? =
            if let password = SASLMechanism(name: name), SASLServer.mechanisms.contains(password) {
                .password(password)
            } else if let token = BearerMechanism(name: name), gate.takesTokens {
                .token(token)
            } else if let client, name.uppercased() == External.name {
                .certificate(client)
            } else {
                nil
            }
        self.mechanism = isOffered ? mechanism : nil
        seen = SeenName()
        begun = gate.surroundings.now()
        state = .fresh(self.mechanism == nil ? .noMechanism : nil)
    }

    deinit { if isPending { gate.withdraw(peer) } }

    /// Whether the gate counts the exchange as one that has not ended.
    private var isPending: Bool {
        switch state {
        case .running, .asked, .awaitingToken: true
        case .fresh, .refusing, .closing, .ended: false
        }
    }

    /// Takes a response, decoded; nil at first when the client sent no initial response.
    package func step(_ response: [UInt8]?) async -> Outcome {
        switch state {
        case .fresh(nil): return await begin(response)
        case .fresh(.some(let failure)): return end(.failed(failure))
        case .running(let server): return await advance(server, response)
        case .asked(let client): return await identify(client, response ?? [])
        case .awaitingToken(let mechanism): return await look(at: response ?? [], mechanism)
        case .refusing: return end(.failed(.refused))
        case .closing(let principal):
            guard response?.isEmpty ?? true else { return await refuse() }
            return end(.signedIn(principal))
        case .ended: return .failed(.refused)
        }
    }

    /// The client gave up. Nothing was proved and nothing counts.
    package func cancel() {
        if isPending { gate.withdraw(peer) }
        state = .ended
    }

    private func begin(_ response: [UInt8]?) async -> Outcome {
        guard let mechanism else { return end(.failed(.noMechanism)) }
        do throws(SignInFailure) {
            try await gate.admit(peer)
        } catch {
            return end(.failed(error))
        }
        switch mechanism {
        case .password(let mechanism): return await begin(mechanism, response)
        case .token(let mechanism):
            state = .awaitingToken(mechanism)
            guard let response else { return .challenge([]) }
            return await look(at: response, mechanism)
        case .certificate(let client):
            state = .asked(client)
            guard let response else { return .challenge([]) }
            return await identify(client, response)
        }
    }

    // MARK: Passwords

    private func begin(_ mechanism: SASLMechanism, _ response: [UInt8]?) async -> Outcome {
        do {
            let server = try SASLServer(
                mechanism, service: "posthouse", host: gate.surroundings.hostName, credentials: credentials)
            state = .running(server)
            return await advance(server, response)
        } catch {
            gate.surroundings.log.error("sign-in can't begin", ["mechanism": mechanism, "reason": "\(error)"])
            gate.withdraw(peer)
            return end(.failed(.unavailable))
        }
    }

    /// The gate's credentials, with the name noted on the way, for the log.
    private var credentials: SASLCredentials {
        let own = gate.credentials
        let seen = seen
        return SASLCredentials(
            verifier: {
                seen.note($0)
                return own.verifier($0)
            },
            decoy: own.decoy,
            check: {
                seen.note($0)
                return own.check($0, $1)
            })
    }

    private func advance(_ server: SASLServer, _ response: [UInt8]?) async -> Outcome {
        begun = gate.surroundings.now()
        let outcome: SASLServer.Outcome
        do {
            outcome = try await server.step(response, on: gate.surroundings.pool)
        } catch {
            gate.withdraw(peer)
            return end(.failed(.unavailable))
        }
        // The client may have gone while the worker was at it.
        guard case .running = state else { return .failed(.refused) }
        switch outcome {
        case .challenge(let challenge): return .challenge(challenge)
        case .failed: return await refuse()
        case .authenticated(let identity, let final):
            let principal = gate.principal(identity.authentication, authorization: identity.authorization, peer)
            guard let principal else { return await refuse() }
            return accept(principal, final: final)
        }
    }

    private func accept(_ principal: Principal, final: [UInt8]?) -> Outcome {
        state = .ended
        gate.accept(principal, mechanism: mechanism?.name ?? "", peer)
        guard let final, !final.isEmpty else { return .signedIn(principal) }
        state = .closing(principal)
        return .challenge(final)
    }

    private func refuse() async -> Outcome {
        state = .ended
        return .failed(await gate.refuse(seen.name, mechanism: mechanism?.name ?? "", peer, begun: begun))
    }

    // MARK: Tokens

    private func look(at response: [UInt8], _ mechanism: BearerMechanism) async -> Outcome {
        begun = gate.surroundings.now()
        let ruling = await gate.ruling(on: response, mechanism, peer)
        // The client may have gone while the issuer was asked.
        guard case .awaitingToken = state else { return .failed(.refused) }
        switch ruling {
        case .signedIn(let principal): return accept(principal, final: nil)
        case .unavailable:
            gate.withdraw(peer)
            return end(.failed(.unavailable))
        case .refused(let refusal, let name, let reason):
            state = .refusing
            _ = await gate.refuse(
                name, mechanism: mechanism.rawValue, peer, begun: begun, details: ["reason": reason])
            return .challenge(refusal.challenge(of: mechanism))
        }
    }

    // MARK: Certificates

    /// Lets the one in whom the certificate names; the authorization identity counts as PLAIN's does.
    private func identify(_ client: CertifiedClient, _ response: [UInt8]) async -> Outcome {
        begun = gate.surroundings.now()
        let user = gate.surroundings.directory().user(certified: client)
        guard let user, let request = External.request(in: response),
            let principal = gate.principal(user.name, authorization: request.identity, peer)
        else {
            state = .ended
            return .failed(
                await gate.refuse(
                    user?.name, mechanism: External.name, peer, begun: begun,
                    details: ["certificate": client.subject]))
        }
        return accept(principal, final: nil)
    }

    private func end(_ outcome: Outcome) -> Outcome {
        state = .ended
        return outcome
    }
}

/// The name that an exchange asked about, noted on the worker's thread.
private final class SeenName: Sendable {
    private let text = Locked<String?>(nil)
    var name: String? { text.withLock { $0 } }
    func note(_ name: String) { text.withLock { $0 = name } }
}
