import Bytes
import MIME
import Testing

@Suite struct SearchTextTests {
    private func plan(_ message: String, _ limits: SearchPlan.Limits = .standard) -> (SearchPlan, SearchText) {
        let octets = Array(message.replacing("\n", with: "\r\n").utf8)
        var scanner = MessageScanner()
        scanner.feed(octets)
        let plan = SearchPlan(scanner.finish(), limits: limits)
        return (plan, plan.text(plan.ranges.map { Array(octets[$0]) }))
    }

    private let mixed = """
        Subject: =?iso-8859-1?q?Gr=FC=DFe?=
        Content-Type: multipart/mixed; boundary=b

        preamble
        --b
        Content-Type: text/plain; charset=iso-8859-1
        Content-Transfer-Encoding: quoted-printable

        Sch=F6ne soft=
         break
        next
        --b
        Content-Type: text/html; charset=utf-8
        Content-Transfer-Encoding: base64

        PGI+QSAmYW1wOyBCPC9iPg==
        --b
        Content-Type: text/csv; name=list.csv
        Content-Disposition: attachment; filename=list.csv

        a;b
        --b
        Content-Type: application/octet-stream

        binary
        --b
        Content-Type: message/rfc822

        Subject: inside

        enclosed
        --b--
        epilogue

        """

    @Test func allTextAndAllHeaders() {
        let (plan, text) = plan(mixed)
        #expect(plan.isComplete)
        #expect(text.texts == ["Schöne soft break\nnext", "A & B", "<b>A &amp; B</b>", "a;b", "enclosed"])
        #expect(text.headers.count == 7)
        #expect(text.headers.first == "Subject: Grüße\nContent-Type: multipart/mixed; boundary=b")
        #expect(
            text.headers.contains(
                "Content-Type: text/csv; name=list.csv\nContent-Disposition: attachment; filename=list.csv"))
        #expect(text.headers.last == "Subject: inside")
    }

    @Test func limitsAreTold() {
        var few = SearchPlan.Limits()
        few.pieces = 3
        let (plan, text) = plan(mixed, few)
        #expect(!plan.isComplete && text.headers.count == 2 && text.texts.count == 1)
        var short = SearchPlan.Limits()
        short.octets = 60
        let cut = self.plan("Subject: x\n\n" + String(repeating: "word ", count: 100), short)
        #expect(!cut.0.isComplete)
        #expect(cut.0.ranges.reduce(0) { $0 + $1.count } == 60)
        #expect(cut.1.texts.first?.hasPrefix("word word ") == true)
        short.octets = 14
        #expect(self.plan("Subject: x\n\n", short).0.isComplete)
    }

    @Test func nothingToLookAt() {
        #expect(plan("").0.ranges.isEmpty)
        #expect(plan("").1.headers.isEmpty && plan("").1.texts.isEmpty)
        #expect(plan("\n").1.texts.isEmpty)
    }
}
