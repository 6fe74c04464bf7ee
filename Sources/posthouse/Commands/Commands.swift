/// Every command, in the order in which help lists them.
enum Commands {
    static let all: [Command] = [CheckCommand.command, VersionCommand.command]
}
