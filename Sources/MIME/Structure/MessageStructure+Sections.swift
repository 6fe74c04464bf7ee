package import MailTypes

extension MessageStructure {
    /// Where the octets of `BODY[section]` lie, or nil when the message has no such section.
    /// For a selection of header fields it is the whole header they are to be chosen from, by `HeaderSelection`.
    package func range(of section: BodySection) -> Range<Int>? { fatalError("API") }

    /// The octets of `BODY[section]`, those of a selection of header fields chosen; nil when there is no such section.
    package func octets<Failure: Error>(
        of section: BodySection, read: (Range<Int>) async throws(Failure) -> [UInt8]
    ) async throws(Failure) -> [UInt8]? { fatalError("API") }
}

/// Chooses header fields as `HEADER.FIELDS` and `HEADER.FIELDS.NOT` do (RFC 9051 §6.4.5.1).
package enum HeaderSelection {
    /// The fields of `header` with one of these names (compared without case), as they stand, and the empty line.
    package static func fields(named names: [[UInt8]], in header: [UInt8]) -> [UInt8] { fatalError("API") }
    /// All other fields, as they stand, and the empty line.
    package static func fields(notNamed names: [[UInt8]], in header: [UInt8]) -> [UInt8] { fatalError("API") }
    /// The octets that answer `text` from the whole header; the header itself for `.header`, `.mime` and `.text`.
    package static func octets(of text: BodySection.Text?, from header: [UInt8]) -> [UInt8] { fatalError("API") }
}
