internal import YAML

/// One command of the program: its words, what it takes, and what it does.
struct Command: Sendable {
    /// A word that stands in a certain place.
    struct Positional: Sendable {
        let name: String
        let help: String
        var isOptional = false
        /// It takes all that are left.
        var isRepeated = false
    }

    /// `--name`, or `--name VALUE`.
    struct Option: Sendable {
        let name: String
        /// What its value is called in help; nil for one that takes none.
        let value: String?
        let help: String
        /// It may be given several times.
        var isRepeated = false
        var isRequired = false
    }

    /// The words that call it: `user`, `add`.
    let words: [String]
    /// One line, without a full stop.
    let summary: String
    /// What more there is to say.
    var details = ""
    var positionals: [Positional] = []
    var options: [Option] = []
    /// Whether `--json` means anything to it.
    var hasJSON = true
    /// Whether it reads the configuration.
    var hasConfiguration = true
    /// Lines to try.
    var examples: [String] = []
    let run: @Sendable (Invocation) throws(Failure) -> Void

    /// All options, the common ones too.
    var allOptions: [Option] {
        var all = options
        if hasConfiguration { all.append(Self.configOption) }
        if hasJSON { all.append(Self.jsonOption) }
        return all + [Self.helpOption]
    }

    static let configOption = Option(
        name: "config", value: "FILE", help: "the configuration; default \(Program.defaultConfiguration)")
    static let jsonOption = Option(name: "json", value: nil, help: "print JSON instead of a table")
    static let helpOption = Option(name: "help", value: nil, help: "print this help")
}

/// A command with what was written for it.
struct Invocation: Sendable {
    let command: Command
    fileprivate(set) var positionals: [String: [String]] = [:]
    fileprivate(set) var options: [String: [String]] = [:]

    /// A positional that the command declares as required.
    func word(_ name: String) -> String { positionals[name]?.first ?? "" }
    func optionalWord(_ name: String) -> String? { positionals[name]?.first }
    func words(_ name: String) -> [String] { positionals[name] ?? [] }
    /// Whether an option without a value is set.
    func has(_ name: String) -> Bool { options[name] != nil }
    func option(_ name: String) -> String? { options[name]?.last }
    func options(_ name: String) -> [String] { options[name] ?? [] }
    var wantsJSON: Bool { has("json") }
    /// The configuration's path: `--config`, `$POSTHOUSE_CONFIG`, or the default.
    var configurationPath: String {
        option("config") ?? Environment["POSTHOUSE_CONFIG"] ?? Program.defaultConfiguration
    }
}

extension Invocation {
    /// Reads what stands behind the command's own words.
    init(_ command: Command, arguments: some Sequence<String>) throws(Failure) {
        self.command = command
        var rest = Array(arguments)[...]
        var free: [String] = []
        while let argument = rest.popFirst() {
            if argument == "--" {
                free += rest
                break
            }
            guard argument.hasPrefix("-"), argument != "-" else {
                free.append(argument)
                continue
            }
            let (name, value) = try Self.split(argument)
            guard let option = command.allOptions.first(where: { $0.name == name }) else {
                throw Self.unknown(argument, of: command)
            }
            try take(option, attached: value, from: &rest)
        }
        if has("help") { return }
        try place(free)
        for option in command.options where option.isRequired && options[option.name] == nil {
            throw Self.usage("--\(option.name) is missing", of: command)
        }
    }

    /// The name and, behind `=`, the value. `-h` and `-c` are the only short ones.
    private static func split(_ argument: String) throws(Failure) -> (name: String, value: String?) {
        if argument == "-h" { return ("help", nil) }
        if argument == "-c" { return ("config", nil) }
        guard argument.hasPrefix("--") else { return (argument, nil) }
        let body = argument.dropFirst(2)
        guard let equals = body.firstIndex(of: "=") else { return (String(body), nil) }
        return (String(body[..<equals]), String(body[body.index(after: equals)...]))
    }

    private mutating func take(
        _ option: Command.Option, attached: String?, from rest: inout ArraySlice<String>
    ) throws(Failure) {
        guard option.value != nil else {
            guard attached == nil else { throw Self.usage("--\(option.name) takes no value", of: command) }
            options[option.name] = []
            return
        }
        guard let value = attached ?? rest.popFirst() else {
            throw Self.usage("--\(option.name) needs a value: \(option.value ?? "")", of: command)
        }
        guard option.isRepeated || options[option.name] == nil else {
            throw Self.usage("--\(option.name) is given twice", of: command)
        }
        options[option.name, default: []].append(value)
    }

    private mutating func place(_ free: [String]) throws(Failure) {
        var rest = free[...]
        for positional in command.positionals {
            if positional.isRepeated {
                guard positional.isOptional || !rest.isEmpty else {
                    throw Self.usage("\(positional.name) is missing", of: command)
                }
                positionals[positional.name] = Array(rest)
                rest = []
            } else if let word = rest.popFirst() {
                positionals[positional.name] = [word]
            } else if !positional.isOptional {
                throw Self.usage("\(positional.name) is missing", of: command)
            }
        }
        if let extra = rest.first { throw Self.usage("`\(extra)` is one word too many", of: command) }
    }

    private static func unknown(_ argument: String, of command: Command) -> Failure {
        let known = command.allOptions.map { "--\($0.name)" }
        let nearest = Suggestion.nearest(to: argument, among: known)
        return usage(
            "\(argument) is not an option here", of: command, hint: nearest.map { "Did you mean \($0)? " } ?? "")
    }

    /// A complaint about the command line, with where to read how it should be.
    static func usage(_ message: String, of command: Command, hint: String = "") -> Failure {
        Failure(
            .usage, message,
            remedy: "\(hint)See `\((["posthouse"] + command.words).joined(separator: " ")) --help`.")
    }
}
