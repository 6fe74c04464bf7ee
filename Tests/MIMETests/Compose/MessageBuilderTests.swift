import Bytes
import MIME
import MailTypes
import Testing

@Suite struct MessageBuilderTests {
    private var builder: MessageBuilder {
        var builder = MessageBuilder(
            from: NamedAddress(name: "Wsparcie", address: EmailAddress(local: "support", domain: "p.example")),
            subject: "Otrzymaliśmy zgłoszenie", date: Moment(seconds: 1_767_597_300, zone: 60), messageID: "u@p.example"
        )
        builder.to = [NamedAddress(name: "", address: EmailAddress(local: "ann", domain: "a.example"))]
        builder.inReplyTo = ["q@a.example"]
        builder.references = ["p@a.example", "q@a.example"]
        builder.autoSubmitted = "auto-replied"
        builder.extraFields = [("X-Mark", "żółty")]
        return builder
    }

    @Test func plainText() async {
        let message = builder.message(text: "Dzień dobry,\njuż patrzymy.\n")
        let header = MessageHeader(message)
        #expect(header.subject == "Otrzymaliśmy zgłoszenie")
        #expect(header.from.map(\.description) == ["Wsparcie <support@p.example>"])
        #expect(header.to.map(\.description) == ["ann@a.example"])
        #expect(header.messageID == "u@p.example")
        #expect(header.inReplyTo == ["q@a.example"])
        #expect(header.references == ["p@a.example", "q@a.example"])
        #expect(header.autoSubmitted == .autoReplied)
        #expect(header.date == Moment(seconds: 1_767_597_300, zone: 60))
        #expect(header.text("X-Mark") == "żółty")
        let content = await MessageScanner.scan(message).content { Array(message[$0]) }
        #expect(content.text == "Dzień dobry,\njuż patrzymy.\n")
        expectTransportable(message)
    }

    @Test(arguments: [
        "", "a", "a\n", "a\r\nb\rc\n", ".\n..\nFrom x\n", String(repeating: "x", count: 2000), "é", "a\u{0}",
    ])
    func texts(text: String) async {
        let message = builder.message(text: text)
        expectTransportable(message)
        let content = await MessageScanner.scan(message).content { Array(message[$0]) }
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.joined(separator: "\n")
        let expected = lines.isEmpty || lines.hasSuffix("\n") ? lines : lines + "\n"
        #expect(content.text == expected.filter { $0 != "\u{0}" })
    }

    @Test func deliveryReport() async {
        let report = builder.deliveryReport(
            text: "Nie udało się.", reportingHost: "p.example",
            envelopeID: "QQ+1",
            recipients: [
                .init(
                    address: "ann@a.example", original: "rfc822; Ann@old.example", status: "5.1.1",
                    diagnostic: "550 5.1.1 no such\r\nX: user"),
                .init(address: "bea@b.example", status: "4.4.7", action: .delayed),
            ], boundary: "=_report", original: .header(Array(Samples.plain.prefix(120))))
        let structure = MessageScanner.scan(report)
        #expect(
            structure.parts.map(\.fields.essence) == [
                "multipart/report", "text/plain", "message/delivery-status", "text/rfc822-headers",
            ])
        #expect(structure.root.fields.parameter("report-type") == "delivery-status")
        let status = Array(report[structure.parts[2].body]).text
        #expect(
            status
                == crlf(
                    """
                    Original-Envelope-Id: QQ+1
                    Reporting-MTA: dns; p.example

                    Original-Recipient: rfc822; Ann@old.example
                    Final-Recipient: rfc822; ann@a.example
                    Action: failed
                    Status: 5.1.1
                    Diagnostic-Code: smtp; 550 5.1.1 no such  X: user

                    Final-Recipient: rfc822; bea@b.example
                    Action: delayed
                    Status: 4.4.7
                    """
                ).text)
        #expect(await structure.content { Array(report[$0]) }.text == "Nie udało się.")
        expectTransportable(report)
    }

    @Test func reportAboutInternationalAddress() {
        let report = builder.deliveryReport(
            text: "x", reportingHost: "p.example", recipients: [.init(address: "ö@a.example", status: "5.6.7")],
            boundary: "b",
            original: .header([UInt8]("Subject: ö\r\n\r\n")))
        let structure = MessageScanner.scan(report)
        #expect(structure.parts[2].fields.essence == "message/global-delivery-status")
        #expect(structure.parts[2].fields.encoding.text == "8bit")
        #expect(structure.parts[3].fields.essence == "message/global-headers")
        #expect(Array(report[structure.parts[2].body]).text.contains("utf-8; ö@a.example"))
    }

    @Test func reportBringsTheMessageBack() {
        let original = crlf("Subject: hi\n\nGr\u{FC}\u{DF}e\n")
        let report = builder.deliveryReport(
            text: "x", reportingHost: "p.example", recipients: [.init(address: "a@a.example", status: "5.1.1")],
            boundary: "b", original: .message(original))
        let structure = MessageScanner.scan(report)
        // The message's own part follows the one that holds it.
        #expect(structure.parts[2].fields.essence == "message/delivery-status")
        #expect(structure.parts[3].fields.essence == "message/rfc822")
        #expect(structure.parts[3].fields.encoding.text == "8bit" && structure.root.fields.encoding.text == "8bit")
        #expect(Array(report[structure.parts[3].body]).text.hasPrefix("Subject: hi\r\n\r\nGr"))
    }

    /// Lines end in CRLF alone and are short enough for SMTP (RFC 5321 §4.5.3.1.6).
    private func expectTransportable(_ message: [UInt8]) {
        #expect(message.suffix(2) == [ASCII.cr, ASCII.lf])
        for line in message.dropLast(2).split(separator: ASCII.lf, omittingEmptySubsequences: false).dropLast() {
            #expect(line.last == ASCII.cr)
            #expect(line.count <= 998)
            #expect(!line.dropLast().contains(ASCII.cr))
        }
        #expect(message.allSatisfy { $0 < 0x80 && $0 != 0 })
    }
}
