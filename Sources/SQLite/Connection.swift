internal import CSQLite
internal import Glibc

/// One connection to a database file, used by one thread at a time.
package final class Connection {
    package enum Access: Sendable {
        /// Creates the file, readable by its owner alone, when it is missing.
        case readWrite
        case readOnly
    }

    private let handle: OpaquePointer
    private let cache = StatementCache()
    /// Pages in the write-ahead log after the last commit of this connection.
    private(set) var walPageCount = 0

    package init(path: String, access: Access) throws(SQLiteError) {
        if access == .readWrite { Self.createPrivately(path) }
        var opened: OpaquePointer?
        let flags = (access == .readWrite ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK, let opened else {
            let failure = SQLiteError.last(on: opened, code: code, attempt: "open \(path)")
            sqlite3_close_v2(opened)
            throw failure
        }
        handle = opened
    }

    deinit {
        cache.removeAll()
        sqlite3_close_v2(handle)
    }

    // SQLite would create it with the permissions that umask leaves; its journal files get the same as the file.
    private static func createPrivately(_ path: String) {
        let descriptor = open(path, O_CREAT | O_CLOEXEC | O_RDWR, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }

    /// The statement for `sql`, which holds one statement; compiled once, then kept.
    package func prepare(_ sql: String) throws(SQLiteError) -> Statement {
        if let prepared = cache.take(sql) { return Statement(prepared, of: cache) }
        var compiled: OpaquePointer?
        var text = sql
        let code = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                sqlite3_prepare_v3(
                    handle, $0.baseAddress, Int32($0.count), UInt32(SQLITE_PREPARE_PERSISTENT), &compiled, nil)
            }
        }
        guard code == SQLITE_OK, let compiled else {
            throw SQLiteError.last(on: handle, code: code, attempt: sql, isPreparing: true)
        }
        return Statement(PreparedStatement(handle: compiled, sql: sql), of: cache)
    }

    /// Runs one statement and says how many rows it changed.
    @discardableResult
    package func execute(_ sql: String, _ values: [any Bindable] = []) throws(SQLiteError) -> Int {
        let statement = try prepare(sql)
        try statement.bind(all: values)
        try statement.run()
        return Int(sqlite3_changes64(handle))
    }

    /// Runs one statement and reads every row.
    package func rows<Element>(
        _ sql: String, _ values: [any Bindable] = [], _ read: (borrowing Row) -> Element
    ) throws(SQLiteError) -> [Element] {
        let statement = try prepare(sql)
        try statement.bind(all: values)
        var elements: [Element] = []
        while try statement.step() { elements.append(read(statement.row)) }
        return elements
    }

    /// Runs one statement and reads its first row, if there is one.
    package func firstRow<Element>(
        _ sql: String, _ values: [any Bindable] = [], _ read: (borrowing Row) -> Element
    ) throws(SQLiteError) -> Element? {
        let statement = try prepare(sql)
        try statement.bind(all: values)
        return try statement.step() ? read(statement.row) : nil
    }

    /// The first column of the first row as a number, or nil.
    package func number(_ sql: String, _ values: [any Bindable] = []) throws(SQLiteError) -> Int64? {
        try firstRow(sql, values) { $0.integer(0) }
    }

    /// Runs several statements, separated by semicolons, without values: schema and pragmas.
    package func script(_ sql: String) throws(SQLiteError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else {
            throw SQLiteError.last(on: handle, code: code, attempt: String(sql.prefix(200)), isPreparing: true)
        }
    }

    /// The number of the row inserted last.
    package var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Whether a transaction is open. Some failures end it without being told to: a full disk, an I/O error.
    package var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// How long to wait for another process's lock, in milliseconds.
    func setBusyTimeout(_ milliseconds: Int) { sqlite3_busy_timeout(handle, Int32(milliseconds)) }

    /// Counts the log's pages instead of letting SQLite copy them back in the middle of a commit.
    func watchWAL() {
        sqlite3_wal_hook(handle, noteWALPages, Unmanaged.passUnretained(self).toOpaque())
    }

    fileprivate func noteWAL(pages: Int) { walPageCount = pages }

    /// Copies the log's pages back into the file as far as no reader is in the way.
    /// - Parameter truncating: waits a moment for readers, then empties the log's file.
    func checkpoint(truncating: Bool) {
        let mode = truncating ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE
        sqlite3_wal_checkpoint_v2(handle, nil, mode, nil, nil)
    }
}

// A C callback: at file scope, so that it belongs to no actor.
private func noteWALPages(
    _ context: UnsafeMutableRawPointer?, _: OpaquePointer?, _: UnsafePointer<CChar>?, _ pages: Int32
) -> Int32 {
    if let context { Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().noteWAL(pages: Int(pages)) }
    return SQLITE_OK
}
