import MIME
import Testing

@Suite struct MessageIDListTests {
    @Test(arguments: [
        ("", []), ("<a@b>", ["a@b"]), ("<a@b> <c@d>", ["a@b", "c@d"]), ("<a@b><c@d>", ["a@b", "c@d"]),
        ("<a@b>\r\n\t<c@d>,\r\n <e@f>", ["a@b", "c@d", "e@f"]),
        // Blanks inside, comments and phrases around (RFC 5322 §4.5.4).
        ("< a @ b >", ["a@b"]), ("(see <x@y>) <a@b>", ["a@b"]), ("Your letter \"of <x@y>\" <a@b>", ["a@b"]),
        ("<no-at-sign>", ["no-at-sign"]), ("<>", []),
        // Without brackets.
        ("a@b", ["a@b"]), ("a@b c@d", ["a@b", "c@d"]), ("a@b <c@d>", ["c@d"]), ("words only", []),
        // Brackets that are missing.
        ("<a@b <c@d>", ["a@b", "c@d"]), ("<a@b", ["a@b"]), ("a@b>", ["a@b>"]), ("\"", []), ("(", []),
    ])
    func lists(value: String, expected: [String]) {
        #expect(MessageIDList.parse([UInt8](value)) == expected)
    }

    @Test func limits() {
        let many = (0..<MessageIDList.maximum + 5).map { "<\($0)@x>" }.joined(separator: " ")
        let found = MessageIDList.parse([UInt8](many))
        #expect(found.count == MessageIDList.maximum)
        // The newest are kept.
        #expect(found.last == "\(MessageIDList.maximum + 4)@x")
        let long = String(repeating: "x", count: MessageIDList.maximumLength + 1)
        #expect(MessageIDList.parse([UInt8]("<\(long)> <a@b>")) == ["a@b"])
    }

    @Test(.timeLimit(.minutes(20)), arguments: ["<", "(", "\"", "<<>", "(<", "a@ ", ",", ">"])
    func hostileLists(unit: String) {
        let value = [UInt8](String(repeating: unit, count: 200_000 / unit.utf8.count))
        #expect(MessageIDList.parse(value).count <= MessageIDList.maximum)
    }
}
