internal import MailTypes
internal import Rules
internal import SQLite

extension StoreQueries {
    /// Users, groups, servers, accounts, grants and scanners as they stand in this view.
    package func directory() throws(StoreError) -> Directory {
        Directory(
            version: try directoryVersion(), users: try users(), groups: try groups(), servers: try servers(),
            accounts: try accounts(), grants: try grants(), scanners: try scanners(), exceptions: try exceptions())
    }

    /// The exceptions that hold for every account.
    func exceptions() throws(StoreError) -> Exceptions {
        guard let text = try setting(Self.exceptionsKey) else { return .none }
        return try JSONText.decode(Exceptions.self, text, "settings.exceptions")
    }

    static var exceptionsKey: String { "exceptions" }

    func directoryVersion() throws(StoreError) -> Int64 {
        try connection.integer("SELECT value FROM state WHERE key = 'directory'") ?? 0
    }

    func users() throws(StoreError) -> [Stored<User>] {
        try connection.list(
            """
            SELECT id, origin, name, display_name, verifier, addresses, administrator, active, messages_per_hour,
                recipients_per_hour
            FROM users ORDER BY name_key
            """
        ) { row throws(StoreError) in
            Stored(
                id: row.identifier(0), origin: try row.word(Origin.self, 1),
                value: User(
                    name: row.text(2), displayName: row.text(3), verifier: row.textOrNil(4),
                    addresses: try JSONText.addresses(row.text(5), "users.addresses"), isAdministrator: row.bool(6),
                    isActive: row.bool(7), messagesPerHour: row.integerOrNil(8).map(HourlyLimit.init(stored:)),
                    recipientsPerHour: row.integerOrNil(9).map(HourlyLimit.init(stored:))))
        }
    }

    func groups() throws(StoreError) -> [Stored<Group>] {
        var members: [Int64: [String]] = [:]
        let pairs = try connection.list(
            "SELECT group_id, name FROM group_members JOIN users ON users.id = user ORDER BY group_id, place"
        ) { row throws(StoreError) in (row.integer(0), row.text(1)) }
        for (group, name) in pairs { members[group, default: []].append(name) }
        return try connection.list("SELECT id, origin, name, display_name FROM groups ORDER BY name_key") {
            row throws(StoreError) in
            Stored(
                id: row.identifier(0), origin: try row.word(Origin.self, 1),
                value: Group(
                    name: row.text(2), displayName: row.text(3), members: members[row.integer(0)] ?? []))
        }
    }

    func servers() throws(StoreError) -> [Stored<Server>] {
        try connection.list(
            """
            SELECT id, origin, name, imap, smtp, connection_limit, daily_download, daily_upload, saves_sent
            FROM servers
            ORDER BY name_key
            """
        ) { row throws(StoreError) in
            Stored(
                id: row.identifier(0), origin: try row.word(Origin.self, 1),
                value: Server(
                    name: row.text(2), imap: try endpoint(row.textOrNil(3)), smtp: try endpoint(row.textOrNil(4)),
                    connectionLimit: row.int(5), dailyDownload: row.integerOrNil(6).map(Int.init),
                    dailyUpload: row.integerOrNil(7).map(Int.init), savesSent: row.bool(8)))
        }
    }

    private func endpoint(_ text: String?) throws(StoreError) -> Server.Endpoint? {
        guard let text else { return nil }
        return try JSONText.decode(Server.Endpoint.self, text, "servers")
    }

    func accounts() throws(StoreError) -> [Stored<AccountRecord>] {
        try connection.list(
            """
            SELECT a.id, a.origin, a.name, servers.name, a.login, a.secret, a.address, a.identities, a.sender_address,
                a.sender_name, a.active, users.name, a.monitored, a.sent_mailbox, a.outbox
            FROM accounts a JOIN servers ON servers.id = a.server LEFT JOIN users ON users.id = a.owner
            WHERE a.removed IS NULL ORDER BY a.name_key
            """
        ) { row throws(StoreError) in
            guard let address = EmailAddress(row.text(6)) else { throw .damaged("accounts.address") }
            return Stored(
                id: row.identifier(0), origin: try row.word(Origin.self, 1),
                value: AccountRecord(
                    name: row.text(2), server: row.text(3), login: row.text(4), secret: row.blobOrNil(5),
                    address: address, identities: try JSONText.addresses(row.text(7), "accounts.identities"),
                    senderAddress: row.textOrNil(8).flatMap { EmailAddress($0) }, senderName: row.text(9),
                    isActive: row.bool(10), kind: row.textOrNil(11).map { .private(owner: $0) } ?? .corporate,
                    monitored: try JSONText.decode([String].self, row.text(12), "accounts.monitored")
                        .map { MailboxName($0) },
                    sentMailbox: row.textOrNil(13).map { MailboxName($0) },
                    outbox: try row.word(AccountRecord.OutboxMode.self, 14)))
        }
    }

    func grants() throws(StoreError) -> [Stored<Grant>] {
        try connection.list(
            """
            SELECT g.id, g.origin, accounts.name, users.name, groups.name, g.rights, g.mailboxes, g.networks, g.expiry
            FROM grants g JOIN accounts ON accounts.id = g.account LEFT JOIN users ON users.id = g.user
                LEFT JOIN groups ON groups.id = g.group_id
            ORDER BY g.id
            """
        ) { row throws(StoreError) in
            Stored(
                id: row.identifier(0), origin: try row.word(Origin.self, 1),
                value: Grant(
                    account: row.text(2), grantee: row.textOrNil(3).map { .user($0) } ?? .group(row.text(4)),
                    rights: Rights(rawValue: UInt8(truncatingIfNeeded: row.integer(5))),
                    mailboxes: try JSONText.decode([String].self, row.text(6), "grants.mailboxes")
                        .map { MailboxPattern($0) },
                    networks: try networks(row.text(7)), expiry: row.momentOrNil(8)))
        }
    }

    // A network that can't be read must not turn a restricted grant into one from anywhere.
    private func networks(_ text: String) throws(StoreError) -> [Network] {
        var networks: [Network] = []
        for entry in try JSONText.decode([String].self, text, "grants.networks") {
            guard let network = Network(entry) else { throw .damaged("grants.networks") }
            networks.append(network)
        }
        return networks
    }

    func scanners() throws(StoreError) -> [Stored<Scanner>] {
        try connection.list(
            """
            SELECT s.id, s.origin, accounts.name, s.rules FROM scanners s JOIN accounts ON accounts.id = s.account
            ORDER BY accounts.name_key
            """
        ) { row throws(StoreError) in
            Stored(
                id: row.identifier(0), origin: try row.word(Origin.self, 1),
                value: Scanner(
                    account: row.text(2), rules: try JSONText.decode(ScannerRules.self, row.text(3), "scanners.rules")))
        }
    }
}
