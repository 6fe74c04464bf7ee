internal import Glibc

/// Paths in settings.
package enum LocalPath {
    /// `path` itself when it is absolute, else below `directory`; `.` and `..` at its beginning are worked out.
    package static func resolve(_ path: String, from directory: String) -> String {
        if path.hasPrefix("/") { return path }
        var base = directory
        var rest = path.split(separator: "/")[...]
        while let first = rest.first, first == "." || (first == ".." && canGoUp(base)) {
            if first == ".." { base = Self.directory(of: base) }
            rest.removeFirst()
        }
        let relative = rest.joined(separator: "/")
        if base.isEmpty { return relative }
        if relative.isEmpty { return base }
        return base.hasSuffix("/") ? base + relative : "\(base)/\(relative)"
    }

    /// The directory that `path` lies in; empty for the current one.
    package static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The directory of a file that exists, absolute and without links, so that going up from it leads where the system
    /// goes; as it is written when there is none.
    package static func realDirectory(of path: String) -> String {
        let directory = Self.directory(of: path)
        guard let real = realpath(directory.isEmpty ? "." : directory, nil) else { return directory }
        defer { free(real) }
        return String(cString: real)
    }

    // Below a link or a relative directory `..` is not the text with one level less.
    private static func canGoUp(_ directory: String) -> Bool {
        directory.hasPrefix("/") && directory != "/" && !directory.hasSuffix("..")
    }
}
