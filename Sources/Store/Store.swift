internal import Loop
package import SQLite

/// `store.db`: everything that must survive. The typed functions are on `StoreReader` and `StoreTransaction`; here is
/// how they are reached, from tasks and from threads that may block, and the directory that is kept in memory.
package final class Store: Sendable {
    package static let fileName = "store.db"

    let database: Database
    let sealing: any Sealing
    private let current: Locked<Directory>

    /// Opens the file at `path`, made when missing, brings its schema up to date and loads the directory.
    package init(
        path: String, sealing: any Sealing, configuration: Database.Configuration = Store.configuration
    ) throws(StoreError) {
        fatalError("not yet")
    }

    /// What the file is opened with unless told otherwise: every commit is on the disk when it is reported.
    package static var configuration: Database.Configuration { Database.Configuration() }

    /// The directory as it was loaded last. Costs a lock.
    package var directory: Directory { current.withLock { $0 } }

    /// Asks the file whether the directory has changed, here or by another process, and loads it when it has.
    /// True when `directory` is a new one.
    @discardableResult
    package func directoryChanged() async throws(StoreError) -> Bool { fatalError("not yet") }

    /// The same for a thread that may block.
    @discardableResult
    package func directoryChangedBlocking() throws(StoreError) -> Bool { fatalError("not yet") }

    /// Runs `body` as one transaction: all of it is durable when this returns, or none of it happened.
    /// The closure may run twice, so it has no effect but on the transaction. A changed directory is loaded anew before
    /// this returns.
    package func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing StoreTransaction) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value { fatalError("not yet") }

    /// The same for a thread that may block.
    package func transactionBlocking<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing StoreTransaction) throws(StoreError) -> Value
    ) throws(StoreError) -> Value { fatalError("not yet") }

    /// Runs `body` on one unchanging view of the store.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing StoreReader) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value { fatalError("not yet") }

    /// The same for a thread that may block.
    package func readBlocking<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing StoreReader) throws(StoreError) -> Value
    ) throws(StoreError) -> Value { fatalError("not yet") }

    /// Stores a content (a message's source, an attachment) once under its digest, in sealed chunks, reading it piece by
    /// piece. Whoever refers to it does so in a later transaction; a content nobody refers to is dropped by `tidy`.
    /// - Parameter piece: the octets of a range, at most `contentPieceSize` of them.
    package func putContent(
        _ digest: ContentDigest, size: Int,
        piece: (Range<Int>) async throws(StoreError) -> [UInt8]
    ) async throws(StoreError) { fatalError("not yet") }

    /// Octets in one piece of `putContent`: a multiple of the chunk size.
    package static let contentPieceSize = 1 << 20

    /// The octets of a stored content in `range`, which is cut to its size.
    package func content(_ digest: ContentDigest, in range: Range<Int>) async throws(StoreError) -> [UInt8] {
        fatalError("not yet")
    }

    /// Runs what waits, then closes the file. Blocks.
    package func close() { database.close() }
}
