package import MailTypes

/// What a message is threaded by, taken once. Only what the algorithm asks for has to be filled in.
package struct ThreadRow: Sendable {
    /// The sequence number, or the UID: both are in the same order, and decide between equal messages.
    package var number: UInt32
    /// The sent date (RFC 5256 §2.2), in seconds since 1970.
    package var sent: Int64 = 0
    /// INTERNALDATE, in seconds since 1970; for REFS alone.
    package var arrival: Int64 = 0
    /// Normalised; nil when there is no valid one.
    package var messageID: String?
    /// Normalised, the oldest first: those of References, else the first of In-Reply-To.
    package var references: [String] = []
    /// The base subject (RFC 5256 §2.1); for ORDEREDSUBJECT and REFERENCES.
    package var subject = CollationKey.empty
    /// Whether the subject was a reply's or a forward's; for REFERENCES.
    package var isReplyOrForward = false

    package init(number: UInt32) { self.number = number }
}
