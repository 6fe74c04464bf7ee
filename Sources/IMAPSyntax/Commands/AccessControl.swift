internal import Bytes
internal import MailTypes

/// What `SETACL` does to the rights of an identifier (RFC 4314 §3.1).
package enum RightsChange: Hashable, Sendable {
    case replace(AccessRights)
    /// `+lr`.
    case add(AccessRights)
    /// `-lr`.
    case remove(AccessRights)
}

extension CommandReader {
    /// `SETACL`, the word taken.
    mutating func setACL() throws(IMAPSyntaxError) -> Command {
        let (mailbox, identifier) = try mailboxAndIdentifier()
        try space()
        let start = position
        let octets = try astring()
        let isSigned = octets.first == UInt8(ascii: "+") || octets.first == UInt8(ascii: "-")
        guard let rights = AccessRights(strict: octets.dropFirst(isSigned ? 1 : 0)) else {
            throw .unexpected(position: start, expected: "rights")
        }
        let change: RightsChange =
            !isSigned ? .replace(rights) : octets.first == UInt8(ascii: "+") ? .add(rights) : .remove(rights)
        return .setACL(mailbox, identifier: identifier, change)
    }

    /// `SP mailbox SP identifier`.
    mutating func mailboxAndIdentifier() throws(IMAPSyntaxError) -> (MailboxName, String) {
        try space()
        let mailbox = try mailbox()
        try space()
        return (mailbox, try utf8String())
    }

    /// An `astring` that is UTF-8.
    mutating func utf8String() throws(IMAPSyntaxError) -> String {
        let start = position
        guard let text = String(strictUTF8: try astring()) else { throw .invalidUTF8(position: start) }
        return text
    }
}

extension CommandWriter {
    mutating func setACL(_ name: MailboxName, _ identifier: String, _ change: RightsChange) {
        named("SETACL ", name, identifier)
        text(" ")
        switch change {
        case .replace(let rights): astring(Array(rights.description.utf8))
        case .add(let rights): text("+\(rights)")
        case .remove(let rights): text("-\(rights)")
        }
    }

    /// A word with a space, a mailbox and an identifier.
    mutating func named(_ word: String, _ mailbox: MailboxName, _ identifier: String) {
        text(word)
        self.mailbox(mailbox)
        text(" ")
        string(Array(identifier.utf8))
    }
}
