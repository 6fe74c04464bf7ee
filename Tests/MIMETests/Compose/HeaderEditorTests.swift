import MIME
import Testing

@Suite struct HeaderEditorTests {
    private func mark(_ name: String) -> HeaderWriter {
        var writer = HeaderWriter()
        writer.append(name, raw: "mark")
        return writer
    }

    @Test func removesEveryField() {
        var editor = HeaderEditor([UInt8]("A: 1\r\nBcc: x@y,\r\n z@w\r\nB: 2\r\nBCC : q\r\n\r\n"))
        #expect(editor.contains("bcc"))
        editor.remove("Bcc")
        #expect(editor.bytes.text == "A: 1\r\nB: 2\r\n\r\n")
        #expect(!editor.contains("Bcc"))
        editor.remove("Nothing")
        #expect(editor.bytes.text == "A: 1\r\nB: 2\r\n\r\n")
    }

    @Test func addsAtBothEnds() {
        var editor = HeaderEditor([UInt8]("A:  1  \r\n\tfolded\r\n\r\n"))
        editor.prepend(mark("Received"))
        editor.append(mark("X-End"))
        #expect(editor.bytes.text == "Received: mark\r\nA:  1  \r\n\tfolded\r\nX-End: mark\r\n\r\n")
    }

    @Test(arguments: [
        ("", "X: mark\r\n"), ("\r\n", "X: mark\r\n\r\n"), ("A: 1", "A: 1\r\nX: mark\r\n"),
        ("A: 1\r\n", "A: 1\r\nX: mark\r\n"), ("A: 1\n\nbody", "A: 1\nX: mark\r\n\n"),
        ("junk\r\n\r\nbody: no", "junk\r\nX: mark\r\n\r\n"),
    ])
    func oddHeaders(header: String, expected: String) {
        var editor = HeaderEditor([UInt8](header))
        editor.append(mark("X"))
        #expect(editor.bytes.text == expected)
    }
}
