import Bytes
import MIME
import MailTypes
import Testing

@Suite struct HeaderFieldTests {
    private func fields(_ header: String) -> [(name: String, value: String)] {
        HeaderFields([UInt8](header)).map { (Array($0.name).text, $0.value.text) }
    }

    @Test func fieldsInOrder() {
        let found = fields("A: 1\r\nB:2\r\n C\r\n\tD \r\nE : \r\na: 3\r\n\r\nF: body\r\n")
        #expect(found.map(\.name) == ["A", "B", "E", "a"])
        #expect(found.map(\.value) == ["1", "2 C D", "", "3"])
    }

    @Test(arguments: [
        ("", []), ("\r\n", []), ("\nA: 1\n", []), ("no colon\r\nA: 1", ["A"]), (" orphan\r\nA: 1\r\n\r\n", ["A"]),
        (": nameless\r\nA: 1", ["A"]), ("From x y: z\r\nA: 1", ["A"]), ("A: 1\nB: 2\n\nC: 3", ["A", "B"]),
        ("A:\r\n \r\n \r\nB: 2", ["A", "B"]), ("A", []), ("A:", ["A"]), ("A\u{0}: 1\r\nB: 2", ["B"]),
        ("A: 1\r\rB: 2\r\n", ["A"]), ("\r\r\nA: 1", ["A"]),
    ])
    func oddHeaders(header: String, names: [String]) {
        #expect(fields(header).map(\.name) == names)
    }

    /// The ranges of the fields cover what they were read from, to the octet.
    @Test func rangesCoverFields() {
        let header = [UInt8]("A: 1\r\n folded\r\nB: 2\nC: 3")
        let ranges = HeaderFields(header).map(\.range)
        #expect(ranges.map { Array(header[$0]).text } == ["A: 1\r\n folded\r\n", "B: 2\n", "C: 3"])
        #expect(HeaderFields(header).map { Array($0.rawValue).text } == [" 1\r\n folded", " 2", " 3"])
    }

    @Test func lookUp() {
        let header = MessageHeader([UInt8]("X-A: =?utf-8?b?w7w=?=\r\nx-a: two\r\nY: z\r\n\r\n"))
        #expect(header.first("x-A")?.text == "ü")
        #expect(header.all("X-a").map(\.value.text) == ["=?utf-8?b?w7w=?=", "two"])
        #expect(header.text("y") == "z")
        #expect(header.contains("Y") && !header.contains("Z"))
        #expect(header.text("Z") == nil)
    }

    @Test func summary() {
        let header = MessageHeader(Samples.plain)
        #expect(header.subject == "The scales")
        #expect(header.from.map(\.description) == ["Ann Archer <ann@archer.example>"])
        #expect(header.to.map(\.address.description) == ["support@posthouse.example"])
        #expect(header.messageID == "scales-1@archer.example")
        #expect(header.date?.seconds == 1_767_597_300)
        #expect(header.cc.isEmpty && header.bcc.isEmpty && header.references.isEmpty && header.inReplyTo.isEmpty)
        #expect(header.autoSubmitted == nil)
        #expect(!header.list.isPresent)
        #expect(MessageHeader([]).subject == "")
    }

    @Test func repeatedAddressFields() {
        let header = MessageHeader([UInt8]("To: a@b.example\r\nTo: c@d.example\r\n\r\n"))
        #expect(header.to.map(\.address.local) == ["a", "c"])
    }

    @Test func fieldsAreCounted() {
        let header = MessageHeader([UInt8](String(repeating: "A: 1\r\n", count: MessageHeader.maximumFields + 5)))
        #expect(header.fields.count == MessageHeader.maximumFields)
    }

    /// A value of many folds is unfolded once, not once a fold.
    @Test func manyFolds() {
        let header = MessageHeader([UInt8]("A: 1" + String(repeating: "\r\n x", count: 100_000) + "\r\n\r\n"))
        #expect(header.first("A")?.value.count == 200_001)
    }
}
