/// Messages written for these tests.
enum Samples {
    static let plain = crlf(
        """
        From: Ann Archer <ann@archer.example>
        To: support@posthouse.example
        Subject: The scales
        Date: Mon, 5 Jan 2026 08:15:00 +0100
        Message-ID: <scales-1@archer.example>

        The scales show kilograms
        where stones were asked for.

        """)

    /// Text in two forms, one picture, one enclosed message with an attachment of its own.
    static let nested = crlf(
        """
        From: Ann Archer <ann@archer.example>
        Subject: Everything at once
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="outer"

        This is a preamble.
        --outer
        Content-Type: multipart/alternative; boundary=inner

        --inner
        Content-Type: text/plain; charset=utf-8

        In words.
        --inner
        Content-Type: text/html; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        <p>In <b>words</b>.</p>
        --inner--
        An epilogue inside.
        --outer
        Content-Type: image/png; name="scale.png"
        Content-Transfer-Encoding: base64
        Content-ID: <scale@archer.example>
        Content-Disposition: inline; filename="scale.png"

        iVBORw0KGgo=
        --outer
        Content-Type: message/rfc822
        Content-Description: The first letter

        From: Bert <bert@baker.example>
        Subject: Older
        Content-Type: multipart/mixed; boundary=deep

        --deep

        Dear Ann
        --deep
        Content-Type: application/pdf
        Content-Disposition: attachment; filename=bill.pdf
        Content-Transfer-Encoding: base64

        JVBERg==
        --deep--
        --outer--
        And an epilogue.

        """)

    /// A message that encloses another as its only part.
    static let forwarded = crlf(
        """
        Subject: Fwd: Older
        Content-Type: message/rfc822

        From: Bert <bert@baker.example>
        Subject: Older

        Dear Ann

        """)

    /// Parts that say nothing of themselves are messages here.
    static let digest = crlf(
        """
        Subject: Today
        Content-Type: multipart/digest; boundary=d

        --d

        Subject: One

        first
        --d
        Content-Type: text/plain

        a word from the editor
        --d--

        """)

    static let all: [[UInt8]] = [plain, nested, forwarded, digest]
}
