internal import SQLite

/// The tables of `cache.db`. Steps only add to them; after any other change a file is made anew.
enum CacheSchema {
    /// Counted up with every change of what a step has made.
    static let version = 3
    private static let probe = "posthouse cache"

    // A message's id is its mailbox's id and its UID, so that a mailbox is one range of a table without another index,
    // and flags stay on pages of their own: reading all of a mailbox's flags reads nothing else.
    // `expunge_floor`: the log of expunged messages is complete after this modseq.
    // `lost_modseqs`: numbers above `low`, up to `high`, that may have been given to changes that are not here.
    // `particulars` has the ids of messages too; `told`: the upstream was asked for them.
    // A body has its digest once it is complete.
    // `reference_fields`: what threads are made of, apart from the header that it is in, so that a look at every message
    // of a mailbox need not read all headers.
    // `fingerprints` has the ids of bodies. They are made behind everybody's back, of whatever `is_marked` is 0 for. A
    // change of what they are made of, or how, needs a step that empties the table.
    static let migrations = [
        Migration(
            1, "cache",
            """
            PRAGMA application_id = \(version);
            CREATE TABLE about (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE mailboxes (
                id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, name TEXT NOT NULL,
                upstream_name BLOB NOT NULL, delimiter INTEGER, subscribed INTEGER NOT NULL, special_use TEXT,
                selectable INTEGER NOT NULL, has_children INTEGER, uid_validity INTEGER,
                uid_next INTEGER NOT NULL DEFAULT 1, modseq INTEGER NOT NULL DEFAULT 0,
                upstream_modseq INTEGER NOT NULL DEFAULT 0, expunge_floor INTEGER NOT NULL DEFAULT 0,
                expunge_count INTEGER NOT NULL DEFAULT 0, object_id TEXT, object_validity INTEGER, UNIQUE (account, name)
            ) STRICT;
            CREATE TABLE flag_sets (id INTEGER PRIMARY KEY, flags TEXT NOT NULL UNIQUE) STRICT;
            CREATE TABLE messages (
                id INTEGER PRIMARY KEY, flags INTEGER NOT NULL, modseq INTEGER NOT NULL, first_seen INTEGER NOT NULL
            ) STRICT;
            CREATE TABLE particulars (
                id INTEGER PRIMARY KEY, told INTEGER NOT NULL, email_id TEXT, thread_id TEXT, save_date INTEGER,
                preview BLOB
            ) STRICT;
            CREATE TABLE bodies (
                id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, digest BLOB, size INTEGER NOT NULL,
                used INTEGER NOT NULL, parts BLOB, UNIQUE (account, digest)
            ) STRICT;
            CREATE INDEX bodies_by_use ON bodies (used, size);
            CREATE TABLE body_chunks (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
            CREATE TABLE metadata (
                id INTEGER PRIMARY KEY, internal_date INTEGER, zone INTEGER, size INTEGER,
                body INTEGER REFERENCES bodies ON DELETE SET NULL, envelope BLOB, structure BLOB, header BLOB,
                reference_fields BLOB
            ) STRICT;
            CREATE INDEX metadata_by_body ON metadata (body) WHERE body IS NOT NULL;
            CREATE TABLE expunged (
                mailbox INTEGER NOT NULL, modseq INTEGER NOT NULL, uid INTEGER NOT NULL,
                PRIMARY KEY (mailbox, modseq, uid)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE lost_modseqs (
                mailbox INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL, PRIMARY KEY (mailbox, low)
            ) STRICT, WITHOUT ROWID;
            """),
        Migration(
            2, "fingerprints",
            """
            ALTER TABLE bodies ADD COLUMN is_marked INTEGER NOT NULL DEFAULT 0;
            CREATE INDEX bodies_unmarked ON bodies (account, id) WHERE is_marked = 0 AND digest IS NOT NULL;
            CREATE TABLE fingerprints (
                id INTEGER PRIMARY KEY REFERENCES bodies ON DELETE CASCADE, marks BLOB NOT NULL
            ) STRICT;
            """),
    ]

    /// Fails with `.damaged` when the file is of another version or was sealed under another key. A new file gets the
    /// probe by which that is found out.
    static func check(_ connection: Connection, _ sealing: any Sealing) throws(StoreError) {
        guard try connection.integer("PRAGMA application_id") == Int64(version) else {
            throw .damaged("it is of another version")
        }
        let context = "about/key/value"
        let found = try connection.first("SELECT value FROM about WHERE key = 'key'") {
            row throws(StoreError) -> Bool in
            do throws(SealingError) {
                return try row.withBlob(0) { bytes throws(SealingError) in
                    try sealing.open(bytes, context: context) == Array(probe.utf8)
                }
            } catch {
                if error == .failed { throw .sealing(error) }
                return false
            }
        }
        if found == false { throw .damaged("it is sealed under another key") }
        guard found == nil else { return }
        let sealed = Array(probe.utf8).withUnsafeBytes { bytes in
            Result { () throws(SealingError) in try sealing.seal(bytes, context: context) }
        }
        let value: [UInt8]
        do throws(SealingError) { value = try sealed.get() } catch { throw .sealing(error) }
        try connection.run("INSERT INTO about (key, value) VALUES ('key', ?)", value)
    }
}
