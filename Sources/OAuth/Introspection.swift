internal import HTTPClient
internal import Loop
internal import TokenSyntax
internal import Vault

/// One issuer asked about tokens, one at a time (RFC 7662), with its last answers remembered for a moment: a webmail shows
/// the same token for each page.
final class Introspection: Sendable {
    /// How long it is believed that a token is valid, and so how long a withdrawn one still opens the door.
    static let lifetime: Duration = .seconds(60)
    /// Answers that are remembered.
    static let limit = 4_096

    private struct State {
        var answers: [[UInt8]: (claims: TokenClaims, until: MonotonicTime)] = [:]
        var address: WebAddress?
        var failed: MonotonicTime?
    }

    private let issuer: IssuerDescription
    private let secret: ClientSecret
    private let services: BearerTokens.Services
    private let state = Locked(State())

    init(_ issuer: IssuerDescription, _ secret: ClientSecret, _ services: BearerTokens.Services) {
        self.issuer = issuer
        self.secret = secret
        self.services = services
    }

    /// What the issuer says of the token; nil when it says that it is not valid.
    func claims(of token: [UInt8]) async throws(IssuerFault) -> TokenClaims? {
        let mark = SHA256.digest(of: token)
        let now = services.now()
        let (known, isResting) = state.withLock { state in
            (
                state.answers[mark].flatMap { now < $0.until ? $0.claims : nil },
                state.failed.map { now < $0 + KeyRing.rest } ?? false
            )
        }
        if let known { return known }
        guard !isResting else { throw .resting }
        do throws(IssuerFault) {
            guard case .active(let claims) = try await ask(about: token) else { return nil }
            remember(claims, under: mark)
            return claims
        } catch {
            // The request itself was right, so this is about the token (RFC 7662 §2.3 has no other word for it).
            if case .http(.status(_, 400)) = error { return nil }
            services.log.warning("an issuer can't be asked", ["issuer": issuer.address, "reason": error])
            if !error.mayBeTheToken { state.withLock { $0.failed = services.now() } }
            throw error
        }
    }

    private func ask(about token: [UInt8]) async throws(IssuerFault) -> IntrospectionAnswer {
        guard case .introspection(_, let client) = issuer.check else {
            throw .missing("introspection_endpoint", issuer.address)
        }
        let address = try await place()
        let form = [("token", String(decoding: token, as: UTF8.self)), ("token_type_hint", "access_token")]
        let octets: [UInt8]
        do throws(HTTPError) {
            octets = try await services.http.perform(
                HTTPRequest(
                    .post(form), address, authorityFile: issuer.authorityFile,
                    credentials: HTTPRequest.Credentials(name: client, password: secret.octets)))
        } catch { throw .http(error) }
        do throws(TokenSyntaxError) { return try IntrospectionAnswer(octets) } catch {
            throw .document(address, error)
        }
    }

    private func place() async throws(IssuerFault) -> WebAddress {
        if case .introspection(let configured?, _) = issuer.check { return configured }
        if let known = state.withLock({ $0.address }) { return known }
        let found = try await services.metadata(of: issuer).introspection(of: issuer)
        state.withLock { $0.address = found }
        return found
    }

    /// Until its end, or for a moment.
    private func remember(_ claims: TokenClaims, under mark: [UInt8]) {
        let now = services.now()
        var until = now + Self.lifetime
        if let expiry = claims.expiry {
            until = min(until, now + .seconds(max(0, expiry - services.clock.now.seconds)))
        }
        guard until > now else { return }
        state.withLock { state in
            state.failed = nil
            if state.answers.count >= Self.limit {
                state.answers = state.answers.filter { now < $0.value.until }
                if state.answers.count >= Self.limit { state.answers = [:] }
            }
            state.answers[mark] = (claims, until)
        }
    }
}
