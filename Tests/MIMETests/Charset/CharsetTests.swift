import Bytes
import MIME
import Testing

@Suite struct CharsetTests {
    private func decode(_ octets: [UInt8], _ label: String) -> String { Charset(label: label).decode(octets) }

    @Test(
        arguments: [
            ("utf-8", [0xC5, 0x81]), ("UTF8", [0xC5, 0x81]), ("iso-8859-2", [0xA3]), ("windows-1250", [0xA3]),
            ("ISO_8859-2", [0xA3]), ("\"iso-8859-2\"", [0xA3]), (" iso-8859-2 ", [0xA3]), ("iso-8859-16", [0xA3]),
            ("windows-1257", [0xD9]), ("ibm852", [0x9D]), ("utf-16be", [0x01, 0x41]), ("utf-16le", [0x41, 0x01]),
            ("utf-16", [0x01, 0x41]), ("utf-16", [0xFF, 0xFE, 0x41, 0x01]), ("utf-16", [0xFE, 0xFF, 0x01, 0x41]),
            ("utf-7", [UInt8]("+AUE-")), ("gb18030", [0x81, 0x30, 0x91, 0x39]),
        ] as [(String, [UInt8])])
    func sameLetterInManyCharsets(label: String, octets: [UInt8]) {
        #expect(decode(octets, label) == "Ł")
    }

    /// Labels that name less than what senders use under them.
    @Test func substitutions() {
        #expect(decode([0x80, 0x93, 0x99], "iso-8859-1") == "€“™")
        #expect(decode([0x81, 0x8D], "windows-1252") == "\u{81}\u{8D}")
        #expect(decode([0xFD, 0xDE], "iso-8859-9") == "ıŞ")
        // 镕 is in GBK and not in GB 2312.
        #expect(decode([0xE9, 0x46], "gb2312") == "镕")
        // 똠 is in CP949 and not in KS C 5601.
        #expect(decode([0x8C, 0x63], "ks_c_5601-1987") == "똠")
        #expect(decode([0x8C, 0x63], "euc-kr") == "똠")
        // ① is in Microsoft's Shift_JIS alone.
        #expect(decode([0x87, 0x40], "shift_jis") == "①")
        #expect(decode([0xA4, 0xA4], "big5") == "中")
        #expect(decode([0x88, 0x62], "big5") == "Ê̄")
    }

    @Test(arguments: ["", "us-ascii", "unknown-8bit", "x-nobody", "//TRANSLIT", "iso-8859-99", "\u{0}", "ö"])
    func unknownLabelsAreGuessed(label: String) {
        #expect(decode([0xC5, 0x81], label) == "Ł")
        #expect(decode([0xC5, 0x81, 0xE9], label) == "Å\u{81}é")
        #expect(!Charset(label: label).isKnown)
    }

    @Test func whatCannotBeConverted() {
        #expect(decode([0x61, 0xFF, 0x62], "utf-8") == "a\u{FFFD}b")
        #expect(decode([0x61, 0xFF, 0xFF, 0x62], "gb2312") == "a\u{FFFD}\u{FFFD}b")
        // A character cut off at the end.
        #expect(decode([0x61, 0x82], "shift_jis") == "a\u{FFFD}")
        #expect(decode([0x41, 0x01, 0x41], "utf-16le") == "Ł\u{FFFD}")
        #expect(decode([0xA1, 0x1B, 0x24], "iso-2022-jp").contains("\u{FFFD}"))
    }

    @Test func byteOrderMarkGoes() {
        #expect(decode([0xEF, 0xBB, 0xBF, 0x61], "utf-8") == "a")
        #expect(decode([0xFF, 0xFE, 0x61, 0x00], "utf-16le") == "a")
    }

    /// Longer than the converter's buffer, with characters across its ends.
    @Test func longText() {
        let octets = [UInt8](repeating: 0xA3, count: 100_001)
        #expect(decode(octets, "iso-8859-2") == String(repeating: "Ł", count: 100_001))
        #expect(decode([UInt8](repeating: 0xFF, count: 50_000), "gb2312").unicodeScalars.count == 50_000)
        #expect(decode([], "gb2312") == "")
    }

    /// Any octets under any label give a text, and no converter gets stuck.
    @Test(
        .timeLimit(.minutes(20)),
        arguments: [
            "utf-7", "utf-16", "utf-32", "iso-2022-jp", "iso-2022-jp-3", "iso-2022-kr", "iso-2022-cn", "hz", "gb18030",
            "big5", "euc-tw", "euc-kr", "shift_jis", "euc-jp", "koi8-u", "tcvn", "viscii", "windows-874", "macintosh",
            "armscii-8", "georgian-ps", "windows-1255", "windows-1258", "ibm866",
        ])
    func anyOctets(label: String) {
        #expect(Charset(label: label).isKnown)
        var dice = Dice(7)
        for _ in 0..<100 {
            let octets = (0..<Int.random(in: 0...200, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice)
            }
            let text = decode(octets, label)
            #expect(text.utf8.count <= octets.count * 6 + 6)
        }
        #expect(decode([UInt8]("plain, 123".utf8.map { $0 }), label).contains("123") || label.hasPrefix("utf-"))
    }
}
