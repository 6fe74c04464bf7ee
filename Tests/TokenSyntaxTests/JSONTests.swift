import Bytes
import Testing

@testable import TokenSyntax

@Suite struct JSONTests {
    @Test(arguments: [
        (#"{}"#, JSON.object([:])),
        (
            #" [ 1 , -0, 2.5e+1,true,false , null ] "#,
            .array([.number(1), .number(0), .number(25), .boolean(true), .boolean(false), .null])
        ),
        (#"{"a":{"b":["c"]},"d":""}"#, .object(["a": .object(["b": .array([.text("c")])]), "d": .text("")])),
        (#""\"\\\/\b\f\n\r\t""#, .text("\"\\/\u{8}\u{C}\n\r\t")),
        (#""\u0041\u00e9\uD83D\uDE00""#, .text("Aé😀")),
        ("\"é😀\"", .text("é😀")),
        ("7", .number(7)),
    ])
    func reads(_ text: String, _ value: JSON) throws {
        #expect(try JSONReader.read(text.utf8) == value)
    }

    @Test(arguments: [
        "", " ", "{", "[1", "[1,]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "{'a':1}", "nul", "truex", "1 2", "{} {}", "01",
        "1.",
        ".5", "+1", "1e", "--1", "NaN", "Infinity", "1e999", "\"", "\"\\x\"", "\"\\u12\"", "\"\\uD83D\"", "\"\\uDE00\"",
        "\"\\uD83Dx\"", "\"\\uD83D\\u0041\"", "\"a\nb\"", "\"\u{0}\"", "\u{FEFF}{}", "[1 2]", "{\"a\":1 \"b\":2}",
        // Which of the two would count?
        #"{"sub":"alice","sub":"bob"}"#, #"{"a":{"x":1,"\u0078":2}}"#,
    ])
    func refuses(_ text: String) {
        #expect(throws: TokenSyntaxError.self) { try JSONReader.read(text.utf8) }
    }

    @Test func refusesWhatIsNoUTF8() {
        for octets: [UInt8] in [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]] {
            #expect(throws: TokenSyntaxError.self) { try JSONReader.read(octets) }
        }
    }

    @Test func hasLimits() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSONReader.read(nested(JSONReader.depthLimit).utf8)
        #expect(throws: TokenSyntaxError.tooLarge) { try JSONReader.read(nested(JSONReader.depthLimit + 1).utf8) }
        #expect(throws: TokenSyntaxError.tooLarge) { try JSONReader.read(nested(100_000).utf8) }
        let many = "[" + String(repeating: "0,", count: JSONReader.countLimit) + "0]"
        #expect(throws: TokenSyntaxError.tooLarge) { try JSONReader.read(many.utf8) }
    }

    @Test func givesValuesOfTheirTypeAlone() {
        #expect(JSON.text("7").whole == nil && JSON.number(7.9).whole == 7 && JSON.number(-0.5).whole == -1)
        #expect(JSON.number(1e300).whole == nil && JSON.number(9_007_199_254_740_992).whole == 9_007_199_254_740_992)
        #expect(JSON.array([.text("a"), .number(1)]).texts == nil && JSON.text("a").texts == ["a"])
        #expect(JSON.array([])["a"] == nil && JSON.object(["a": .null])["a"] == .null)
    }

    @Test func writesWhatItReads() throws {
        let text = "a\"b\\c\u{1}\né😀"
        let written = JSONText.object(["x": text, "y": ""])
        #expect(written.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
        #expect(try JSONReader.read(written) == .object(["x": .text(text), "y": .text("")]))
    }
}
