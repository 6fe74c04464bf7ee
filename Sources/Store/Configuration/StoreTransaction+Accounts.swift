internal import MailTypes
internal import SQLite

/// Servers and accounts.
extension StoreTransaction {
    @discardableResult
    package func add(_ server: Server, origin: Origin = .command) throws(StoreError) -> ServerID {
        try NameRules.check(server.name, .server)
        try demandFree(.server, server.name, in: "servers")
        try check(server)
        try connection.run(
            """
            INSERT INTO servers (name, name_key, imap, smtp, connection_limit, daily_download, daily_upload, saves_sent,
                origin)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, server.name, server.name.nameKey, try text(of: server.imap), try text(of: server.smtp),
            server.connectionLimit, server.dailyDownload, server.dailyUpload, server.savesSent, origin.rawValue)
        try touchDirectory()
        return ServerID(rawValue: connection.lastInsertedRow)
    }

    /// Replaces the server of this name.
    package func update(_ server: Server) throws(StoreError) { try update(server, by: .command) }

    func update(_ server: Server, by origin: Origin) throws(StoreError) {
        let id = try demand(.server, server.name, in: "servers", by: origin)
        try check(server)
        try connection.run(
            """
            UPDATE servers SET name = ?, imap = ?, smtp = ?, connection_limit = ?, daily_download = ?, daily_upload = ?,
                saves_sent = ?, origin = ? WHERE id = ?
            """, server.name, try text(of: server.imap), try text(of: server.smtp), server.connectionLimit,
            server.dailyDownload, server.dailyUpload, server.savesSent, origin.rawValue, id)
        try touchDirectory()
    }

    /// Removes a server that no account is on.
    package func removeServer(named name: String) throws(StoreError) { try removeServer(named: name, by: .command) }

    func removeServer(named name: String, by origin: Origin) throws(StoreError) {
        let id = try demand(.server, name, in: "servers", by: origin)
        let account = try connection.first("SELECT name FROM accounts WHERE server = ?", id) {
            row throws(StoreError) in row.text(0)
        }
        if let account { throw .inUse(.server, name, by: "account \(account)") }
        try connection.run("DELETE FROM servers WHERE id = ?", id)
        try touchDirectory()
    }

    /// Adds an account. One that was removed and comes back with the same address and owner is the old one again, with
    /// its journal; otherwise the old one's name is retired.
    @discardableResult
    package func add(_ account: AccountRecord, origin: Origin = .command) throws(StoreError) -> AccountID {
        try NameRules.check(account.name, .account)
        let key = account.name.nameKey
        let old = try connection.first("SELECT id, removed FROM accounts WHERE name_key = ?", key) {
            row throws(StoreError) in (row.integer(0), row.textOrNil(1))
        }
        if let (id, removed) = old {
            guard let removed else { throw .alreadyExists(.account, account.name) }
            if removed == account.epitaph {
                try write(account, to: id, origin)
                return AccountID(rawValue: id)
            }
            // No name has a line feed, so a retired one is in nobody's way.
            try connection.run("UPDATE accounts SET name_key = ? WHERE id = ?", "\(key)\n\(id)", id)
        }
        let server = try demand(.server, account.server, in: "servers")
        try connection.run(
            """
            INSERT INTO accounts (name, name_key, server, login, address, identities, sender_name, active, monitored,
                outbox, origin) VALUES (?, ?, ?, '', '', '[]', '', 0, '[]', '', ?)
            """, account.name, key, server, origin.rawValue)
        let id = connection.lastInsertedRow
        try write(account, to: id, origin)
        return AccountID(rawValue: id)
    }

    /// Replaces the account of this name; a nil secret leaves the stored one.
    package func update(_ account: AccountRecord) throws(StoreError) { try update(account, by: .command) }

    func update(_ account: AccountRecord, by origin: Origin) throws(StoreError) {
        let id = try demandAccount(account.name, by: origin)
        if case .private = account.kind {
            let granted = try connection.integer("SELECT count(*) FROM grants WHERE account = ?", id) ?? 0
            if granted > 0 { throw .inUse(.account, account.name, by: "a grant, which a private account can't have") }
        }
        try write(account, to: id, origin)
    }

    /// Removes an account with its secret, grants, scanner and metadata. What the journal knows of its messages stays.
    package func removeAccount(named name: String) throws(StoreError) { try removeAccount(named: name, by: .command) }

    func removeAccount(named name: String, by origin: Origin) throws(StoreError) {
        let id = try demandAccount(name, by: origin)
        guard let account = try accounts().first(where: { $0.id.rawValue == id }) else {
            throw .noSuch(.account, name)
        }
        try connection.run("DELETE FROM grants WHERE account = ?", id)
        try connection.run("DELETE FROM scanners WHERE account = ?", id)
        try connection.run("DELETE FROM metadata_entries WHERE account = ?", id)
        try connection.run(
            "UPDATE accounts SET removed = ?, secret = NULL, server = NULL, owner = NULL, active = 0 WHERE id = ?",
            account.value.epitaph, id)
        try touchDirectory()
    }

    /// Sets or takes away an account's sealed secret. Allowed for accounts of the site file too, which may leave
    /// secrets out.
    package func setSecret(_ sealed: [UInt8]?, ofAccount name: String) throws(StoreError) {
        let id = try demandAccount(name)
        try connection.run("UPDATE accounts SET secret = ? WHERE id = ?", sealed, id)
        try touchDirectory()
    }

    private func write(_ account: AccountRecord, to id: Int64, _ origin: Origin) throws(StoreError) {
        let server = try demand(.server, account.server, in: "servers")
        var owner: Int64?
        if case .private(let name) = account.kind { owner = try demand(.user, name, in: "users") }
        try connection.run(
            """
            UPDATE accounts SET name = ?, server = ?, login = ?, secret = coalesce(?, secret), address = ?,
                identities = ?, sender_address = ?, sender_name = ?, active = ?, owner = ?, monitored = ?,
                sent_mailbox = ?, outbox = ?, origin = ?, removed = NULL WHERE id = ?
            """, account.name, server, account.login, account.secret, account.address.description,
            try JSONText.encode(account.identities.map(\.description)), account.senderAddress?.description,
            account.senderName, account.isActive, owner, try JSONText.encode(account.monitored.map(\.text)),
            account.sentMailbox?.text, account.outbox.rawValue, origin.rawValue, id)
        try touchDirectory()
    }

    /// The number of the account of this name that is not removed.
    func demandAccount(_ name: String, by origin: Origin = .site) throws(StoreError) -> Int64 {
        let found = try connection.first(
            "SELECT id, origin FROM accounts WHERE name_key = ? AND removed IS NULL", name.nameKey
        ) { row throws(StoreError) in (row.integer(0), try row.word(Origin.self, 1)) }
        guard let (id, current) = found else { throw .noSuch(.account, name) }
        guard origin == .site || current == .command else { throw .managedBySite(.account, name) }
        return id
    }

    private func check(_ server: Server) throws(StoreError) {
        guard server.connectionLimit >= 1 else {
            throw .invalid(.server, server.name, reason: "the connection limit is less than 1")
        }
        for budget in [server.dailyDownload, server.dailyUpload] {
            guard budget ?? 1 >= 1 else {
                throw .invalid(.server, server.name, reason: "a daily byte budget is less than 1")
            }
        }
        for endpoint in [server.imap, server.smtp] {
            guard let endpoint else { continue }
            guard !endpoint.host.isEmpty, endpoint.port > 0 else {
                throw .invalid(.server, server.name, reason: "an endpoint has no host or port")
            }
            guard endpoint.connectTimeout > 0, endpoint.replyTimeout > 0 else {
                throw .invalid(.server, server.name, reason: "a timeout is not positive")
            }
        }
    }

    private func text(of endpoint: Server.Endpoint?) throws(StoreError) -> String? {
        guard let endpoint else { return nil }
        return try JSONText.encode(endpoint)
    }
}

extension AccountRecord {
    /// Whose account it was: the same words mean that one that comes back may have the old one's journal.
    fileprivate var epitaph: String {
        switch kind {
        case .corporate: "corporate \(address.key)"
        case .private(let owner): "private \(owner.nameKey) \(address.key)"
        }
    }
}
