internal import Glibc
internal import Loop
internal import YAML

/// The program from its arguments to its exit status.
enum Program {
    /// Follows semantic versioning.
    static let version = "0.1.0"
    static let defaultConfiguration = "/etc/posthouse/posthouse.yaml"

    /// Runs the command that this process was called with.
    nonisolated static func main() -> Int32 {
        // A reader that goes away (`posthouse journal list | head`) is an error of the write, not a signal.
        signal(SIGPIPE, SIG_IGN)
        return run(Array(CommandLine.arguments.dropFirst())).rawValue
    }

    static func run(_ arguments: [String]) -> ExitStatus {
        do throws(Failure) {
            try dispatch(arguments)
            return .success
        } catch {
            if !error.message.isEmpty { Terminal.complain("posthouse: \(error.message)") }
            if !error.remedy.isEmpty { Terminal.complain("    \(error.remedy)") }
            return error.status
        }
    }

    private static func dispatch(_ arguments: [String]) throws(Failure) {
        let words = arguments.prefix { !$0.hasPrefix("-") }
        guard let first = words.first else {
            switch arguments.first {
            case nil: throw Failure(.usage, "no command is given", remedy: "See `posthouse --help`.")
            case "--help", "-h": return Terminal.print(Help.program(Commands.all))
            case "--version": return Terminal.print("posthouse \(version)\n")
            case .some(let option):
                throw Failure(.usage, "\(option) stands before the command", remedy: "See `posthouse --help`.")
            }
        }
        if first == "help" { return Terminal.print(try help(for: Array(words.dropFirst()))) }
        if let command = match(Array(words)) {
            let invocation = try Invocation(command, arguments: arguments.dropFirst(command.words.count))
            if invocation.has("help") { return Terminal.print(Help.text(for: command)) }
            return try command.run(invocation)
        }
        if Commands.all.contains(where: { $0.words.first == first }) {
            if arguments.contains(where: { $0 == "--help" || $0 == "-h" }) {
                return Terminal.print(Help.text(forGroup: first, of: Commands.all))
            }
            throw unknown(Array(words))
        }
        throw unknown(Array(words))
    }

    /// The command whose words come first, the longest one of several.
    private static func match(_ words: [String]) -> Command? {
        Commands.all.filter { words.starts(with: $0.words) }.max { $0.words.count < $1.words.count }
    }

    private static func help(for words: [String]) throws(Failure) -> String {
        if words.isEmpty { return Help.program(Commands.all) }
        if let command = match(words) { return Help.text(for: command) }
        guard Commands.all.contains(where: { $0.words.first == words[0] }) else { throw unknown(words) }
        return Help.text(forGroup: words[0], of: Commands.all)
    }

    private static func unknown(_ words: [String]) -> Failure {
        let written = words.prefix(3).joined(separator: " ")
        let group = Commands.all.filter { $0.words.first == words[0] }
        guard !group.isEmpty else {
            let nearest = Suggestion.nearest(to: words[0], among: Set(Commands.all.compactMap(\.words.first)).sorted())
            return Failure(
                .usage, "there is no command `\(words[0])`",
                remedy: (nearest.map { "Did you mean `\($0)`? " } ?? "") + "See `posthouse --help`.")
        }
        let candidates = group.map { $0.words.dropFirst().joined(separator: " ") }
        let second = words.dropFirst().joined(separator: " ")
        let nearest = Suggestion.nearest(to: words.count > 1 ? words[1] : "", among: candidates)
        return Failure(
            .usage, second.isEmpty ? "`\(words[0])` needs one word more" : "there is no command `\(written)`",
            remedy: (nearest.map { "Did you mean `\($0)`? " } ?? "")
                + "There are \(candidates.map { "`\($0)`" }.joined(separator: ", ")).")
    }
}
