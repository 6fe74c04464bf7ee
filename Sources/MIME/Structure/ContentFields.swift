package import MailTypes

/// What the `Content-…` fields of one part say (RFC 2045 §3, RFC 2183, RFC 3282, RFC 2557), octets as written.
package struct ContentFields: Hashable, Sendable {
    package typealias Parameter = BodyStructure.Parameter

    /// The type as written; `text` when the field is absent or unreadable.
    package var type: [UInt8] = Array("text".utf8)
    package var subtype: [UInt8] = Array("plain".utf8)
    /// Continuations (RFC 2231 §3) are joined; an encoded value keeps its encoding and its name ends in `*`.
    package var parameters: [Parameter] = []
    /// The transfer encoding as written, nil when absent.
    package var encoding: [UInt8]?
    package var id: [UInt8]?
    package var description: [UInt8]?
    package var disposition: BodyStructure.Disposition?
    package var languages: [[UInt8]] = []
    package var location: [UInt8]?
    package var md5: [UInt8]?

    package init() {}
}
