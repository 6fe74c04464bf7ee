/// Adds and removes fields of a header block; what stays is not rewritten.
package struct HeaderEditor: Sendable {
    /// - Parameter header: the header, up to and with its empty line (one is added when it is missing).
    package init(_ header: [UInt8]) { fatalError("API") }

    /// Removes every field of this name, compared without case.
    package mutating func remove(_ name: String) { fatalError("API") }
    package func contains(_ name: String) -> Bool { fatalError("API") }
    /// Puts fields before all others.
    package mutating func prepend(_ fields: HeaderWriter) { fatalError("API") }
    /// Puts fields after all others.
    package mutating func append(_ fields: HeaderWriter) { fatalError("API") }
    /// The header, with its empty line.
    package var bytes: [UInt8] { fatalError("API") }
}
