internal import Bytes
internal import COpenSSL
internal import Glibc

/// Where the master key comes from: 32 random octets, written as one line of base 64.
enum MasterKey {
    static let size = 32
    /// More than a key's line; a longer file is no key file.
    static let fileLimit = 256

    static func load(keyFile: String, credentialsDirectory: String?) throws(VaultError) -> Secret {
        if let directory = credentialsDirectory {
            let path = "\(directory)/\(Vault.credentialName)"
            // systemd makes it readable by the service alone (systemd.exec(5), "Credentials").
            if access(path, F_OK) == 0 { return try read(path, checkingMode: false) }
        }
        if access(keyFile, F_OK) != 0, errno == ENOENT, let key = try make(keyFile) { return key }
        return try read(keyFile, checkingMode: true)
    }

    /// A new key in a file of its owner's alone; nil when somebody else was faster. The file gets its name once it is
    /// complete and on the disk: a crash leaves no half a key, and nothing is sealed under a key that could be lost.
    private static func make(_ path: String) throws(VaultError) -> Secret? {
        let draft = "\(path).\(getpid()).new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        defer {
            close(descriptor)
            unlink(draft)
        }
        let key = try Secret(count: size) { RAND_priv_bytes($0.baseAddress, Int32($0.count)) == 1 }
        let line = key.withUnsafeBytes { Secret(Base64.encode($0) + [ASCII.lf]) }
        let written = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) == $0.count }
        guard written, fsync(descriptor) == 0 else { throw failure(path) }
        guard link(draft, path) == 0 else {
            if errno == EEXIST { return nil }
            throw failure(path)
        }
        guard syncDirectory(of: path) else {
            let error = failure(path)
            unlink(path)
            throw error
        }
        return key
    }

    private static func read(_ path: String, checkingMode: Bool) throws(VaultError) -> Secret {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path) }
        if checkingMode, status.st_mode & 0o077 != 0 {
            throw .keyFileExposed(path: path, mode: status.st_mode & 0o777)
        }
        var octets = [UInt8](repeating: 0, count: fileLimit)
        defer { octets.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
        let count = octets.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw failure(path) }
        let line = octets.prefix(count).filter { $0 != ASCII.lf && $0 != ASCII.cr && $0 != ASCII.space }
        guard let key = Base64.decode(line), key.count == size else { throw .keyFileMalformed(path: path) }
        return Secret(key)
    }

    private static func syncDirectory(of path: String) -> Bool {
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }

    private static func failure(_ path: String) -> VaultError {
        .keyFile(path: path, reason: String(cString: strerror(errno)))
    }
}
