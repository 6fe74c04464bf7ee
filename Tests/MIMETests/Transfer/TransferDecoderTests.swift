import Bytes
import MIME
import Testing

@Suite struct TransferDecoderTests {
    private func decode(_ text: String, _ encoding: TransferEncoding) -> String {
        TransferDecoder.decode([UInt8](text), encoding).text
    }

    /// The same text in two pieces, cut everywhere, and octet by octet.
    private func decodeInPieces(_ text: [UInt8], _ encoding: TransferEncoding) -> Set<[UInt8]> {
        var results: Set<[UInt8]> = []
        for place in 0...text.count {
            var decoder = TransferDecoder(encoding)
            var output: [UInt8] = []
            decoder.decode(text[..<place], into: &output)
            decoder.decode(text[place...], into: &output)
            decoder.finish(into: &output)
            results.insert(output)
        }
        var decoder = TransferDecoder(encoding)
        var output: [UInt8] = []
        for place in text.indices { decoder.decode(text[place...place], into: &output) }
        decoder.finish(into: &output)
        return results.union([output])
    }

    @Test(arguments: [
        ("", ""), ("YQ==", "a"), ("YWI=", "ab"), ("YWJj", "abc"), ("YWJj\r\nZGVm\r\n", "abcdef"),
        // No padding, too much of it, in the middle where two texts were joined.
        ("YQ", "a"), ("YWI", "ab"), ("YQ====", "a"), ("YQ==YWI=", "aab"), ("YQ==\r\nYg==", "ab"),
        // What is no digit is passed over.
        ("Y Q\t=\n=", "a"), ("Y*W(J)j", "abc"), ("====", ""), ("Y", ""), ("Y===", ""), ("!", ""),
    ])
    func base64(text: String, expected: String) {
        #expect(decode(text, .base64) == expected)
        #expect(decodeInPieces([UInt8](text), .base64) == [[UInt8](expected)])
    }

    @Test(arguments: [
        ("", ""), ("plain", "plain"), ("a=20b", "a b"), ("caf=C3=A9", "café"), ("caf=c3=a9", "café"), ("a=3D", "a="),
        // Soft line breaks, with the blanks that some add, and at the end.
        ("a=\r\nb", "ab"), ("a=\nb", "ab"), ("a= \t\r\nb", "ab"), ("a=", "a"), ("a= ", "a"), ("a=\r\n", "a"),
        // Blanks at the end of a line go, others stay.
        ("a  b \t\r\nc", "a  b\r\nc"), ("a \nb", "a\nb"), ("a ", "a"), ("a=20\r\nb", "a \r\nb"), (" a", " a"),
        // What is no escape stays.
        ("a=ZZ", "a=ZZ"), ("a=4", "a=4"), ("a=4Z", "a=4Z"), ("==41", "=A"), ("a= b", "a= b"), ("a=\rb", "a=\rb"),
        ("a=  \r\r\nb", "ab"), ("a\r\rb", "a\r\rb"), ("=E9=", "\u{FFFD}"),
    ])
    func quotedPrintable(text: String, expected: String) {
        #expect(decode(text, .quotedPrintable) == expected)
        #expect(decodeInPieces([UInt8](text), .quotedPrintable).count == 1)
    }

    @Test func identity() {
        #expect(decode("a=20b\r\n", .identity) == "a=20b\r\n")
    }

    @Test(
        arguments: [
            ("base64", .base64), ("BASE64", .base64), ("Quoted-Printable", .quotedPrintable), ("7bit", .identity),
            ("binary", .identity), ("x-uuencode", .identity), ("", .identity),
        ] as [(String, TransferEncoding)])
    func labels(label: String, encoding: TransferEncoding) {
        #expect(TransferEncoding([UInt8](label)) == encoding)
        #expect(TransferEncoding(nil) == .identity)
    }

    /// Blanks without end are not collected without end.
    @Test func endlessBlanks() {
        let blanks = [UInt8](repeating: ASCII.space, count: 100_000)
        let output = TransferDecoder.decode(blanks + [0x61] + blanks, .quotedPrintable)
        #expect(output.contains(0x61))
        #expect(output.count >= 100_001)
        #expect(TransferDecoder.decode([0x3D] + blanks + [0x61], .quotedPrintable).count > 1)
    }

    @Test func encodedOctetsComeBack() {
        var dice = Dice(8)
        for length in 0..<300 {
            let octets = (0..<length).map { _ in UInt8.random(in: 0...255, using: &dice) }
            let text = TransferEncoder.base64(octets)
            #expect(TransferDecoder.decode(text, .base64) == octets)
            #expect(decodeInPieces(text.prefix(90).map { $0 }, .base64).count == 1)
            #expect(text.split(separator: ASCII.lf).allSatisfy { $0.count <= TransferEncoder.lineLength + 1 })
        }
    }

    @Test func encodedTextComesBack() {
        var dice = Dice(9)
        let stock: [UInt8] = [0x20, 0x09, 0x3D, 0x41, 0x2E, 0x46, 0x0A, 0xC3, 0xA9, 0x00, 0x7F, 0x62, 0x63]
        for _ in 0..<300 {
            let octets = (0..<Int.random(in: 0...300, using: &dice)).map { _ in stock.randomElement(using: &dice) ?? 0 }
            let text = TransferEncoder.quotedPrintable(octets)
            let expected = octets.text.replacingLineFeeds()
            #expect(
                TransferDecoder.decode(text, .quotedPrintable) == TransferDecoder.decode(Array(text), .quotedPrintable))
            #expect(TransferDecoder.decode(text, .quotedPrintable).text == expected)
            for line in text.text.split(separator: "\r\n", omittingEmptySubsequences: false) {
                #expect(line.utf8.count <= TransferEncoder.lineLength)
                #expect(!line.hasPrefix(".") && !line.hasPrefix("From "))
                #expect(line.utf8.allSatisfy { $0 < 0x7F })
                #expect(!line.hasSuffix(" ") && !line.hasSuffix("\t"))
            }
        }
        // CRLF and LF alike are line ends.
        #expect(TransferEncoder.quotedPrintable([UInt8]("a\r\nb\nc\rd")).text == "a\r\nb\r\nc=0Dd")
    }
}
