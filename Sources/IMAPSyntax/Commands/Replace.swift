internal import Bytes
package import MailTypes

/// `REPLACE` and `UID REPLACE` (RFC 8508 §3): saves a message and removes the one that it stands for.
package struct ReplaceCommand: Hashable, Sendable {
    package var isUID: Bool
    /// The message that goes; with `isUID` a UID, else a sequence number.
    package var replaced: SequenceSet.Bound
    package var mailbox: MailboxName
    package var message: AppendCommand.Message

    package init(
        isUID: Bool = false, replaced: SequenceSet.Bound, mailbox: MailboxName, message: AppendCommand.Message
    ) {
        self.isUID = isUID
        self.replaced = replaced
        self.mailbox = mailbox
        self.message = message
    }
}

extension CommandReader {
    /// `REPLACE`, the word taken. Of a start the head of a message literal is the last thing.
    mutating func replace(isUID: Bool, isStart: Bool) throws(IMAPSyntaxError) -> ReplaceCommand {
        try space()
        let replaced = try bound()
        try space()
        let mailbox = try mailbox()
        try space()
        return ReplaceCommand(
            isUID: isUID, replaced: replaced, mailbox: mailbox, message: try appendedMessage(isStart: isStart))
    }
}

extension CommandWriter {
    mutating func replace(_ replace: ReplaceCommand) {
        text(replace.isUID ? "UID REPLACE " : "REPLACE ")
        sequence(SequenceSet([.init(replace.replaced, replace.replaced)]))
        text(" ")
        mailbox(replace.mailbox)
        appendedMessage(replace.message)
    }
}
