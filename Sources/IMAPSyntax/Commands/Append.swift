internal import Bytes
package import MailTypes

/// `APPEND` (RFC 9051 §6.3.12), also with several messages (RFC 3502). The messages' octets stream past the parser.
package struct AppendCommand: Hashable, Sendable {
    package struct Message: Hashable, Sendable {
        package var flags: [Flag]
        package var internalDate: Moment?
        /// Octets of the literal.
        package var size: UInt64
        /// `~{…}`: the literal may hold NUL (RFC 3516 §4.4).
        package var isBinary: Bool

        package init(flags: [Flag] = [], internalDate: Moment? = nil, size: UInt64, isBinary: Bool = false) {
            self.flags = flags
            self.internalDate = internalDate
            self.size = size
            self.isBinary = isBinary
        }
    }

    package var mailbox: MailboxName
    /// At least one.
    package var messages: [Message]

    package init(mailbox: MailboxName, messages: [Message]) {
        self.mailbox = mailbox
        self.messages = messages
    }
}

extension CommandReader {
    /// `APPEND`, the word taken. Of a start the head of a message literal is the last thing.
    mutating func append(isStart: Bool) throws(IMAPSyntaxError) -> AppendCommand {
        try space()
        var append = AppendCommand(mailbox: try mailbox(), messages: [])
        repeat {
            guard append.messages.count < limits.listLength else { throw .tooMany(position: position) }
            try space()
            append.messages.append(try appendedMessage())
            if isStart, position == end { break }
        } while peek == ASCII.space
        return append
    }

    private mutating func appendedMessage() throws(IMAPSyntaxError) -> AppendCommand.Message {
        var message = AppendCommand.Message(size: 0)
        if peek == UInt8(ascii: "(") {
            message.flags = try flagList()
            try space()
        }
        if peek == ASCII.quote {
            message.internalDate = try dateTime()
            try space()
        }
        message.isBinary = skip(UInt8(ascii: "~"))
        let head = try literalHead()
        message.size = head.size
        if !head.isStreamed {
            guard head.size <= UInt64(end - position) else { throw unexpected("all octets of the literal") }
            position += Int(head.size)
        }
        return message
    }
}

extension CommandWriter {
    mutating func append(_ append: AppendCommand) {
        text("APPEND ")
        mailbox(append.mailbox)
        for (index, message) in append.messages.enumerated() {
            text(" ")
            if !message.flags.isEmpty {
                flags(message.flags)
                text(" ")
            }
            if let date = message.internalDate {
                dateTime(date)
                text(" ")
            }
            self.message(index, size: message.size, isBinary: message.isBinary)
        }
    }
}
