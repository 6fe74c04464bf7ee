import Bytes
import MailTypes
import Testing

@Suite struct TextFingerprintTests {
    private let alphabets = [
        "abcdefghijklmnop QRST.,\n", "äöüßéèçñ ", "абвгдежзийк ", "会議資料漢字한글", "🎉😀👩‍👩‍👧🇵🇱", "0123456789",
    ]

    private func fingerprint(_ texts: String...) -> TextFingerprint {
        TextFingerprint(of: texts.map(Collation.unicodeCasemap.key(of:)))
    }

    private func marks(_ text: String) -> TextMarks { TextMarks(Array(text.utf8)) }

    private func random(_ length: Int, using random: inout SystemRandomNumberGenerator) -> String {
        var text = ""
        for _ in 0..<length {
            let alphabet = alphabets.randomElement(using: &random) ?? "a"
            text.append(alphabet.randomElement(using: &random) ?? "a")
        }
        return text
    }

    @Test func whatATextContainsIsNeverDenied() {
        var generator = SystemRandomNumberGenerator()
        for length in [0, 1, 2, 3, 4, 10, 100, 3000] {
            let text = random(length, using: &generator)
            let fingerprint = fingerprint(text)
            let scalars = Array(text.unicodeScalars)
            for _ in 0..<200 {
                let start = Int.random(in: 0...scalars.count, using: &generator)
                let end = min(scalars.count, start + Int.random(in: 0...12, using: &generator))
                var part = String.UnicodeScalarView()
                part.append(contentsOf: scalars[start..<end])
                for sought in [String(part), String(part).uppercased(), String(part).lowercased()] {
                    guard SearchPattern(sought, .unicodeCasemap).isFound(in: text) else { continue }
                    let may = fingerprint.mayContain(marks(sought))
                    #expect(may, "\(sought) in \(length) characters")
                }
            }
        }
    }

    @Test func mostOfWhatATextDoesNotContainIsDenied() {
        let words = (0..<700).map { "word\($0 &* 2_654_435_761 % 100_003) Ünïcode" }.joined(separator: " ")
        let fingerprint = fingerprint(words)
        #expect(fingerprint.octets.count <= 2048)
        let strange = (0..<1000).map { "x\($0)yz\($0 &* 7919 % 1000)q" }
        #expect(strange.count { fingerprint.mayContain(marks($0)) } < 10)
        // One mark alone says less.
        let characters = "会議資料漢字東京大阪北海道한글🎉😀".map(String.init)
        #expect(characters.count { fingerprint.mayContain(marks($0)) } < characters.count / 2)
        let pairs = zip(characters, characters.dropFirst()).map { $0 + $1 }
        #expect(pairs.count { fingerprint.mayContain(marks($0)) } < 3)
        #expect(fingerprint.mayContain(marks("ÜNÏ")) && fingerprint.mayContain(marks("word")))
    }

    @Test func theFieldIsAsLargeAsTheTextNeeds() {
        #expect(fingerprint("").octets == [UInt8](repeating: 0, count: 64))
        #expect(fingerprint("a short text").octets.count == 64)
        #expect(fingerprint(String(repeating: "the same over and over ", count: 10_000)).octets.count == 64)
        var generator = SystemRandomNumberGenerator()
        let varied = String(
            (0..<300_000).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0x4E00...0x9FFF, using: &generator))
            }.map(Character.init))
        #expect(fingerprint(varied) == .unknown)
        #expect(fingerprint(String(varied.prefix(2000))).octets.count > 2048)
    }

    @Test func tooLittleToTell() {
        for sought in ["", "a", "ab", "é", "ä"] {
            #expect(marks(sought).isEmpty == (sought.utf8.count < 3), "\(sought)")
        }
        #expect(TextMarks([0x61, 0x62, 0x63, 0xFF]).isEmpty)
        #expect(fingerprint("nothing").mayContain(marks("ab")))
        #expect(TextFingerprint.unknown.mayContain(marks("anything")))
    }

    @Test func octetsOfNoFingerprint() {
        for count in [0, 64, 128, 65_536] {
            #expect(TextFingerprint(octets: [UInt8](repeating: 1, count: count))?.octets.count == count)
        }
        for count in [1, 32, 65, 96, 131_072] {
            #expect(TextFingerprint(octets: [UInt8](repeating: 1, count: count)) == nil)
        }
    }
}
