import SQLite
import Store
import Testing

@Suite struct SchemaTests {
    private func schema(_ path: String, _ stops: [Int]) throws -> [String] {
        for stop in stops {
            try Database(path: path, migrations: Array(Schema.migrations.prefix(stop))).close()
        }
        let connection = try Connection(path: path, access: .readWrite)
        return try connection.rows("SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema") {
            $0.text(0)
        }.sorted()
    }

    @Test(arguments: 0..<Schema.migrations.count) func aFreshSchemaEqualsAMigratedOne(from version: Int) throws {
        let scratch = Scratch()
        let last = Schema.migrations.count
        #expect(try schema(scratch.file("old.db"), [version, last]) == schema(scratch.file("new.db"), [last]))
    }

    @Test func everyTableIsStrict() throws {
        let scratch = Scratch()
        try scratch.store().close()
        let connection = try Connection(path: scratch.file(Store.fileName), access: .readWrite)
        let loose = try connection.rows(
            "SELECT name FROM pragma_table_list WHERE NOT strict AND schema = 'main' AND name NOT LIKE 'sqlite_%'"
        ) { $0.text(0) }
        #expect(loose.isEmpty)
    }

    /// Without one, removing the object it points to reads the whole table.
    @Test func everyForeignKeyHasAnIndex() throws {
        let scratch = Scratch()
        try scratch.store().close()
        let connection = try Connection(path: scratch.file(Store.fileName), access: .readWrite)
        let bare = try connection.rows(
            """
            SELECT t.name || '.' || f."from" FROM pragma_table_list t, pragma_foreign_key_list(t.name) f
            WHERE t.schema = 'main' AND NOT EXISTS (
                SELECT 1 FROM pragma_index_list(t.name) i, pragma_index_info(i.name) c
                WHERE c.seqno = 0 AND c.name = f."from")
            """
        ) { $0.text(0) }
        #expect(bare.isEmpty)
    }
}
