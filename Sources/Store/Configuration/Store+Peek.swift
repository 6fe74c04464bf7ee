internal import SQLite

extension Store {
    /// The directory in the file at `path`, read without changing anything: no file is made and no schema migrated.
    /// Nil when there is no file, or it can't be read as it stands.
    package static func directory(inFileAt path: String) -> Directory? {
        guard let connection = try? Connection(path: path, access: .readOnly) else { return nil }
        return try? StoreReader(connection: connection, sealing: NoSealing()).directory()
    }
}
