import SQLite
import Testing

@Suite struct MigrationTests {
    private static let steps = [
        Migration(1, "people", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT) STRICT"),
        Migration(2, "age", "ALTER TABLE people ADD COLUMN age INTEGER"),
        Migration(
            3, "index", "CREATE INDEX people_by_age ON people (age); UPDATE people SET age = 1 WHERE age IS NULL"),
    ]

    @Test(arguments: 0...3) func aFreshSchemaEqualsAMigratedOne(from version: Int) throws {
        let scratch = Scratch()
        func schema(_ name: String, _ stops: [Int]) throws -> [String] {
            for stop in stops {
                let database = try Database(path: scratch.file(name), migrations: Array(Self.steps.prefix(stop)))
                database.close()
            }
            let connection = try Connection(path: scratch.file(name), access: .readWrite)
            return try connection.rows("SELECT coalesce(sql, '') FROM sqlite_schema ORDER BY name") { $0.text(0) }
        }
        #expect(try schema("old.db", [version, 3]) == schema("new.db", [3]))
    }

    @Test func aFailingStepLeavesTheOldSchema() throws {
        let scratch = Scratch()
        try Database(path: scratch.file("a.db"), migrations: Array(Self.steps.prefix(1))).close()
        let broken =
            Self.steps + [Migration(4, "broken", "CREATE TABLE more (i INTEGER); INSERT INTO nowhere VALUES (1)")]
        #expect(throws: SQLiteError.self) { try Database(path: scratch.file("a.db"), migrations: broken) }
        let connection = try Connection(path: scratch.file("a.db"), access: .readWrite)
        #expect(try connection.number("PRAGMA user_version") == 1)
        #expect(try connection.number("SELECT count(*) FROM sqlite_schema") == 1)
    }

    @Test func aFileOfALaterVersionIsRefused() throws {
        let scratch = Scratch()
        try Database(path: scratch.file("a.db"), migrations: Self.steps).close()
        #expect(throws: SQLiteError.newerSchema(found: 3, known: 2)) {
            try Database(path: scratch.file("a.db"), migrations: Array(Self.steps.prefix(2)))
        }
    }

    @Test func aForeignKeyThatPointsNowhereFailsTheStep() throws {
        let scratch = Scratch()
        let steps = [
            Migration(
                1, "dangling",
                """
                CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a INTEGER REFERENCES a);
                INSERT INTO b VALUES (7)
                """)
        ]
        #expect(throws: SQLiteError.self) { try Database(path: scratch.file("a.db"), migrations: steps) }
    }
}
