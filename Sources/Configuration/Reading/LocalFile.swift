internal import Glibc
internal import Loop

/// Files on this machine that settings name: what they are and what is in them.
package enum LocalFile {
    package struct Failure: Error, Hashable, Sendable {
        package let path: String
        package let code: Int32

        /// The system's words for it.
        package var reason: String { SystemText.of(code) }
        package var isMissing: Bool { code == ENOENT }
    }

    /// What `stat` tells.
    package struct Status: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            case file, directory, other
        }

        package let kind: Kind
        /// The permission bits.
        package let mode: UInt32
        package let owner: UInt32
        package let size: Int

        /// Whether the group or others have any access.
        package var isOpenToOthers: Bool { mode & 0o077 != 0 }
        /// The permission bits as `chmod` takes them.
        package var modeText: String {
            let digits = String(mode & 0o7777, radix: 8)
            return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
    }

    package static func status(of path: String) throws(Failure) -> Status {
        var raw = stat()
        guard stat(path, &raw) == 0 else { throw Failure(path: path, code: errno) }
        return Status(raw)
    }

    /// The whole of a file, and the state of exactly the file that was read.
    /// A file of more than `limit` octets fails with EFBIG, anything but a regular file or a pipe with EISDIR or EINVAL.
    package static func read(_ path: String, limit: Int) throws(Failure) -> (bytes: [UInt8], status: Status) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw Failure(path: path, code: errno) }
        defer { close(descriptor) }
        var raw = stat()
        guard fstat(descriptor, &raw) == 0 else { throw Failure(path: path, code: errno) }
        let status = Status(raw)
        guard status.kind != .directory else { throw Failure(path: path, code: EISDIR) }
        return (try read(descriptor, path: path, limit: limit), status)
    }

    /// Everything up to the end of a descriptor.
    package static func read(
        _ descriptor: Int32, path: String, limit: Int
    ) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure(path: path, code: errno)
            }
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { throw Failure(path: path, code: EFBIG) }
            bytes.append(contentsOf: buffer[..<count])
        }
    }

    /// The names in a directory, sorted; nil when it can't be read.
    package static func names(in directory: String) -> [String]? {
        guard let stream = opendir(directory) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Whether this process may read and, for a directory, enter it; or write there.
    package static func isAccessible(_ path: String, forWriting: Bool) -> Bool {
        access(path, forWriting ? W_OK | X_OK : R_OK) == 0
    }
}

extension LocalFile.Status {
    fileprivate init(_ raw: stat) {
        let kind: Kind =
            switch raw.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            default: .other
            }
        self.init(kind: kind, mode: raw.st_mode & 0o7777, owner: raw.st_uid, size: Int(raw.st_size))
    }
}

/// The system's own words.
package enum SystemText {
    package static func of(_ code: Int32) -> String {
        LoopError.text(of: code)
    }

    /// What this machine calls itself.
    package static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return HostName.isValid(name) ? name : "localhost"
    }
}
