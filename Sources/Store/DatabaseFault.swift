internal import SQLite

/// What is the matter with a database file, in the terms of who can mend it.
package enum DatabaseFault: Hashable, Sendable {
    /// Another process has the lock, or too much waits: worth another try.
    case busy
    case diskFull
    /// It can't be opened or written by this user; SQLite's words.
    case noPermission(String)
    case corrupt(String)
    /// Written by a later version of the program.
    case newerSchema(found: Int, known: Int)
    /// What was attempted, and SQLite's words.
    case other(String)
}

extension StoreError {
    /// The fault of the database that it tells of; nil when the database is all right.
    package var databaseFault: DatabaseFault? {
        guard case .database(let error) = self else { return nil }
        switch error {
        case .newerSchema(let found, let known): return .newerSchema(found: found, known: known)
        case .overloaded, .closed: return .busy
        case .refused(let code, let attempt, let message):
            if error.isBusy { return .busy }
            if error.isFull { return .diskFull }
            if error.isCorrupt { return .corrupt(message) }
            if error.isReadOnly || error.isUnopened { return .noPermission(message) }
            return .other("\(attempt): \(code) \(message)")
        }
    }
}
