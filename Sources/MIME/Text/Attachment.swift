internal import Bytes
internal import MailTypes

/// A part that is no text to be read in place.
package struct Attachment: Hashable, Sendable {
    /// Characters of a name that are kept.
    package static let maximumNameLength = 200

    /// Index in the structure's parts.
    package var part: Int
    /// The file name, decoded, without any directory; empty when none is given.
    package var name: String
    /// `type/subtype` in lower case.
    package var type: String
    /// Without angle brackets, for parts that the HTML refers to.
    package var contentID: String?
    package var isInline: Bool
    /// The encoded octets in the message.
    package var range: Range<Int>
    package var encoding: TransferEncoding

    /// Octets before decoding.
    package var size: Int { range.count }

    /// The part at `index` as an attachment, whatever it is.
    package init(_ index: Int, of structure: MessageStructure) {
        let part = structure.parts[index]
        self.part = index
        type = part.fields.essence
        contentID = part.fields.id.flatMap { MessageIDList.parse($0).first ?? (($0.isEmpty) ? nil : String(lossy: $0)) }
        isInline = part.fields.disposition.map { $0.kind.equalsIgnoringASCIICase("inline".utf8) } ?? (contentID != nil)
        range = part.body
        encoding = TransferEncoding(part.fields.encoding)
        name = Self.fileName(part.fields)
        if name.isEmpty, part.kind == .message {
            let subject = structure.child(1, of: index).flatMap { structure.parts[$0].envelope?.subject }
            let title = Self.safe(EncodedWord.decode(subject ?? []).split(separator: "/").joined(separator: "-"))
            name = (title.isEmpty ? "message" : title) + ".eml"
        }
    }

    /// The name that a part gives its content; empty when it gives none.
    static func fileName(_ fields: ContentFields) -> String {
        let disposition = fields.disposition.flatMap { ParameterList.decode($0.parameters).value(of: "filename") }
        return safe(disposition ?? fields.parameter("name") ?? "")
    }

    /// Without directories, control characters and what turns the reading direction around, so that a name neither
    /// leads elsewhere nor shows a false ending.
    private static func safe(_ name: String) -> String {
        let last = name.split { $0 == "/" || $0 == "\\" }.last ?? ""
        let plain = last.unicodeScalars.filter { scalar in
            scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
                && !(0x202A...0x202E).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value)
        }
        let text = String(String(String.UnicodeScalarView(plain)).prefix(maximumNameLength))
        return text.allSatisfy({ $0 == "." || $0 == " " }) ? "" : text
    }
}
