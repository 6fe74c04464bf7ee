import Bytes
import MIME
import Testing

@Suite struct PreviewTests {
    private func preview(_ message: [UInt8], _ limits: PreviewLimits = .standard) async -> String {
        await MessageScanner.scan(message).preview(limits: limits) { Array(message[$0]) }
    }

    private func preview(plain text: String) async -> String {
        await preview(crlf("Content-Type: text/plain; charset=utf-8\n\n" + text))
    }

    private func preview(html: String) async -> String {
        await preview(crlf("Content-Type: text/html; charset=utf-8\n\n" + html))
    }

    @Test(arguments: [
        ("", ""), ("\n \n\t\n", ""), ("One line.", "One line."), ("One\n\n  two \t three\n", "One two three"),
        // What cannot be seen.
        ("a\u{A0}\u{2003}\u{3000}b\u{B}c", "a b c"), ("\u{FEFF}a\u{200B}b\u{AD}c\u{2060}", "abc"),
        ("a\u{202E}b\u{FFFC}", "ab"), ("x\u{200C} \u{200C} \u{200C}y", "x y"), ("\u{34F} \u{200C}Hello", "Hello"),
        ("می\u{200C}خواهم", "می\u{200C}خواهم"), ("👩\u{200D}🔬 ❤\u{FE0F}", "👩\u{200D}🔬 ❤\u{FE0F}"),
        ("a\u{2800}\u{2800}b", "a b"), ("a\u{1B}[0m", "a [0m"),
        // Insertions of clients that make text of HTML.
        ("See our site <https://x.example/a?b> now", "See our site now"), ("[cid:a@b]Hello[image: Logo]", "Hello"),
        ("Mail <mailto:a@x.example>", "Mail"), ("a <b> [c] <http:x>", "a <b> [c] <http:x>"),
        ("no end <https://x.example", "no end <https://x.example"), ("[cid:", "[cid:"),
        // Ornaments.
        ("=====\nNews\n-----\n* * *\n____\nToday", "News Today"), ("...", "..."), ("a --- b", "a --- b"),
        ("- one\n- two", "- one - two"),
    ])
    func plain(text: String, expected: String) async { #expect(await preview(plain: text) == expected) }

    @Test(arguments: [
        ("Yes.\n\n> Really?\n> No.\nFine.", "Yes. Fine."), ("> Really?\nYes.", "Yes."),
        // Who is quoted goes with the quotation.
        ("Yes.\n\nOn Mon, 3 Mar 2025, Ann wrote:\n> Really?", "Yes."),
        ("Yes.\nOn Mon, Mar 3, 2025 at 10:00 AM Ann Archer\n<ann@x.example> wrote:\n\n> Really?", "Yes."),
        ("Order 12345 is out.\nAnn wrote:\n> When?", "Order 12345 is out."),
        ("It is 10:30, 2025.\nOn 3 March Ann wrote:\n> When?", "It is 10:30, 2025."),
        ("Am 03.03.25 um 10:00 schrieb Ann:\n> Wirklich?\nJa.", "Ja."),
        ("Le lundi, Ann a écrit :\n> Vraiment ?\nOui.", "Oui."), ("Ann napisała:\n> Tak?\nTak.", "Tak."),
        ("2025年3月3日 Ann <ann@x.example>：\n> 本当？\nはい。", "はい。"),
        ("My answers:\n> Really?\nYes.", "My answers: Yes."), ("Ann wrote:\n\nHello", "Ann wrote: Hello"),
        ("One\ntwo\nthree\nfour\nAnn wrote:\n> five\nsix", "One two three four six"),
        // Signatures.
        ("Hello\n-- \nAnn Archer\nArcher Ltd", "Hello"), ("Hello\n--\nAnn", "Hello"), ("Hello\n---\nAnn", "Hello Ann"),
        // What is answered below.
        ("Yes.\n\n-----Original Message-----\nFrom: Ann\nSent: today\n\nReally?", "Yes."),
        ("Ja.\n____________________\nVon: Ann <ann@x.example>\nGesendet: heute\nAn: Bob\n\nWirklich?", "Ja."),
        ("From: here on it is easy.\nYes.", "From: here on it is easy. Yes."),
        // What is forwarded is the message.
        (
            "---------- Forwarded message ---------\nFrom: Ann <ann@x.example>\nDate: today\nSubject: x\nTo: Bob\n\n\nHello",
            "Hello"
        ),
        ("Begin\n\n---------- Forwarded message ---------\nFrom: Ann\n\nHello", "Begin"),
        ("*From:* Ann\n*Sent:* today\n\nHello", "Hello"),
        // Nothing but quotation is shown as it is.
        ("> Really?\n>> No.\n", "Really? No."), ("Ann wrote:\n> Really?", "Ann wrote: Really?"),
        ("-- \nAnn", "Ann"),
        // OpenPGP.
        ("-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----", ""),
        ("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n-----BEGIN PGP SIGNATURE-----\n\niQ\n", "Hello"),
    ])
    func quotations(text: String, expected: String) async { #expect(await preview(plain: text) == expected) }

    @Test(arguments: [
        ("<p>Hello <b>Ann</b>,</p><p>all&nbsp;is well.</p>", "Hello Ann, all is well."),
        ("<title>t</title><style>p { color: red }</style><script>x</script><p>Text", "Text"),
        ("<img alt=Logo src=x><p>Text", "Text"), ("<img alt=Logo src=x>", ""),
        ("<div style='display:none'>Before all&zwnj;&nbsp;&zwnj;&nbsp;</div><p>Text", "Before all Text"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b c"), ("a<br>b<hr>c", "a b c"),
        // What mail clients mark as quotation.
        (
            "<div>Yes.</div><div class=\"gmail_quote\"><div class=gmail_attr>On … Ann wrote:</div>"
                + "<blockquote class=\"gmail_quote\"><div>Really?</div></blockquote></div>", "Yes."
        ),
        (
            "<p>Yes.</p><div class=\"moz-cite-prefix\">Am 3.3. schrieb Ann:<br></div>"
                + "<blockquote type=\"cite\"><div>Really?<div>No</div></div></blockquote><p>Fine.</p>", "Yes. Fine."
        ),
        ("<p>On 3 March Ann wrote:</p><blockquote type=cite>Really?</blockquote>Yes.", "Yes."),
        ("<blockquote>Indented</blockquote>", "Indented"),
        (
            "<p>Yes.</p><div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\"><b>From:</b> Ann<br><b>Sent:</b> x"
                + "<br></div><div>Really?</div>", "Yes."
        ),
        (
            "<div id=\"divRplyFwdMsg\"><b>From:</b> Ann<br><b>Sent:</b> x<br><b>To:</b> Bob</div><br><div>Really?</div>",
            "Really?"
        ),
        ("Hello<pre class=moz-signature>-- \nAnn</pre>", "Hello"), ("Hello<br>-- <br>Ann", "Hello"),
        ("<blockquote type=cite><p>Really?</p></blockquote>", "Really?"), ("<blockquote type=cite>open", "open"),
    ])
    func html(html: String, expected: String) async { #expect(await preview(html: html) == expected) }

    // MARK: Which part

    @Test func plainBeforeHTML() async {
        #expect(await preview(Samples.nested) == "In words.")
    }

    @Test(arguments: [("", "HTML"), ("> quoted\n", "HTML"), ("-- \nAnn", "HTML"), ("Plain", "Plain")])
    func alternatives(plain: String, expected: String) async {
        let message = crlf(
            """
            Content-Type: multipart/alternative; boundary=b

            --b

            \(plain)
            --b
            Content-Type: text/html

            <p>HTML</p>
            --b--
            """)
        #expect(await preview(message) == expected)
    }

    @Test func attachmentsSayNothing() async {
        let message = crlf(
            """
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Disposition: attachment

            attached
            --b
            Content-Type: image/png

            x
            --b--
            """)
        #expect(await preview(message) == "")
    }

    @Test func encodings() async {
        let text = crlf("Content-Type: text/plain; charset=koi8-r\nContent-Transfer-Encoding: base64\n\n8NLJ18XU")
        #expect(await preview(text) == "Привет")
        let flowed = crlf("Content-Type: text/plain; format=flowed\n\n> a \n> b\nc \nd\n")
        #expect(await preview(flowed) == "c d")
    }

    // MARK: Limits

    @Test func length() async {
        let words = String(repeating: "word ", count: 1000)
        #expect(await preview(plain: words) == String(words.prefix(199)))
        #expect(await preview(plain: String(repeating: "é", count: 300)) == String(repeating: "é", count: 200))
        #expect(await preview(plain: String(repeating: "x", count: 200)).count == 200)
        // No character as people count them is cut.
        let family = "👩\u{200D}👩\u{200D}👧"
        #expect(await preview(plain: String(repeating: family, count: 90)) == String(repeating: family, count: 40))
        let marks = "a" + String(repeating: "\u{301}", count: 500)
        #expect(await preview(plain: marks).unicodeScalars.count == 200)
    }

    /// Whatever the pieces that the part comes in, the preview is the same; and no more is read than it takes.
    @Test(arguments: [1, 2, 3, 7, 64, 8192]) func pieces(firstRead: Int) async {
        var limits = PreviewLimits()
        limits.firstRead = firstRead
        for text in ["Grüße, 世界 👋. ", "Hello\n\n", "word\nOn 3.3.2025 Ann wrote:\n> no\n", "> no\n"] {
            let body = Array(String(repeating: text, count: 600).utf8)
            for encoding in ["8bit", "quoted-printable", "base64"] {
                let head = [UInt8]("Content-Transfer-Encoding: \(encoding)\r\n\r\n")
                let message =
                    head
                    + (encoding == "base64"
                        ? Base64.encode(body) : encoding == "8bit" ? body : body.flatMap { Self.quoted($0) })
                let structure = MessageScanner.scan(message)
                var count = 0
                let found = await structure.preview(limits: limits) { range in
                    count += range.count
                    return Array(message[range])
                }
                #expect(found == (await preview(message)), "\(text.debugDescription) \(encoding)")
                #expect(text.hasPrefix(">") || count <= 4 * 4096 + firstRead, "\(count) octets")
            }
        }
    }

    private static func quoted(_ byte: UInt8) -> [UInt8] {
        byte == 0x0A || (byte < 0x80 && byte != 0x3D) ? [byte] : Array("=\([byte].hexadecimal)".utf8)
    }

    @Test func boundedReading() async {
        var limits = PreviewLimits()
        limits.octets = 1000
        limits.parts = 3
        let parts = String(repeating: "--b\n\n\(String(repeating: "> quoted\n", count: 60))\n", count: 10)
        let message = crlf("Content-Type: multipart/mixed; boundary=b\n\n\(parts)--b--\n")
        var count = 0
        let found = await MessageScanner.scan(message).preview(limits: limits) { range in
            count += range.count
            return Array(message[range])
        }
        #expect(count == 1000)
        #expect(found.hasPrefix("quoted quoted"))
        limits.octets = 5
        // Where the limit cuts a character, it is left out.
        #expect(await preview([UInt8]("\r\nabcdéf"), limits) == "abcd")
        limits.octets = 0
        #expect(await preview([UInt8]("\r\nabc"), limits) == "")
    }

    @Test func whatIsShorterThanTold() async {
        let message = [UInt8]("\r\n") + [UInt8](repeating: 0x78, count: 100_000)
        let structure = MessageScanner.scan(message)
        #expect(await structure.preview { _ in [] } == "")
        #expect(await structure.preview { Array(message[$0].prefix(3)) } == "xxx")
    }

    private struct Gone: Error {}

    @Test func failureToReadIsPassedOn() async {
        let structure = MessageScanner.scan(Samples.nested)
        await #expect(throws: Gone.self) { try await structure.preview { (_) throws(Gone) -> [UInt8] in throw Gone() } }
    }

    @Test(arguments: ["<", "<https://", "[cid:", "\u{200D}", "> ", "<div class=gmail_quote>", "</div>", "--\n", "\n-"])
    func oddInput(piece: String) async {
        let text = String(repeating: piece, count: 100_000)
        #expect(await preview(plain: text).unicodeScalars.count <= 200)
        #expect(await preview(html: text).unicodeScalars.count <= 200)
    }
}
