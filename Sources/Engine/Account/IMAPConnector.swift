internal import Loop
internal import SASL
internal import Store
internal import TLS
internal import Upstream
internal import Vault

/// Makes signed-in connections to one account's IMAP server.
struct IMAPConnector: Sendable {
    private let account: AccountRecord
    private let server: Server
    private let vault: Vault
    private let authorities: Authorities
    private let pool: WorkerPool
    private let backoff = Backoff(first: Account.firstRetry, last: Account.lastRetry)

    init(account: AccountRecord, server: Server, vault: Vault, authorities: Authorities, pool: WorkerPool) {
        self.account = account
        self.server = server
        self.vault = vault
        self.authorities = authorities
        self.pool = pool
    }

    /// Connects, protects the connection as configured, and signs in.
    func connect(on loop: EventLoop) async throws(UpstreamError) -> IMAPClient {
        guard let configured = server.imap else { throw .unreachable("the server \(server.name) has no IMAP service") }
        let endpoint = try Endpoint(configured, authorities)
        let vault = vault
        let account = account
        return try await IMAPClient.connect(to: endpoint, on: loop, pool: pool) {
            (offered, isEncrypted) throws(UpstreamError) in
            guard let sealed = account.secret else {
                throw .authenticationFailed(
                    "the account \(account.name) has no password; set it with: posthouse account secret \(account.name)"
                )
            }
            do {
                return try vault.client(
                    sealed: sealed, context: AccountRecord.secretContext(account: account.name), offered: offered,
                    required: configured.mechanism.flatMap(SASLMechanism.init(name:)), service: "imap",
                    host: configured.host, login: account.login, mayShowPassword: isEncrypted)
            } catch {
                throw .authenticationFailed("sign-in of the account \(account.name) at \(configured.host): \(error)")
            }
        }
    }

    /// How long the upstream is left alone after so many failures in a row.
    func retryDelay(afterFailures failures: Int) -> Duration { backoff.delay(afterFailures: failures) }
}

extension Endpoint {
    /// The configured service, with its authorities.
    init(_ configured: Server.Endpoint, _ authorities: Authorities) throws(UpstreamError) {
        let security: Security =
            switch configured.security {
            case .implicit: .implicit
            case .startTLS: .startTLS
            case .none: .none
            }
        self.init(
            host: configured.host, port: configured.port, security: security,
            trust: try authorities.tls(for: configured), isVerified: configured.verifiesCertificate,
            connectTimeout: .seconds(configured.connectTimeout), replyTimeout: .seconds(configured.replyTimeout))
    }
}
