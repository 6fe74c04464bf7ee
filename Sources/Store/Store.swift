package import Loop
package import SQLite

/// `store.db`: everything that must survive. The typed functions are on `StoreReader` and `StoreTransaction`; here is
/// how they are reached, from tasks and from threads that may block, and the directory that is kept in memory.
package final class Store: Sendable {
    package static let fileName = "store.db"

    /// What a transaction survives once it has returned.
    package enum Durability: Sendable {
        /// The end of the process, at any instruction; a power cut may take it.
        case crash
        case powerCut
    }

    let database: Database
    let sealing: any Sealing
    let clock: WallClock
    private let current: Locked<Directory>

    /// Opens the file at `path`, made when missing, brings its schema up to date and loads the directory.
    package init(
        path: String, sealing: any Sealing, clock: WallClock = .system,
        configuration: Database.Configuration = Store.configuration
    ) throws(StoreError) {
        do throws(SQLiteError) {
            database = try Database(path: path, configuration: configuration, migrations: Schema.migrations)
        } catch { throw .database(error) }
        self.sealing = sealing
        self.clock = clock
        do throws(StoreError) {
            current = Locked(
                try database.readBlocking { connection throws(StoreError) in
                    try StoreReader(connection: connection, sealing: sealing).directory()
                })
        } catch {
            database.close()
            throw error
        }
    }

    /// What the file is opened with unless told otherwise: every commit is on the disk when it is reported.
    package static var configuration: Database.Configuration {
        var configuration = Database.Configuration()
        configuration.synchronous = .full
        return configuration
    }

    /// The directory as it was loaded last. Costs a lock.
    package var directory: Directory { current.withLock { $0 } }

    /// Asks the file whether the directory has changed, here or by another process, and loads it when it has.
    /// True when `directory` is a new one.
    @discardableResult
    package func directoryChanged() async throws(StoreError) -> Bool {
        let known = directory.version
        let loaded = try await read { reader throws(StoreError) in try reader.directory(newerThan: known) }
        return take(loaded)
    }

    /// The same for a thread that may block.
    @discardableResult
    package func directoryChangedBlocking() throws(StoreError) -> Bool {
        let known = directory.version
        return take(try readBlocking { reader throws(StoreError) in try reader.directory(newerThan: known) })
    }

    /// Runs `body` as one transaction: all of it is durable when this returns, or none of it happened.
    /// - Parameter durability: `.crash` for what nobody has been promised yet, and need not outlive the machine.
    /// The closure may run twice, so it has no effect but on the transaction. A changed directory is loaded anew before
    /// this returns.
    @discardableResult
    package func transaction<Value: Sendable>(
        surviving durability: Durability = .powerCut,
        _ body: @escaping @Sendable (StoreTransaction) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let (value, changesDirectory) = try await database.write(
            surviving: durability == .crash ? .crash : .powerCut, work(body))
        // It is committed, so a failure to read is none of the caller's; the next look at the file makes up for it.
        if changesDirectory { _ = try? await directoryChanged() }
        return value
    }

    /// The same for a thread that may block.
    @discardableResult
    package func transactionBlocking<Value: Sendable>(
        _ body: @escaping @Sendable (StoreTransaction) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let (value, changesDirectory) = try database.writeBlocking(work(body))
        if changesDirectory { _ = try? directoryChangedBlocking() }
        return value
    }

    /// Runs `body` on one unchanging view of the store.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (StoreReader) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await database.read { [sealing] connection throws(StoreError) in
            try body(StoreReader(connection: connection, sealing: sealing))
        }
    }

    /// The same for a thread that may block.
    package func readBlocking<Value: Sendable>(
        _ body: @escaping @Sendable (StoreReader) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        try database.readBlocking { [sealing] connection throws(StoreError) in
            try body(StoreReader(connection: connection, sealing: sealing))
        }
    }

    /// Runs what waits, then closes the file. Blocks.
    package func close() { database.close() }

    private func work<Value: Sendable>(
        _ body: @escaping @Sendable (StoreTransaction) throws(StoreError) -> Value
    ) -> @Sendable (Connection) throws(StoreError) -> (Value, Bool) {
        { [sealing, clock] connection throws(StoreError) in
            let transaction = StoreTransaction(connection: connection, sealing: sealing, now: clock.now.seconds)
            return (try body(transaction), transaction.changesDirectory)
        }
    }

    private func take(_ loaded: Directory?) -> Bool {
        guard let loaded else { return false }
        return current.withLock { current in
            guard loaded.version > current.version else { return false }
            current = loaded
            return true
        }
    }
}

extension StoreReader {
    fileprivate func directory(newerThan known: Int64) throws(StoreError) -> Directory? {
        try directoryVersion() == known ? nil : try directory()
    }
}
