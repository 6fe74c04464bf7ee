import Bytes
import MIME
import Testing

@Suite struct EncodedWordTests {
    @Test(arguments: [
        ("plain", "plain"), ("", ""),
        ("=?utf-8?q?caf=C3=A9?=", "café"), ("=?UTF-8?Q?caf=c3=a9_noir?=", "café noir"),
        ("=?utf-8?B?xYF1a2Fzeg==?=", "Łukasz"), ("=?iso-8859-2?Q?=A3ukasz?=", "Łukasz"),
        ("=?us-ascii?q?a?=", "a"), ("=?utf-8?q??=", ""),
        // Blanks between neighbours go, other blanks stay (RFC 2047 §6.2).
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"), ("=?utf-8?q?a?=\r\n =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"), ("x =?utf-8?q?a?= y", "x a y"),
        ("=?utf-8?q?a?=  =?iso-8859-1?q?=E9?=", "aé"),
        // Glued to words, as many senders do it.
        ("Re:=?utf-8?q?a?=b", "Re:ab"), ("(=?utf-8?q?a?=)", "(a)"), ("=?utf-8?q?a?==?utf-8?q?b?=", "ab"),
        // A character, or a base 64 group, split between two words.
        ("=?utf-8?q?caf=C3?= =?utf-8?q?=A9?=", "café"), ("=?utf-8?b?w?= =?utf-8?b?6k=?=", "é"),
        ("=?utf-8?b?Y2Fmw6?= =?utf-8?b?kh?=", "café!"), ("=?utf-8?b?YQ?= =?utf-8?b?Yg?=", "ab"),
        ("=?utf-8?q?caf=C3?= =?utf-8?b?qQ==?=", "café"),
        // Language (RFC 2231 §5), blanks inside, a question mark inside.
        ("=?utf-8*en?q?a?=", "a"), ("=?utf-8?q?a b?=", "a b"), ("=?utf-8?q?what?_?=", "what? "),
        ("=?utf-8?b?Y W I=?=", "ab"),
        // Escapes that are none stay.
        ("=?utf-8?q?a=ZZb=?=", "a=ZZb="),
        // Unknown charsets are guessed.
        ("=?x-nobody?q?caf=C3=A9?=", "café"), ("=?x-nobody?q?caf=E9?=", "café"),
        // What is no encoded word stays.
        ("=?", "=?"), ("=?=", "=?="), ("=?utf-8?", "=?utf-8?"), ("=?utf-8?q?a", "=?utf-8?q?a"),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="), ("=??q?a?=", "=??q?a?="), ("= ?utf-8?q?a?=", "= ?utf-8?q?a?="),
        ("a = b ?= c", "a = b ?= c"),
        // Nothing that ends a line comes out.
        ("=?utf-8?q?a=0D=0Ab=00c?=", "a  b c"), ("a\tb", "a b"),
    ])
    func decoding(value: String, expected: String) {
        #expect(EncodedWord.decode(value.utf8) == expected)
    }

    @Test func rawOctets() {
        #expect(EncodedWord.decode("żółw".utf8) == "żółw")
        #expect(EncodedWord.decode([0x63, 0x61, 0x66, 0xE9]) == "café")
    }

    @Test func multiByteCharsets() {
        #expect(EncodedWord.decode("=?iso-2022-jp?B?GyRCJUYlOSVIGyhC?=".utf8) == "テスト")
        #expect(EncodedWord.decode("=?gb2312?B?xOO6ww==?=".utf8) == "你好")
        #expect(EncodedWord.decode("=?ks_c_5601-1987?B?x9GxuQ==?=".utf8) == "한국")
        #expect(EncodedWord.decode("=?koi8-r?B?8NLJ18XU?=".utf8) == "Привет")
    }

    @Test(arguments: [
        ("plain text", "plain text"), ("", ""), ("a  b", "a  b"), ("caf\u{E9}", "=?utf-8?Q?caf=C3=A9?="),
        ("one café two", "one =?utf-8?Q?caf=C3=A9?= two"), ("é x é", "=?utf-8?Q?=C3=A9_x_=C3=A9?="),
        ("a\r\nBcc: x@y", "a  Bcc: x@y"), ("=?x", "=?utf-8?B?PT94?="),
    ])
    func encoding(text: String, expected: String) {
        #expect(EncodedWord.encode(text) == expected)
    }

    @Test(arguments: [
        ("Ann Archer", "Ann Archer"), ("Archer, Ann", "\"Archer, Ann\""), ("a \"b\" \\", "\"a \\\"b\\\" \\\\\""),
        ("J. Public", "\"J. Public\""), ("Łukasz N.", "=?utf-8?Q?=C5=81ukasz_N=2E?="), (" a", "\" a\""),
    ])
    func phrases(text: String, expected: String) {
        #expect(EncodedWord.encodePhrase(text) == expected)
    }

    /// Each word that is written is short, and all of them together are read back the same.
    @Test func writtenTextComesBack() {
        var dice = Dice(5)
        let stock = [Character]("ab =?_.,é漢🎉\"\\()<>@Łz'")
        for _ in 0..<500 {
            let text = String(
                (0..<Int.random(in: 0...120, using: &dice)).map { _ in stock.randomElement(using: &dice) ?? " " })
            let encoded = EncodedWord.encode(text)
            #expect(encoded.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
            #expect(EncodedWord.decode(encoded.utf8) == text)
            for word in encoded.split(separator: " ") where word.hasPrefix("=?utf-8") {
                #expect(word.utf8.count <= EncodedWord.maximumLength)
            }
            var writer = HeaderWriter()
            writer.append("Subject", text: text)
            let trimmed = String(lossy: Array(text.utf8).trimmingBlanks)
            #expect(MessageHeader(writer.bytes).subject == trimmed || text.hasPrefix(" ") || text.hasSuffix(" "))
        }
    }

    @Test(.timeLimit(.minutes(20)), arguments: ["=?", "=?a?q?", "=", "?", "=?a?b?", "=?a?q?x?= ", "=?utf-8?q?"])
    func hostileValues(unit: String) {
        let value = [UInt8](String(repeating: unit, count: 200_000 / unit.utf8.count))
        #expect(EncodedWord.decode(value).utf8.count <= value.count)
    }
}
