internal import Configuration
internal import Engine
internal import Loop
internal import Store

/// `posthouse account test`.
enum AccountTestCommand {
    static let command = Command(
        words: ["account", "test"], summary: "sign in at an account's servers and tell what happens",
        details: """
            Connects, takes up TLS and signs in exactly as the daemon does, then leaves again. Nothing is read, changed \
            or sent. The exit status is 0 when every service that the server has lets the account in, and \
            \(ExitStatus.unavailable.rawValue) otherwise.
            """,
        positionals: [.init(name: "ACCOUNT", help: "the account's name")], run: run)

    private static func run(_ invocation: Invocation) throws(Failure) {
        let name = invocation.word("ACCOUNT")
        try Workspace.with(invocation) { workspace throws(Failure) in
            let directory = workspace.directory
            guard let account = directory.account(named: name)?.value else {
                throw Failure(StoreError.noSuch(.account, name))
            }
            guard let server = directory.server(named: account.server)?.value else {
                throw Failure(StoreError.noSuch(.server, account.server))
            }
            let outcomes = try trials(account, server, workspace)
            let views = [View("imap", server.imap, outcomes.imap), View("smtp", server.smtp, outcomes.smtp)]
            if invocation.wantsJSON {
                try Terminal.print(json: views)
            } else {
                var sheet = Sheet()
                for view in views { sheet.add(view.service, view.text) }
                Terminal.print(sheet.text)
            }
            if views.contains(where: { $0.failure != nil }) {
                throw Failure(.unavailable, invocation.wantsJSON ? "" : "\(name) can't be used as it is")
            }
        }
    }

    /// Both trials, on a loop of their own.
    private static func trials(
        _ account: AccountRecord, _ server: Server, _ workspace: Workspace
    ) throws(Failure) -> (imap: AccountTrial.Outcome, smtp: AccountTrial.Outcome) {
        let found = Locked<(AccountTrial.Outcome, AccountTrial.Outcome)?>(nil)
        do throws(LoopError) {
            let pool = try WorkerPool(threads: 2)
            let loop = try EventLoop(name: "trial")
            let trial = AccountTrial(
                account: account, server: server, vault: workspace.vault, pool: pool,
                hostName: workspace.settings.hostName)
            loop.spawn { context in
                let outcomes = (await trial.imap(on: context.loop), await trial.smtp(on: context.loop))
                found.withLock { $0 = outcomes }
                context.loop.stop()
            }
            loop.join()
            pool.stop()
        } catch { throw Failure(.system, "\(error)") }
        guard let outcomes = found.withLock({ $0 }) else { throw Failure(.fault, "the trial came to no end") }
        return outcomes
    }

    private struct View: Encodable {
        let service: String
        /// `host:port`; nil when the server has no such service.
        let address: String?
        let isSignedIn: Bool
        let failure: String?

        init(_ service: String, _ endpoint: Server.Endpoint?, _ outcome: AccountTrial.Outcome) {
            self.service = service
            address = endpoint.map { "\($0.host):\($0.port)" }
            isSignedIn = outcome == .signedIn
            if case .failed(let reason) = outcome { failure = reason } else { failure = nil }
        }

        var text: String {
            guard let address else { return "the server has no such service" }
            return failure.map { "\(address): \($0)" } ?? "\(address): signed in"
        }
    }
}
