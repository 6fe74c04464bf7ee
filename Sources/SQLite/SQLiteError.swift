internal import CSQLite

/// Why SQLite did not do what it was asked. Never holds a bound value.
package enum SQLiteError: Error, Hashable, Sendable {
    /// A result code, what was attempted (SQL with its placeholders, or a step such as `open`), and what SQLite says
    /// of it: names of tables and columns, never contents.
    case refused(Code, attempt: String, message: String)
    /// The file was written by a later version of the program.
    case newerSchema(found: Int, known: Int)
    /// The database is closed or closing.
    case closed
    /// More jobs wait than `Database.Configuration.queueLimit` allows.
    case overloaded

    /// An extended result code (https://www.sqlite.org/rescode.html).
    package struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        package let rawValue: Int32
        package init(rawValue: Int32) { self.rawValue = rawValue }
        /// The first octet: the kind of failure.
        package var primary: Int32 { rawValue & 0xFF }
        package var description: String { "\(rawValue) (\(String(cString: sqlite3_errstr(rawValue))))" }
    }

    /// The result code, when SQLite gave one.
    package var code: Code? { if case .refused(let code, _, _) = self { code } else { nil } }
    /// The disk or the size limit is exhausted.
    package var isFull: Bool { code?.primary == SQLITE_FULL }
    /// Another process held the lock for longer than the busy timeout.
    package var isBusy: Bool { code?.primary == SQLITE_BUSY }
    /// The file may not be written.
    package var isReadOnly: Bool { code?.primary == SQLITE_READONLY }
    /// The file can't be opened, or not by this user.
    package var isUnopened: Bool {
        code?.primary == SQLITE_CANTOPEN || code?.primary == SQLITE_AUTH || code?.primary == SQLITE_PERM
    }
    /// The file is no database, or is damaged.
    package var isCorrupt: Bool { code?.primary == SQLITE_CORRUPT || code?.primary == SQLITE_NOTADB }
    /// A table or column is not there: the schema is another one.
    package var isSchemaMissing: Bool { code?.primary == SQLITE_ERROR }
    /// A UNIQUE or PRIMARY KEY constraint was violated.
    package var isUniqueViolation: Bool {
        code?.rawValue == sqliteConstraintUnique || code?.rawValue == sqliteConstraintPrimaryKey
    }
    /// A FOREIGN KEY constraint was violated.
    package var isForeignKeyViolation: Bool { code?.rawValue == sqliteConstraintForeignKey }

    /// The failure that `handle` reports. SQLite's words are kept where they name only schema: those about a
    /// statement's text and about constraints. Others (full text queries) could quote a bound value.
    static func last(on handle: OpaquePointer?, code: Int32, attempt: String, isPreparing: Bool = false) -> SQLiteError
    {
        let extended = handle.map { sqlite3_extended_errcode($0) } ?? code
        let code = extended & 0xFF == code & 0xFF ? extended : code
        let quotes = isPreparing || code & 0xFF == SQLITE_CONSTRAINT || code & 0xFF == SQLITE_CANTOPEN
        let words = quotes ? handle.flatMap { sqlite3_errmsg($0) } : sqlite3_errstr(code)
        return .refused(Code(rawValue: code), attempt: attempt, message: words.map { String(cString: $0) } ?? "")
    }
}

// Macros of sqlite3.h that Swift does not import.
private let sqliteConstraintForeignKey: Int32 = SQLITE_CONSTRAINT | 3 << 8
private let sqliteConstraintPrimaryKey: Int32 = SQLITE_CONSTRAINT | 6 << 8
private let sqliteConstraintUnique: Int32 = SQLITE_CONSTRAINT | 8 << 8

/// An error of a job: the job's own, or one that SQLite's failure becomes.
package protocol DatabaseFailure: Error {
    init(_ failure: SQLiteError)
}

extension SQLiteError: DatabaseFailure {
    package init(_ failure: SQLiteError) { self = failure }
}
