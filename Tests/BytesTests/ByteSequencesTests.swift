import Bytes
import Testing

@Suite struct ByteSequencesTests {
    @Test func comparesWithoutCase() {
        #expect("Subject".utf8.equalsIgnoringASCIICase("sUBJECT".utf8))
        #expect(!"Subject".utf8.equalsIgnoringASCIICase("Subjects".utf8))
        #expect(!"a".utf8.equalsIgnoringASCIICase("b".utf8))
        // Only letters have a case: `[` and `{` differ as `A` and `a` do.
        #expect(!"[".utf8.equalsIgnoringASCIICase("{".utf8))
        #expect([UInt8]().equalsIgnoringASCIICase("".utf8))
        let slice = Array("xxFrom".utf8)[2...]
        #expect(slice.equalsIgnoringASCIICase("from".utf8))
        #expect("from".utf8.lazy.map { $0 }.equalsIgnoringASCIICase(slice))
        #expect("List-Id".utf8.startsIgnoringASCIICase(with: "LIST-".utf8))
        #expect(!"List".utf8.startsIgnoringASCIICase(with: "LIST-".utf8))
    }

    @Test func lowerCase() {
        #expect("ÄbC-Z[".utf8.asciiLowercased() == Array("Äbc-z[".utf8))
        #expect(Array("xABC".utf8)[1...].asciiLowercased() == Array("abc".utf8))
    }

    @Test(
        arguments: [
            ("", nil), ("0", 0), ("007", 7), ("18446744073709551615", .max), ("18446744073709551616", nil), ("1a", nil),
            ("-1", nil), (" 1", nil),
        ] as [(String, UInt64?)])
    func decimals(text: String, value: UInt64?) {
        #expect(text.utf8.decimalValue == value)
        #expect(Array(("x" + text).utf8)[1...].decimalValue == value)
    }

    @Test(arguments: [
        ("", ""), ("a", "a"), (" a", "a"), ("a\t ", "a"), (" \ta b ", "a b"), (" ", ""), ("\t\t", ""), ("\r a", "\r a"),
    ])
    func trims(text: String, expected: String) {
        #expect(Array(text.utf8.trimmingBlanks) == Array(expected.utf8))
        let slice = Array(("x" + text + "x").utf8).dropFirst().dropLast()
        #expect(Array(slice.trimmingBlanks) == Array(expected.utf8))
    }
}
