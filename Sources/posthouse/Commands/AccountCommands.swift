internal import Configuration
internal import Loop
internal import MailTypes
internal import Store
internal import Vault
internal import YAML

/// `posthouse account …`.
enum AccountCommands {
    private static let name = Command.Positional(name: "ACCOUNT", help: "the account's name, also below Shared/")
    private static let noPassword = Command.Option(
        name: "no-password", value: nil, help: "store no password now; `posthouse account secret` sets it later")

    static let all = [
        Command(
            words: ["account", "add"], summary: "add a mail account; asks for its upstream password",
            positionals: [name],
            options: [
                Command.Option(name: "server", value: "SERVER", help: "the server that it is on", isRequired: true),
                Command.Option(name: "address", value: "ADDRESS", help: "its address", isRequired: true),
            ] + attributes
                + [
                    Command.Option(
                        name: "private-to", value: "USER", help: "make it this user's alone; default corporate"),
                    PasswordSource.option, noPassword,
                ],
            examples: ["posthouse account add support --server example --address support@example.com"], run: add),
        Command(words: ["account", "list"], summary: "list the accounts", run: list),
        Command(
            words: ["account", "show"], summary: "show an account and who may enter it", positionals: [name], run: show),
        Command(
            words: ["account", "set"], summary: "change an account",
            details: "Only what is given changes. Lists that are given replace those there are.",
            positionals: [name],
            options: [
                Command.Option(name: "server", value: "SERVER", help: "the server that it is on"),
                Command.Option(name: "address", value: "ADDRESS", help: "its address"),
            ] + attributes, run: set),
        Command(
            words: ["account", "secret"], summary: "store an account's upstream password, sealed; asks for it",
            details: """
                The password can be replaced, never read. Accounts of the site file have theirs set here too, unless \
                the file names a password file.
                """,
            positionals: [name],
            options: [
                PasswordSource.option,
                Command.Option(name: "remove", value: nil, help: "forget the password"),
            ], run: secret),
        Command(
            words: ["account", "remove"], summary: "remove an account with its grants and scanner",
            details: "Its mail stays on its server; recorded e-mails and tickets stay here.", positionals: [name],
            run: remove),
    ]

    private static let attributes = [
        Command.Option(name: "login", value: "NAME", help: "the name to sign in upstream with; default the address"),
        Command.Option(
            name: "identity", value: "ADDRESS", help: "another address that it may send as", isRepeated: true),
        Command.Option(name: "sender-name", value: "TEXT", help: "the name that recipients read"),
        Command.Option(name: "sender-address", value: "ADDRESS", help: "the address that recipients see"),
        Command.Option(
            name: "monitored", value: "MAILBOX", help: "a mailbox whose new mail is scanned; default INBOX",
            isRepeated: true),
        Command.Option(
            name: "sent-mailbox", value: "MAILBOX", help: "where sent mail is kept; default as the server says"),
        Command.Option(name: "outbox", value: "inline|queue", help: "when a sender hears that her message is accepted"),
        Command.Option(name: "active", value: "YES|NO", help: "whether it is used at all"),
    ]

    private static func add(_ invocation: Invocation) throws(Failure) {
        let name = try invocation.value(word: "ACCOUNT", .objectName("an account"))
        guard let server = try invocation.value("server", .objectName("a server")),
            let address = try invocation.value("address", .address)
        else { throw Invocation.usage("--server and --address are needed", of: invocation.command) }
        var account = AccountRecord(name: name, server: server, login: address.description, address: address)
        if let owner = try invocation.value("private-to", .objectName("a user")) {
            account.kind = .private(owner: owner)
        }
        try change(&account, invocation)
        try Workspace.with(invocation) { workspace throws(Failure) in
            if workspace.directory.account(named: name) != nil {
                throw Failure(StoreError.alreadyExists(.account, name))
            }
            if workspace.directory.server(named: server) == nil { throw Failure(StoreError.noSuch(.server, server)) }
            if !invocation.has("no-password") {
                account.secret = try sealed(invocation, for: name, by: workspace.vault)
            }
            let added = account
            try workspace.change { transaction throws(StoreError) in try transaction.add(added) }
            try report(name, in: workspace, invocation, done: "added account \(name)")
        }
    }

