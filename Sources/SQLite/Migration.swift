internal import CSQLite

/// One step of a schema, run once in each file's life.
package struct Migration: Sendable {
    /// Counted from 1; the file's `user_version` is the number of the last one run.
    package let number: Int
    /// What it is for, in a few words.
    package let name: String
    package let sql: String

    package init(_ number: Int, _ name: String, _ sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }

    /// Runs those of `migrations` that this file has not seen, all in one transaction: a crash leaves the old schema.
    /// - Precondition: they are numbered 1, 2, 3, …
    static func run(_ migrations: [Migration], on connection: Connection) throws(SQLiteError) {
        precondition(migrations.map(\.number) == Array(1..<(migrations.count + 1)), "migrations are numbered from 1")
        if try version(of: connection) == migrations.count { return }
        // Off while tables are rebuilt; it can't be changed within a transaction.
        try connection.script("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE")
        do throws(SQLiteError) {
            // Asked again under the lock: another process may have been faster.
            let current = try version(of: connection)
            guard current <= migrations.count else {
                throw .newerSchema(found: current, known: migrations.count)
            }
            for migration in migrations.dropFirst(current) { try connection.script(migration.sql) }
            if try connection.number("SELECT count(*) FROM pragma_foreign_key_check") != 0 {
                throw .refused(
                    SQLiteError.Code(rawValue: SQLITE_CONSTRAINT), attempt: "migrate",
                    message: "a foreign key points nowhere")
            }
            try connection.script("PRAGMA user_version = \(migrations.count); COMMIT; PRAGMA foreign_keys = ON")
        } catch {
            try? connection.script("ROLLBACK")
            try? connection.script("PRAGMA foreign_keys = ON")
            throw error
        }
    }

    static func version(of connection: Connection) throws(SQLiteError) -> Int {
        Int(try connection.number("PRAGMA user_version") ?? 0)
    }
}
