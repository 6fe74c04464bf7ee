package import MailTypes

/// Writes header fields: encodes what is not ASCII, folds at 78 characters, ends lines in CRLF.
package struct HeaderWriter: Sendable {
    /// Where lines are folded (RFC 5322 §2.1.1).
    package static let lineLength = 78

    package private(set) var bytes: [UInt8] = []
    package init() {}

    /// Unstructured text. Control characters become spaces, so nothing can add a field.
    package mutating func append(_ name: String, text: String) { fatalError("API") }
    package mutating func append(_ name: String, addresses: [NamedAddress]) { fatalError("API") }
    package mutating func append(_ name: String, date: Moment) { fatalError("API") }
    /// Identifiers without angle brackets.
    package mutating func append(_ name: String, messageIDs: [String]) { fatalError("API") }
    /// `value; name=value …`, as in Content-Type.
    package mutating func append(_ name: String, value: String, parameters: [DecodedParameter]) { fatalError("API") }
    /// A value that is already in its wire form; only folded where it is too long.
    package mutating func append(_ name: String, raw: String) { fatalError("API") }
    /// The empty line.
    package mutating func finish() { fatalError("API") }
}

/// A new message identifier (RFC 5322 §3.6.4).
package enum MessageIDWriter {
    /// `unique@domain`, without angle brackets; characters that are no `dot-atom` are left out.
    package static func text(unique: String, domain: String) -> String { fatalError("API") }
}
