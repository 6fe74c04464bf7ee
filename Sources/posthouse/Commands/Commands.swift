/// Every command, in the order in which help lists them.
enum Commands {
    static let all: [Command] =
        [CheckCommand.command, ServeCommand.command, VersionCommand.command] + UserCommands.all + GroupCommands.all
        + ServerCommands.all
        + AccountCommands.all + [AccountTestCommand.command] + GrantCommands.all + ScannerCommands.all
        + TicketCommands.all + JournalCommands.all + QueueCommands.all
}
