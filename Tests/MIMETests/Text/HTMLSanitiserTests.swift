import MIME
import Testing

@Suite struct HTMLSanitiserTests {
    @Test(arguments: [
        ("", ""), ("a & b", "a &amp; b"), ("<p>a</p>", "<p>a</p>"), ("<B>a</B>", "<b>a</b>"),
        (
            "<a href=\"https://a.example/?b=1&amp;c=2\">x</a>",
            "<a href=\"https://a.example/?b=1&amp;c=2\" rel=\"noopener noreferrer\">x</a>"
        ),
        ("<a href='mailto:a@b.example'>x</a>", "<a href=\"mailto:a@b.example\" rel=\"noopener noreferrer\">x</a>"),
        ("<img src=\"cid:a@b\" alt=\"x\">", "<img src=\"cid:a@b\" alt=\"x\">"),
        (
            "<td colspan=2 style='color: red; width:10px'>x</td>",
            "<td colspan=\"2\" style=\"color: red; width: 10px\">x</td>"
        ),
        ("<font color=\"#f00\" onclick=\"x()\">a</font>", "<font color=\"#f00\">a</font>"),
        ("a<br>b<hr/>", "a<br>b<hr>"), ("<custom-tag>a</custom-tag>", "a"),
        // Everything that runs, loads or asks.
        ("<script>alert(1)</script>a", "a"), ("<style>p{}</style>a", "a"), ("<link rel=stylesheet href=x>a", "a"),
        ("<iframe src=x>b</iframe>a", "a"), ("<object data=x>a</object>", "a"), ("<embed src=x>a", "a"),
        ("<form action=x><input name=y><button>a</button></form>", "a"), ("<meta http-equiv=refresh content=x>a", "a"),
        ("<base href=x>a", "a"), ("<svg><script>x</script></svg>a", "a"), ("<math><mi>a</mi></math>", "a"),
        ("<video src=x>a</video>", "a"), ("<textarea><b>x</textarea>a", "a"), ("<noscript>a</noscript>", "a"),
        ("<template>a</template>", "a"),
        // Images from elsewhere give way to their descriptions.
        ("<img src=\"http://a.example/pixel.gif\" width=1>", ""), ("<img src=x alt='a <b>'>", "a &lt;b&gt;"),
        ("<img src=\"data:image/png;base64,AA\">", ""), ("<body background=http://a.example/x>a", "a"),
        // Addresses that run something, however they are written.
        ("<a href=\"javascript:x()\">a</a>", "<a rel=\"noopener noreferrer\">a</a>"),
        ("<a href=\"JaVaScRiPt:x()\">a</a>", "<a rel=\"noopener noreferrer\">a</a>"),
        ("<a href=\"java&#10;script:x()\">a</a>", "<a rel=\"noopener noreferrer\">a</a>"),
        ("<a href=\"&#1;javascript:x()\">a</a>", "<a rel=\"noopener noreferrer\">a</a>"),
        ("<a href=\"&#106;avascript&colon;x()\">a</a>", "<a rel=\"noopener noreferrer\">a</a>"),
        ("<a href=\"data:text/html,x\">a</a>", "<a rel=\"noopener noreferrer\">a</a>"),
        ("<a href=\"//a.example\">a</a>", "<a rel=\"noopener noreferrer\">a</a>"),
        ("<a href=\"#x\" name=y id=z class=w>a</a>", "<a rel=\"noopener noreferrer\">a</a>"),
        // Styles that load or cover.
        ("<p style=\"background:url(http://a.example)\">a</p>", "<p>a</p>"),
        ("<p style=\"color:expression(x)\">a</p>", "<p>a</p>"), ("<p style=\"position:fixed;top:0\">a</p>", "<p>a</p>"),
        ("<p style=\"color:rgb(1, 2, 3);color:r\\65 d\">a</p>", "<p style=\"color: rgb(1, 2, 3)\">a</p>"),
        ("<p style=\"width:/**/1px\">a</p>", "<p>a</p>"), ("<p style=\"color:var(--x)\">a</p>", "<p>a</p>"),
        // Quotation marks don't lead out of an attribute.
        ("<p title=\"&quot; onclick=x\">a</p>", "<p title=\"&quot; onclick=x\">a</p>"),
        ("<p title='\"><script>'>a</p>", "<p title=\"&quot;&gt;&lt;script&gt;\">a</p>"),
        // Elements are closed, and nothing else is.
        ("<div><b>a", "<div><b>a</b></div>"), ("a</div></body>b", "ab"), ("<b><i>a</b>b</i>", "<b><i>a</i></b>b"),
        ("<p>a<p>b", "<p>a</p><p>b</p>"), ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("a<!-- --><b", "a"), ("&lt;script&gt;", "&lt;script&gt;"), ("a\u{0}b", "ab"),
    ])
    func sanitised(html: String, expected: String) {
        #expect(HTML.sanitised(html) == expected)
    }

    /// What was made harmless stays as it is when it is made harmless again, whatever it was.
    @Test func isStable() {
        var dice = Dice(10)
        let stock = [
            "<", ">", "</", "/>", "<!--", "-->", "\"", "'", "=", "&", "&lt;", "&#60;", "script", "a", "p", "b", "div",
            "img", " ", "href", "javascript:", "http:", "src", "cid:x", "style", "color:red", "onclick", "<p>", "<td>",
            "</p>", "<a href=\"", "<svg>", "<style>", "<textarea>", "]]>", "<![CDATA[", "\u{0}", "é",
        ]
        for _ in 0..<3000 {
            let html = (0..<Int.random(in: 1...25, using: &dice)).map { _ in stock.randomElement(using: &dice) ?? "" }
                .joined()
            let once = HTML.sanitised(html)
            #expect(HTML.sanitised(once) == once, "\(html)")
            let lower = once.lowercased()
            for word in ["<script", "<svg", "<style", "<textarea", "<!--"] { #expect(!lower.contains(word)) }
            #expect(lower.split(separator: "<").count - 1 <= lower.split(separator: ">").count)
        }
    }

    @Test func depthIsBounded() {
        let html = HTML.sanitised(
            String(repeating: "<div>", count: 1000) + "a" + String(repeating: "</div>", count: 1000))
        #expect(html.split(separator: ">").filter { $0.hasSuffix("<div") }.count == 256)
        #expect(html.hasSuffix("</div>"))
    }

    @Test func escaping() {
        #expect(HTML.escaped("<a href=\"x\">&") == "&lt;a href=&quot;x&quot;&gt;&amp;")
    }
}
