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
