internal import Bytes
package import MailTypes

extension MessageStructure {
    /// Where the octets of `BODY[section]` lie, or nil when the message has no such section (RFC 9051 §6.4.5.1).
    /// For a selection of header fields it is the whole header they are to be chosen from, by `HeaderSelection`.
    package func range(of section: BodySection) -> Range<Int>? {
        if section.part.isEmpty {
            switch section.text {
            case nil: return 0..<size
            case .header, .headerFields, .headerFieldsNot: return root.header
            case .text: return root.body
            case .mime: return nil
            }
        }
        guard let index = index(of: section.part) else { return nil }
        switch section.text {
        case nil: return parts[index].body
        case .mime: return parts[index].header
        case .header, .headerFields, .headerFieldsNot, .text:
            // Only an enclosed message has a header and a text of its own.
            guard parts[index].kind == .message else { return nil }
            let body = parts[index].body
            guard let enclosed = child(1, of: index) else { return body.lowerBound..<body.lowerBound }
            return section.text == .text ? parts[enclosed].body : parts[enclosed].header
        }
    }

    /// The octets of `BODY[section]`, those of a selection of header fields chosen; nil when there is no such section.
    package func octets<Failure: Error>(
        of section: BodySection, read: (Range<Int>) async throws(Failure) -> [UInt8]
    ) async throws(Failure) -> [UInt8]? {
        guard let range = range(of: section) else { return nil }
        let octets = try await read(range)
        return HeaderSelection(section.text)?.fields(of: octets) ?? octets
    }
}
