internal import Configuration
internal import Loop
internal import Store
internal import YAML

/// `posthouse check`.
enum CheckCommand {
    static let command = Command(
        words: ["check"], summary: "find every mistake in the configuration",
        details: """
            Reads the configuration and the site file and holds them against this machine: certificates and keys, \
            directories and their permissions, password files, ports, and the names that objects give one another. \
            Each problem is printed with its file, line and remedy. The exit status is 0 when there are none or \
            warnings alone, and \(ExitStatus.configuration.rawValue) otherwise.
            """,
        examples: ["posthouse check --config conf/posthouse.yaml"], run: run)

    private static func run(_ invocation: Invocation) throws(Failure) {
        let path = invocation.configurationPath
        let problems = Self.problems(of: path)
        let errors = problems.count { $0.severity == .error }
        if invocation.wantsJSON {
            try Terminal.print(
                json: Report(file: path, isValid: errors == 0, problems: problems.map(Report.Entry.init)))
        } else {
            for problem in problems { Terminal.print("\(problem)\n") }
            if problems.isEmpty { Terminal.print("\(path): no problems\n") }
        }
        guard errors > 0 else { return }
        throw Failure(
            .configuration,
            invocation.wantsJSON ? "" : "\(errors) \(errors == 1 ? "error" : "errors") in the configuration")
    }

    /// Everything wrong with the files and with what they name. The store is looked into for objects that were made
    /// by command, when there is one; nothing is changed.
    static func problems(of path: String) -> [Problem] {
        let reading = Settings.read(path) { process in
            let file = "\(process.dataDirectory.value)/\(Store.fileName)"
            return Store.directory(inFileAt: file).map(Site.Outside.init) ?? Site.Outside()
        }
        return inOrder(reading.problems + (reading.settings.map(machineProblems) ?? []))
    }

    /// File by file, in the order of the lines.
    private static func inOrder(_ problems: [Problem]) -> [Problem] {
        var files: [String] = []
        for problem in problems where !files.contains(problem.file) { files.append(problem.file) }
        return files.flatMap { file in
            let own = problems.filter { $0.file == file }.enumerated()
            return own.sorted { left, right in
                (left.element.position ?? .start, left.offset) < (right.element.position ?? .start, right.offset)
            }.map(\.element)
        }
    }

    /// Everything in which the settings and this machine don't agree.
    static func machineProblems(of settings: Settings) -> [Problem] {
        SystemCheck.problems(
            of: settings, now: WallClock.system.now.seconds,
            credentialsDirectory: Environment["CREDENTIALS_DIRECTORY"])
    }

    private struct Report: Encodable {
        struct Entry: Encodable {
            let severity: String
            let file: String
            let line: Int?
            let column: Int?
            let setting: String
            let message: String
            let remedy: String

            init(_ problem: Problem) {
                severity = problem.severity.rawValue
                file = problem.file
                line = problem.position?.line
                column = problem.position?.column
                setting = problem.setting
                message = problem.message
                remedy = problem.remedy
            }
        }

        let file: String
        let isValid: Bool
        let problems: [Entry]
    }
}
