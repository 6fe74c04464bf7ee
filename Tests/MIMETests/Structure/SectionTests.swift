import Bytes
import MIME
import MailTypes
import Testing

@Suite struct SectionTests {
    private func text(_ part: [UInt32], _ text: BodySection.Text?, of message: [UInt8]) async -> String? {
        let structure = MessageScanner.scan(message)
        return await structure.octets(of: BodySection(part: part, text: text)) { Array(message[$0]) }.text
    }

    @Test func wholeMessage() async {
        #expect(await text([], nil, of: Samples.nested) == Samples.nested.text)
        let header = await text([], .header, of: Samples.nested) ?? ""
        let body = await text([], .text, of: Samples.nested) ?? ""
        #expect(header + body == Samples.nested.text)
        #expect(await text([], .mime, of: Samples.nested) == nil)
    }

    @Test func partNumbers() async {
        #expect(await text([1, 1], nil, of: Samples.nested) == "In words.")
        #expect(await text([1, 1], .mime, of: Samples.nested) == "Content-Type: text/plain; charset=utf-8\r\n\r\n")
        #expect(await text([2], nil, of: Samples.nested) == "iVBORw0KGgo=")
        #expect(await text([3, 1], nil, of: Samples.nested) == "Dear Ann")
        #expect(await text([3, 2], nil, of: Samples.nested) == "JVBERg==")
        let enclosed = await text([3], nil, of: Samples.nested) ?? ""
        #expect(enclosed.hasPrefix("From: Bert"))
        #expect(enclosed.hasSuffix("--deep--"))
        let header = await text([3], .header, of: Samples.nested) ?? ""
        let body = await text([3], .text, of: Samples.nested) ?? ""
        #expect(header + body == enclosed)
        #expect(await text([3], .mime, of: Samples.nested)?.hasPrefix("Content-Type: message/rfc822") == true)
    }

    @Test(
        arguments: [
            ([4], nil), ([0], nil), ([1, 3], nil), ([2, 1], nil), ([3, 3], nil), ([3, 1, 1], nil),
            // Only an enclosed message has a header and a text of its own.
            ([1], .header), ([1, 1], .text), ([2], .headerFields([[UInt8]("Subject")])),
        ] as [([UInt32], BodySection.Text?)])
    func missingSections(part: [UInt32], text section: BodySection.Text?) async {
        #expect(await text(part, section, of: Samples.nested) == nil)
    }

    @Test func messageThatIsNoMultipartHasOnePart() async {
        #expect(await text([1], nil, of: Samples.plain)?.hasPrefix("The scales") == true)
        #expect(await text([1], .mime, of: Samples.plain)?.hasPrefix("From: Ann") == true)
        #expect(await text([2], nil, of: Samples.plain) == nil)
        #expect(await text([1, 1], nil, of: Samples.plain) == nil)
        #expect(await text([1], .header, of: Samples.plain) == nil)
    }

    @Test func messageThatIsAMessage() async {
        #expect(await text([1], nil, of: Samples.forwarded)?.hasPrefix("From: Bert") == true)
        #expect(await text([1], .header, of: Samples.forwarded)?.hasSuffix("Subject: Older\r\n\r\n") == true)
        #expect(await text([1], .text, of: Samples.forwarded) == "Dear Ann\r\n")
        #expect(await text([1, 1], nil, of: Samples.forwarded) == "Dear Ann\r\n")
        #expect(await text([1, 1], .mime, of: Samples.forwarded)?.hasPrefix("From: Bert") == true)
        #expect(await text([1, 2], nil, of: Samples.forwarded) == nil)
    }

    @Test func headerFields() async {
        let names = ["SUBJECT", "from", "X-None"].map { [UInt8]($0) }
        #expect(
            await text([], .headerFields(names), of: Samples.nested)
                == "From: Ann Archer <ann@archer.example>\r\nSubject: Everything at once\r\n\r\n")
        #expect(
            await text([], .headerFieldsNot(names), of: Samples.nested)
                == "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"outer\"\r\n\r\n")
        #expect(await text([3], .headerFields(names), of: Samples.nested)?.contains("Older") == true)
        #expect(await text([], .headerFields([[UInt8]("X-None")]), of: Samples.nested) == "\r\n")
    }

    /// Together the two selections hold every line of a header, and each what it should.
    @Test func headerFieldSelectionsComplement() {
        let header = [UInt8]("A: 1\r\n folded\r\nB : 2\r\njunk\r\na: 3\n\tmore\nC:4\r\n\r\n")
        func chosen(_ name: String, isWanted: Bool, from header: [UInt8]) -> String {
            HeaderSelection([[UInt8](name)], isWanted: isWanted).fields(of: header).text
        }
        #expect(chosen("A", isWanted: true, from: header) == "A: 1\r\n folded\r\na: 3\n\tmore\n\r\n")
        #expect(chosen("A", isWanted: false, from: header) == "B : 2\r\njunk\r\nC:4\r\n\r\n")
        #expect(chosen("b", isWanted: true, from: header) == "B : 2\r\n\r\n")
        // A header without an empty line gives none.
        #expect(chosen("A", isWanted: true, from: [UInt8]("A: 1\r\nB: 2\r\n")) == "A: 1\r\n")
        #expect(HeaderSelection([], isWanted: false).fields(of: header) == header)
    }

    /// Every part can be named by its numbers, and no other numbers name it.
    @Test(arguments: Samples.all) func numbersNameParts(message: [UInt8]) {
        let structure = MessageScanner.scan(message)
        var seen: Set<[UInt32]> = []
        for index in structure.parts.indices {
            let numbers = structure.numbers(of: index)
            let part = structure.parts[index]
            let isEnclosedMultipart = part.kind == .multipart && part.envelope != nil
            if !isEnclosedMultipart {
                #expect(structure.index(of: numbers) == index)
                #expect(seen.insert(numbers).inserted)
            }
        }
    }

    @Test func childrenComeInOrder() {
        let structure = MessageScanner.scan(Samples.nested)
        #expect(structure.children(of: 0) == [1, 4, 5])
        #expect(structure.children(of: 1) == [2, 3])
        #expect(structure.children(of: 5) == [6])
        #expect(structure.children(of: 2) == [])
    }
}
