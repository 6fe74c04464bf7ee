internal import Bytes

/// What the `List-…` fields say (RFC 2369, RFC 2919, RFC 8058).
package struct ListFields: Hashable, Sendable {
    /// Addresses kept of one field.
    package static let maximumAddresses = 20

    /// The list's identifier, without angle brackets and description.
    package var id: String?
    /// Addresses (`mailto:` and others), without angle brackets; empty also for `List-Post: NO`.
    package var post: [String] = []
    package var unsubscribe: [String] = []
    package var help: [String] = []
    package var subscribe: [String] = []
    package var archive: [String] = []
    package var owner: [String] = []
    /// `List-Unsubscribe-Post: List-Unsubscribe=One-Click` (RFC 8058 §3.1).
    package var unsubscribesInOneClick = false
    /// Whether any field whose name begins with `List-` is there, those not read here among them.
    package var isPresent = false

    package init() {}

    /// Reads them from a header.
    package init(_ header: MessageHeader) {
        for field in header.fields where field.name.startsIgnoringASCIICase(with: "List-".utf8) {
            isPresent = true
            let value = field.value
            switch String(lossy: field.name.asciiLowercased()) {
            case "list-id": id = id ?? Self.identifier(value)
            case "list-post": post += Self.addresses(value)
            case "list-unsubscribe": unsubscribe += Self.addresses(value)
            case "list-help": help += Self.addresses(value)
            case "list-subscribe": subscribe += Self.addresses(value)
            case "list-archive": archive += Self.addresses(value)
            case "list-owner": owner += Self.addresses(value)
            case "list-unsubscribe-post":
                unsubscribesInOneClick = value.equalsIgnoringASCIICase("List-Unsubscribe=One-Click".utf8)
            default: break
            }
        }
    }

    /// What the last pair of angle brackets holds (RFC 2919 §3); the whole value when there is none.
    private static func identifier(_ value: [UInt8]) -> String? {
        guard let open = value.lastIndex(of: ASCII.openAngle) else {
            return value.isEmpty ? nil : String(lossy: value)
        }
        let inside = value[(open + 1)...].prefix { $0 != ASCII.closeAngle }
        return inside.isEmpty ? nil : String(lossy: inside)
    }

    /// What each pair of angle brackets holds (RFC 2369 §2), blanks removed.
    private static func addresses(_ value: [UInt8]) -> [String] {
        var lexer = HeaderLexer(value)
        var found: [String] = []
        while found.count < maximumAddresses {
            lexer.skipBlanksAndComments()
            guard let byte = lexer.cursor.next() else { break }
            guard byte == ASCII.openAngle else { continue }
            let inside = lexer.cursor.take { $0 != ASCII.closeAngle }.filter { !HeaderLexer.isBlank($0) }
            if !inside.isEmpty { found.append(String(lossy: inside)) }
        }
        return found
    }
}
