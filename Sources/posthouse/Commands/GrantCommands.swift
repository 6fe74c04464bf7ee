internal import Configuration
internal import MailTypes
internal import Store
internal import YAML

/// `posthouse grant …`.
enum GrantCommands {
    static let all = [
        Command(
            words: ["grant", "add"], summary: "let a user or a group into an account",
            details: """
                Rights are read (see mailboxes and read mail), flag (mark mail as read, answered, …), write (save, copy, \
                move, delete), send (send as the account), or all.
                """,
            positionals: [.init(name: "ACCOUNT", help: "the account")],
            options: [
                Command.Option(name: "user", value: "USER", help: "who may enter"),
                Command.Option(name: "group", value: "GROUP", help: "whose members may enter"),
                Command.Option(
                    name: "rights", value: "LIST", help: "read, flag, write, send with commas between, or all",
                    isRepeated: true, isRequired: true),
                Command.Option(
                    name: "mailbox", value: "PATTERN", help: "only these mailboxes; * is anything", isRepeated: true),
                Command.Option(
                    name: "network", value: "NETWORK", help: "only from there, such as 10.0.0.0/8", isRepeated: true),
                Command.Option(name: "expires", value: "DAY", help: "until this day begins in UTC, such as 2027-01-31"),
            ],
            examples: ["posthouse grant add support --group helpdesk --rights all"], run: add),
        Command(
            words: ["grant", "list"], summary: "list who may enter what",
            options: [
                Command.Option(name: "account", value: "ACCOUNT", help: "only grants on this account"),
                Command.Option(name: "user", value: "USER", help: "only grants that reach this user, groups included"),
            ], run: list),
        Command(
            words: ["grant", "remove"], summary: "take a grant away",
            positionals: [.init(name: "NUMBER", help: "its number, as `posthouse grant list` shows it")], run: remove),
    ]

    private static func add(_ invocation: Invocation) throws(Failure) {
        let user = try invocation.value("user", .objectName("a user"))
        let group = try invocation.value("group", .objectName("a group"))
        let grantee: Grant.Grantee
        switch (user, group) {
        case (let user?, nil): grantee = .user(user)
        case (nil, let group?): grantee = .group(group)
        case (nil, nil): throw Invocation.usage("either --user or --group is needed", of: invocation.command)
        default: throw Invocation.usage("--user and --group don't go together", of: invocation.command)
        }
        let grant = Grant(
            account: invocation.word("ACCOUNT"), grantee: grantee,
            rights: try invocation.values("rights", .right).reduce(into: Rights()) { $0.formUnion($1) },
            mailboxes: try invocation.values("mailbox", .mailboxPattern),
            networks: try invocation.values("network", .network), expiry: try invocation.value("expires", .day))
        try Workspace.with(invocation) { workspace throws(Failure) in
            let id = try workspace.change { transaction throws(StoreError) in try transaction.add(grant) }
            guard let added = workspace.directory.grants.first(where: { $0.id == id }) else { return }
            try Terminal.report("added grant \(id): \(GrantView(added).sentence)", GrantView(added), invocation)
        }
    }

    private static func list(_ invocation: Invocation) throws(Failure) {
        try Workspace.with(invocation) { workspace throws(Failure) in
            let directory = workspace.directory
            var grants = directory.grants
            if let known = try workspace.account(named: invocation) {
                grants = grants.filter { $0.account.lowercased() == known.value.name.lowercased() }
            }
            if let user = invocation.option("user") {
                guard let known = directory.user(named: user) else { throw Failure(StoreError.noSuch(.user, user)) }
                grants = grants.filter { directory.reaches($0.value, known.value) }
            }
            let views = grants.map(GrantView.init)
            if invocation.wantsJSON { return try Terminal.print(json: views) }
            var table = Table(["GRANT", "ACCOUNT", "TO", "RIGHTS", "MAILBOXES", "NETWORKS", "EXPIRES", "FROM"])
            for (view, grant) in zip(views, grants) {
                table.add([
                    "\(view.number)", view.account, view.grantee, Texts.list(view.rights),
                    view.mailboxes.isEmpty ? "all" : Texts.list(view.mailboxes),
                    view.networks.isEmpty ? "any" : Texts.list(view.networks),
                    grant.expiry.map { Texts.moment($0) } ?? "never", Texts.origin(grant.origin),
                ])
            }
            Terminal.print(table.text)
        }
    }

    private static func remove(_ invocation: Invocation) throws(Failure) {
        let number = try invocation.value(word: "NUMBER", .integer(in: 1...Int(Int32.max)))
        try Workspace.with(invocation) { workspace throws(Failure) in
            try workspace.change { transaction throws(StoreError) in
                try transaction.removeGrant(GrantID(rawValue: Int64(number)))
            }
            try Terminal.report("removed grant \(number)", ["removed": number], invocation)
        }
    }
}

extension Directory {
    /// Whether the grant is for this user, directly or through a group.
    fileprivate func reaches(_ grant: Grant, _ user: User) -> Bool {
        let key = user.name.lowercased()
        switch grant.grantee {
        case .user(let name): return name.lowercased() == key
        case .group(let name): return group(named: name)?.members.contains { $0.lowercased() == key } ?? false
        }
    }
}

/// A grant in JSON.
struct GrantView: Encodable {
    let number: Int64
    let account: String
    let user: String?
    let group: String?
    let rights: [String]
    /// Patterns; empty for all.
    let mailboxes: [String]
    /// Empty for anywhere.
    let networks: [String]
    let expires: String?
    let origin: String

    init(_ grant: Stored<Grant>) {
        number = grant.id.rawValue
        account = grant.account
        switch grant.grantee {
        case .user(let name):
            user = name
            group = nil
        case .group(let name):
            user = nil
            group = name
        }
        rights = grant.rights.wordList
        mailboxes = grant.mailboxes.map(\.text)
        networks = grant.networks.map(\.description)
        expires = Texts.timestamp(grant.expiry)
        origin = grant.origin.rawValue
    }

    /// `alice`, `group helpdesk`.
    var grantee: String { user ?? "group \(group ?? "")" }
    var sentence: String { "\(grantee) may \(rights.joined(separator: ", ")) in \(account)" }
}
