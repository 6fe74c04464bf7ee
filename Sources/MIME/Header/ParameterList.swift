package import MailTypes

/// Parameters of a MIME field (RFC 2045 §5.1) with RFC 2231 continuations and charsets.
package enum ParameterList {
    /// Reads `; name=value …`, leniently. Continuations are joined; an encoded value keeps its encoding and its
    /// name ends in `*`.
    package static func parse(_ value: some Collection<UInt8>, limits: ScanLimits = .standard)
        -> [BodyStructure.Parameter]
    { fatalError("API") }

    /// Undoes the encodings of RFC 2231 and, as many senders need it, of RFC 2047.
    package static func decode(_ parameters: [BodyStructure.Parameter]) -> [DecodedParameter] { fatalError("API") }

    /// The parameter for a header, without the `;`: a token, a quoted string, or RFC 2231 in UTF-8, continued where
    /// it is long. One string a line.
    package static func encode(name: String, value: String) -> [String] { fatalError("API") }
}
