internal import Configuration
internal import Loop
internal import MailTypes
internal import SASL
internal import Store
internal import Vault
internal import YAML

/// `posthouse user …`.
enum UserCommands {
    private static let name = Command.Positional(name: "NAME", help: "the user's sign-in name")
    private static let noPassword = Command.Option(
        name: "no-password", value: nil, help: "set no password now; she can't sign in until one is set")
    private static let attributes = [
        Command.Option(name: "full-name", value: "TEXT", help: "the name that people read"),
        Command.Option(
            name: "address", value: "ADDRESS", help: "an address of her own: mail from it is from us", isRepeated: true),
        Command.Option(name: "administrator", value: "YES|NO", help: "whether she may administer Posthouse"),
        Command.Option(name: "active", value: "YES|NO", help: "whether she may sign in"),
        Command.Option(
            name: "messages-per-hour", value: "NUMBER|none|default",
            help: "what she may send; default: the house's limit"),
        Command.Option(
            name: "recipients-per-hour", value: "NUMBER|none|default", help: "the recipients of these messages together"
        ),
    ]

    static let all = [
        Command(
            words: ["user", "add"], summary: "add a user; asks for her password", positionals: [name],
            options: attributes + [PasswordSource.option, noPassword],
            examples: ["posthouse user add alice --full-name 'Alice Adams' --address alice@example.com"], run: add),
        Command(words: ["user", "list"], summary: "list the users", run: list),
        Command(
            words: ["user", "show"], summary: "show a user, her groups and what she may enter", positionals: [name],
            run: show),
        Command(
            words: ["user", "set"], summary: "change a user",
            details: "Only what is given changes. Addresses that are given replace those there are.",
            positionals: [name], options: attributes, run: set),
        Command(
            words: ["user", "password"], summary: "set a user's password; asks for it",
            details: "Users of the site file have their passwords set here too, unless the file has a verifier.",
            positionals: [name],
            options: [
                PasswordSource.option,
                Command.Option(name: "remove", value: nil, help: "take the password away; she can't sign in any more"),
            ],
            examples: ["posthouse user password alice", "posthouse user password alice --password-fd 0 <FILE"],
            run: password),
        Command(
            words: ["user", "verifier"], summary: "print the verifier of a password, for the site file",
            details: "A verifier checks a password and does not give it away.", options: [PasswordSource.option],
            hasConfiguration: false, run: verifier),
        Command(
            words: ["user", "remove"], summary: "remove a user with her grants", positionals: [name], run: remove),
    ]

    private static func add(_ invocation: Invocation) throws(Failure) {
        let name = try invocation.value(word: "NAME", .objectName("a user"))
        var user = User(name: name)
        try change(&user, invocation)
        try Workspace.with(invocation) { workspace throws(Failure) in
            // Before a password is asked for in vain.
            if workspace.directory.user(named: name) != nil { throw Failure(StoreError.alreadyExists(.user, name)) }
            if !invocation.has("no-password") { user.verifier = try verifierText(invocation, for: name) }
            let added = user
            try workspace.change { transaction throws(StoreError) in try transaction.add(added) }
            try report(name, in: workspace, invocation, done: "added user \(name)")
        }
    }

    private static func set(_ invocation: Invocation) throws(Failure) {
        try Workspace.with(invocation) { workspace throws(Failure) in
            var user = try find(invocation.word("NAME"), in: workspace.directory).value
            try change(&user, invocation)
            let changed = user
            try workspace.change { transaction throws(StoreError) in try transaction.update(changed) }
            try report(user.name, in: workspace, invocation, done: "changed user \(user.name)")
        }
    }

    private static func change(_ user: inout User, _ invocation: Invocation) throws(Failure) {
        if let text = try invocation.value("full-name", .text("a name", limit: 256)) { user.displayName = text }
        if !invocation.options("address").isEmpty { user.addresses = try invocation.values("address", .address) }
        if let flag = try invocation.value("administrator", .boolean) { user.isAdministrator = flag }
        if let flag = try invocation.value("active", .boolean) { user.isActive = flag }
        if let limit = try limit("messages-per-hour", invocation) { user.messagesPerHour = limit.own }
        if let limit = try limit("recipients-per-hour", invocation) { user.recipientsPerHour = limit.own }
    }

