import Glibc
import Loop
import SQLite

/// A directory of a test's own, gone when the test ends.
final class Scratch: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/posthouse-sqlite-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { buffer in
            guard let made = buffer.baseAddress.flatMap({ mkdtemp($0) }) else { return "/nonexistent" }
            return String(cString: made)
        }
    }

    deinit {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                unlink("\(path)/\(name)")
            }
            closedir(directory)
        }
        rmdir(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

extension Scratch {
    static let pairs = Migration(
        1, "pairs", "CREATE TABLE pairs (key INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE) STRICT")

    func database(
        _ configuration: Database.Configuration = Database.Configuration(), migrations: [Migration] = [Scratch.pairs]
    ) throws -> Database {
        try Database(path: file("test.db"), configuration: configuration, migrations: migrations)
    }
}

extension Database {
    func insert(_ key: Int, _ value: String) async throws(SQLiteError) {
        try await write { connection throws(SQLiteError) in
            try connection.execute("INSERT INTO pairs VALUES (?, ?)", [key, value])
        }
    }

    func keys() async throws(SQLiteError) -> [Int] {
        try await read { connection throws(SQLiteError) in
            try connection.rows("SELECT key FROM pairs ORDER BY key") { $0.int(0) }
        }
    }
}

extension Scratch {
    /// The permission bits of a file here, or nil when there is none.
    func mode(of name: String) -> UInt32? {
        var status = stat()
        return stat(file(name), &status) == 0 ? status.st_mode & 0o777 : nil
    }
}

extension Scratch {
    func size(of name: String) -> Int? {
        var status = stat()
        return stat(file(name), &status) == 0 ? Int(status.st_size) : nil
    }
}

extension Database {
    /// Runs `count` jobs that all wait before the first begins, in order; the failure of each, or nil.
    func asOneGroup(
        count: Int, _ body: @escaping @Sendable (Int, Connection) throws(SQLiteError) -> Void
    ) -> [SQLiteError?] {
        let started = Gate()
        let released = Gate()
        let done = Gate()
        enqueueWrite { (_) throws(SQLiteError) in
            started.open()
            released.pass()
        } then: { _ in
        }
        started.pass()
        let outcomes = Locked<[SQLiteError?]>(Array(repeating: nil, count: count))
        let left = Locked(count)
        for index in 0..<count {
            enqueueWrite { connection throws(SQLiteError) in
                try body(index, connection)
            } then: { result in
                if case .failure(let error) = result { outcomes.withLock { $0[index] = error } }
                let rest = left.withLock { left in
                    left -= 1
                    return left
                }
                if rest == 0 { done.open() }
            }
        }
        released.open()
        done.pass()
        return outcomes.withLock { $0 }
    }
}

/// Holds threads until it is opened.
final class Gate: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isOpen = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func open() {
        pthread_mutex_lock(mutex)
        isOpen = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    func pass() {
        pthread_mutex_lock(mutex)
        while !isOpen { pthread_cond_wait(condition, mutex) }
        pthread_mutex_unlock(mutex)
    }
}
