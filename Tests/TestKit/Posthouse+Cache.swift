internal import Foundation

/// What becomes of the cache between two runs.
extension Posthouse {
    private var cacheFiles: [String] { ["cache.db", "cache.db-wal", "cache.db-shm"].map { directory("data/\($0)") } }

    /// Deletes `cache.db`; to be called while the program does not run.
    package func removeCache() throws {
        for file in cacheFiles where FileManager.default.fileExists(atPath: file) {
            try FileManager.default.removeItem(atPath: file)
        }
    }

    /// What the cache has on disk; to be called while the program does not run.
    package func copyCache() throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for file in cacheFiles { files[file] = FileManager.default.contents(atPath: file).map { Array($0) } }
        return files
    }

    /// Puts back what `copyCache` gave.
    package func restoreCache(_ files: [String: [UInt8]]) throws {
        try removeCache()
        for (file, data) in files { try Data(data).write(to: URL(fileURLWithPath: file)) }
    }
}
