internal import Foundation
internal import Glibc

/// A directory of the test's own under /tmp; short, because the path of a Unix socket holds 107 octets.
package final class TemporaryDirectory: Sendable {
    /// Its absolute path.
    package let path: String

    /// Makes it. Whatever way the tests end, it is removed (see `Reaper`).
    package init() throws {
        var template = Array("/tmp/posthouse-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw RigFailure("mkdtemp: \(String(cString: strerror(errno)))") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The mail servers give up their privileges and must still reach their own files below it.
        chmod(path, 0o755)
        try Reaper.shared.adopt(directory: path)
    }

    /// The path of `name` inside.
    package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and gives its path; `mode` is what chmod(2) takes.
    @discardableResult
    package func write(_ text: String, to name: String, mode: UInt32 = 0o644) throws -> String {
        let file = self(name)
        let directory = (file as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        chmod(file, mode)
        return file
    }

    /// What a file inside holds; empty when there is none.
    package func read(_ name: String) -> String {
        FileManager.default.contents(atPath: self(name)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Removes the files of a directory inside whose names begin so.
    package func removeFiles(in name: String, beginningWith start: String) {
        for file in (try? FileManager.default.contentsOfDirectory(atPath: self(name))) ?? [] where file.hasPrefix(start)
        {
            try? FileManager.default.removeItem(atPath: "\(self(name))/\(file)")
        }
    }

    /// Removes it and everything in it.
    package func remove() {
        try? FileManager.default.removeItem(atPath: path)
        Reaper.shared.release(directory: path)
    }
}
