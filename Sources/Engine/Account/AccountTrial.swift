package import Loop
package import Store
internal import Upstream
package import Vault

/// Tries an account's upstream services exactly as the engine uses them, without an engine: for who has just written
/// down a host or a password.
package struct AccountTrial: Sendable {
    package enum Outcome: Hashable, Sendable {
        /// The account's server has no such service.
        case notConfigured
        case signedIn
        /// Why not, with host and reason.
        case failed(String)
    }

    private let account: AccountRecord
    private let server: Server
    private let vault: Vault
    private let authorities = Authorities()
    private let pool: WorkerPool
    private let hostName: String

    package init(account: AccountRecord, server: Server, vault: Vault, pool: WorkerPool, hostName: String) {
        self.account = account
        self.server = server
        self.vault = vault
        self.pool = pool
        self.hostName = hostName
    }

    /// Signs in at the account's IMAP server and out again.
    package func imap(on loop: EventLoop) async -> Outcome {
        guard server.imap != nil else { return .notConfigured }
        do throws(UpstreamError) {
            let connector = IMAPConnector(
                account: account, server: server, vault: vault, authorities: authorities, pool: pool)
            await (try connector.connect(on: loop)).logout()
            return .signedIn
        } catch {
            return .failed(error.description)
        }
    }

    /// Signs in at the account's submission server and out again; nothing is sent.
    package func smtp(on loop: EventLoop) async -> Outcome {
        guard server.smtp != nil else { return .notConfigured }
        do throws(SMTPFailure) {
            let connector = SMTPConnector(
                account: account, server: server, vault: vault, authorities: authorities, pool: pool, hostName: hostName
            )
            await (try connector.connect(on: loop)).quit()
            return .signedIn
        } catch {
            return .failed(error.description)
        }
    }
}
