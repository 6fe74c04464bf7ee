package import MailTypes

/// `COPY`, `UID COPY` (RFC 9051 §6.4.7), `MOVE` and `UID MOVE` (§6.4.8).
package struct CopyCommand: Hashable, Sendable {
    package var isUID: Bool
    package var messages: MessageSet
    package var mailbox: MailboxName

    package init(isUID: Bool = false, messages: MessageSet, mailbox: MailboxName) {
        self.isUID = isUID
        self.messages = messages
        self.mailbox = mailbox
    }
}

extension CommandReader {
    /// `COPY` or `MOVE`, the word taken.
    mutating func copy(isUID: Bool) throws(IMAPSyntaxError) -> CopyCommand {
        try space()
        let messages = try messageSet()
        try space()
        return CopyCommand(isUID: isUID, messages: messages, mailbox: try mailbox())
    }
}

extension CommandWriter {
    /// - Parameter word: `COPY` or `MOVE` with a space.
    mutating func copy(_ word: String, _ copy: CopyCommand) {
        if copy.isUID { text("UID ") }
        text(word)
        set(copy.messages)
        text(" ")
        mailbox(copy.mailbox)
    }
}
