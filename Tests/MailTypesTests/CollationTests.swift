import Bytes
import MailTypes
import Testing

@Suite struct CollationTests {
    private func prepared(_ text: String) -> String {
        String(decoding: Collation.unicodeCasemap.key(of: text).octets, as: UTF8.self)
    }

    private func scalars(_ text: String) -> [Unicode.Scalar] { Array(text.unicodeScalars) }

    @Test(arguments: [
        ("", ""), ("abcXYZ 09[]{|}~", "ABCXYZ 09[]{|}~"), ("\u{0}\u{7F}", "\u{0}\u{7F}"),
        // RFC 5051 §2's own example: U+01C4, by way of U+01C5 and U+017E.
        ("\u{1C4}", "DZ\u{30C}"), ("\u{1C6}", "DZ\u{30C}"),
        ("é", "E\u{301}"), ("É", "E\u{301}"), ("e\u{301}", "E\u{301}"), ("\u{1EC7}", "E\u{323}\u{302}"),
        ("привет", "ПРИВЕТ"), ("й", "И\u{306}"), ("\u{1F44}", "Ο\u{313}\u{301}"), ("ς", "Σ"), ("\u{345}", "Ι"),
        // Simple mappings alone: no other titlecase for these, and no loss where there is a longer one.
        ("ß", "ß"), ("ŉ", "ʼN"), ("ﬁ", "FI"), ("\u{1FB3}", "Α\u{399}"), ("ı", "I"), ("İ", "I\u{307}"),
        // Compatibility decompositions count as well, whatever their kind.
        ("ＡｂＣ", "ABC"), ("①", "1"), ("²", "2"), ("½", "1⁄2"), ("\u{A0}", " "), ("ｶﾞ", "カ\u{3099}"),
        ("が", "か\u{3099}"), ("𝓐", "A"), ("℡", "TEL"), ("豈", "豈"), ("\u{2F800}", "丽"),
        // What UnicodeData.txt has no field for stays.
        ("한글", "한글"), ("漢字", "漢字"), ("😀", "😀"), ("שלום", "שלום"),
    ])
    func unicodeKeys(text: String, expected: String) { #expect(scalars(prepared(text)) == scalars(expected)) }

    /// Every character of Unicode 14 up to the last plane: a digest of what a second implementation made of them, over
    /// the UnicodeData.txt of that version. Characters whose titlecase is younger are left out.
    @Test func everyDecompositionIsThere() {
        var count = 0
        var digest: UInt64 = 0
        for value in UInt32(0x80)..<0x110000 {
            guard let scalar = Unicode.Scalar(value), scalar.properties.generalCategory != .unassigned,
                let age = scalar.properties.age, age.major <= 14
            else { continue }
            let parts = prepared(String(scalar)).unicodeScalars
            guard parts.allSatisfy({ $0.properties.age?.major ?? 0 <= 14 }) else { continue }
            count += 1
            for part in parts { digest = digest &* 31 &+ UInt64(part.value) }
        }
        #expect(count == 282_097)
        #expect(digest == 2_119_994_456_817_861_783)
    }

    @Test(arguments: [
        "ß", "ﬃ", "\u{1C4}\u{1C5}\u{1C6}", "Ἇ", "\u{FDFA}", "ｱﾞ①½", "Ünïcödé", "İı", "한글", "\u{1FFC}",
    ])
    func keysOfKeysAreThemselves(text: String) { #expect(scalars(prepared(prepared(text))) == scalars(prepared(text))) }

    @Test func asciiKeys() {
        let collation = Collation.asciiCasemap
        #expect(collation.key(of: "azAZ@[`{é") == collation.key(of: "AZaz@[`{é"))
        #expect(collation.key(of: "é") != collation.key(of: "É"))
        #expect(collation.key(of: [0x61, 0xFF]).octets == [0x41, 0xFF])
    }

    @Test func octetsThatAreNoText() {
        let collation = Collation.unicodeCasemap
        #expect(collation.key(of: [0x61, 0xFF]).octets == [0x61, 0xFF])
        #expect(collation.key(of: Array("é".utf8)) == collation.key(of: "É"))
        #expect(collation.key(of: [0x61]) == collation.key(of: "A"))
    }

    @Test func order() {
        let words = ["", "Ärger", "abend", "Apfel", "Zebra", "zoo", "Ωmega", "яблоко", "漢"]
        let keys = words.map { Collation.unicodeCasemap.key(of: $0) }
        // The mark of Ä stands behind its letter, so that it comes among the words with A, after those in ASCII.
        #expect(keys.sorted() == [0, 2, 3, 1, 4, 5, 6, 7, 8].map { keys[$0] })
        #expect(CollationKey.empty < keys[2] && !(CollationKey.empty < CollationKey.empty))
        #expect(CollationKey.empty.isEmpty && CollationKey.empty == keys[0])
    }

    @Test(arguments: ["", "a", "A", "ab", "abcdefgh", "abcdefghi", "abcdefgz", "é", "\u{0}", "\u{0}\u{0}"])
    func headsGoWithTheOrder(text: String) {
        let key = Collation.unicodeCasemap.key(of: text)
        for other in ["", "B", "ABCDEFGH", "abcdefghj", "e", "\u{0}", "zzz"] {
            let key2 = Collation.unicodeCasemap.key(of: other)
            #expect(key.head == key2.head || (key.head < key2.head) == (key < key2), "\(text) \(other)")
        }
    }

    @Test func names() {
        #expect(Collation(rawValue: "i;unicode-casemap") == .unicodeCasemap)
        #expect(Collation(rawValue: "i;octet") == nil)
    }
}

@Suite struct SearchPatternTests {
    @Test(arguments: [
        ("", "", true), ("", "x", true), ("x", "", false), ("need", "A NEEDLE", true), ("needles", "a needle", false),
        ("straße", "Hauptstraße 5", true), ("STRASSE", "Hauptstraße 5", false), ("CAFÉ", "im café", true),
        ("e", "é", true), ("\u{301}", "é", true), ("ПРИВЕТ", "Ну, привет!", true), ("aab", "aaab", true),
        ("abab", "abacabab", true), ("ababc", "abababc", true), ("aaaa", "aaa", false), ("b", "aaab", true),
    ])
    func found(part: String, text: String, expected: Bool) {
        #expect(SearchPattern(part, .unicodeCasemap).isFound(in: text) == expected)
    }

    @Test func byAnotherCollation() {
        #expect(!SearchPattern("É", .asciiCasemap).isFound(in: "é"))
        #expect(SearchPattern("CAF", .asciiCasemap).isFound(in: "café"))
        #expect(SearchPattern([0xFF], .asciiCasemap).isFound(in: Collation.asciiCasemap.key(of: [0x61, 0xFF])))
    }

    /// Against the plain way, over texts of few letters, where beginnings repeat.
    @Test func agreesWithThePlainSearch() {
        var state: UInt64 = 7
        func letters(_ limit: Int) -> [UInt8] {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let count = Int(state >> 33) % (limit + 1)
            return (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(ascii: "A") + UInt8(state >> 60 & 1)
            }
        }
        for _ in 0..<5000 {
            let part = letters(6)
            let text = letters(20)
            let plain =
                part.isEmpty
                || text.indices.contains { text[$0...].starts(with: part) }
            let key = Collation.asciiCasemap.key(of: text)
            #expect(SearchPattern(part, .asciiCasemap).isFound(in: key) == plain)
        }
    }
}
