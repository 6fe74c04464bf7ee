internal import Bytes
internal import MIME
internal import MailTypes

/// BODYSTRUCTURE for a client that has not enabled UTF8=ACCEPT: as with its envelope (RFC 6855 §7), no UTF-8 in it. How deep
/// parts lie in one another is bounded by who has read the message.
extension BodyStructure {
    /// The same, descriptions in encoded words (RFC 2047) and parameters as RFC 2231 has them.
    func withoutUTF8() -> BodyStructure {
        switch self {
        case .single(var single):
            single.parameters = single.parameters.map(\.withoutUTF8)
            single.description = Envelope.encoded(single.description)
            single.extra.disposition = single.extra.disposition.map(\.withoutUTF8)
            if let message = single.message {
                single.message = Enclosed(
                    envelope: message.envelope.withoutUTF8(), structure: message.structure.withoutUTF8())
            }
            return .single(single)
        case .multipart(var multipart):
            multipart.parts = multipart.parts.map { $0.withoutUTF8() }
            multipart.parameters = multipart.parameters.map(\.withoutUTF8)
            multipart.extra.disposition = multipart.extra.disposition.map(\.withoutUTF8)
            return .multipart(multipart)
        }
    }
}

extension BodyStructure.Disposition {
    fileprivate var withoutUTF8: BodyStructure.Disposition {
        BodyStructure.Disposition(kind: kind, parameters: parameters.map(\.withoutUTF8))
    }
}

extension BodyStructure.Parameter {
    /// In UTF-8 and percent-encoded, where it is in UTF-8 and not encoded already (RFC 2231 §4).
    fileprivate var withoutUTF8: BodyStructure.Parameter {
        guard Envelope.utf8Text(value) != nil, name.last != UInt8(ascii: "*") else { return self }
        var encoded = Array("utf-8''".utf8)
        for byte in value { encoded.appendPercentEncoded(byte) }
        return BodyStructure.Parameter(name: name + [UInt8(ascii: "*")], value: encoded)
    }
}
