internal import Configuration
internal import Engine
internal import Glibc
internal import Store
internal import Vault
internal import YAML

/// What the commands work with: the settings, the vault and the store, opened as the daemon opens them.
///
/// The daemon may run at the same time: SQLite keeps the two apart, and the daemon looks for changes every second.
struct Workspace {
    let settings: ProcessSettings
    let vault: Vault
    let store: Store

    /// Opens what the invocation's configuration names; makes what is missing, as the first start would.
    init(_ invocation: Invocation) throws(Failure) {
        let reading = Settings.read(invocation.configurationPath)
        guard let settings = reading.settings?.process else {
            throw Failure(
                .configuration, reading.problems.first?.description ?? "the configuration can't be read",
                remedy: "`posthouse check --config \(invocation.configurationPath)` tells everything that is wrong.")
        }
        self.settings = settings
        try DataDirectory.prepare(settings)
        do throws(VaultError) {
            vault = try Vault.open(
                keyFile: settings.masterKeyFile.value, credentialsDirectory: Environment["CREDENTIALS_DIRECTORY"])
        } catch { throw Failure(error) }
        do throws(StoreError) {
            store = try Store(
                path: "\(settings.dataDirectory.value)/\(Store.fileName)", sealing: VaultSealing(vault))
        } catch { throw Failure(error) }
    }

    /// Runs `body` with a workspace and closes it afterwards.
    static func with<Value>(
        _ invocation: Invocation, _ body: (Workspace) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let workspace = try Workspace(invocation)
        defer { workspace.store.close() }
        return try body(workspace)
    }

    /// Everything that is configured, as it is now.
    var directory: Directory { store.directory }

    /// The account that `--account` names; nil where it is not given.
    func account(named invocation: Invocation) throws(Failure) -> Stored<AccountRecord>? {
        guard let name = invocation.option("account") else { return nil }
        guard let account = directory.account(named: name) else { throw Failure(StoreError.noSuch(.account, name)) }
        return account
    }

    /// One unchanging view of the store.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (StoreReader) throws(StoreError) -> Value
    ) throws(Failure) -> Value {
        do throws(StoreError) { return try store.readBlocking(body) } catch { throw Failure(error) }
    }

    /// Changes that happen all or not at all, durable on return.
    @discardableResult
    func change<Value: Sendable>(
        _ body: @escaping @Sendable (StoreTransaction) throws(StoreError) -> Value
    ) throws(Failure) -> Value {
        do throws(StoreError) { return try store.transactionBlocking(body) } catch { throw Failure(error) }
    }
}

/// Variables of the environment.
enum Environment {
    static subscript(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

extension Workspace {
    /// Applies the site file when `isMissing` holds before: passwords are set for people and accounts of a new site
    /// before the daemon's first start.
    func applySite(_ invocation: Invocation, when isMissing: (Directory) -> Bool) throws(Failure) {
        guard settings.siteFile != nil, isMissing(directory) else { return }
        let reading = SiteApplication.read(invocation.configurationPath, directory: directory)
        guard !reading.hasErrors, let site = reading.settings?.site else { return }
        _ = try SiteApplication.apply(site, to: store, vault: vault)
    }
}
