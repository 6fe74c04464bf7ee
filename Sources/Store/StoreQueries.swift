package import SQLite

/// What can be asked of the store, within a reader's view or within a transaction. Valid inside the closure alone.
package protocol StoreQueries {
    /// For the store's own functions.
    var connection: Connection { get }
    /// What opens sealed columns; for the store's own functions.
    var sealing: any Sealing { get }
}

/// One unchanging view of the store.
package struct StoreReader: StoreQueries {
    package let connection: Connection
    package let sealing: any Sealing
}

/// Reads and changes that happen all or not at all.
package struct StoreTransaction: StoreQueries {
    package let connection: Connection
    package let sealing: any Sealing
    /// Seconds since 1970.
    let now: Int64
    private let notes = Notes()

    init(connection: Connection, sealing: any Sealing, now: Int64) {
        self.connection = connection
        self.sealing = sealing
        self.now = now
    }

    /// Whether the directory has to be loaded anew once this is committed.
    var changesDirectory: Bool { notes.changesDirectory }

    /// Tells every process that the directory is another one.
    func touchDirectory() throws(StoreError) {
        guard !notes.changesDirectory else { return }
        try connection.run("UPDATE state SET value = value + 1 WHERE key = 'directory'")
        notes.changesDirectory = true
    }

    private final class Notes {
        var changesDirectory = false
    }
}
