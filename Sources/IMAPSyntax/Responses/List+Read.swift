internal import Bytes
internal import MailTypes

extension ResponseReader {
    /// A mailbox name in text, and whether it is exactly that.
    mutating func decodeName(_ encoded: [UInt8]) -> (name: String, isDecodable: Bool) {
        if utf8 {
            if let name = String(strictUTF8: encoded) { return (name, true) }
        } else if let name = ModifiedUTF7.decode(encoded) {
            return (name, true)
        } else if encoded.contains(where: { $0 >= 0x80 }), let name = String(strictUTF8: encoded) {
            quirks.insert(.unencodedMailboxName)
            return (name, false)
        }
        quirks.insert(.undecodableMailboxName)
        return (String(lossy: encoded), false)
    }

    /// `mailbox-list`, the word taken.
    mutating func listResponse() -> ListResponse? {
        guard case .list(let attributes)? = value() else { return nil }
        spaces()
        guard let delimiter = value() else { return nil }
        spaces()
        guard let encoded = astring() else { return nil }
        let (name, isDecodable) = decodeName(encoded)
        var response = ListResponse(
            attributes: attributes.compactMap { nstringOrAtom($0).map { String(lossy: $0) } },
            delimiter: character(delimiter), name: name, encodedName: encoded, isDecodable: isDecodable)
        spaces()
        if peek == UInt8(ascii: "("), case .list(let items)? = value() { readExtended(items, into: &response) }
        return response
    }

    /// As `nstring`, for places where an atom is what belongs there.
    func nstringOrAtom(_ value: Value) -> [UInt8]? {
        switch value {
        case .atom(let range): Array(bytes[range])
        case .string(let octets): octets
        default: nil
        }
    }

    private mutating func character(_ value: Value) -> Character? {
        guard let octets = nstring(value), octets.count == 1, octets[0] < 0x80 else { return nil }
        return Character(Unicode.Scalar(octets[0]))
    }

    /// Extended items come in pairs of a name and a value (RFC 5258 §6).
    private mutating func readExtended(_ items: [Value], into response: inout ListResponse) {
        for index in stride(from: 0, to: items.count - 1, by: 2) {
            guard let name = nstringOrAtom(items[index]), case .list(let values) = items[index + 1] else { continue }
            let texts = values.compactMap { nstringOrAtom($0) }
            if name.equalsIgnoringASCIICase("CHILDINFO".utf8) {
                response.childInfo = texts.map { String(lossy: $0) }
            } else if name.equalsIgnoringASCIICase("OLDNAME".utf8), let old = texts.first {
                response.oldName = decodeName(old).name
            }
        }
    }

    /// `STATUS`, the word taken.
    mutating func statusResponse() -> StatusResponse? {
        guard let encoded = astring() else { return nil }
        spaces()
        guard case .list(let members)? = value() else { return nil }
        var response = StatusResponse(name: decodeName(encoded).name, values: [])
        for index in stride(from: 0, to: members.count - 1, by: 2) {
            guard let name = nstringOrAtom(members[index]),
                let item = StatusItem(rawValue: String(lossy: name).uppercased())
            else { continue }
            if item == .mailboxID {
                if let id = objectID(members[index + 1]) { response.values.append(StatusValue(mailboxID: id)) }
                continue
            }
            let isNil = if case .atom(let range) = members[index + 1] { self.isNil(range) } else { false }
            response.values.append(StatusValue(item, isNil ? nil : number(members[index + 1])))
        }
        return response
    }

    /// `NAMESPACE`, the word taken.
    mutating func namespaces() -> Namespaces? {
        var kinds: [[Namespaces.Namespace]] = []
        for _ in 0..<3 {
            guard let value = value() else { break }
            kinds.append(namespaces(value))
            spaces()
        }
        guard kinds.count == 3 else { return nil }
        return Namespaces(personal: kinds[0], otherUsers: kinds[1], shared: kinds[2])
    }

    private mutating func namespaces(_ value: Value) -> [Namespaces.Namespace] {
        guard case .list(let members) = value else { return [] }
        var namespaces: [Namespaces.Namespace] = []
        for case .list(let pair) in members where pair.count >= 2 {
            guard let prefix = nstring(pair[0]) else { continue }
            namespaces.append(
                .init(prefix: decodeName(prefix).name, delimiter: character(pair[1])))
        }
        return namespaces
    }
}
