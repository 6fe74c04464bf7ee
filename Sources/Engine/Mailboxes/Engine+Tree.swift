package import Loop
internal import MailTypes
internal import Store

/// How a principal's names lead to accounts: her default account at the top, every other one she may read under
/// `Shared/<account>/`. A name that leads nowhere and one she may not see are answered alike.
extension Engine {
    /// The first level under which other accounts stand.
    package static let sharedLevel = "Shared"

    /// A mailbox of an account, and what the principal may do there.
    struct Place: Sendable {
        let account: Account
        /// The name within the account.
        let mailbox: MailboxName
        let rights: Rights
    }

    /// One account of a principal's tree.
    struct Branch: Sendable {
        let account: Stored<AccountRecord>
        /// What stands before the account's own names; empty for the default account.
        let prefix: [String]
    }

    /// The accounts she may read, the default one first.
    func branches(of principal: Principal) -> [Branch] { branches(of: principal, directory) }

    /// The same by these grants.
    func branches(of principal: Principal, _ directory: Directory) -> [Branch] {
        let moment = moment
        func isReadable(_ id: AccountID) -> Bool {
            directory.rights(of: principal.userID, in: id, from: principal.address, at: moment).contains(.read)
        }
        switch principal.scope {
        case .account(let id):
            guard isReadable(id), let account = directory.account(id) else { return [] }
            return [Branch(account: account, prefix: [])]
        case .everything:
            let accounts = directory.accounts(of: principal.userID, from: principal.address, at: moment)
                .filter { isReadable($0.id) }
            guard let home = defaultAccount(of: principal, among: accounts, directory) else { return [] }
            return [Branch(account: home, prefix: [])]
                + accounts.filter { $0.id != home.id }
                .map { Branch(account: $0, prefix: [Self.sharedLevel, $0.name]) }
        }
    }

    /// Her private account, else the one with an address of hers, else the first by name.
    private func defaultAccount(
        of principal: Principal, among accounts: [Stored<AccountRecord>], _ directory: Directory
    ) -> Stored<AccountRecord>? {
        let addresses = Set(directory.user(principal.userID)?.addresses ?? [])
        return accounts.first { $0.value.isOwned(by: principal.userName) }
            ?? accounts.first { addresses.contains($0.address) } ?? accounts.first
    }

    /// The loop on which her own account lives, for a session to go there; nil when it is not running.
    package func loop(of principal: Principal) -> EventLoop? {
        branches(of: principal).first.flatMap { account($0.account.id)?.loop }
    }

    package func namespaces(of principal: Principal) -> VisibleNamespaces {
        let hasShared = branches(of: principal).contains { !$0.prefix.isEmpty }
        return VisibleNamespaces(
            personal: [""], shared: hasShared ? [Self.sharedLevel + String(MailboxName.delimiter)] : [])
    }

    /// What the grants allow at a place now.
    func rights(of principal: Principal, in place: Place) -> Rights {
        directory.rights(
            of: principal.userID, in: place.account.id, mailbox: place.mailbox, from: principal.address, at: moment)
    }

    /// Where a name leads.
    /// - Throws: `.noSuchMailbox` for anything she may not read, `.noPermission` when `right` is missing there,
    ///   `.unavailable` when the account is not running.
    func resolve(
        _ name: MailboxName, for principal: Principal, requiring right: Rights = .read
    ) throws(EngineError) -> Place {
        guard let (branch, local) = locate(name, in: branches(of: principal)) else { throw .noSuchMailbox }
        let rights = directory.rights(
            of: principal.userID, in: branch.account.id, mailbox: local, from: principal.address, at: moment)
        guard rights.contains(.read) else { throw .noSuchMailbox }
        guard rights.isSuperset(of: right) else { throw .noPermission }
        guard let account = account(branch.account.id) else {
            throw .unavailable("the account \(branch.account.name) is not running")
        }
        return Place(account: account, mailbox: local, rights: rights)
    }

    /// The branch that a name lies on and what is left of it there; nil for `Shared` itself and for an account's root.
    private func locate(_ name: MailboxName, in branches: [Branch]) -> (Branch, MailboxName)? {
        let levels = name.levels
        if levels.first == Self.sharedLevel, branches.contains(where: { !$0.prefix.isEmpty }) {
            guard levels.count > 2 else { return nil }
            return branches.first { $0.prefix.count == 2 && $0.prefix[1] == levels[1] }
                .map { ($0, MailboxName(levels: levels.dropFirst(2))) }
        }
        return branches.first { $0.prefix.isEmpty }.map { ($0, name) }
    }
}
