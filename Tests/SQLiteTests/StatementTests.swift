import SQLite
import Testing

@Suite struct StatementTests {
    @Test func everyTypeComesBackAsItWent() throws {
        let scratch = Scratch()
        let connection = try Connection(path: scratch.file("a.db"), access: .readWrite)
        try connection.script("CREATE TABLE t (i INTEGER, r REAL, t TEXT, b BLOB, n TEXT) STRICT")
        let text = "zażółć \0 gęślą"
        let octets: [UInt8] = [0, 255, 10, 0]
        try connection.execute(
            "INSERT INTO t VALUES (?, ?, ?, ?, ?)", [Int64.min, 1.5, text, octets, String?.none])
        let read = try connection.firstRow("SELECT i, r, t, b, n FROM t") { row in
            #expect(row.integer(0) == Int64.min)
            #expect(row.double(1) == 1.5)
            #expect(row.text(2) == text)
            #expect(row.blob(3) == octets)
            #expect(row.textOrNil(4) == nil && row.isNull(4))
            return true
        }
        #expect(read == true)
    }

    @Test func emptyTextAndEmptyOctetsAreNotNull() throws {
        let scratch = Scratch()
        let connection = try Connection(path: scratch.file("a.db"), access: .readWrite)
        try connection.script("CREATE TABLE t (t TEXT NOT NULL, b BLOB NOT NULL) STRICT")
        try connection.execute("INSERT INTO t VALUES (?, ?)", ["", [UInt8]()])
        let statement = try connection.prepare("INSERT INTO t VALUES ('', ?)")
        try statement.run(blob: [], at: 1)
        #expect(try connection.number("SELECT count(*) FROM t WHERE b = x'' AND t = ''") == 2)
    }

    @Test func aStatementRunsWithinItself() throws {
        let scratch = Scratch()
        let connection = try Connection(path: scratch.file("a.db"), access: .readWrite)
        try connection.script("CREATE TABLE t (i INTEGER); INSERT INTO t VALUES (1), (2), (3)")
        let sql = "SELECT i FROM t ORDER BY i"
        let sums = try connection.rows(sql) { outer in
            (try? connection.rows(sql) { $0.int(0) })?.reduce(outer.int(0), +)
        }
        #expect(sums == [7, 8, 9])
    }

    @Test func moreStatementsThanTheCacheHolds() throws {
        let scratch = Scratch()
        let connection = try Connection(path: scratch.file("a.db"), access: .readWrite)
        for number in 0..<500 { #expect(try connection.number("SELECT \(number)") == Int64(number)) }
        for number in 0..<500 { #expect(try connection.number("SELECT \(number)") == Int64(number)) }
    }

    @Test func anErrorNamesWhatWasAttemptedAndNoValue() throws {
        let scratch = Scratch()
        let connection = try Connection(path: scratch.file("a.db"), access: .readWrite)
        try connection.script("CREATE TABLE t (a TEXT UNIQUE) STRICT")
        let secret = "correct horse battery staple"
        try connection.execute("INSERT INTO t VALUES (?)", [secret])
        let error = #expect(throws: SQLiteError.self) { try connection.execute("INSERT INTO t VALUES (?)", [secret]) }
        #expect(error?.isUniqueViolation == true)
        #expect("\(String(describing: error))".contains("t.a"))
        #expect(!"\(String(describing: error))".contains("horse"))
        let typo = #expect(throws: SQLiteError.self) { try connection.execute("SELEKT 1") }
        #expect("\(String(describing: typo))".contains("SELEKT"))
    }

    @Test func theFileIsItsOwnersAlone() throws {
        let scratch = Scratch()
        let database = try scratch.database()
        defer { database.close() }
        try database.writeBlocking { connection throws(SQLiteError) in
            try connection.execute("INSERT INTO pairs VALUES (1, 'a')")
        }
        for name in ["test.db", "test.db-wal", "test.db-shm"] { #expect(scratch.mode(of: name) == 0o600) }
    }
}
