/// Messages as they should not be, or hardly ever are, made by code, for the proof that submission keeps every octet.
package enum OddMessages {
    /// The author, who has to be somebody the account may send as.
    package static let author = "support@ours.example"

    /// Every one but the large ones.
    package static var all: [OddMessage] {
        edges + dots + lines + octets + headers + fields + copies + multiparts + lineEnds
    }

    /// A message with a usual header and this body.
    static func letter(_ name: String, _ body: [UInt8], _ outcome: OddMessage.Outcome = .arrives) -> OddMessage {
        OddMessage(name, head + [13, 10] + body, outcome)
    }

    static func letter(_ name: String, _ body: String) -> OddMessage { letter(name, Array(body.crlf)) }

    /// The fields that every sent message has, without the empty line.
    static let head = Array(
        """
        From: Support <\(author)>
        To: jan@customer.example
        Subject: odd
        Date: Sat, 21 Nov 2026 10:00:00 +0100
        Message-ID: <odd@ours.example>

        """.crlf)

    // MARK: Where a message begins and ends

    private static var edges: [OddMessage] {
        [
            OddMessage("no octet at all", []),
            OddMessage("an empty line", Array("\n".crlf)),
            OddMessage("three empty lines", Array("\n\n\n".crlf)),
            OddMessage("a header alone, without its empty line", head),
            OddMessage("an incomplete header alone", Array("Subject: x\n".crlf)),
            OddMessage("an incomplete header and nothing behind it", Array("Subject: x\n\n".crlf)),
            letter("an empty body", ""),
            OddMessage("no header", Array("\nThere is no header.\n".crlf)),
            OddMessage("text alone", Array("There is no field.\nNor here.\n".crlf)),
            OddMessage("text and no field, then a body", Array("There is no field.\n\nBody.\n".crlf)),
            letter("one empty line in the body", "\n"),
            letter("blank lines at the end", "text\n\n\n\n\n"),
            letter("lines of blanks at the end", "text \t\n \n\t\n  \n"),
            letter("a field in the body", "Bcc: not@a.field\nFrom: nobody\n\nBcc: nor@this.one\n"),
        ]
    }

    // MARK: Dots (RFC 5321 §4.5.2)

    private static var dots: [OddMessage] {
        let many = (0..<80).map { String(repeating: ".", count: $0) + "\n" }.joined()
        return [
            OddMessage("a dot is all", Array(".\n".crlf)),
            OddMessage("a dot begins it", Array(".x\n\nbody\n".crlf)),
            letter("a dot is the body", ".\n"),
            letter("two dots are the body", "..\n"),
            letter("dots and nothing else", ".\n.\n.\n"),
            letter("dots in every number", many),
            letter("dots with something behind them", ". \n.\t\n.x\n. .\n..\n.. .\n.\u{e9}\n"),
            letter("an end of data inside", "text\n.\nMAIL FROM:<boss@ours.example>\nRCPT TO:<x@y.example>\nDATA\n.\n"),
            letter("a dot is the last line", "text\n.\n"),
            letter("a dot ends the last line", "text.\n"),
            letter("two dots and empty lines", "..\n\n..\n\n.\n\n"),
            OddMessage("dots in the header", Array("From: \(author)\n.Field: x\n..: y\n .\n .\n\n.\n".crlf)),
        ]
    }

    // MARK: Lines

    private static var lines: [OddMessage] {
        let lengths = [997, 998, 999, 1000, 1001, 2047, 4096, 65_533, 65_534, 65_535, 65_536, 65_537]
        return lengths.map { letter("a line of \($0)", String(repeating: "l", count: $0) + "\nlast\n") } + [
            letter("a line of blanks alone", String(repeating: " ", count: 2000) + "\nlast\n"),
            letter("blanks behind every line", "one \ntwo  \nthree\t\n \n\t \n-- \nfour \t \n"),
            letter("From begins lines", "From here on.\n>From there.\nFrom \n"),
            letter("lines of one octet", String(repeating: "x\n", count: 20_000)),
            letter("empty lines", String(repeating: "\n", count: 40_000)),
            letter("a dot on each line", String(repeating: ".\n", count: 40_000)),
            letter("lines of every length", (0..<400).map { String(repeating: ".", count: $0) + "\n" }.joined()),
        ]
    }

    // MARK: Octets

    private static var octets: [OddMessage] {
        let all = (UInt8(1)...255).filter { $0 != 10 && $0 != 13 }
        let tail: [UInt8] = [13, 10]
        return [
            letter("every octet that text may have", all + tail),
            letter("every octet, each a line", all.flatMap { [$0, 13, 10] }),
            letter("every octet behind a dot", all.flatMap { [0x2E, $0, 13, 10] }),
            letter(
                "UTF-8 that is none", [0xC3, 0x28, 0xE2, 0x82, 13, 10, 0xF8, 0x88, 0x80, 0x80, 0x80, 0xC0, 0xAF] + tail),
            letter("a line cut in a character", [0xE2, 0x82, 13, 10, 0xAC] + tail),
            letter("byte order marks", [0xEF, 0xBB, 0xBF, 0xFF, 0xFE, 0xFE, 0xFF] + tail),
            letter("controls", [1, 3, 4, 7, 8, 11, 12, 26, 27, 28, 127, 0x85, 0x9B] + tail),
            letter("form feeds and vertical tabs at line starts", [12, 0x2E, 13, 10, 11, 0x2E] + tail),
            letter("line ends of Unicode", "a\u{2028}b\u{2029}c\u{85}d\n.\u{2028}.\n"),
        ]
    }

    // MARK: Line ends that are none

    private static var lineEnds: [OddMessage] {
        let ends = [
            "\n", "\r", "\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\n.\r", "\r.\n", "\r.\r\n", "\n\n", "\r\r",
            "\r\r\n", "\n\r", "\r\n\r", "\r\n\n",
        ]
        let loose = ends.map { end in
            letter("ends with \(end.debugDescription)", Array("a\(end)b\r\n".utf8), .refused("554 5.6.0"))
        }
        let nul: [UInt8] = [0x61, 0, 0x62, 13, 10]
        return loose + [
            letter("a NUL", nul, .refused("554 5.6.0")),
            letter("a NUL behind a dot", [0x2E, 0, 13, 10], .refused("554 5.6.0")),
            OddMessage("an LF ends a field", Array("From: \(author)\nX: y\r\n\r\nx\r\n".utf8), .refused("554 5.6.0")),
        ]
    }
}

extension String {
    /// The octets, each LF a CRLF.
    var crlf: [UInt8] { utf8.flatMap { $0 == 10 ? [13, 10] : [$0] } }
}
