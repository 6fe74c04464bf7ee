/// Which literals a server takes without waiting (RFC 7888).
package enum LiteralSupport: Hashable, Sendable {
    case synchronizing
    /// LITERAL-: up to 4,096 octets, also part of IMAP4rev2.
    case minus
    /// LITERAL+.
    case plus
}

/// An encoded command as the steps that send it.
package enum CommandSegment: Hashable, Sendable {
    case bytes([UInt8])
    /// Wait for the server's `+` before going on; a tagged NO or BAD ends the command here.
    case awaitContinuation
    /// Send the octets of the message with this index in `AppendCommand.messages`.
    case message(Int)
}

/// Writes commands toward an upstream server.
package struct CommandEncoder: Sendable {
    package var literals: LiteralSupport
    /// The server has enabled IMAP4rev2 or UTF8=ACCEPT: mailbox names and strings in UTF-8.
    package var utf8: Bool

    package init(literals: LiteralSupport = .synchronizing, utf8: Bool = false) {
        self.literals = literals
        self.utf8 = utf8
    }

    /// The command as segments, its line end included. A SASL initial response is written in base 64.
    package func encode(_ command: TaggedCommand) -> [CommandSegment] { fatalError("not yet written") }
}
