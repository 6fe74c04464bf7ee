internal import Bytes
internal import HTTPClient
package import Loop
package import OAuth
package import TLS
internal import Vault

/// An issuer with a key, and what believes its tokens, for the tests of who lets people in.
package final class TokenHouse: Sendable {
    package let issuer: FakeIssuer
    package let key: SigningKey
    package let tokens: BearerTokens
    private let http = HTTPClient()
    private let authority: String
    private let clock: WallClock

    /// - Parameter authority: the file with the authority of the certificate in `tls`.
    package init(
        on loop: EventLoop, pool: WorkerPool, tls: ServerTLS, authority: String, clock: WallClock = .system,
        log: Log = .silent
    ) throws {
        self.authority = authority
        self.clock = clock
        let key = try SigningKey()
        self.key = key
        issuer = try FakeIssuer(on: loop, tls: tls)
        issuer.behave { $0.keys = [key.published()] }
        tokens = BearerTokens(
            BearerTokens.Services(
                http: http, pool: pool, log: log, clock: clock, begin: { work in loop.spawn { _ in await work() } }))
    }

    /// Has the issuer believed for its signature and, for tokens that tell nothing, asked.
    package func believe(_ change: (inout IssuerDescription) -> Void = { _ in }) throws {
        guard let address = WebAddress(issuer.address) else { throw RigError("no address") }
        var description = IssuerDescription(
            address: address, audience: "posthouse", scopes: ["mail"], userClaim: "preferred_username",
            check: .keys(nil), authorityFile: authority)
        change(&description)
        tokens.follow([description]) { _ in ClientSecret(Secret(text: "ask me")) }
    }

    /// A token that is right, but for `others`.
    package func token(_ user: String, _ others: [String: String] = [:]) throws -> String {
        try key.token(issuer.claims(user, now: clock.now.seconds, others))
    }

    /// The message of OAUTHBEARER in base 64.
    package static func oauthBearer(_ token: String, as name: String = "") -> String {
        let header = name.isEmpty ? "n,," : "n,a=\(name),"
        return encoded("\(header)\u{1}host=localhost\u{1}port=143\u{1}auth=Bearer \(token)\u{1}\u{1}")
    }

    /// The message of XOAUTH2 in base 64.
    package static func xoauth2(_ token: String, as name: String) -> String {
        encoded("user=\(name)\u{1}auth=Bearer \(token)\u{1}\u{1}")
    }

    /// base 64, as SASL has it.
    package static func encoded(_ text: String) -> String {
        String(decoding: Base64.encode(Array(text.utf8)), as: UTF8.self)
    }

    package func stop() {
        issuer.stop()
        http.stop()
    }
}
