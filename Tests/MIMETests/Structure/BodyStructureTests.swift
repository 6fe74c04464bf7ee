import Bytes
import MIME
import MailTypes
import Testing

@Suite struct BodyStructureTests {
    /// BODYSTRUCTURE as it stands on the wire, without quotation marks and literals.
    static func wire(_ structure: BodyStructure) -> String {
        func text(_ octets: [UInt8]?) -> String { octets.text ?? "NIL" }
        func list(_ parameters: [BodyStructure.Parameter]) -> String {
            parameters.isEmpty
                ? "NIL" : "(\(parameters.map { "\($0.name.text) \($0.value.text)" }.joined(separator: " ")))"
        }
        func extra(_ extra: BodyStructure.Extension) -> String {
            let disposition = extra.disposition.map { "(\($0.kind.text) \(list($0.parameters)))" } ?? "NIL"
            let languages = extra.languages.isEmpty ? "NIL" : "(\(extra.languages.map(\.text).joined(separator: " ")))"
            return "\(disposition) \(languages) \(text(extra.location))"
        }
        switch structure {
        case .single(let single):
            var words = [
                single.type.text, single.subtype.text, list(single.parameters), text(single.id),
                text(single.description), single.encoding.text, "\(single.size)",
            ]
            if let message = single.message {
                words.append("[\(text(message.envelope.subject))] " + wire(message.structure))
            }
            if let lines = single.lines { words.append("\(lines)") }
            return "(\((words + [text(single.md5), extra(single.extra)]).joined(separator: " ")))"
        case .multipart(let multipart):
            let parts = multipart.parts.map(wire).joined()
            return "(\(parts) \(multipart.subtype.text) \(list(multipart.parameters)) \(extra(multipart.extra)))"
        }
    }

    @Test func nested() {
        let structure = MessageScanner.scan(Samples.nested)
        #expect(
            Self.wire(structure.bodyStructure)
                == "(((text plain (charset utf-8) NIL NIL 7bit 9 0 NIL NIL NIL NIL)"
                + "(text html (charset utf-8) NIL NIL quoted-printable 23 0 NIL NIL NIL NIL)"
                + " alternative (boundary inner) NIL NIL NIL)"
                + "(image png (name scale.png) <scale@archer.example> NIL base64 12 NIL"
                + " (inline (filename scale.png)) NIL NIL)"
                + "(message rfc822 NIL NIL The first letter 7bit 263 [Older]"
                + " ((text plain (charset us-ascii) NIL NIL 7bit 8 0 NIL NIL NIL NIL)"
                + "(application pdf NIL NIL NIL base64 8 NIL (attachment (filename bill.pdf)) NIL NIL)"
                + " mixed (boundary deep) NIL NIL NIL) 13 NIL NIL NIL NIL)"
                + " mixed (boundary outer) NIL NIL NIL)")
    }

    @Test func extensionData() {
        let message = crlf(
            """
            Content-Type: text/plain; charset="utf-8"; format=flowed
            Content-ID: <a@b.example>
            Content-Description: all of it
            Content-Transfer-Encoding: 8BIT (as it comes)
            Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==
            Content-Disposition: Attachment; filename="a \\"b\\".txt"; size=4
            Content-Language: en, (comment) pl-PL
            Content-Location: http://a.example/b

            one
            two

            """)
        #expect(
            Self.wire(MessageScanner.scan(message).bodyStructure)
                == "(text plain (charset utf-8 format flowed) <a@b.example> all of it 8BIT 10 2"
                + " Q2hlY2sgSW50ZWdyaXR5IQ== (Attachment (filename a \"b\".txt size 4)) (en pl-PL) http://a.example/b)")
    }

    @Test(arguments: [
        // A multipart must have a part.
        (
            "Content-Type: multipart/mixed\r\n\r\nx",
            "((text plain (charset us-ascii) NIL NIL 7bit 0 0 NIL NIL NIL NIL) mixed NIL NIL NIL NIL)"
        ),
        (
            "Content-Type: Message/RFC822\r\n\r\n",
            "(message rfc822 NIL NIL NIL 7bit 0 [NIL] (text plain (charset us-ascii) NIL NIL 7bit 0 0 NIL NIL NIL NIL)"
                + " 0 NIL NIL NIL NIL)"
        ),
        // Only text and messages count lines.
        ("Content-Type: image/png\r\n\r\na\r\nb\r\n", "(image png NIL NIL NIL 7bit 6 NIL NIL NIL NIL)"),
        ("Content-Type: TEXT/X\r\n\r\na\r\nb", "(TEXT X (charset us-ascii) NIL NIL 7bit 4 1 NIL NIL NIL NIL)"),
        (
            "Content-Type: text/plain; charset*=utf-8''utf-8\r\n\r\n",
            "(text plain (charset* utf-8''utf-8) NIL NIL 7bit 0 0 NIL NIL NIL NIL)"
        ),
        (
            "Content-Transfer-Encoding: base64;\r\n\r\n",
            "(text plain (charset us-ascii) NIL NIL base64 0 0 NIL NIL NIL NIL)"
        ),
        (
            "Content-Transfer-Encoding: x-own\r\n\r\n",
            "(text plain (charset us-ascii) NIL NIL x-own 0 0 NIL NIL NIL NIL)"
        ),
        (
            "Content-Transfer-Encoding: as you like\r\n\r\n",
            "(text plain (charset us-ascii) NIL NIL 7bit 0 0 NIL NIL NIL NIL)"
        ),
        (
            "Content-Type: image/png\r\nContent-Disposition: ; filename=a.png\r\n\r\n",
            "(image png NIL NIL NIL 7bit 0 NIL (attachment (filename a.png)) NIL NIL)"
        ),
    ])
    func oddFields(message: String, expected: String) {
        #expect(Self.wire(MessageScanner.scan([UInt8](message)).bodyStructure) == expected)
    }
}
