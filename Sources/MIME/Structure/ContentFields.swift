internal import Bytes
package import MailTypes

/// What the `Content-…` fields of one part say (RFC 2045 §3, RFC 2183, RFC 3282, RFC 2557), octets as written.
package struct ContentFields: Hashable, Sendable {
    package typealias Parameter = BodyStructure.Parameter

    /// The type as written; `text` when the field is absent or unreadable.
    package var type = Array("text".utf8)
    package var subtype = Array("plain".utf8)
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

    /// Whether the type is this one, compared without case.
    package func isType(_ name: String) -> Bool { type.equalsIgnoringASCIICase(name.utf8) }

    /// Whether the media type is this one, compared without case.
    package func isType(_ type: String, _ subtype: String) -> Bool {
        isType(type) && self.subtype.equalsIgnoringASCIICase(subtype.utf8)
    }

    /// The decoded value of a parameter of the type, its name compared without case.
    package func parameter(_ name: String) -> String? { ParameterList.decode(parameters).value(of: name) }

    /// `type/subtype` in lower case.
    package var essence: String { String(lossy: (type + [ASCII.slash] + subtype).asciiLowercased()) }

    /// Reads them from the fields of a part's header. The first field of a name counts.
    /// - Parameter isDigest: the part is directly in a `multipart/digest`, whose parts are messages when they say
    ///   nothing else (RFC 2046 §5.1.5).
    init(_ fields: some Sequence<HeaderField>, isDigest: Bool, limits: ScanLimits) {
        var hasType = false
        for field in fields
        where field.name.startsIgnoringASCIICase(with: "Content-".utf8) && field.rawValue.count <= limits.fieldLength {
            switch String(lossy: field.name.dropFirst(8).asciiLowercased()) {
            case "type" where !hasType:
                hasType = true
                readType(field.value, limits)
            case "transfer-encoding" where encoding == nil: encoding = Self.encoding(field.value)
            case "id" where id == nil: id = field.value
            case "description" where description == nil: description = field.value
            case "disposition" where disposition == nil: disposition = Self.disposition(field.value, limits)
            case "language" where languages.isEmpty: languages = Self.languages(field.value, limits)
            case "location" where location == nil: location = field.value
            case "md5" where md5 == nil: md5 = field.value
            default: break
            }
        }
        if isDigest, !hasType {
            type = Array("message".utf8)
            subtype = Array("rfc822".utf8)
        }
    }

    private mutating func readType(_ value: [UInt8], _ limits: ScanLimits) {
        var lexer = HeaderLexer(value)
        guard let (type, subtype) = lexer.mediaType() else { return }
        self.type = Array(type)
        self.subtype = Array(subtype)
        parameters = ParameterList.parse(value[lexer.cursor.position...], limits: limits)
    }

    /// One word, as RFC 2045 §6.1 asks; of several the first, when it is an encoding (`base64;` is seen), else none.
    private static func encoding(_ value: [UInt8]) -> [UInt8]? {
        var lexer = HeaderLexer(value)
        lexer.skipBlanksAndComments()
        let word = lexer.quotedString() ?? Array(lexer.token())
        lexer.skipBlanksAndComments()
        let isAlone = lexer.cursor.isAtEnd
        let isKnown = ["7bit", "8bit", "binary", "base64", "quoted-printable"].contains {
            word.equalsIgnoringASCIICase($0.utf8)
        }
        return !word.isEmpty && (isAlone || isKnown) ? word : nil
    }

    private static func disposition(_ value: [UInt8], _ limits: ScanLimits) -> BodyStructure.Disposition? {
        var lexer = HeaderLexer(value)
        lexer.skipBlanksAndComments()
        let kind = lexer.quotedString() ?? Array(lexer.token())
        let parameters = ParameterList.parse(value[lexer.cursor.position...], limits: limits)
        // Where the word is missing but a file is named, it can only have meant one thing.
        guard !kind.isEmpty || !parameters.isEmpty else { return nil }
        return BodyStructure.Disposition(kind: kind.isEmpty ? Array("attachment".utf8) : kind, parameters: parameters)
    }

    /// `Content-Language` (RFC 3282 §2).
    private static func languages(_ value: [UInt8], _ limits: ScanLimits) -> [[UInt8]] {
        var lexer = HeaderLexer(value)
        var tags: [[UInt8]] = []
        while tags.count < limits.parameters {
            lexer.skipBlanksAndComments()
            let tag = lexer.token()
            if !tag.isEmpty {
                tags.append(Array(tag))
            } else if lexer.cursor.next() == nil {
                break
            }
        }
        return tags
    }

    /// Octets that are kept for this part, for the bound on all of them.
    var cost: Int {
        var sum = type.count + subtype.count + (encoding?.count ?? 0) + (id?.count ?? 0) + (description?.count ?? 0)
        sum += (location?.count ?? 0) + (md5?.count ?? 0) + languages.reduce(0) { $0 + $1.count }
        for parameter in parameters + (disposition?.parameters ?? []) {
            sum += parameter.name.count + parameter.value.count
        }
        return sum
    }
}
