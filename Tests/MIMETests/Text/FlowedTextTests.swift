import MIME
import Testing

@Suite struct FlowedTextTests {
    @Test(arguments: [
        ("", ""), ("a\n", "a\n"), ("a", "a"), ("one \ntwo\n", "one two\n"),
        ("one \ntwo \nthree\nfour", "one two three\nfour"),
        // Stuffing, quoting, signatures (RFC 3676 §4).
        (" From a\n", "From a\n"), ("  a\n", " a\n"), (" >a\n", ">a\n"),
        ("> one \n> two\nthree\n", "> one two\nthree\n"), ("> one \n>> two\n", "> one \n>> two\n"),
        (">one \ntwo\n", "> one \ntwo\n"), ("text \n-- \nname\n", "text \n-- \nname\n"), ("> \n> a\n", ">\n> a\n"),
        ("a \n\nb\n", "a \nb\n"),
    ])
    func unflowed(text: String, expected: String) {
        #expect(FlowedText.unflowed(text, deletingSpaces: false) == expected)
    }

    @Test func deletedSpaces() {
        #expect(FlowedText.unflowed("漢 \n字\n", deletingSpaces: true) == "漢字\n")
    }
}
