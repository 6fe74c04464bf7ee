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
