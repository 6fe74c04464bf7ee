/// Messages as they should not be, or hardly ever are, made by code. Line ends are CRLF, or what is wrong with them.
package enum StrangeLetters {
    /// A name for each, for failure messages.
    package static let all: [(name: String, text: String)] = [
        ("nest", nest(depth: 12)),
        ("no end boundary", multipart("mixed", ["Content-Type: text/plain\n\none\n", "\ntwo\n"], closes: false)),
        ("no boundary parameter", head("Content-Type: multipart/mixed") + "\r\nnothing is found\r\n"),
        ("boundary that never comes", head("Content-Type: multipart/mixed; boundary=never") + "\r\nonly this\r\n"),
        ("empty parts", multipart("mixed", ["", "\n", "Content-Type: text/html\n\n", "Content-Type: text/plain\n"])),
        ("no part at all", multipart("mixed", [])),
        ("preamble and epilogue", multipart("mixed", ["\nin it\n"], preamble: "before\n", epilogue: "after\n")),
        ("boundary as a prefix", multipart("mixed", ["\n--bx\n--b-\n -- b\n--bb\n", "\nlast\n"])),
        (
            "blanks after a boundary",
            multipart("mixed", ["\none\n", "\ntwo\n"]).replacing("--b\r\n", with: "--b \t\r\n")
        ),
        ("alternative in related in mixed", related),
        ("digest", multipart("digest", ["\nSubject: first\nFrom: a@b.test\n\nbody one\n", "\nSubject: 2\n\nx\n"])),
        ("forwarded", head("Content-Type: message/rfc822") + "\r\n" + nest(depth: 2)),
        (
            "forwarded twice",
            head("Content-Type: message/rfc822") + "\r\n" + "Content-Type: message/rfc822\r\n\r\n"
                + "Subject: innermost\r\n\r\nfar in\r\n"
        ),
        (
            "forwarded, encoded",
            head("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64")
                + "\r\nU3ViamVjdDogaGlkZGVuDQoNCmJvZHkNCg==\r\n"
        ),
        ("wrong charset", head("Content-Type: text/plain; charset=no-such-charset-8") + "\r\nbytes \u{e9}\u{142}\r\n"),
        (
            "8 bit header",
            "Subject: Za\u{17c}\u{f3}\u{142}\u{107}\r\nFrom: Ja\u{144} <jan@customer.test>\r\n\r\nbody\r\n"
        ),
        (
            "rfc 2231",
            head(
                """
                Content-Type: application/octet-stream; name*0*=UTF-8''za%C5%BC%C3%B3; name*1=" plain "; name*2*=%C5%82
                Content-Disposition: attachment; filename*=iso-8859-2'pl'%B1%B6; size="12"
                """) + "\r\nxxxx\r\n"
        ),
        ("rfc 2231 out of order", head("Content-Type: text/plain; name*1=b; name*0=a; charset=us-ascii") + "\r\nx\r\n"),
        ("two content types", head("Content-Type: text/html\nContent-Type: text/plain; charset=utf-8") + "\r\n<b>\r\n"),
        ("two subjects", "Subject: one\r\nFrom: a@b.test\r\nSubject: two\r\nFrom: c@d.test\r\n\r\nbody\r\n"),
        ("odd content type", head("Content-Type: text") + "\r\nx\r\n"),
        ("empty content type", head("Content-Type:") + "\r\nx\r\n"),
        ("comments", head("Content-Type: text/(what)plain (comment); charset=(no)us-ascii") + "\r\nx\r\n"),
        (
            "huge header",
            head(
                (0..<400).map { "X-Line-\($0): \(String(repeating: "y", count: 70))" }
                    .joined(separator: "\n")) + "\r\nafter it\r\n"
        ),
        ("one long field", "Subject: \(String(repeating: "long ", count: 3000))\r\n\r\nx\r\n"),
        ("folded", "Subject: one\r\n two\r\n\tthree\r\n \r\nFrom: A\r\n <a@b.test>\r\n\r\nx\r\n"),
        ("no header", "\r\nthere is no header\r\n"),
        ("no body", "Subject: no body\r\nFrom: a@b.test\r\n"),
        ("no empty line", "Subject: and then\r\nno field here\r\nX: y\r\n"),
        ("bare LF", "Subject: lf\nFrom: a@b.test\n\nline\nline\r\nline\n"),
        ("no end of line", "Subject: none\r\n\r\nno end of line"),
        ("groups", "To: A group: a@b.test, \"B, C\" <b@c.test>;, undisclosed-recipients:;\r\nCc: ;\r\n\r\nx\r\n"),
        (
            "odd addresses",
            "From: <>\r\nTo: nobody, <@a,@b:c@d.test>, \"q\\\"uoted\"@e.test, x@\r\n"
                + "Cc: a@b@c, <a b@c.test>\r\nReply-To:\r\n\r\nx\r\n"
        ),
        (
            "quoted-printable",
            head("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: QUOTED-PRINTABLE")
                + "\r\n=5A=\r\na=C5=BC=ZZ=\r\n"
        ),
        (
            "language and location",
            head(
                """
                Content-Language: pl, en-GB
                Content-Location: http://example.test/a b
                Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==
                Content-ID: <id@example.test>
                Content-Description: =?utf-8?q?opis?=
                """) + "\r\nx\r\n"
        ),
        ("dots and parentheses", "Subject: \"quoted\\\" (and) {5}\r\nMessage-ID: <a b>\r\n\r\n.\r\n..\r\n) OK\r\n"),
    ]

    private static func head(_ fields: String) -> String {
        ("From: Jan <jan@customer.test>\nTo: support@example.test\nSubject: strange\nMIME-Version: 1.0\n"
            + "Date: Sat, 21 Nov 2026 10:00:00 +0100\nMessage-ID: <s@customer.test>\n" + fields + "\n")
            .replacing("\n", with: "\r\n")
    }

    private static func multipart(
        _ kind: String, _ parts: [String], closes: Bool = true, preamble: String = "", epilogue: String = ""
    ) -> String {
        var text = preamble
        for part in parts { text += "--b\n\(part)\n" }
        if closes { text += "--b--\n" }
        return head("Content-Type: multipart/\(kind); boundary=b") + "\r\n"
            + (text + epilogue).replacing("\n", with: "\r\n")
    }

    private static func nest(depth: Int) -> String {
        var text = "Content-Type: text/plain\n\nthe innermost\n"
        for level in 0..<depth {
            text = """
                Content-Type: multipart/mixed; boundary="level \(level)"

                --level \(level)
                \(text)
                --level \(level)

                beside \(level)
                --level \(level)--

                """
        }
        return "Subject: nest\r\nMIME-Version: 1.0\r\n" + text.replacing("\n", with: "\r\n")
    }

    private static let related = """
        Subject: related
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=m

        --m
        Content-Type: multipart/related; boundary=r; type="multipart/alternative"

        --r
        Content-Type: multipart/alternative; boundary=a

        --a
        Content-Type: text/plain; charset=iso-8859-1; format=flowed

        text
        --a
        Content-Type: text/html

        <img src="cid:i">
        --a--
        --r
        Content-Type: image/png
        Content-ID: <i>
        Content-Transfer-Encoding: base64

        iVBORw0KGgo=
        --r--
        --m
        Content-Type: message/rfc822
        Content-Disposition: attachment

        Subject: inside
        From: in@side.test
        Content-Type: multipart/mixed; boundary=i

        --i

        inner one
        --i
        Content-Type: text/x-odd; x=y

        inner two
        --i--
        --m--

        """.replacing("\n", with: "\r\n")
}
