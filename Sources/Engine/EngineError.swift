/// Why the engine did not do what a front asked. A front turns each case into its protocol's words;
/// texts here come from an upstream server or name a limit, never a secret.
package enum EngineError: Error, Sendable, Equatable {
    /// There is no such mailbox, or the principal may not know of it; the two can't be told apart.
    case noSuchMailbox
    /// The mailbox is readable, but the grant does not allow this.
    case noPermission
    /// The mailbox was opened read-only.
    case readOnly
    case alreadyExists
    /// The name can't be a mailbox: empty, too long, an empty level, or a character that no server takes.
    case invalidName(String)
    /// The upstream can't be reached or does not answer; what is cached stays readable.
    case unavailable(String)
    case overQuota(String)
    /// The account's daily byte budget in this direction is used up; what is cached stays readable.
    case overBudget(TrafficDirection)
    /// The message is larger than Posthouse or the upstream takes; the limit in octets.
    case tooLarge(limit: Int)
    /// There would be more entries of metadata than a mailbox, an account or a user may have.
    case tooManyEntries
    /// A value of metadata is larger than is kept; the limit in octets.
    case valueTooLarge(limit: Int)
    /// The upstream refused: its response code, if any, and its text.
    case refused(code: String?, text: String)
    /// The local store can't be written now (disk full, I/O error).
    case storage(String)
    /// The mailbox has a new UIDVALIDITY; the view must be opened again.
    case newEpoch
    /// A programming error or a broken invariant; the log explains it under this number.
    case internalFault(incident: String)
}
