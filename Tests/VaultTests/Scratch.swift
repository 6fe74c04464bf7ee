import Glibc

/// A directory of a test's own, gone when the test ends.
final class Scratch: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/posthouse-vault-XXXXXX".utf8CString)
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

extension Scratch {
    func write(_ text: String, to name: String) {
        let descriptor = open(file(name), O_CREAT | O_WRONLY | O_TRUNC, 0o600)
        _ = Array(text.utf8).withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }

    /// Fills a file with noise from `offset` to its end.
    func overwrite(_ name: String, from offset: Int) {
        let descriptor = open(file(name), O_RDWR)
        let noise = [UInt8](repeating: 0xA5, count: max(0, (size(of: name) ?? 0) - offset))
        _ = noise.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
        close(descriptor)
    }

    func contains(_ text: String, in name: String) -> Bool {
        let descriptor = open(file(name), O_RDONLY)
        defer { close(descriptor) }
        var octets = [UInt8](repeating: 0, count: size(of: name) ?? 0)
        let count = octets.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        let needle = Array(text.utf8)
        guard count >= needle.count else { return false }
        return (0...count - needle.count).contains {
            octets[$0] == needle[0] && octets[$0..<$0 + needle.count].elementsEqual(needle)
        }
    }
}
