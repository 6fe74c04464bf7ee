internal import Configuration
internal import Rules
internal import Store
internal import YAML

/// `posthouse scanner …`.
enum ScannerCommands {
    private static let account = Command.Positional(name: "ACCOUNT", help: "the account whose mail it is about")

    static let all = [
        Command(words: ["scanner", "list"], summary: "list the scanners", run: list),
        Command(words: ["scanner", "show"], summary: "show a scanner's rules", positionals: [account], run: show),
        Command(
            words: ["scanner", "set"], summary: "give an account's mail a scanner",
            details: """
                Without --file the scanner is the help desk's usual one: record, relate, reopen, create tickets, \
                from now on. A file has what conf/site.yaml shows below a scanner's name, without the indentation; \
                `-` reads standard input.
                """,
            positionals: [account],
            options: [Command.Option(name: "file", value: "FILE", help: "the scanner's settings as YAML")],
            examples: ["posthouse scanner set support", "posthouse scanner set support --file scanner.yaml"], run: set),
        Command(
            words: ["scanner", "remove"], summary: "stop scanning an account's mail", positionals: [account],
            run: remove),
    ]

    private static func list(_ invocation: Invocation) throws(Failure) {
        try Workspace.with(invocation) { workspace throws(Failure) in
            let scanners = workspace.directory.scanners
            if invocation.wantsJSON { return try Terminal.print(json: scanners.map(ScannerView.init)) }
            var table = Table(["ACCOUNT", "ACTIONS", "START", "QUEUE", "ASSIGNEE", "FROM"])
            for scanner in scanners {
                table.add([
                    scanner.account, Texts.list(scanner.rules.actions.map(\.rawValue)),
                    scanner.rules.start.description, scanner.rules.createTicket.queue,
                    Texts.orDash(scanner.rules.createTicket.assignee), Texts.origin(scanner.origin),
                ])
            }
            Terminal.print(table.text)
        }
    }

    private static func show(_ invocation: Invocation) throws(Failure) {
        let name = invocation.word("ACCOUNT")
        try Workspace.with(invocation) { workspace throws(Failure) in
            let scanner = try find(name, in: workspace.directory)
            // The rules are a tree: JSON is their plainest form for people too.
            try Terminal.print(json: ScannerView(scanner))
        }
    }

    private static func set(_ invocation: Invocation) throws(Failure) {
        let name = invocation.word("ACCOUNT")
        let rules = try invocation.option("file").map { file throws(Failure) in try Self.rules(in: file) } ?? .helpDesk
        try Workspace.with(invocation) { workspace throws(Failure) in
            let directory = workspace.directory
            guard let account = directory.account(named: name) else { throw Failure(StoreError.noSuch(.account, name)) }
            let assignees = [rules.createTicket.assignee] + rules.createTicket.routes.map(\.assignee)
            for user in assignees.compactMap({ $0 }) where directory.user(named: user) == nil {
                throw Failure(StoreError.noSuch(.user, user))
            }
            let scanner = Scanner(account: account.value.name, rules: rules)
            let exists = directory.scanner(of: account.id) != nil
            try workspace.change { transaction throws(StoreError) in
                if exists { try transaction.update(scanner) } else { try transaction.add(scanner) }
            }
            let done = "\(exists ? "changed" : "added") the scanner of \(scanner.account)"
            try Terminal.report(done, ScannerView(try find(name, in: workspace.directory)), invocation)
        }
    }

    private static func rules(in file: String) throws(Failure) -> ScannerRules {
        let bytes: [UInt8]
        do throws(LocalFile.Failure) {
            bytes =
                file == "-"
                ? try LocalFile.read(0, path: "standard input", limit: Limits().size)
                : try LocalFile.read(file, limit: Limits().size).bytes
        } catch { throw Failure(.inputOutput, "\(error.path): \(error.reason)") }
        let problems = ProblemList(file: file == "-" ? "standard input" : file)
        let rules: ScannerRules?
        do throws(YAMLError) {
            rules = ScannerRules(MappingReader(try Document.parse(bytes), problems: problems))
        } catch {
            rules = nil
            problems.report(Problem(error, file: problems.file))
        }
        guard let rules, !problems.hasErrors else {
            throw Failure(.badInput, problems.problems.map(\.description).joined(separator: "\n"))
        }
        return rules
    }

    private static func remove(_ invocation: Invocation) throws(Failure) {
        let name = invocation.word("ACCOUNT")
        try Workspace.with(invocation) { workspace throws(Failure) in
            try workspace.change { transaction throws(StoreError) in try transaction.removeScanner(of: name) }
            try Terminal.report("removed the scanner of \(name)", ["removed": name], invocation)
        }
    }

    private static func find(_ name: String, in directory: Directory) throws(Failure) -> Stored<Scanner> {
        guard let account = directory.account(named: name) else { throw Failure(StoreError.noSuch(.account, name)) }
        guard let scanner = directory.scanner(of: account.id) else {
            throw Failure(StoreError.noSuch(.scanner, account.value.name))
        }
        return scanner
    }
}

/// A scanner in JSON.
private struct ScannerView: Encodable {
    let account: String
    let origin: String
    let rules: ScannerRules

    init(_ scanner: Stored<Scanner>) {
        account = scanner.account
        origin = scanner.origin.rawValue
        rules = scanner.rules
    }
}
