internal import HTTPClient
internal import Loop
internal import TokenSyntax

/// The keys of one issuer, asked for when they are needed, by one request however many wait for them.
final class IssuerKeys: Sendable {
    private struct State {
        var ring = KeyRing()
        var isAsking = false
        var waiters: [Waiter] = []
    }

    private struct Waiter {
        let isMissing: Bool
        let continuation: UnsafeContinuation<Result<KeySet, IssuerFault>, Never>
    }

    private let issuer: IssuerDescription
    private let services: BearerTokens.Services
    private let state = Locked(State())

    init(_ issuer: IssuerDescription, _ services: BearerTokens.Services) {
        self.issuer = issuer
        self.services = services
    }

    /// The keys that may have signed a token with this header; none when the issuer has no such keys. They are asked for
    /// again when they are old, or lack one that the token names.
    func candidates(for header: JSONWebToken.Header) async throws(IssuerFault) -> [VerificationKey] {
        let known = try await keys(isMissing: false).candidates(for: header)
        guard known.isEmpty else { return known }
        return try await keys(isMissing: true).candidates(for: header)
    }

    private enum Turn {
        case done(Result<KeySet, IssuerFault>)
        case ask
        case wait
    }

    private func keys(isMissing: Bool) async throws(IssuerFault) -> KeySet {
        let result: Result<KeySet, IssuerFault> = await withUnsafeContinuation { continuation in
            let turn = state.withLock { state -> Turn in
                switch state.ring.step(isMissing: isMissing, at: services.now()) {
                case .use(let keys): return .done(.success(keys))
                case .rest: return .done(.failure(.resting))
                case .fetch:
                    state.waiters.append(Waiter(isMissing: isMissing, continuation: continuation))
                    defer { state.isAsking = true }
                    return state.isAsking ? .wait : .ask
                }
            }
            switch turn {
            case .done(let result): continuation.resume(returning: result)
            case .ask: services.begin { await self.ask() }
            case .wait: break
            }
        }
        return try result.get()
    }

    private func ask() async {
        let answer: Result<KeySet, IssuerFault>
        do throws(IssuerFault) {
            answer = .success(try await fetch())
        } catch {
            services.log.warning(
                "the keys of an issuer can't be had", ["issuer": issuer.address, "reason": error])
            answer = .failure(error)
        }
        let (kept, waiters) = state.withLock { state in
            let now = services.now()
            switch answer {
            case .success(let keys): state.ring.take(keys, at: now)
            case .failure: state.ring.fail(at: now)
            }
            state.isAsking = false
            defer { state.waiters = [] }
            return (state.ring.kept(at: now), state.waiters)
        }
        for waiter in waiters {
            // What is known goes on to be taken when the issuer is away, by who found what is needed there.
            let result = waiter.isMissing ? answer : kept.map { .success($0) } ?? answer
            waiter.continuation.resume(returning: result)
        }
    }

    private func fetch() async throws(IssuerFault) -> KeySet {
        guard case .keys(let configured) = issuer.check else { throw .missing("jwks_uri", issuer.address) }
        let address: WebAddress
        if let configured {
            address = configured
        } else {
            address = try await services.metadata(of: issuer).keySet(of: issuer)
        }
        let octets: [UInt8]
        do throws(HTTPError) {
            octets = try await services.http.perform(
                HTTPRequest(.get, address, authorityFile: issuer.authorityFile))
        } catch { throw .http(error) }
        do throws(TokenSyntaxError) { return try KeySet(octets) } catch { throw .document(address, error) }
    }
}
