package import SQLite

/// Why the store could not do what it was asked.
package enum StoreError: Error, Hashable, Sendable {
    /// The kinds of objects that a name can miss or clash with.
    package enum Kind: String, Sendable {
        case user, group, server, account, grant, scanner, record, email, ticket, journalEntry, mailbox, body, content
        case outboxEntry, task, run, message, metadata
    }

    /// SQLite refused: a full disk, an I/O error, a read-only file, a lock held too long.
    case database(SQLiteError)
    case noSuch(Kind, String)
    case alreadyExists(Kind, String)
    /// The object belongs to the site file and is changed there.
    case managedBySite(Kind, String)
    /// Others refer to it; `by` names one of them.
    case inUse(Kind, String, by: String)
    /// A value that can't be stored; `reason` is for administrators.
    case invalid(Kind, String, reason: String)
    /// There would be more of them than are kept.
    case tooMany(Kind, limit: Int)
    /// It has more octets than are kept.
    case tooLarge(Kind, limit: Int)
    /// What is stored can't be read back: a damaged row or a seal that doesn't open.
    case damaged(String)
    /// A content could not be sealed.
    case sealing(SealingError)
    /// Thrown by a transaction's closure to undo what it did.
    case abandoned(String)
}
