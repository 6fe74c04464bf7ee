import Bytes
import MIME
import Testing

@Suite struct MessageContentTests {
    private func content(_ message: [UInt8], _ limits: MessageContent.Limits = .standard) async -> MessageContent {
        await MessageScanner.scan(message).content(limits: limits) { Array(message[$0]) }
    }

    private func content(_ message: String) async -> MessageContent { await content(crlf(message)) }

    @Test func plain() async {
        let content = await content(Samples.plain)
        #expect(content.text == "The scales show kilograms\nwhere stones were asked for.\n")
        #expect(content.html == nil)
        #expect(content.attachments.isEmpty)
        #expect(!content.isTruncated)
    }

    @Test func nested() async {
        let content = await content(Samples.nested)
        #expect(content.text == "In words.")
        #expect(content.html == "<p>In <b>words</b>.</p>")
        #expect(content.attachments.map(\.name) == ["scale.png", "Older.eml"])
        #expect(content.attachments.map(\.type) == ["image/png", "message/rfc822"])
        #expect(content.attachments.map(\.isInline) == [true, false])
        #expect(content.attachments[0].contentID == "scale@archer.example")
        #expect(Array(Samples.nested[content.attachments[0].range]).text == "iVBORw0KGgo=")
        #expect(content.attachments[0].encoding == .base64)
        #expect(content.attachments[0].size == 12)
        #expect(MessageScanner.scan(Samples.nested).attachments() == content.attachments)
    }

    @Test func htmlAlone() async {
        let content = await content(
            """
            Content-Type: text/html; charset=iso-8859-2
            Content-Transfer-Encoding: quoted-printable

            <p>=A3=F3d=BC</p><script>x</script>
            """)
        #expect(content.text == "Łódź")
        #expect(content.html == "<p>Łódź</p>")
    }

    /// A plain form without a word says nothing.
    @Test func emptyPlainForm() async {
        let content = await content(
            """
            Content-Type: multipart/alternative; boundary=b

            --b


            --b
            Content-Type: text/html

            <p>Hello</p>
            --b--
            """)
        #expect(content.text == "Hello")
    }

    @Test func charsetDeclaredInTheDocument() async {
        let message =
            Array("Content-Type: text/html\r\n\r\n<meta http-equiv=x content=\"text/html; charset=koi8-r\">".utf8)
            + [0xF0, 0xD2]
        #expect(await content(message).text == "Пр")
    }

    /// A mailing list's footer belongs to both forms.
    @Test func footerBehindAlternatives() async {
        let content = await content(
            """
            Content-Type: multipart/mixed; boundary=m

            --m
            Content-Type: multipart/alternative; boundary=a

            --a

            text
            --a
            Content-Type: text/html

            <i>text</i>
            --a--
            --m

            footer <here>
            --m--
            """)
        #expect(content.text == "text\nfooter <here>")
        #expect(content.html == "<i>text</i><pre>footer &lt;here&gt;</pre>")
    }

    @Test func relatedRoot() async {
        let content = await content(
            """
            Content-Type: multipart/related; boundary=r; start="<root@a>"

            --r
            Content-Type: image/gif
            Content-ID: <pic@a>

            x
            --r
            Content-Type: text/html
            Content-ID: <root@a>

            <img src="cid:pic@a">word
            --r
            Content-Type: text/plain
            Content-ID: <note@a>

            not the text
            --r--
            """)
        #expect(content.text == "word")
        #expect(content.html == "<img src=\"cid:pic@a\">word")
        #expect(content.attachments.map(\.type) == ["image/gif", "text/plain"])
        #expect(content.attachments.map(\.isInline) == [true, true])
    }

    @Test func textThatIsAttached() async {
        let content = await content(
            """
            Content-Type: multipart/mixed; boundary=m

            --m

            text
            --m
            Content-Type: text/plain; name=notes.txt

            notes
            --m
            Content-Disposition: attachment

            attached
            --m
            Content-Type: text/calendar

            BEGIN:VCALENDAR
            --m
            Content-Type: text/html; name=page.html
            Content-Disposition: inline

            <p>page
            --m--
            """)
        #expect(content.text == "text")
        #expect(content.html == nil)
        #expect(content.attachments.map(\.name) == ["notes.txt", "", "", "page.html"])
    }

