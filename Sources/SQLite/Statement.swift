internal import CSQLite

/// A prepared statement on loan from its connection's cache, to which it goes back when this value ends.
package struct Statement: ~Copyable {
    let prepared: PreparedStatement
    private let cache: StatementCache

    init(_ prepared: PreparedStatement, of cache: StatementCache) {
        self.prepared = prepared
        self.cache = cache
    }

    deinit { cache.giveBack(prepared) }

    /// Gives values to the placeholders, in order from the first.
    package func bind(all values: [any Bindable]) throws(SQLiteError) {
        for (place, value) in values.enumerated() { try value.bind(to: self, at: place + 1) }
    }

    package func bind(_ value: Int64, at index: Int) throws(SQLiteError) {
        try check(sqlite3_bind_int64(prepared.handle, Int32(index), value))
    }

    package func bind(_ value: Double, at index: Int) throws(SQLiteError) {
        try check(sqlite3_bind_double(prepared.handle, Int32(index), value))
    }

    package func bind(_ value: String, at index: Int) throws(SQLiteError) {
        let count = UInt64(value.utf8.count)
        let code = value.withCString {
            sqlite3_bind_text64(prepared.handle, Int32(index), $0, count, transient, UInt8(SQLITE_UTF8))
        }
        try check(code)
    }

    package func bind(_ value: [UInt8], at index: Int) throws(SQLiteError) {
        let code = value.withUnsafeBytes { bytes in
            // A null pointer would make it NULL instead of an empty BLOB.
            bytes.isEmpty
                ? sqlite3_bind_zeroblob(prepared.handle, Int32(index), 0)
                : sqlite3_bind_blob64(
                    prepared.handle, Int32(index), bytes.baseAddress, UInt64(bytes.count), transient)
        }
        try check(code)
    }

    package func bindNull(at index: Int) throws(SQLiteError) {
        try check(sqlite3_bind_null(prepared.handle, Int32(index)))
    }

    /// Runs to the end and makes the statement ready to run again, `blob` standing at `index` without being copied.
    package func run(blob: [UInt8], at index: Int) throws(SQLiteError) {
        let failure: SQLiteError? = blob.withUnsafeBytes { bytes in
            do throws(SQLiteError) {
                if bytes.isEmpty {
                    try check(sqlite3_bind_zeroblob(prepared.handle, Int32(index), 0))
                } else {
                    try check(
                        sqlite3_bind_blob64(
                            prepared.handle, Int32(index), bytes.baseAddress, UInt64(bytes.count), nil))
                }
                defer { sqlite3_bind_null(prepared.handle, Int32(index)) }
                try run()
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
    }

    /// Runs to the end and makes the statement ready to run again; what was bound stays.
    package func run() throws(SQLiteError) {
        defer { sqlite3_reset(prepared.handle) }
        while try step() {}
    }

    /// Goes to the next row; false at the end.
    package func step() throws(SQLiteError) -> Bool {
        let code = sqlite3_step(prepared.handle)
        if code == SQLITE_ROW { return true }
        guard code == SQLITE_DONE else { throw failure(code) }
        return false
    }

    /// Makes the statement ready to run again; what was bound stays.
    package func reset() { sqlite3_reset(prepared.handle) }

    /// The row that `step` went to.
    package var row: Row { Row(prepared.handle) }

    private func check(_ code: Int32) throws(SQLiteError) {
        if code != SQLITE_OK { throw failure(code) }
    }

    private func failure(_ code: Int32) -> SQLiteError {
        SQLiteError.last(on: sqlite3_db_handle(prepared.handle), code: code, attempt: prepared.sql)
    }
}

// SQLITE_TRANSIENT is a cast in C, which Swift does not import: SQLite copies what is bound.
private var transient: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
