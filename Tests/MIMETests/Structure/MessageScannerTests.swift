import Bytes
import MIME
import MailTypes
import Testing

@Suite struct MessageScannerTests {
    @Test func plainMessage() {
        let structure = MessageScanner.scan(Samples.plain)
        #expect(structure.parts.count == 1)
        #expect(structure.size == Samples.plain.count)
        #expect(structure.root.body.upperBound == Samples.plain.count)
        #expect(Array(Samples.plain[structure.root.body]).text.hasPrefix("The scales"))
        #expect(Array(Samples.plain[structure.root.header]).text.hasSuffix("example>\r\n\r\n"))
        #expect(structure.root.lines == 2)
        #expect(structure.root.kind == .leaf)
    }

    @Test func nestedMessage() {
        let structure = MessageScanner.scan(Samples.nested)
        #expect(
            outline(structure, of: Samples.nested) == [
                "- multipart/mixed",
                "1 multipart/alternative",
                "1.1 text/plain \"In words.\"",
                "1.2 text/html \"<p>In <b>words</b>.</p>\"",
                "2 image/png \"iVBORw0KGgo=\"",
                "3 message/rfc822",
                "3 multipart/mixed",
                "3.1 text/plain \"Dear Ann\"",
                "3.2 application/pdf \"JVBERg==\"",
            ])
        // The epilogue of the inner multipart is its body's, the line break before the next delimiter is not.
        #expect(Array(Samples.nested[structure.parts[1].body]).text.hasSuffix("--inner--\r\nAn epilogue inside."))
        #expect(Array(Samples.nested[structure.parts[5].body]).text.hasSuffix("--deep--"))
        #expect(structure.parts[6].envelope?.subject.text == "Older")
        #expect(structure.parts[4].envelope == nil)
    }

    @Test func defaultOfDigestIsMessage() {
        let structure = MessageScanner.scan(Samples.digest)
        #expect(
            outline(structure, of: Samples.digest) == [
                "- multipart/digest", "1 message/rfc822", "1.1 text/plain \"first\"",
                "2 text/plain \"a word from the editor\"",
            ])
    }

    /// Pieces of any size give the same structure.
    @Test(arguments: Samples.all) func splitEverywhere(message: [UInt8]) {
        let whole = MessageScanner.scan(message)
        #expect(scanBytewise(message) == whole)
        for place in message.indices { #expect(scan(message, cutAt: place) == whole) }
    }

    @Test(arguments: Samples.all) func bareLineFeeds(message: [UInt8]) {
        let bare = message.filter { $0 != ASCII.cr }
        let structure = MessageScanner.scan(bare)
        let original = MessageScanner.scan(message)
        #expect(structure.parts.count == original.parts.count)
        #expect(structure.size == bare.count)
        for (part, other) in zip(structure.parts, original.parts) {
            #expect(Array(bare[part.body]) == message[other.body].filter { $0 != ASCII.cr })
            #expect(Array(bare[part.header]) == message[other.header].filter { $0 != ASCII.cr })
            #expect(part.lines == other.lines)
        }
        for place in bare.indices { #expect(scan(bare, cutAt: place) == structure) }
    }

    /// Each line: the message, and the outline that it has.
    @Test(arguments: [
        ("", ["- text/plain \"\""]),
        ("\r\n", ["- text/plain \"\""]),
        ("\r\nhello", ["- text/plain \"hello\""]),
        ("\nhello\n", ["- text/plain \"hello\\n\""]),
        // No empty line: all of it is header.
        ("Subject: a\r\nhello", ["- text/plain \"\""]),
        ("hello\r\nworld\r\n\r\nbody", ["- text/plain \"body\""]),
        // A bare CR ends nothing.
        ("A: b\r\rc\r\n\r\nbody\rmore", ["- text/plain \"body\\rmore\""]),
        ("A: \u{0}b\r\n\r\nbo\u{0}dy", ["- text/plain \"bo\\0dy\""]),
        ("Content-Type: text\r\n\r\nx", ["- text/plain \"x\""]),
        ("Content-Type: ; a=b\r\n\r\nx", ["- text/plain \"x\""]),
        ("Content-Type:\r\n\r\nx", ["- text/plain \"x\""]),
        ("Content-Type: IMAGE / PNG (a picture)\r\n\r\nx", ["- image/png \"x\""]),
        ("content-type: image/png\r\nContent-Type: image/gif\r\n\r\nx", ["- image/png \"x\""]),
        // A multipart without a boundary, or whose boundary never comes, has no parts.
        ("Content-Type: multipart/mixed\r\n\r\n--\r\nx", ["- multipart/mixed"]),
        ("Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\nx", ["- multipart/mixed"]),
        ("Content-Type: multipart/mixed; boundary=b\r\n\r\nx", ["- multipart/mixed"]),
        // Only a delimiter, with nothing behind it.
        ("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b", ["- multipart/mixed", "1 text/plain \"\""]),
        ("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--", ["- multipart/mixed"]),
        ("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", ["- multipart/mixed", "1 text/plain \"\""]),
        // Unclosed.
        (
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n",
            ["- multipart/mixed", "1 text/plain \"x\\r\\n\""]
        ),
        // What comes behind the closing delimiter is epilogue, another delimiter among it.
        (
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n--b\r\n\r\ny",
            ["- multipart/mixed", "1 text/plain \"x\""]
        ),
        // Blanks behind the boundary, in the field and in the line.
        (
            "Content-Type: multipart/mixed; boundary=\"b \t\"\r\n\r\n--b \t\r\n\r\nx\r\n--b-- \r\n",
            ["- multipart/mixed", "1 text/plain \"x\""]
        ),
        // A delimiter inside a header ends it, and the part.
        (
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n--b\r\n\r\ny",
            ["- multipart/mixed", "1 text/html \"\"", "2 text/plain \"y\""]
        ),
        (
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b\r\n\r\ny",
            ["- multipart/mixed", "1 text/plain \"\"", "2 text/plain \"y\""]
        ),
        // Equal boundaries in both levels: the innermost open one counts.
        (
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                + "--b\r\n\r\nx\r\n--b--\r\n--b\r\n\r\ny\r\n--b--",
            [
                "- multipart/mixed", "1 multipart/mixed", "1.1 text/plain \"x\"", "2 text/plain \"y\"",
            ]
        ),
        // One boundary begins another: the longer one counts where both fit.
        (
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n"
                + "--bb\r\n\r\nx\r\n--bb--\r\n--b\r\n\r\ny\r\n--b--",
            [
                "- multipart/mixed", "1 multipart/mixed", "1.1 text/plain \"x\"", "2 text/plain \"y\"",
            ]
        ),
        // The outer delimiter ends an inner multipart that nobody closed.
        (
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
                + "--c\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--",
            [
                "- multipart/mixed", "1 multipart/mixed", "1.1 text/plain \"x\"", "2 text/plain \"y\"",
            ]
        ),
        // A boundary that careless senders leave bare.
        (
            "Content-Type: multipart/mixed; boundary=----=_x?y\r\n\r\n------=_x?y\r\n\r\nx\r\n------=_x?y--",
            ["- multipart/mixed", "1 text/plain \"x\""]
        ),
        // An encoded boundary is compared as it stands in the plain parameter.
        (
            "Content-Type: multipart/mixed;\r\n boundary*0=\"a\";\r\n boundary*1=\"b\"\r\n\r\n--ab\r\n\r\nx\r\n--ab--",
            ["- multipart/mixed", "1 text/plain \"x\""]
        ),
        // An enclosed message whose header never ends.
        (
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n--b--",
            ["- multipart/mixed", "1 message/rfc822", "1.1 text/plain \"\""]
        ),
        (
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n--b--",
            ["- multipart/mixed", "1 message/rfc822"]
        ),
    ])
    func oddMessages(message: String, expected: [String]) {
        let octets = [UInt8](message)
        let structure = MessageScanner.scan(octets)
        #expect(outline(structure, of: octets) == expected)
        #expect(scanBytewise(octets) == structure)
        for place in octets.indices { #expect(scan(octets, cutAt: place) == structure) }
        expectSound(structure)
    }

    @Test func emptyBodyBeforeDelimiter() {
        let message = [UInt8]("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nA: b\r\n\r\n--b--\r\n")
        let part = MessageScanner.scan(message).parts[1]
        #expect(Array(message[part.header]).text == "A: b\r\n\r\n")
        #expect(part.body.isEmpty)
        #expect(part.lines == 0)
    }

    @Test func rawOctetsInHeaders() {
        let message: [UInt8] =
            Array("Subject: caf".utf8) + [0xE9] + Array("\r\nX-\u{FC}: y\r\n\r\n".utf8) + [0xFF, 0x00]
        let structure = MessageScanner.scan(message)
        #expect(structure.envelope.subject == Array("caf".utf8) + [0xE9])
        #expect(structure.root.body.count == 2)
    }

    /// Random lines from a small stock give structures that hold together, however they are cut.
    @Test func randomMessages() {
        let stock = [
            "--a", "--a--", "--b", "--b--", "--ab", "-- ", "", "", "text", "Content-Type: multipart/mixed; boundary=a",
            "Content-Type: multipart/mixed; boundary=b", "Content-Type: multipart/digest; boundary=ab",
            "Content-Type: message/rfc822", "Subject: x", " folded", "\u{0}", "Content-Type: text/html",
        ]
        var dice = Dice(1)
        for _ in 0..<400 {
            let message = (0..<Int.random(in: 1...40, using: &dice)).map { _ in
                (stock.randomElement(using: &dice) ?? "") + (Bool.random(using: &dice) ? "\r\n" : "\n")
            }.joined()
            let octets = [UInt8](message)
            let structure = MessageScanner.scan(octets)
            expectSound(structure)
            #expect(scanBytewise(octets) == structure)
            #expect(scan(octets, cutAt: Int.random(in: 0...octets.count, using: &dice)) == structure)
            #expect(MessageStructure(encoded: structure.encoded) == structure)
            for index in structure.parts.indices where structure.parts[index].kind == .leaf {
                #expect(structure.index(of: structure.numbers(of: index)) == index)
            }
        }
    }

    /// Parts lie within their parents, one behind the other, and count their line ends.
    private func expectSound(_ structure: MessageStructure) {
        var ends: [Int: Int] = [:]
        for part in structure.parts {
            #expect(part.header.upperBound == part.body.lowerBound)
            #expect(part.body.upperBound <= structure.size)
            guard let parent = part.parent else { continue }
            let outer = structure.parts[parent]
            #expect(outer.kind != .leaf)
            #expect(part.header.lowerBound >= max(ends[parent] ?? 0, outer.body.lowerBound))
            #expect(part.body.upperBound <= outer.body.upperBound)
            ends[parent] = part.body.upperBound
        }
    }
}
