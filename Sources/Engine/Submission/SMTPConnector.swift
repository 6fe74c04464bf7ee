internal import Loop
internal import SASL
internal import Store
internal import Upstream
internal import Vault

/// Makes signed-in connections to one account's submission server.
struct SMTPConnector: Sendable {
    let account: AccountRecord
    let server: Server
    let vault: Vault
    let authorities: Authorities
    let pool: WorkerPool
    /// What this host calls itself in EHLO.
    let hostName: String

    /// Connects, protects the connection as configured, and signs in where the server asks for it.
    func connect(on loop: EventLoop) async throws(SMTPFailure) -> SMTPClient {
        guard let configured = server.smtp else {
            throw .local("the server \(server.name) has no SMTP service; give it one in its configuration")
        }
        let place: Endpoint
        do throws(UpstreamError) {
            place = try Endpoint(configured, authorities)
        } catch {
            throw .unreachable(error.description)
        }
        let (vault, account) = (vault, account)
        return try await SMTPClient.connect(to: SMTPEndpoint(place, clientName: hostName), on: loop, pool: pool) {
            (offered, isEncrypted) throws(SMTPFailure) in
            // A server of our own network may trust us by our address, and then offers nothing.
            guard let secret = account.secret, !offered.isEmpty else { return nil }
            do throws(VaultError) {
                return try vault.client(
                    sealed: secret, context: AccountRecord.secretContext(account: account.name), offered: offered,
                    required: configured.mechanism.flatMap(SASLMechanism.init(name:)), service: "smtp",
                    host: configured.host, login: account.login, mayShowPassword: isEncrypted)
            } catch {
                throw .authentication("sign-in of the account \(account.name) at \(configured.host): \(error)")
            }
        }
    }
}
