package import MailTypes

/// What a client is told of a change, in the sequence numbers it has at that point.
package enum ViewUpdate: Hashable, Sendable {
    /// There are now this many messages (RFC 9051 §7.4.1).
    case exists(Int)
    /// A message is gone; the numbers of those after it go down by one (RFC 9051 §7.5.1).
    /// Expunges of one step come from the last to the first. The UID serves VANISHED (RFC 7162 §3.2.10).
    case expunge(sequenceNumber: Int, uid: UID)
    /// A message's flags (RFC 9051 §7.5.2).
    case flags(sequenceNumber: Int, uid: UID, flags: FlagSet, modSeq: ModSeq)
    /// Nothing the client knew holds: the mailbox has a new UIDVALIDITY, or was read anew under the old one.
    /// The view is that of a client that has just selected the mailbox.
    case newEpoch(UIDValidity)
}