    private static func set(_ invocation: Invocation) throws(Failure) {
        try Workspace.with(invocation) { workspace throws(Failure) in
            var account = try find(invocation.word("ACCOUNT"), in: workspace.directory).value
            if let server = try invocation.value("server", .objectName("a server")) { account.server = server }
            if let address = try invocation.value("address", .address) { account.address = address }
            try change(&account, invocation)
            let changed = account
            try workspace.change { transaction throws(StoreError) in try transaction.update(changed) }
            try report(account.name, in: workspace, invocation, done: "changed account \(account.name)")
        }
    }

    private static func change(_ account: inout AccountRecord, _ invocation: Invocation) throws(Failure) {
        if let login = try invocation.value("login", .text("a name")) { account.login = login }
        if !invocation.options("identity").isEmpty {
            account.identities = try invocation.values("identity", .address)
        }
        if let name = invocation.option("sender-name") {
            account.senderName =
                name.isEmpty ? "" : try invocation.read(name, .text("a name", limit: 256), called: "--sender-name")
        }
        if let address = try invocation.value("sender-address", .address) { account.senderAddress = address }
        if !invocation.options("monitored").isEmpty {
            account.monitored = try invocation.values("monitored", .mailbox)
        }
        if let mailbox = try invocation.value("sent-mailbox", .mailbox) { account.sentMailbox = mailbox }
        if let mode = try invocation.value("outbox", .word(AccountRecord.OutboxMode.self)) { account.outbox = mode }
        if let flag = try invocation.value("active", .boolean) { account.isActive = flag }
    }

    private static func list(_ invocation: Invocation) throws(Failure) {
        try Workspace.with(invocation) { workspace throws(Failure) in
            let accounts = workspace.directory.accounts
            let views = try views(of: accounts, in: workspace)
            if invocation.wantsJSON { return try Terminal.print(json: views) }
            var table = Table([
                "ACCOUNT", "ADDRESS", "SERVER", "KIND", "PASSWORD", "GRANTS", "SCANNER", "ACTIVE", "DOWN TODAY",
                "UP TODAY", "FROM",
            ])
            for (account, view) in zip(accounts, views) {
                table.add([
                    view.name, view.address, view.server, view.owner.map { "private to \($0)" } ?? "corporate",
                    view.hasSecret ? "set" : "none", "\(view.grants.count)", Texts.yesNo(view.hasScanner),
                    Texts.yesNo(view.isActive), view.today.download.text, view.today.upload.text,
                    Texts.origin(account.origin),
                ])
            }
            Terminal.print(table.text)
        }
    }

    private static func show(_ invocation: Invocation) throws(Failure) {
        try Workspace.with(invocation) { workspace throws(Failure) in
            let account = try find(invocation.word("ACCOUNT"), in: workspace.directory)
            guard let view = try views(of: [account], in: workspace).first else { return }
            if invocation.wantsJSON { return try Terminal.print(json: view) }
            var sheet = Sheet()
            sheet.add("account", view.name)
            sheet.add("address", view.address)
            sheet.add("identities", Texts.list(view.identities))
            sheet.add("sender", Texts.list([view.senderName, view.senderAddress ?? ""].filter { !$0.isEmpty }))
            sheet.add("server", view.server)
            sheet.add("login", view.login)
            sheet.add("password", view.hasSecret ? "set" : "none")
            sheet.add("kind", view.owner.map { "private to \($0)" } ?? "corporate")
            sheet.add("active", Texts.yesNo(view.isActive))
            sheet.add("monitored", Texts.list(view.monitored))
            sheet.add("sent mailbox", view.sentMailbox ?? "as the server says")
            sheet.add("outbox", view.outbox)
            sheet.add("scanner", Texts.yesNo(view.hasScanner))
            sheet.add("down today", view.today.downloadText)
            sheet.add("up today", view.today.uploadText)
            sheet.add("from", Texts.origin(account.origin))
            sheet.add(
                "granted to",
                view.grants.isEmpty
                    ? "nobody"
                    : view.grants.map { "\($0.grantee): \(Texts.list($0.rights))" }.joined(separator: "\n"))
            Terminal.print(sheet.text)
        }
    }

