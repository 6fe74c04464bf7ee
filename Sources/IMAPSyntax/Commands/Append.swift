internal import Bytes
package import MailTypes

/// `APPEND` (RFC 9051 §6.3.12), also with several messages (RFC 3502). The messages' octets stream past the parser.
package struct AppendCommand: Hashable, Sendable {
    /// A message to be saved, without its octets.
    package struct Message: Hashable, Sendable {
        /// Where the octets of a message come from.
        package enum Content: Hashable, Sendable {
            /// With `isBinary`, `~{…}`, the literal may hold NUL (RFC 3516 §4.4).
            case literal(size: UInt64, isBinary: Bool)
            /// `UTF8 (~{…})`: the header is in UTF-8 (RFC 6855 §4).
            case utf8(size: UInt64)
            /// `CATENATE`: at least one part (RFC 4469 §3).
            case catenated([CatenatePart])

            /// Octets of each literal in it, in their order.
            package var literalSizes: [UInt64] {
                switch self {
                case .literal(let size, _): [size]
                case .utf8(let size): [size]
                case .catenated(let parts):
                    parts.compactMap {
                        switch $0 {
                        case .text(let size), .utf8(let size): size
                        case .url: nil
                        }
                    }
                }
            }
        }

        package var flags: [Flag]
        package var internalDate: Moment?
        package var content: Content

        package init(flags: [Flag] = [], internalDate: Moment? = nil, content: Content) {
            self.flags = flags
            self.internalDate = internalDate
            self.content = content
        }

        /// A message that is one literal.
        package init(flags: [Flag] = [], internalDate: Moment? = nil, size: UInt64, isBinary: Bool = false) {
            self.init(flags: flags, internalDate: internalDate, content: .literal(size: size, isBinary: isBinary))
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

extension Command {
    /// Octets of each literal that streams, in their order: the messages of APPEND and REPLACE.
    package var literalSizes: [UInt64] {
        switch self {
        case .append(let append): append.messages.flatMap(\.content.literalSizes)
        case .replace(let replace): replace.message.content.literalSizes
        default: []
        }
    }
}

extension CommandReader {
    /// A command up to the head of a message literal, which is the last thing.
    mutating func messageStart() throws(IMAPSyntaxError) -> Command {
        switch word() {
        case .append: return .append(try append(isStart: true))
        case .replace: return .replace(try replace(isUID: false, isStart: true))
        case .uid:
            try space()
            guard word() == .replace else { throw unexpected("REPLACE") }
            return .replace(try replace(isUID: true, isStart: true))
        default: throw unexpected("APPEND or REPLACE")
        }
    }

    /// `APPEND`, the word taken. Of a start the head of a message literal is the last thing.
    mutating func append(isStart: Bool) throws(IMAPSyntaxError) -> AppendCommand {
        try space()
        var append = AppendCommand(mailbox: try mailbox(), messages: [])
        repeat {
            guard append.messages.count < limits.listLength else { throw .tooMany(position: position) }
            try space()
            append.messages.append(try appendedMessage(isStart: isStart))
            if isStart, position == end { break }
        } while peek == ASCII.space
        return append
    }

    /// `append-message` (RFC 4466 §2.5), the space before it taken.
    mutating func appendedMessage(isStart: Bool) throws(IMAPSyntaxError) -> AppendCommand.Message {
        var message = AppendCommand.Message(size: 0)
        if peek == UInt8(ascii: "(") {
            message.flags = try flagList()
            try space()
        }
        if peek == ASCII.quote {
            message.internalDate = try dateTime()
            try space()
        }
        if ASCII.isLetter(peek) {
            message.content = try extendedContent(isStart)
        } else {
            let isBinary = skip(UInt8(ascii: "~"))
            message.content = .literal(size: try messageLiteral(), isBinary: isBinary)
        }
        return message
    }

    /// `append-data` that begins with a word.
    private mutating func extendedContent(_ isStart: Bool) throws(IMAPSyntaxError) -> AppendCommand.Message.Content {
        let start = position
        switch word() {
        case .utf8: return .utf8(size: try utf8Literal(isStart))
        case .catenate: return .catenated(try catenateParts(isStart: isStart))
        default: throw .unexpected(position: start, expected: "a message")
        }
    }

    /// The size of a message's literal, its octets passed over where they stand in the command.
    mutating func messageLiteral() throws(IMAPSyntaxError) -> UInt64 {
        let head = try literalHead()
        if !head.isStreamed {
            guard head.size <= UInt64(end - position) else { throw unexpected("all octets of the literal") }
            position += Int(head.size)
        }
        return head.size
    }
}

extension CommandWriter {
    mutating func append(_ append: AppendCommand) {
        text("APPEND ")
        mailbox(append.mailbox)
        for message in append.messages { appendedMessage(message) }
    }

    /// A message with the space before it.
    mutating func appendedMessage(_ message: AppendCommand.Message) {
        text(" ")
        if !message.flags.isEmpty {
            flags(message.flags)
            text(" ")
        }
        if let date = message.internalDate {
            dateTime(date)
            text(" ")
        }
        switch message.content {
        case .literal(let size, let isBinary): self.message(size: size, isBinary: isBinary)
        case .utf8(let size): utf8Literal(size)
        case .catenated(let parts):
            text("CATENATE ")
            list(parts) { $0.catenatePart($1) }
        }
    }
}