    /// A limit that is given; nil within it for the house's.
    private static func limit(_ name: String, _ invocation: Invocation) throws(Failure) -> (own: HourlyLimit?, Void)? {
        if invocation.option(name) == "default" { return (nil, ()) }
        return try invocation.value(name, .hourlyLimit).map { ($0, ()) }
    }

    private static func list(_ invocation: Invocation) throws(Failure) {
        try Workspace.with(invocation) { workspace throws(Failure) in
            let directory = workspace.directory
            let sent = try sendings(in: workspace)
            let views = directory.users.map { UserView($0, in: directory, sent: sent[$0.id] ?? .zero) }
            if invocation.wantsJSON { return try Terminal.print(json: views) }
            var table = Table(["USER", "NAME", "ADDRESSES", "GROUPS", "PASSWORD", "ADMINISTRATOR", "ACTIVE", "FROM"])
            for (view, user) in zip(views, directory.users) {
                table.add([
                    view.name, Texts.orDash(view.fullName), Texts.list(view.addresses), Texts.list(view.groups),
                    view.hasPassword ? "set" : "none", Texts.yesNo(view.isAdministrator), Texts.yesNo(view.isActive),
                    Texts.origin(user.origin),
                ])
            }
            Terminal.print(table.text)
        }
    }

    private static func show(_ invocation: Invocation) throws(Failure) {
        try Workspace.with(invocation) { workspace throws(Failure) in
            let directory = workspace.directory
            let user = try find(invocation.word("NAME"), in: directory)
            let view = UserView(user, in: directory, sent: try sendings(in: workspace)[user.id] ?? .zero)
            if invocation.wantsJSON { return try Terminal.print(json: view) }
            var sheet = Sheet()
            sheet.add("user", view.name)
            sheet.add("name", Texts.orDash(view.fullName))
            sheet.add("addresses", Texts.list(view.addresses))
            sheet.add("groups", Texts.list(view.groups))
            sheet.add("password", view.hasPassword ? "set" : "none")
            sheet.add("administrator", Texts.yesNo(view.isAdministrator))
            sheet.add("active", Texts.yesNo(view.isActive))
            sheet.add("sent in an hour", view.sentInAnHour.text)
            sheet.add("from", Texts.origin(user.origin))
            sheet.add(
                "may enter",
                view.accounts.isEmpty
                    ? "nothing"
                    : view.accounts.map { "\($0.account): \(Texts.list($0.rights))" }.joined(separator: "\n"))
            Terminal.print(sheet.text)
        }
    }

    private static func password(_ invocation: Invocation) throws(Failure) {
        let name = invocation.word("NAME")
        try Workspace.with(invocation) { workspace throws(Failure) in
            try workspace.applySite(invocation) { $0.user(named: name) == nil }
            let user = try find(name, in: workspace.directory)
            let verifier = invocation.has("remove") ? nil : try verifierText(invocation, for: user.name)
            try workspace.change { transaction throws(StoreError) in
                try transaction.setVerifier(verifier, ofUser: name)
            }
            let done = verifier == nil ? "removed the password of \(user.name)" : "set the password of \(user.name)"
            try report(name, in: workspace, invocation, done: done)
        }
    }

    private static func verifier(_ invocation: Invocation) throws(Failure) {
        let text = try verifierText(invocation, for: "the verifier")
        if invocation.wantsJSON { return try Terminal.print(json: ["verifier": text]) }
        Terminal.print(text + "\n")
    }

    private static func remove(_ invocation: Invocation) throws(Failure) {
        let name = invocation.word("NAME")
        try Workspace.with(invocation) { workspace throws(Failure) in
            try workspace.change { transaction throws(StoreError) in try transaction.removeUser(named: name) }
            try Terminal.report("removed user \(name)", ["removed": name], invocation)
        }
    }