    private static func secret(_ invocation: Invocation) throws(Failure) {
        let name = invocation.word("ACCOUNT")
        try Workspace.with(invocation) { workspace throws(Failure) in
            try workspace.applySite(invocation) { $0.account(named: name) == nil }
            let account = try find(name, in: workspace.directory)
            let secret =
                invocation.has("remove")
                ? nil : try sealed(invocation, for: account.value.name, by: workspace.vault)
            try workspace.change { transaction throws(StoreError) in
                try transaction.setSecret(secret, ofAccount: name)
            }
            let verb = secret == nil ? "removed" : "stored"
            try report(name, in: workspace, invocation, done: "\(verb) the password of \(account.value.name)")
        }
    }

    private static func remove(_ invocation: Invocation) throws(Failure) {
        let name = invocation.word("ACCOUNT")
        try Workspace.with(invocation) { workspace throws(Failure) in
            try workspace.change { transaction throws(StoreError) in try transaction.removeAccount(named: name) }
            try Terminal.report("removed account \(name)", ["removed": name], invocation)
        }
    }

    private static func sealed(_ invocation: Invocation, for name: String, by vault: Vault) throws(Failure) -> [UInt8] {
        let password = try PasswordSource.read(invocation, for: "\(name) at its server")
        do throws(VaultError) {
            return try vault.seal(password, context: AccountRecord.secretContext(account: name))
        } catch { throw Failure(error) }
    }

    private static func find(_ name: String, in directory: Directory) throws(Failure) -> Stored<AccountRecord> {
        guard let account = directory.account(named: name) else { throw Failure(StoreError.noSuch(.account, name)) }
        return account
    }

    private static func report(
        _ name: String, in workspace: Workspace, _ invocation: Invocation, done: String
    ) throws(Failure) {
        guard let account = workspace.directory.account(named: name),
            let view = try views(of: [account], in: workspace).first
        else { return }
        try Terminal.report(done, view, invocation)
    }

    /// What there is to tell of accounts, with what the store knows of today's traffic.
    private static func views(
        of accounts: [Stored<AccountRecord>], in workspace: Workspace
    ) throws(Failure) -> [AccountView] {
        let day = UTCDay(of: WallClock.system.now.seconds)
        let traffic = try workspace.read { reader throws(StoreError) in try reader.traffic(on: day) }
        let directory = workspace.directory
        return accounts.map { account in
            let server = directory.server(named: account.server)?.value
            return AccountView(
                account, in: directory, today: TrafficView(traffic[account.id] ?? .zero, on: day, server))
        }
    }
}

/// An account in JSON. Its secret is not there: nobody can read one.
private struct AccountView: Encodable {
    let name: String
    let server: String
    let login: String
    let address: String
    let identities: [String]
    let senderName: String
    let senderAddress: String?
    /// Nil for a corporate account.
    let owner: String?
    let hasSecret: Bool
    let isActive: Bool
    let monitored: [String]
    let sentMailbox: String?
    let outbox: String
    let hasScanner: Bool
    let origin: String
    let today: TrafficView
    let grants: [GrantView]

    init(_ account: Stored<AccountRecord>, in directory: Directory, today: TrafficView) {
        let value = account.value
        name = value.name
        server = value.server
        login = value.login
        address = value.address.description
        identities = value.identities.map(\.description)
        senderName = value.senderName
        senderAddress = value.senderAddress?.description
        if case .private(let user) = value.kind { owner = user } else { owner = nil }
        hasSecret = value.secret != nil
        isActive = value.isActive
        monitored = value.monitored.map(\.text)
        sentMailbox = value.sentMailbox?.text
        outbox = value.outbox.rawValue
        hasScanner = directory.scanner(of: account.id) != nil
        origin = account.origin.rawValue
        self.today = today
        grants = directory.grants.filter { $0.account.lowercased() == value.name.lowercased() }.map(GrantView.init)
    }
}
