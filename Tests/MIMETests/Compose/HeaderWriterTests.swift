import Bytes
import MIME
import MailTypes
import Testing

@Suite struct HeaderWriterTests {
    private func written(_ fill: (inout HeaderWriter) -> Void) -> String {
        var writer = HeaderWriter()
        fill(&writer)
        return writer.bytes.text
    }

    @Test func fields() {
        let ann = NamedAddress(name: "Archer, Ann", address: EmailAddress(local: "ann b", domain: "a.example"))
        let bea = NamedAddress(name: "", address: EmailAddress(local: "bea", domain: "b.example"))
        let text = written { writer in
            writer.append("Date", date: Moment(seconds: 880_127_706, zone: -360))
            writer.append("From", addresses: [ann, bea])
            writer.append("Cc", addresses: [])
            writer.append("Subject", text: "Zaż ab")
            writer.append("References", messageIDs: ["a@b", "c@d"])
            writer.append("In-Reply-To", messageIDs: [])
            writer.append("Content-Type", value: "text/plain", parameters: [DecodedParameter(name: "a", value: "b c")])
            writer.append("X-Raw", raw: "as it is")
            writer.finish()
        }
        #expect(
            text
                == crlf(
                    """
                    Date: Fri, 21 Nov 1997 09:55:06 -0600
                    From: "Archer, Ann" <"ann b"@a.example>, bea@b.example
                    Subject: =?utf-8?Q?Za=C5=BC?= ab
                    References: <a@b> <c@d>
                    Content-Type: text/plain; a="b c"
                    X-Raw: as it is


                    """
                ).text)
    }

    @Test func folding() {
        let long = (1...40).map { "word\($0)" }.joined(separator: " ")
        let text = written { $0.append("Subject", text: long) }
        for line in text.split(separator: "\r\n") { #expect(line.utf8.count <= HeaderWriter.lineLength) }
        #expect(MessageHeader([UInt8](text)).subject == long)
        // What has no blank is not broken.
        let unbroken = String(repeating: "x", count: 150)
        #expect(written { $0.append("A", raw: unbroken) } == "A: \(unbroken)\r\n")
        // No line is blank but for the one that ends a header.
        let gap = "a" + String(repeating: " ", count: 200) + "b"
        for line in written({ $0.append("A", raw: gap) }).split(separator: "\r\n") {
            #expect(line.contains { $0 != " " })
        }
    }

    /// No text gets out of its field.
    @Test(arguments: [
        "\r\nBcc: x@y", "\nBcc: x@y", "\rBcc: x@y", "a\u{0}b", "a\r\n\r\nbody", "=?utf-8?q?=0D=0ABcc:_x?=",
    ])
    func injection(text: String) {
        let address = NamedAddress(name: text, address: EmailAddress(local: text, domain: "a.example" + text))
        let written = written { writer in
            writer.append("A", text: text)
            writer.append("B", raw: text)
            writer.append("C", addresses: [address])
            writer.append("D", messageIDs: [text])
            writer.append("E", value: text, parameters: [DecodedParameter(name: "x", value: text)])
            writer.finish()
        }
        let header = [UInt8](written)
        #expect(HeaderFields(header).map { Array($0.name).text } == ["A", "B", "C", "D", "E"])
        #expect(MessageScanner.scan(header).root.body.isEmpty)
        #expect(!header.contains(0))
    }

    @Test func messageIDs() {
        #expect(MessageIDWriter.text(unique: "a.b-1", domain: "c.example") == "a.b-1@c.example")
        #expect(MessageIDWriter.text(unique: "a b>", domain: "c@d\r\n") == "ab@cd")
    }

    @Test func addressText() {
        #expect(HeaderWriter.text(of: EmailAddress(local: "a.b", domain: "c.example")) == "a.b@c.example")
        #expect(HeaderWriter.text(of: EmailAddress(local: "a..b", domain: "c")) == "\"a..b\"@c")
        #expect(HeaderWriter.text(of: EmailAddress(local: "a\"b", domain: "c")) == "\"a\\\"b\"@c")
        #expect(HeaderWriter.text(of: EmailAddress(local: "ö", domain: "ü.example")) == "ö@ü.example")
    }
}