    private static func verifierText(_ invocation: Invocation, for whom: String) throws(Failure) -> String {
        let password = try PasswordSource.read(invocation, for: whom)
        do throws(VaultError) {
            return try Passwords.verifier(for: password).text
        } catch { throw Failure(error) }
    }

    private static func find(_ name: String, in directory: Directory) throws(Failure) -> Stored<User> {
        guard let user = directory.user(named: name) else { throw Failure(StoreError.noSuch(.user, name)) }
        return user
    }

    private static func report(
        _ name: String, in workspace: Workspace, _ invocation: Invocation, done: String
    ) throws(Failure) {
        guard let user = workspace.directory.user(named: name) else { return }
        let sent = try sendings(in: workspace)[user.id] ?? .zero
        try Terminal.report(done, UserView(user, in: workspace.directory, sent: sent), invocation)
    }

    /// What users have sent in the last hour. A running daemon writes its counts down every minute.
    private static func sendings(in workspace: Workspace) throws(Failure) -> [UserID: Sendings] {
        let minute = WallClock.system.now.seconds / 60
        let rows = try workspace.read { reader throws(StoreError) in try reader.sendings(at: minute) }
        return rows.reduce(into: [:]) { $0[$1.user] = ($0[$1.user] ?? .zero) + $1.sendings }
    }
}

/// A user in JSON.
private struct UserView: Encodable {
    struct Entry: Encodable {
        let account: String
        let rights: [String]
    }

    let name: String
    let fullName: String
    let addresses: [String]
    let groups: [String]
    let hasPassword: Bool
    let isAdministrator: Bool
    let isActive: Bool
    let sentInAnHour: SentView
    let origin: String
    /// What she may enter from anywhere that her grants allow.
    let accounts: [Entry]

    init(_ user: Stored<User>, in directory: Directory, sent: Sendings) {
        name = user.name
        fullName = user.displayName
        addresses = user.addresses.map(\.description)
        let key = user.name.lowercased()
        groups = directory.groups.filter { $0.members.contains { $0.lowercased() == key } }.map { $0.value.name }
        hasPassword = user.verifier != nil
        isAdministrator = user.isAdministrator
        isActive = user.isActive
        sentInAnHour = SentView(sent, of: user.value)
        origin = user.origin.rawValue
        accounts = directory.accounts.compactMap { account in
            let rights = directory.grantedRights(of: user, in: account)
            return rights.isEmpty ? nil : Entry(account: account.value.name, rights: rights.wordList)
        }
    }
}

/// What a user has sent in the last hour, and the limits of her own, in JSON and for people.
private struct SentView: Encodable {
    let messages: Int
    let recipients: Int
    /// `none`, a number, or nothing when the house's holds.
    let messageLimit: String?
    let recipientLimit: String?

    init(_ sent: Sendings, of user: User) {
        messages = sent.messages
        recipients = sent.recipients
        messageLimit = user.messagesPerHour?.description
        recipientLimit = user.recipientsPerHour?.description
    }

    /// `3 messages to 7 recipients`, with her own limits.
    var text: String {
        let limits = [
            messageLimit.map { "messages: \($0)" }, recipientLimit.map { "recipients: \($0)" },
        ].compactMap(\.self)
        let own = limits.isEmpty ? "" : " (her limits: \(limits.joined(separator: ", ")))"
        return "\(messages) messages to \(recipients) recipients\(own)"
    }
}

extension Directory {
    /// The rights that a user's grants name, wherever and until whenever they hold.
    fileprivate func grantedRights(of user: Stored<User>, in account: Stored<AccountRecord>) -> Rights {
        if case .private(let owner) = account.value.kind {
            return owner.lowercased() == user.name.lowercased() ? .all : []
        }
        return grants.reduce(into: Rights()) { rights, grant in
            guard grant.account.lowercased() == account.value.name.lowercased() else { return }
            let names: [String] =
                switch grant.grantee {
                case .user(let name): [name]
                case .group(let name): group(named: name)?.members ?? []
                }
            if names.contains(where: { $0.lowercased() == user.name.lowercased() }) { rights.formUnion(grant.rights) }
        }
    }
}
