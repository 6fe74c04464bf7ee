internal import Configuration
internal import Store
internal import Vault
internal import YAML

/// Makes the store hold what the site file describes.
enum SiteApplication {
    /// Applies the site in one transaction, passwords from files sealed, and tells what has changed.
    ///
    /// A password that the store has sealed already is left alone, so that applying the same site twice changes
    /// nothing. Blocks.
    static func apply(_ site: Site, to store: Store, vault: Vault) throws(Failure) -> SiteChanges {
        var described = site.description
        let current = store.directory
        for (place, account) in described.accounts.enumerated() {
            guard let file = site.passwordFiles[account.name.lowercased()] else { continue }
            let password: Secret
            do throws(PasswordFile.Failure) {
                password = Secret(try PasswordFile.read(file.value))
            } catch {
                throw Failure(
                    .configuration, "\(site.file):\(file.position): accounts.\(account.name).password-file: \(error)",
                    remedy: error.remedy)
            }
            let context = AccountRecord.secretContext(account: account.name)
            let known = current.account(named: account.name)?.secret
            if let known, vault.holds(password, sealed: known, context: context) { continue }
            do throws(VaultError) {
                described.accounts[place].secret = try vault.seal(password, context: context)
            } catch { throw Failure(error) }
        }
        let wanted = described
        do throws(StoreError) {
            return try store.transactionBlocking { transaction throws(StoreError) in try transaction.apply(wanted) }
        } catch { throw Failure(error) }
    }

    /// The files at `path` as they are to be applied; every error among their problems, if there are any.
    ///
    /// Names may resolve to objects of `directory` that were made by command.
    static func read(_ path: String, directory: Directory) -> Settings.Reading {
        Settings.read(path) { _ in Site.Outside(directory) }
    }
}
