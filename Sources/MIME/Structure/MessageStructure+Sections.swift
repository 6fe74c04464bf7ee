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
        return HeaderSelection.octets(of: section.text, from: octets)
    }
}

/// Chooses header fields as `HEADER.FIELDS` and `HEADER.FIELDS.NOT` do (RFC 9051 §6.4.5.1).
package enum HeaderSelection {
    /// The fields of `header` with one of these names (compared without case), as they stand, and the empty line if there is one.
    package static func fields(named names: [[UInt8]], in header: [UInt8]) -> [UInt8] {
        select(names, isWanted: true, in: header)
    }

    /// All other fields, as they stand, and the empty line if there is one.
    package static func fields(notNamed names: [[UInt8]], in header: [UInt8]) -> [UInt8] {
        select(names, isWanted: false, in: header)
    }

    /// The octets that answer `text` from those that `MessageStructure.range(of:)` gave: fields chosen where fields are
    /// asked for, else all of them.
    package static func octets(of text: BodySection.Text?, from octets: [UInt8]) -> [UInt8] {
        switch text {
        case .headerFields(let names): fields(named: names, in: octets)
        case .headerFieldsNot(let names): fields(notNamed: names, in: octets)
        case nil, .header, .text, .mime: octets
        }
    }

    private static func select(_ names: [[UInt8]], isWanted: Bool, in header: [UInt8]) -> [UInt8] {
        let names = Set(names.map { $0.asciiLowercased() })
        var chosen: [UInt8] = []
        var position = 0
        while position < header.count {
            let start = position
            guard let first = HeaderLine.end(in: header, from: start) else {
                // The empty line belongs to every selection.
                chosen.append(contentsOf: header[start...])
                return chosen
            }
            position = HeaderLine.fieldEnd(in: header, firstLineEnd: first)
            let colon = ByteSearch.first(ASCII.colon, in: header, from: start, to: first)
            let name = header[start..<(colon ?? HeaderLine.contentEnd(in: header, to: first))].trimmingBlanks
            if names.contains(name.asciiLowercased()) == isWanted {
                chosen.append(contentsOf: header[start..<position])
            }
        }
        // A header without an empty line gives none (RFC 9051 §6.4.5.1).
        return chosen
    }
}
