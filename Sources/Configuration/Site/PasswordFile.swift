internal import Glibc

/// A file that holds one password: its first line.
package enum PasswordFile {
    /// Octets of the whole file.
    package static let limit = 4096

    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case unreadable(path: String, reason: String)
        /// The group or others have access.
        case open(path: String, mode: String)
        case empty(path: String)
        case notOneLine(path: String)

        package var description: String {
            switch self {
            case .unreadable(let path, let reason): "\(path): \(reason)"
            case .open(let path, let mode): "\(path) has mode \(mode): others can read the password"
            case .empty(let path): "\(path) is empty"
            case .notOneLine(let path): "\(path) has more than one line, or a character that no password has"
            }
        }

        package var remedy: String {
            switch self {
            case .unreadable: "Make the file with the password alone in it, mode 0600, for the user of Posthouse."
            case .open(let path, _): "Run `chmod 0600 \(path)`."
            case .empty: "Write the password into it, on one line."
            case .notOneLine: "Leave the password alone in it, on one line, as UTF-8."
            }
        }
    }

    /// The password in the file at `path`, without its line end.
    package static func read(_ path: String) throws(Failure) -> [UInt8] {
        let content: (bytes: [UInt8], status: LocalFile.Status)
        do throws(LocalFile.Failure) {
            content = try LocalFile.read(path, limit: limit)
        } catch {
            throw .unreadable(path: path, reason: error.reason)
        }
        guard !content.status.isOpenToOthers else { throw .open(path: path, mode: content.status.modeText) }
        return try password(in: content.bytes, of: path)
    }

    /// The one line of `bytes`, wherever they came from; `source` names it in errors.
    package static func password(in bytes: [UInt8], of source: String) throws(Failure) -> [UInt8] {
        var line = bytes[...]
        if line.last == 0x0A { line.removeLast() }
        if line.last == 0x0D { line.removeLast() }
        guard !line.isEmpty else { throw .empty(path: source) }
        guard !line.contains(where: { $0 < 0x20 || $0 == 0x7F }), String(validating: line, as: UTF8.self) != nil else {
            throw .notOneLine(path: source)
        }
        return Array(line)
    }
}
