import Bytes
import MIME
import MailTypes
import Testing

/// A message known by its BODYSTRUCTURE alone.
@Suite("An outline")
struct OutlineTests {
    private static let nested = """
        Subject: nested\r
        Content-Type: multipart/mixed; boundary=m\r
        \r
        --m\r
        Content-Type: multipart/alternative; boundary=a\r
        \r
        --a\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Transfer-Encoding: base64\r
        \r
        WmHFvMOzxYLEhyBnxJnFm2zEhQ==\r
        --a\r
        Content-Type: text/html\r
        \r
        <p>other</p>\r
        --a--\r
        --m\r
        Content-Type: message/rfc822\r
        \r
        Subject: enclosed\r
        \r
        not this\r
        --m\r
        Content-Type: text/plain\r
        Content-Disposition: attachment\r
        \r
        nor this\r
        --m--\r

        """

    private static let messages = [
        nested, "Subject: plain\r\n\r\nGood morning,\r\nJan\r\n",
        "Subject: none\r\nContent-Type: image/png\r\n\r\nxyz\r\n",
        "Subject: empty\r\n\r\n",
        "Content-Type: text/html\r\n\r\n<style>\(String(repeating: "p{}", count: 9000))</style><p>far</p>\r\n",
        "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n> only\r\n--x\r\n\r\n> quoted\r\n--x--\r\n",
    ]

    /// What is read of it, part by part, gives the same preview as the message itself.
    @Test(arguments: messages.indices) func leadsToTheTextThatAPreviewTakes(_ index: Int) async throws {
        let message = Array(Self.messages[index].utf8)
        let real = MessageScanner.scan(message)
        let outline = MessageStructure(outline: real.bodyStructure)
        let wanted = await real.preview { Array(message[$0]) }
        var reader = PreviewReader(outline)
        var rounds = 0
        while let range = reader.nextRange() {
            rounds += 1
            let place = try #require(outline.place(of: range))
            let body = try #require(real.range(of: BodySection(part: place.part)))
            reader.take(
                Array(message[body.lowerBound + place.octets.lowerBound..<body.lowerBound + place.octets.upperBound]))
        }
        #expect(reader.text == wanted)
        #expect(rounds <= 8)
        if index == 0 { #expect(wanted == "Zażółć gęślą" && rounds == 1) }
    }

    @Test func hasNoPlaceForWhatIsInNoPart() {
        let outline = MessageStructure(outline: MessageScanner.scan(Array(Self.nested.utf8)).bodyStructure)
        #expect(outline.place(of: outline.size..<outline.size + 1) == nil)
        #expect(outline.place(of: 0..<outline.size) == nil)
    }

    /// Sizes that no message has, and a structure that is deeper or broader than the limits.
    @Test func isBounded() {
        let text = Array("text".utf8)
        let huge = BodyStructure.single(.init(type: text, subtype: text, encoding: [], size: .max))
        let two = MessageStructure(outline: .multipart(.init(subtype: text, parts: [huge, huge])))
        #expect(two.parts.count == 3 && two.size == .max && two.parts[2].body.isEmpty)
        var deep = huge
        for _ in 0..<300 { deep = .multipart(.init(subtype: text, parts: [deep])) }
        #expect(MessageStructure(outline: deep).parts.count == ScanLimits.standard.depth + 1)
        let broad = BodyStructure.multipart(.init(subtype: text, parts: Array(repeating: huge, count: 20_000)))
        #expect(MessageStructure(outline: broad).parts.count == ScanLimits.standard.parts)
    }
}
