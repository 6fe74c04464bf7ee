internal import Bytes
internal import MailTypes

/// `ESEARCH`: a search of several mailboxes, whose results are UIDs (RFC 7377 §2).
package struct MultiSearchCommand: Hashable, Sendable {
    /// Empty without `IN`: the selected mailbox.
    package var sources: [MailboxFilter]
    /// What is searched for. `isUID` is set.
    package var search: SearchCommand

    package init(sources: [MailboxFilter], search: SearchCommand) {
        self.sources = sources
        self.search = search
    }
}

extension CommandReader {
    /// `ESEARCH`, the word taken. No scope option is defined (RFC 7377 §2.1), so none is read.
    mutating func multiSearch() throws(IMAPSyntaxError) -> MultiSearchCommand {
        try space()
        var command = MultiSearchCommand(sources: [], search: SearchCommand(isUID: true, key: .all))
        let start = position
        if word() == .in {
            try space()
            try open()
            repeat {
                let place = position
                let source = try mailboxFilter()
                guard source != .selectedDelayed else {
                    throw .unexpected(position: place, expected: "mailboxes to search")
                }
                command.sources.append(source)
            } while try !closes(command.sources.count)
            try space()
        } else {
            position = start
        }
        try searchReturns(into: &command.search)
        try searchProgram(into: &command.search)
        return command
    }
}

extension CommandWriter {
    mutating func multiSearch(_ command: MultiSearchCommand) {
        text("ESEARCH ")
        if !command.sources.isEmpty {
            text("IN ")
            list(command.sources) { $0.mailboxFilter($1) }
            text(" ")
        }
        searchReturns(command.search)
        searchProgram(command.search)
    }
}
