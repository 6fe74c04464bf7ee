internal import Configuration
internal import Glibc

/// The right to serve from a data directory, which one process has at a time. The system takes it back when the process
/// ends, however it ends.
final class DataLock: Sendable {
    static let fileName = "serve.lock"

    private let descriptor: Int32

    /// Takes it, or fails with who has it.
    init(directory: String) throws(Failure) {
        let path = "\(directory)/\(Self.fileName)"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(
                .inputOutput, "\(path): \(SystemText.of(errno))",
                remedy: "Give the data directory to the user that Posthouse runs as.")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let owner = (try? LocalFile.read(path, limit: 64).bytes).map { String(decoding: $0, as: UTF8.self) } ?? ""
            close(descriptor)
            let process = owner.filter(\.isNumber)
            throw Failure(
                .temporary,
                "another posthouse serves from \(directory)\(process.isEmpty ? "" : ", process \(process)")",
                remedy: "Stop it first, or give this one a data directory of its own.")
        }
        let line = Array("\(getpid())\n".utf8)
        ftruncate(descriptor, 0)
        pwrite(descriptor, line, line.count, 0)
    }

    deinit { close(descriptor) }
}
