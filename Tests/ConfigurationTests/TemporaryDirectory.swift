import Glibc

/// A directory that is there as long as this value is.
final class TemporaryDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/posthouse-configuration-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Missing() }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { remove(path) }

    struct Missing: Error {}

    /// Writes a file with exactly this mode, and says where it is.
    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws -> String {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, mode)
        guard descriptor >= 0 else { throw Missing() }
        defer { close(descriptor) }
        fchmod(descriptor, mode)
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw Missing() }
        return file
    }

    func makeDirectory(_ name: String, mode: mode_t = 0o700) { mkdir("\(path)/\(name)", mode) }

    /// Files and directories below, then the directory itself.
    private func remove(_ path: String) {
        if let entries = opendir(path) {
            while let entry = readdir(entries) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
                }
                guard name != ".", name != ".." else { continue }
                let child = "\(path)/\(name)"
                if entry.pointee.d_type == DT_DIR { remove(child) } else { unlink(child) }
            }
            closedir(entries)
        }
        rmdir(path)
    }
}
