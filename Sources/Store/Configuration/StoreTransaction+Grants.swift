internal import MailTypes
internal import SQLite

/// Grants and scanners.
extension StoreTransaction {
    /// Adds a grant on a corporate account. One that says the same already is `.alreadyExists`.
    @discardableResult
    package func add(_ grant: Grant, origin: Origin = .command) throws(StoreError) -> GrantID {
        let account = try demandAccount(grant.account)
        let isPrivate = try connection.integer("SELECT owner IS NOT NULL FROM accounts WHERE id = ?", account) != 0
        guard !isPrivate else {
            throw .invalid(.grant, grant.title, reason: "a private account is its owner's alone")
        }
        guard !grant.rights.isEmpty else { throw .invalid(.grant, grant.title, reason: "it grants nothing") }
        var user: Int64?
        var group: Int64?
        switch grant.grantee {
        case .user(let name): user = try demand(.user, name, in: "users")
        case .group(let name): group = try demand(.group, name, in: "groups")
        }
        if try grants().contains(where: { $0.value.says(grant) }) { throw .alreadyExists(.grant, grant.title) }
        try connection.run(
            """
            INSERT INTO grants (account, user, group_id, rights, mailboxes, networks, expiry, origin)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """, account, user, group, Int(grant.rights.rawValue), try JSONText.encode(grant.mailboxes.map(\.text)),
            try JSONText.encode(grant.networks.map(\.description)), grant.expiry, origin.rawValue)
        try touchDirectory()
        return GrantID(rawValue: connection.lastInsertedRow)
    }

    package func removeGrant(_ id: GrantID) throws(StoreError) { try removeGrant(id, by: .command) }

    func removeGrant(_ id: GrantID, by origin: Origin) throws(StoreError) {
        let current = try connection.first("SELECT origin FROM grants WHERE id = ?", id) { row throws(StoreError) in
            try row.word(Origin.self, 0)
        }
        guard let current else { throw .noSuch(.grant, id.description) }
        guard origin == .site || current == .command else { throw .managedBySite(.grant, id.description) }
        try connection.run("DELETE FROM grants WHERE id = ?", id)
        try touchDirectory()
    }

    func adoptGrant(_ id: GrantID) throws(StoreError) {
        try connection.run("UPDATE grants SET origin = 'site' WHERE id = ?", id)
        try touchDirectory()
    }

    @discardableResult
    package func add(_ scanner: Scanner, origin: Origin = .command) throws(StoreError) -> ScannerID {
        let account = try demandAccount(scanner.account)
        if try connection.integer("SELECT id FROM scanners WHERE account = ?", account) != nil {
            throw .alreadyExists(.scanner, scanner.account)
        }
        try connection.run(
            "INSERT INTO scanners (account, rules, origin) VALUES (?, ?, ?)", account,
            try JSONText.encode(scanner.rules), origin.rawValue)
        try touchDirectory()
        return ScannerID(rawValue: connection.lastInsertedRow)
    }

    /// Replaces the scanner of this account.
    package func update(_ scanner: Scanner) throws(StoreError) { try update(scanner, by: .command) }

    func update(_ scanner: Scanner, by origin: Origin) throws(StoreError) {
        let id = try demandScanner(of: scanner.account, by: origin)
        try connection.run(
            "UPDATE scanners SET rules = ?, origin = ? WHERE id = ?", try JSONText.encode(scanner.rules),
            origin.rawValue, id)
        try touchDirectory()
    }

    package func removeScanner(of account: String) throws(StoreError) { try removeScanner(of: account, by: .command) }

    func removeScanner(of account: String, by origin: Origin) throws(StoreError) {
        try connection.run("DELETE FROM scanners WHERE id = ?", try demandScanner(of: account, by: origin))
        try touchDirectory()
    }

    private func demandScanner(of account: String, by origin: Origin) throws(StoreError) -> Int64 {
        let accountID = try demandAccount(account)
        let found = try connection.first("SELECT id, origin FROM scanners WHERE account = ?", accountID) {
            row throws(StoreError) in (row.integer(0), try row.word(Origin.self, 1))
        }
        guard let (id, current) = found else { throw .noSuch(.scanner, account) }
        guard origin == .site || current == .command else { throw .managedBySite(.scanner, account) }
        return id
    }
}

extension Grant {
    /// For people and for reports: `support → alice`, a group with an at sign.
    package var title: String {
        switch grantee {
        case .user(let name): "\(account) → \(name)"
        case .group(let name): "\(account) → @\(name)"
        }
    }

    /// Whether both grant the same to the same, names compared without case.
    func says(_ other: Grant) -> Bool {
        var left = self
        var right = other
        left.account = account.nameKey
        right.account = other.account.nameKey
        left.grantee = grantee.key
        right.grantee = other.grantee.key
        left.expiry = expiry.map { Moment(seconds: $0.seconds) }
        right.expiry = other.expiry.map { Moment(seconds: $0.seconds) }
        return left == right
    }
}

extension Grant.Grantee {
    fileprivate var key: Self {
        switch self {
        case .user(let name): .user(name.nameKey)
        case .group(let name): .group(name.nameKey)
        }
    }
}