    @Test func signedAndReported() async {
        let content = await content(
            """
            Content-Type: multipart/signed; boundary=s; protocol="application/pgp-signature"

            --s
            Content-Type: multipart/report; boundary=r; report-type=delivery-status

            --r

            It did not arrive.
            --r
            Content-Type: message/delivery-status

            Reporting-MTA: dns; a.example
            --r--
            --s
            Content-Type: application/pgp-signature; name=signature.asc

            x
            --s--
            """)
        #expect(content.text == "It did not arrive.")
        #expect(content.attachments.map(\.type) == ["message/delivery-status", "application/pgp-signature"])
    }

    @Test func multipartWithoutParts() async {
        let content = await content("Content-Type: multipart/mixed\n\nstill to be read\n")
        #expect(content.text == "still to be read\n")
        #expect(content.attachments.isEmpty)
    }

    @Test func flowed() async {
        let content = await content("Content-Type: text/plain; format=Flowed\n\none \ntwo\n")
        #expect(content.text == "one two\n")
    }

    @Test func oddCharactersGo() async {
        #expect(await content([UInt8]("\r\na\u{0}b\rc\r\nd\n")).text == "ab\nc\nd\n")
    }

    @Test(arguments: [
        ("a.txt", "a.txt"), ("../../etc/passwd", "passwd"), ("C:\\\\temp\\\\a.txt", "a.txt"), ("a/", "a"), ("..", ""),
        ("...", ""), ("", ""), ("/", ""), ("a\tb", "a b"), ("gpj.\u{202E}exe", "gpj.exe"), ("caf\u{E9}", "café"),
        (".htaccess", ".htaccess"),
    ])
    func attachmentNames(name: String, expected: String) {
        let message = [UInt8]("Content-Type: image/png; name=\"\(name)\"\r\n\r\nx")
        #expect(MessageScanner.scan(message).attachments().map(\.name) == [expected])
    }

    @Test func nameOfDispositionWins() {
        let message = [UInt8](
            "Content-Type: image/png; name=a.png\r\nContent-Disposition: attachment; filename*=utf-8''%C3%A9.png\r\n\r\nx"
        )
        #expect(MessageScanner.scan(message).attachments().map(\.name) == ["é.png"])
        let long = String(repeating: "x", count: 500)
        let other = [UInt8]("Content-Type: image/png; name=\(long)\r\n\r\nx")
        #expect(MessageScanner.scan(other).attachments()[0].name.count == Attachment.maximumNameLength)
    }

    @Test func nameOfEnclosedMessage() {
        let message = [UInt8]("Content-Type: message/rfc822\r\n\r\nSubject: =?utf-8?q?a/b=C3=A9?=\r\n\r\nx")
        #expect(MessageScanner.scan(message).attachments().map(\.name) == ["a-bé.eml"])
        let nameless = [UInt8]("Content-Type: message/rfc822\r\n\r\n\r\nx")
        #expect(MessageScanner.scan(nameless).attachments().map(\.name) == ["message.eml"])
    }

    // MARK: Limits

    @Test func textLength() async {
        var limits = MessageContent.Limits()
        limits.textLength = 10
        let content = await content([UInt8]("Content-Type: text/plain; charset=utf-8\r\n\r\n123456789éabc"), limits)
        // No character is cut in two.
        #expect(content.text == "123456789")
        #expect(content.isTruncated)
    }

    @Test func partLength() async {
        var limits = MessageContent.Limits()
        limits.partLength = 4
        let content = await content([UInt8]("\r\n123456789"), limits)
        #expect(content.text == "1234")
        #expect(content.isTruncated)
    }

    @Test func counts() async {
        var limits = MessageContent.Limits()
        limits.textParts = 2
        limits.attachments = 3
        let parts =
            String(repeating: "--b\n\nx\n", count: 5) + String(repeating: "--b\nContent-Type: a/b\n\nx\n", count: 5)
        let content = await content(crlf("Content-Type: multipart/mixed; boundary=b\n\n\(parts)--b--\n"), limits)
        #expect(content.text == "x\nx")
        #expect(content.attachments.count == 3)
        #expect(content.isTruncated)
    }

    @Test func boundedHTML() async {
        var limits = MessageContent.Limits()
        limits.textLength = 100
        let html = String(repeating: "<b title='\"\"\"\"\"\"'>", count: 100)
        let content = await content([UInt8]("Content-Type: text/html\r\n\r\n\(html)"), limits)
        #expect(content.html?.utf8.count ?? 0 <= 800)
        #expect(content.isTruncated)
    }

    private struct Gone: Error {}

    @Test func failureToReadIsPassedOn() async {
        let structure = MessageScanner.scan(Samples.nested)
        await #expect(throws: Gone.self) { try await structure.content { (_) throws(Gone) -> [UInt8] in throw Gone() } }
    }
}
