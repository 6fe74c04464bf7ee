/// Messages that the tests send around. Line ends are CRLF.
package enum Letters {
    /// A short letter in plain text.
    package static func plain(
        _ subject: String, from: String = "Jan Kowalski <jan@customer.test>", to: String = "support@example.test",
        number: Int = 1, headers: [String] = [], text: String = "Good morning,\n\nit does not work.\n"
    ) -> String {
        let head =
            [
                "From: \(from)", "To: \(to)", "Subject: \(subject)", "Date: Sat, 21 Nov 2026 10:00:00 +0100",
                "Message-ID: <letter-\(number)@customer.test>", "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8",
            ] + headers
        return (head.joined(separator: "\n") + "\n\n" + text).replacing("\n", with: "\r\n")
    }

    /// A customer's letter with text, HTML, a Polish subject and an attachment.
    package static let customer = """
        From: =?utf-8?q?Jan_Wo=C5=BAniak?= <jan@customer.test>
        To: support@example.test
        Subject: =?utf-8?b?WmHFvMOzxYLEhyBnxJnFm2zEhSBqYcW6xYQ=?=
        Date: Sat, 21 Nov 2026 10:00:00 +0100
        Message-ID: <customer-1@customer.test>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="outer"

        --outer
        Content-Type: multipart/alternative; boundary="inner"

        --inner
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 8bit

        Dzień dobry, drukarka nie działa.

        --inner
        Content-Type: text/html; charset=utf-8
        Content-Transfer-Encoding: 8bit

        <p>Dzień dobry, <b>drukarka</b> nie działa.</p>

        --inner--

        --outer
        Content-Type: application/pdf; name="faktura.pdf"
        Content-Disposition: attachment; filename="faktura.pdf"
        Content-Transfer-Encoding: base64

        JVBERi0xLjQKJSBhIHZlcnkgc21hbGwgZG9jdW1lbnQK

        --outer--

        """.replacing("\n", with: "\r\n")
}
