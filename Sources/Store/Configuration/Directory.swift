package import MailTypes
package import Rules

/// All that decides who may do what, as one unchanging value in memory.
///
/// Taken once, every question to it has answers that fit together. Nothing here touches a file.
package final class Directory: Sendable {
    /// Grows with every change of anything in here.
    package let version: Int64
    /// Each list sorted by name.
    package let users: [Stored<User>]
    package let groups: [Stored<Group>]
    package let servers: [Stored<Server>]
    package let accounts: [Stored<AccountRecord>]
    package let grants: [Stored<Grant>]
    package let scanners: [Stored<Scanner>]
    /// Mail on which no scanner takes any action, whatever its account.
    package let exceptions: Exceptions

    private let usersByName: [String: Int]
    private let usersByID: [UserID: Int]
    private let usersByAddress: [EmailAddress: Int]
    private let groupsByName: [String: Int]
    private let serversByName: [String: Int]
    private let accountsByName: [String: Int]
    private let accountsByID: [AccountID: Int]
    private let accountsByAddress: [EmailAddress: [Int]]
    private let scannersByAccount: [String: Int]
    /// For each user the grants that reach her, directly or through a group, by account.
    private let reach: [UserID: [AccountID: [Grant]]]

    package init(
        version: Int64, users: [Stored<User>] = [], groups: [Stored<Group>] = [], servers: [Stored<Server>] = [],
        accounts: [Stored<AccountRecord>] = [], grants: [Stored<Grant>] = [], scanners: [Stored<Scanner>] = [],
        exceptions: Exceptions = .none
    ) {
        self.version = version
        self.exceptions = exceptions
        self.users = users.sorted { $0.name < $1.name }
        let sortedGroups = groups.sorted { $0.name < $1.name }
        self.groups = sortedGroups
        self.servers = servers.sorted { $0.name < $1.name }
        self.accounts = accounts.sorted { $0.name < $1.name }
        self.grants = grants.sorted { ($0.account, $0.id) < ($1.account, $1.id) }
        self.scanners = scanners.sorted { $0.account < $1.account }
        usersByName = Self.index(self.users) { $0.name.lowercased() }
        usersByID = Self.index(self.users) { $0.id }
        let groupsByName = Self.index(self.groups) { $0.name.lowercased() }
        self.groupsByName = groupsByName
        serversByName = Self.index(self.servers) { $0.name.lowercased() }
        accountsByName = Self.index(self.accounts) { $0.name.lowercased() }
        accountsByID = Self.index(self.accounts) { $0.id }
        scannersByAccount = Self.index(self.scanners) { $0.account.lowercased() }
        var usersByAddress: [EmailAddress: Int] = [:]
        for (place, user) in self.users.enumerated() {
            for address in user.addresses where usersByAddress[address] == nil { usersByAddress[address] = place }
        }
        self.usersByAddress = usersByAddress
        var accountsByAddress: [EmailAddress: [Int]] = [:]
        for (place, account) in self.accounts.enumerated() {
            for address in account.value.sendingAddresses { accountsByAddress[address, default: []].append(place) }
        }
        self.accountsByAddress = accountsByAddress
        var reach: [UserID: [AccountID: [Grant]]] = [:]
        for grant in self.grants {
            guard let accountPlace = accountsByName[grant.account.lowercased()] else { continue }
            let names: [String]
            switch grant.grantee {
            case .user(let name): names = [name]
            case .group(let name): names = groupsByName[name.lowercased()].map { sortedGroups[$0].members } ?? []
            }
            for name in names {
                guard let place = usersByName[name.lowercased()] else { continue }
                reach[self.users[place].id, default: [:]][self.accounts[accountPlace].id, default: []]
                    .append(grant.value)
            }
        }
        self.reach = reach
    }

    private static func index<Element, Key: Hashable>(_ list: [Element], _ key: (Element) -> Key) -> [Key: Int] {
        Dictionary(list.enumerated().map { (key($0.element), $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    package func user(named name: String) -> Stored<User>? { usersByName[name.lowercased()].map { users[$0] } }
    package func user(_ id: UserID) -> Stored<User>? { usersByID[id].map { users[$0] } }
    /// The user one of whose own addresses this is.
    package func user(having address: EmailAddress) -> Stored<User>? { usersByAddress[address].map { users[$0] } }
    package func group(named name: String) -> Stored<Group>? { groupsByName[name.lowercased()].map { groups[$0] } }
    package func server(named name: String) -> Stored<Server>? { serversByName[name.lowercased()].map { servers[$0] } }
    package func account(named name: String) -> Stored<AccountRecord>? {
        accountsByName[name.lowercased()].map { accounts[$0] }
    }
    package func account(_ id: AccountID) -> Stored<AccountRecord>? { accountsByID[id].map { accounts[$0] } }
    /// Every account, active or not, that may send as this address.
    package func accounts(sendingAs address: EmailAddress) -> [Stored<AccountRecord>] {
        (accountsByAddress[address] ?? []).map { accounts[$0] }
    }
    package func scanner(of account: AccountID) -> Stored<Scanner>? {
        self.account(account).flatMap { scannersByAccount[$0.name.lowercased()] }.map { scanners[$0] }
    }
    /// Whether the address is a user's own or an account's: mail from it is ours.
    package func isOurs(_ address: EmailAddress) -> Bool {
        usersByAddress[address] != nil || accountsByAddress[address] != nil
    }

    /// The grants by which this user reaches this account.
    func grants(of user: UserID, in account: AccountID) -> [Grant] { reach[user]?[account] ?? [] }
    /// The accounts that any grant names for this user.
    func grantedAccounts(of user: UserID) -> [AccountID] { reach[user].map { Array($0.keys) } ?? [] }
}
