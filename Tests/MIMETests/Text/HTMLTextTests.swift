import MIME
import Testing

@Suite struct HTMLTextTests {
    @Test(arguments: [
        ("", ""), ("plain", "plain"), ("a <b>b</b> c", "a b c"), ("  a \n\t b  ", "a b"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"), ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("one<br><br><br>two", "one\n\ntwo"), ("<div>one</div><div>two</div>", "one\ntwo"),
        ("<div><div><p>one</p></div></div>two", "one\n\ntwo"),
        ("<ul><li>one<li>two</ul>after", "- one\n- two\n\nafter"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<h1>Title</h1>text", "Title\n\ntext"), ("a<hr>b", "a\n\n---\n\nb"),
        ("<pre>one\n  two</pre>three", "one\n  two\n\nthree"),
        ("<a href=\"http://a.example\">link</a>", "link"), ("<img alt=\"a picture\" src=x>", "a picture"),
        // What is not for reading.
        ("<html><head><title>t</title><style>p{}</style></head><body>b</body></html>", "b"),
        ("a<script>alert('<b>')</script>b", "ab"), ("a<SCRIPT>x</script >b", "ab"), ("a<style>x", "a"),
        ("a<!-- b -->c", "ac"), ("a<!-- b > -- > --->c", "ac"), ("a<!-->b", "ab"), ("a<!--->b", "ab"), ("a<!-- b", "a"),
        ("a<!-- x --!>b", "ab"), ("a<!DOCTYPE html>b", "ab"), ("a<?xml version='1'?>b", "ab"), ("a</ b>c", "ac"),
        ("<!--[if mso]><p>x</p><![endif]-->a", "a"), ("<![if !mso]>a<![endif]>", "a"),
        // Signs that begin no tag.
        ("1 < 2 > 1", "1 < 2 > 1"), ("a<", "a<"), ("a<1", "a<1"), ("a<b", "a"), ("a<b c='d", "a"),
        // Attributes that hide the end of a tag.
        ("<a title='>' b=\">\" c = d>x</a>", "x"), ("<a =x>y", "y"), ("<a/b/c>y", "y"), ("<br/>a", "a"),
        // References.
        ("&lt;b&gt; &amp;amp; &quot;", "<b> &amp; \""), ("caf&eacute;&nbsp;&euro;", "café\u{A0}€"),
        ("&#233;&#xE9;&#XE9;&#233", "éééé"), ("&#128;&#0;&#xD800;&#x110000;&#99999999999;", "€����"),
        ("&copy 2026 &copyx &ampx", "© 2026 &copyx &ampx"), ("&unknown; & &; &#; &#x;", "&unknown; & &; &#; &#x;"),
        ("a&#10;b", "a b"), ("&Lstrok;&oacute;d&zacute;", "Łódź"),
    ])
    func text(html: String, expected: String) {
        #expect(HTML.text(html) == expected)
    }

    @Test(
        .timeLimit(.minutes(20)),
        arguments: [
            "<", "<!--", "<a ", "&", "&#", "<a b='", "<script>", "</", "<a b=c ", "<div>", "<pre>", "<!-->", "<p><b>",
            "<a x=1 y=2>", "&lt", "<script></", "<!--a--",
        ])
    func hostileDocuments(unit: String) {
        let html = String(repeating: unit, count: 200_000 / unit.utf8.count)
        #expect(HTML.text(html).utf8.count <= html.utf8.count)
        #expect(HTML.sanitised(html).utf8.count <= html.utf8.count * 8)
    }
}
