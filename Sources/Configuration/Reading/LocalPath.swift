/// Paths in settings.
package enum LocalPath {
    /// `path` itself when it is absolute, else below `directory`; a leading `./` is left out.
    package static func resolve(_ path: String, from directory: String) -> String {
        if path.hasPrefix("/") { return path }
        var relative = Substring(path)
        while relative.hasPrefix("./") { relative = relative.dropFirst(2) }
        if directory.isEmpty { return String(relative) }
        return directory.hasSuffix("/") ? directory + relative : "\(directory)/\(relative)"
    }

    /// The directory that `path` lies in; empty for the current one.
    package static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
