internal import Bytes
internal import MailTypes

/// What names a mailbox, a message or a thread for good (RFC 8474 §4 to §7).
package struct ObjectID: Hashable, Sendable, CustomStringConvertible {
    /// Octets of the longest.
    package static let longest = 255

    private let text: String

    /// Nil when the octets are no `objectid`: letters, digits, `_` and `-`.
    package init?(_ octets: some Collection<UInt8>) {
        guard !octets.isEmpty, octets.count <= Self.longest, octets.allSatisfy(Self.belongs) else { return nil }
        text = String(lossy: octets)
    }

    private static func belongs(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }

    package var description: String { text }
}

extension CommandReader {
    /// `objectid` with the space before it.
    mutating func objectID() throws(IMAPSyntaxError) -> ObjectID {
        try space()
        let start = position
        guard let id = ObjectID(try astring()) else { throw .unexpected(position: start, expected: "an identifier") }
        return id
    }
}

extension ResponseReader {
    /// `(objectid)`; nil for anything else.
    func objectID(_ value: Value?) -> ObjectID? {
        guard case .list(let members)? = value, members.count == 1 else { return nil }
        return nstringOrAtom(members[0]).flatMap { ObjectID($0) }
    }
}

extension [UInt8] {
    /// `(objectid)`.
    mutating func append(objectID: ObjectID) { append(text: "(\(objectID))") }
}
