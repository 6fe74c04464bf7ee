internal import CSQLite

/// A compiled statement and the SQL it was compiled from.
final class PreparedStatement {
    let handle: OpaquePointer
    let sql: String
    var lastUse: UInt64 = 0

    init(handle: OpaquePointer, sql: String) {
        self.handle = handle
        self.sql = sql
    }

    deinit { sqlite3_finalize(handle) }
}

/// The statements of one connection that nobody runs at the moment, by their SQL.
final class StatementCache {
    /// How many are kept; the one unused for longest gives way.
    static let limit = 200

    private var idle: [String: PreparedStatement] = [:]
    private var clock: UInt64 = 0

    func take(_ sql: String) -> PreparedStatement? { idle.removeValue(forKey: sql) }

    func giveBack(_ statement: PreparedStatement) {
        sqlite3_reset(statement.handle)
        sqlite3_clear_bindings(statement.handle)
        clock += 1
        statement.lastUse = clock
        idle[statement.sql] = statement
        if idle.count > Self.limit, let oldest = idle.values.min(by: { $0.lastUse < $1.lastUse }) {
            idle[oldest.sql] = nil
        }
    }

    func removeAll() { idle.removeAll() }
}
