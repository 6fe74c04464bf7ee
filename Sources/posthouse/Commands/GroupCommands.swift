internal import Configuration
internal import Store
internal import YAML

/// `posthouse group …`.
enum GroupCommands {
    private static let name = Command.Positional(name: "GROUP", help: "the group's name")
    private static let users = Command.Positional(name: "USER", help: "users by their names", isRepeated: true)
    private static let fullName = Command.Option(name: "full-name", value: "TEXT", help: "the name that people read")

    static let all = [
        Command(
            words: ["group", "add"], summary: "add a group", positionals: [name],
            options: [
                fullName,
                Command.Option(name: "member", value: "USER", help: "a user who belongs to it", isRepeated: true),
            ], run: add),
        Command(words: ["group", "list"], summary: "list the groups", run: list),
        Command(
            words: ["group", "remove"], summary: "remove a group with its grants", positionals: [name], run: remove),
        Command(
            words: ["group", "member", "add"], summary: "add users to a group", positionals: [name, users],
            examples: ["posthouse group member add helpdesk alice bob"], run: addMembers),
        Command(
            words: ["group", "member", "remove"], summary: "take users out of a group", positionals: [name, users],
            run: removeMembers),
    ]

    private static func add(_ invocation: Invocation) throws(Failure) {
        let group = Group(
            name: try invocation.value(word: "GROUP", .objectName("a group")),
            displayName: try invocation.value("full-name", .text("a name", limit: 256)) ?? "",
            members: distinct(try invocation.values("member", .objectName("a user"))))
        try Workspace.with(invocation) { workspace throws(Failure) in
            try workspace.change { transaction throws(StoreError) in try transaction.add(group) }
            try report(group.name, in: workspace, invocation, done: "added group \(group.name)")
        }
    }

    private static func list(_ invocation: Invocation) throws(Failure) {
        try Workspace.with(invocation) { workspace throws(Failure) in
            let groups = workspace.directory.groups
            if invocation.wantsJSON { return try Terminal.print(json: groups.map(GroupView.init)) }
            var table = Table(["GROUP", "NAME", "MEMBERS", "FROM"])
            for group in groups {
                table.add([
                    group.value.name, Texts.orDash(group.displayName), Texts.list(group.members),
                    Texts.origin(group.origin),
                ])
            }
            Terminal.print(table.text)
        }
    }

    private static func remove(_ invocation: Invocation) throws(Failure) {
        let name = invocation.word("GROUP")
        try Workspace.with(invocation) { workspace throws(Failure) in
            try workspace.change { transaction throws(StoreError) in try transaction.removeGroup(named: name) }
            try Terminal.report("removed group \(name)", ["removed": name], invocation)
        }
    }

    private static func addMembers(_ invocation: Invocation) throws(Failure) {
        try changeMembers(invocation, done: "added to") { members, names in distinct(members + names) }
    }

    private static func removeMembers(_ invocation: Invocation) throws(Failure) {
        try changeMembers(invocation, done: "removed from") { members, names throws(Failure) in
            var rest = members
            for name in names {
                guard let place = rest.firstIndex(where: { $0.lowercased() == name.lowercased() }) else {
                    throw Failure(
                        .refused, "`\(name)` is not in the group", remedy: "`posthouse group list` tells who is.")
                }
                rest.remove(at: place)
            }
            return rest
        }
    }

    private static func changeMembers(
        _ invocation: Invocation, done: String,
        _ change: ([String], [String]) throws(Failure) -> [String]
    ) throws(Failure) {
        let name = invocation.word("GROUP")
        let users = invocation.words("USER")
        try Workspace.with(invocation) { workspace throws(Failure) in
            guard var group = workspace.directory.group(named: name)?.value else {
                throw Failure(StoreError.noSuch(.group, name))
            }
            group.members = try change(group.members, users)
            let changed = group
            try workspace.change { transaction throws(StoreError) in try transaction.update(changed) }
            try report(name, in: workspace, invocation, done: "\(users.joined(separator: ", ")) \(done) \(group.name)")
        }
    }

    private static func distinct(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0.lowercased()).inserted }
    }

    private static func report(
        _ name: String, in workspace: Workspace, _ invocation: Invocation, done: String
    ) throws(Failure) {
        guard let group = workspace.directory.group(named: name) else { return }
        try Terminal.report(done, GroupView(group), invocation)
    }
}

/// A group in JSON.
private struct GroupView: Encodable {
    let name: String
    let fullName: String
    let members: [String]
    let origin: String

    init(_ group: Stored<Group>) {
        name = group.value.name
        fullName = group.displayName
        members = group.members
        origin = group.origin.rawValue
    }
}
