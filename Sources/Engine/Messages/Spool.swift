internal import Bytes
internal import Glibc
package import Loop

/// Collects a message as it arrives: in memory up to `memoryLimit`, beyond that, or when it is known to become larger, in
/// a temporary file that has no name, so a crash leaves nothing behind.
///
/// One task fills it; when it is finished, any task may read. File work runs on the worker pool.
package final class Spool: @unchecked Sendable {
    /// Octets kept in memory before a file is made.
    package static let memoryLimit = 256 * 1024
    /// Octets kept in memory besides a file, and then written to it at once.
    static let fileBuffer = 16 * 1024

    private struct State {
        var memory: [UInt8] = []
        var file: Int32 = -1
        var written = 0
    }

    private let state = Locked(State())
    private let directory: String
    private let pool: WorkerPool
    /// The most octets it takes.
    package let limit: Int
    /// Octets in memory before a file is made.
    private let room: Int

    /// - Parameters:
    ///   - directory: where the temporary file goes, on the data directory's file system.
    ///   - limit: the most octets it takes.
    ///   - expected: octets that are said to come; nobody is held to it.
    package init(directory: String, limit: Int, expecting expected: Int = 0, pool: WorkerPool) {
        room = expected > Self.memoryLimit ? Self.fileBuffer : Self.memoryLimit
        self.directory = directory
        self.limit = limit
        self.pool = pool
    }

    deinit {
        let file = state.withLock { $0.file }
        if file >= 0 { close(file) }
    }

    /// Octets taken so far.
    package var count: Int { state.withLock { $0.written + $0.memory.count } }

    /// Adds octets.
    /// - Throws: `.tooLarge` beyond the limit, `.storage` when the file can't be written; what was added before stays.
    package func append(_ bytes: [UInt8]) async throws(EngineError) {
        let full = state.withLock { state -> Bool? in
            guard state.written + state.memory.count + bytes.count <= limit else { return nil }
            // The usual piece of a large message is one array, here as with the caller.
            if state.memory.isEmpty { state.memory = bytes } else { state.memory.append(contentsOf: bytes) }
            return state.memory.count > (state.file < 0 ? room : Self.fileBuffer)
        }
        guard let full else { throw .tooLarge(limit: limit) }
        if full { try await flush() }
    }

    /// The octets of a range, cut to what is there.
    package func read(_ range: Range<Int>) async throws(EngineError) -> [UInt8] {
        let (file, written, tail) = state.withLock { state -> (Int32, Int, [UInt8]) in
            let range = range.clamped(to: 0..<(state.written + state.memory.count))
            let low = max(range.lowerBound, state.written) - state.written
            let high = max(range.upperBound, state.written) - state.written
            // All of it is shared and not copied.
            let tail = low == 0 && high == state.memory.count ? state.memory : Array(state.memory[low..<high])
            return (state.file, state.written, tail)
        }
        let inFile = range.clamped(to: 0..<written)
        guard !inFile.isEmpty else { return tail }
        do {
            let octets = try await pool.run { try Self.read(file, inFile) }
            return tail.isEmpty ? octets : octets + tail
        } catch {
            throw .storage("the temporary file can't be read: \(error)")
        }
    }

    /// Every octet, for a caller that knows the message to be small.
    package func readAll() async throws(EngineError) -> [UInt8] { try await read(0..<count) }

    private func flush() async throws(EngineError) {
        let (chunk, file) = state.withLock { ($0.memory, $0.file) }
        let directory = directory
        do {
            let opened = try await pool.run {
                let target = file >= 0 ? file : try Self.makeFile(in: directory)
                do { try Self.write(chunk, to: target) } catch {
                    if file < 0 { close(target) }
                    throw error
                }
                return target
            }
            state.withLock {
                $0.file = opened
                $0.written += chunk.count
                $0.memory = []
            }
        } catch {
            throw .storage("a message can't be spooled in \(directory): \(error)")
        }
    }

    private struct FileError: Error, CustomStringConvertible {
        let code: Int32
        var description: String { String(cString: strerror(code)) }
    }

    private static func makeFile(in directory: String) throws -> Int32 {
        var template = Array("\(directory)/spool-XXXXXX".utf8CString)
        let file = mkstemp(&template)
        guard file >= 0 else { throw FileError(code: errno) }
        _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        unlink(template)
        return file
    }

    private static func write(_ bytes: [UInt8], to file: Int32) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress.map { $0 + done }, bytes.count - done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                let code = errno
                // What was written of this chunk is taken back, so that `written` stays true.
                let start = lseek(file, 0, SEEK_CUR) - done
                ftruncate(file, start)
                lseek(file, start, SEEK_SET)
                throw FileError(code: code)
            }
            done += count
        }
    }

    private static func read(_ file: Int32, _ range: Range<Int>) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
            while filled < range.count {
                let rest = buffer.baseAddress.map { $0 + filled }
                let count = pread(file, rest, range.count - filled, off_t(range.lowerBound + filled))
                guard count > 0 else { throw FileError(code: count < 0 ? errno : EIO) }
                filled += count
            }
        }
    }
}
