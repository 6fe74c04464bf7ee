package import HTTPClient
package import Loop
package import TokenSyntax

/// The issuers whose tokens are believed: it says who somebody is who shows one.
package final class BearerTokens: Sendable {
    /// What is needed of the house.
    package struct Services: Sendable {
        let http: HTTPClient
        /// For signatures.
        let pool: WorkerPool
        let log: Log
        let clock: WallClock
        let now: @Sendable () -> MonotonicTime
        /// Begins work that goes on when nobody waits for it any more.
        let begin: @Sendable (_ work: @escaping @Sendable () async -> Void) -> Void

        package init(
            http: HTTPClient, pool: WorkerPool, log: Log, clock: WallClock,
            now: @escaping @Sendable () -> MonotonicTime = { .now },
            begin: @escaping @Sendable (_ work: @escaping @Sendable () async -> Void) -> Void
        ) {
            self.http = http
            self.pool = pool
            self.log = log
            self.clock = clock
            self.now = now
            self.begin = begin
        }
    }

    /// One issuer, ready to be asked.
    private struct Issuer: Sendable {
        enum Check: Sendable {
            case keys(IssuerKeys)
            case introspection(Introspection)
        }

        let description: IssuerDescription
        let check: Check
        var isAsked: Bool { if case .introspection = check { true } else { false } }
    }

    private let services: Services
    private let issuers = Locked<[Issuer]>([])

    /// Believes nobody yet.
    package init(_ services: Services) { self.services = services }

    /// Whether there is nobody to believe.
    package var isEmpty: Bool { issuers.withLock { $0.isEmpty } }

    /// Believes these issuers from now on, and no others. The keys of one whose description has not changed are kept.
    /// - Parameter secret: with which an issuer is asked; nil for those that are not.
    package func follow(_ descriptions: [IssuerDescription], secret: (IssuerDescription) -> ClientSecret?) {
        let old = issuers.withLock { $0 }
        let new = descriptions.map { description in
            if let same = old.first(where: { $0.description == description && !$0.isAsked }) { return same }
            let check: Issuer.Check =
                if case .introspection = description.check, let secret = secret(description) {
                    .introspection(Introspection(description, secret, services))
                } else {
                    .keys(IssuerKeys(description, services))
                }
            return Issuer(description: description, check: check)
        }
        issuers.withLock { $0 = new }
    }

    /// Who the bearer of this token is.
    package func identity(of token: [UInt8]) async throws(TokenRefusal) -> TokenIdentity {
        let issuers = issuers.withLock { $0 }
        // A token that tells its issuer is that one's affair alone: no other gets to see it.
        if let name = JSONWebToken.unverifiedClaims(of: token)?.issuer {
            guard let issuer = issuers.first(where: { $0.description.address.text == name }) else {
                throw .refused(.unknownIssuer, issuer: nil)
            }
            return try await identity(of: token, at: issuer)
        }
        let asked = issuers.filter(\.isAsked)
        guard !asked.isEmpty else { throw .refused(.malformed(.token), issuer: nil) }
        var failure = TokenRefusal.refused(.inactive, issuer: nil)
        for issuer in asked {
            do throws(TokenRefusal) {
                return try await identity(of: token, at: issuer)
            } catch {
                switch error {
                case .unavailable: failure = .unavailable
                case .refused(.inactive, _): break
                // It is this one's, and not good enough.
                case .refused: throw error
                }
            }
        }
        throw failure
    }

    /// What to tell a client whose token was refused.
    package func refusal(_ reason: TokenRefusal.Reason, issuer address: WebAddress?) -> BearerRefusal {
        let issuers = issuers.withLock { $0.map(\.description) }
        let issuer = issuers.first { $0.address == address } ?? (issuers.count == 1 ? issuers.first : nil)
        let scopes = issuer?.scopes ?? []
        return BearerRefusal(
            reason == .claims(.scope) ? .insufficientScope : .invalidToken,
            scope: scopes.isEmpty ? nil : scopes.joined(separator: " "),
            configuration: issuer?.metadataAddresses.first?.text)
    }

    private func identity(of token: [UInt8], at issuer: Issuer) async throws(TokenRefusal) -> TokenIdentity {
        let description = issuer.description
        let claims: TokenClaims
        switch issuer.check {
        case .keys(let keys): claims = try await verified(token, description, keys)
        case .introspection(let introspection):
            let answer: TokenClaims?
            do throws(IssuerFault) { answer = try await introspection.claims(of: token) } catch { throw .unavailable }
            guard let answer else { throw .refused(.inactive, issuer: description.address) }
            claims = answer
        }
        do throws(TokenClaims.Fault) {
            try claims.check(description.demand(isComplete: !issuer.isAsked), now: services.clock.now.seconds)
        } catch { throw .refused(.claims(error), issuer: description.address) }
        return try TokenIdentity(claims, of: description)
    }

    /// The claims of a token that one of the issuer's keys has signed.
    private func verified(
        _ octets: [UInt8], _ issuer: IssuerDescription, _ keys: IssuerKeys
    ) async throws(TokenRefusal) -> TokenClaims {
        let token: JSONWebToken
        do throws(TokenSyntaxError) { token = try JSONWebToken(octets) } catch {
            throw .refused(.malformed(error), issuer: issuer.address)
        }
        let candidates: [VerificationKey]
        do throws(IssuerFault) { candidates = try await keys.candidates(for: token.header) } catch {
            throw .unavailable
        }
        guard !candidates.isEmpty else { throw .refused(.unknownKey, issuer: issuer.address) }
        let isRight: Bool
        do throws(LoopError) {
            isRight = try await services.pool.perform {
                candidates.contains { Signature.isRight(of: token, by: $0) }
            }
        } catch { throw .unavailable }
        guard isRight else { throw .refused(.signature, issuer: issuer.address) }
        return token.claims
    }
}

extension IssuerDescription {
    fileprivate func demand(isComplete: Bool) -> TokenClaims.Demand {
        TokenClaims.Demand(
            issuer: address.text, audience: audience, scopes: Set(scopes), isComplete: isComplete)
    }
}
