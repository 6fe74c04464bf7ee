internal import Glibc
package import Loop
internal import MailTypes
package import SQLite

/// `cache.db`: what the upstream can be asked for again. Deleting the file is safe; a file of another version or another
/// key, or a damaged one, is made anew when it is opened.
package final class Cache: Sendable {
    package static let fileName = "cache.db"
    /// Octets in a chunk of a body. A range costs the chunks that it touches.
    package static let chunkSize = Chunks.size
    /// Bodies whose use is remembered in memory until it is written down.
    static let usedLimit = 100_000

    let database: Database
    let sealing: any Sealing
    let clock: WallClock
    let bodies: Chunks
    /// Expunged UIDs remembered for each mailbox, at least; up to a tenth more at times.
    package let expungeLogLimit: Int
    /// Bodies read since the last `evict`.
    let used = Locked<Set<Int64>>([])
    /// Where there is nothing to be found.
    let blanks = Locked(BlankStretches())
    private let path: String
    private let hasFailed = Locked(false)

    /// Why the file was made anew when it was opened; nil when it wasn't, or was missing.
    package let startedOver: String?

    /// Opens the file at `path`, made when missing.
    package init(
        path: String, sealing: any Sealing, clock: WallClock = .system, expungeLogLimit: Int = 10_000,
        configuration: Database.Configuration = Cache.configuration
    ) throws(StoreError) {
        self.path = path
        self.expungeLogLimit = expungeLogLimit
        self.sealing = sealing
        self.clock = clock
        bodies = Chunks(table: "body_chunks", sealing: sealing)
        var reason: String?
        var opened: Database?
        if access(Self.markOfDamage(path), F_OK) == 0 {
            reason = "it was found damaged"
        } else {
            do throws(StoreError) {
                opened = try Self.open(path, sealing, configuration)
            } catch {
                guard let why = error.reasonToStartOver else { throw error }
                reason = why
            }
        }
        if let opened {
            database = opened
        } else {
            for name in [path, "\(path)-wal", "\(path)-shm", "\(path)-journal", Self.markOfDamage(path)] {
                unlink(name)
            }
            database = try Self.open(path, sealing, configuration)
        }
        startedOver = reason
    }

    /// What the file is opened with unless told otherwise: a power cut may take the last commits.
    package static var configuration: Database.Configuration {
        var configuration = Database.Configuration()
        configuration.synchronous = .normal
        configuration.givesBackSpace = true
        configuration.pageSize = 8192
        configuration.cacheSize = 8192
        return configuration
    }

    /// Runs what waits, then closes the file. Blocks.
    package func close() { database.close() }

    // MARK: For this target

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        do throws(StoreError) { return try await database.write(body) } catch { throw noted(error) }
    }

    /// A write that saves something of these messages.
    func write<Value: Sendable>(
        of uids: NumberSet, in mailbox: CachedMailbox.ID,
        _ body: @escaping @Sendable (Connection) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        blanks.withLock { $0.remove(uids, of: mailbox) }
        defer { blanks.withLock { $0.remove(uids, of: mailbox) } }
        return try await write(body)
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        do throws(StoreError) { return try await database.read(body) } catch { throw noted(error) }
    }

    /// Seals an octet column of a row.
    func seal(_ octets: [UInt8], _ table: StaticString, _ id: Int64, _ column: StaticString) throws(StoreError)
        -> [UInt8]
    {
        let result = octets.withUnsafeBytes { bytes in
            Result { () throws(SealingError) in
                try sealing.seal(bytes, context: "\(table)/\(id)/\(column)")
            }
        }
        do throws(SealingError) { return try result.get() } catch { throw .sealing(error) }
    }

    /// Opens a sealed octet column of a row; nil for NULL.
    func open(
        _ row: borrowing Row, _ place: Int, _ table: StaticString, _ id: Int64, _ column: StaticString
    ) throws(StoreError) -> [UInt8]? {
        if row.isNull(place) { return nil }
        do throws(SealingError) {
            return try row.withBlob(place) { bytes throws(SealingError) in
                try sealing.open(bytes, context: "\(table)/\(id)/\(column)")
            }
        } catch { throw .damaged("\(table)/\(id)/\(column): \(error)") }
    }

    /// A damaged file gets a mark beside it, so that the next start makes it anew.
    private func noted(_ error: StoreError) -> StoreError {
        guard case .database(let failure) = error, failure.isCorrupt else { return error }
        let isFirst = hasFailed.withLock { hasFailed in
            defer { hasFailed = true }
            return !hasFailed
        }
        if isFirst {
            let descriptor = Glibc.open(Self.markOfDamage(path), O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
            if descriptor >= 0 { Glibc.close(descriptor) }
        }
        return .damaged("cache: \(failure)")
    }

    private static func markOfDamage(_ path: String) -> String { "\(path).damaged" }

    private static func open(
        _ path: String, _ sealing: any Sealing, _ configuration: Database.Configuration
    ) throws(StoreError) -> Database {
        let database: Database
        do throws(SQLiteError) {
            database = try Database(path: path, configuration: configuration, migrations: CacheSchema.migrations)
        } catch { throw .database(error) }
        do throws(StoreError) {
            try database.writeBlocking { connection throws(StoreError) in try CacheSchema.check(connection, sealing) }
            return database
        } catch {
            database.close()
            throw error
        }
    }
}

extension StoreError {
    /// Why a cache that can't be opened for this reason is made anew; nil when that would not help.
    fileprivate var reasonToStartOver: String? {
        switch self {
        case .damaged(let what): what
        case .database(.newerSchema): "it is of another version"
        case .database(let failure) where failure.isCorrupt || failure.isSchemaMissing: "it is no cache, or damaged"
        default: nil
        }
    }
}
