/// What one upstream IMAP connection may grow to. A server that exceeds a limit has lost its mind; the connection ends.
enum IMAPLimits {
    /// Messages of one mailbox.
    static let messages: UInt32 = 10_000_000
    /// Untagged responses to one command.
    static let responses = 20_000_000
    /// Events that wait to be taken.
    static let events = 1_000_000
    /// Mailboxes that a listing may have.
    static let mailboxes = 200_000
    /// Octets of one set of messages in a command: RFC 2683 §3.2.1.5 lets servers refuse lines above 8,000.
    static let set = 4_000
    /// Challenges of one sign-in.
    static let challenges = 10
    /// Octets of an unwanted body that are read and dropped; above that the connection is given up instead.
    static let unwantedBody: UInt64 = 64 << 20
    /// How often a mailbox whose numbers change while they are asked for is asked again.
    static let attempts = 3
    /// Quota roots of one mailbox; what comes above that is passed over.
    static let quotaRoots = 100
}
