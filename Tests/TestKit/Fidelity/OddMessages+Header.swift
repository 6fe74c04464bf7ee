/// Odd headers and odd structures.
extension OddMessages {
    /// Fields folded, named and filled as they should not be.
    static var headers: [OddMessage] {
        [
            header("folded at once", "X:\n folded"),
            header("folded by tabs", "X: a\n\tb\n\t\tc\n \t d"),
            header("folds of blanks alone", "X: a\n \n\t\n  \n b"),
            header("a fold that is all", "X:\n \nY:\n\t"),
            header("blanks at the ends of folded lines", "X: a \n b\t\n c  "),
            header("blanks before the colon", "X : a\nY\t: b\nZ \t : c"),
            header("no value", "X:\nY: \nZ:\t"),
            header("no name", ": a\n:"),
            header("no colon", "there is no colon\nX: a"),
            header("names that are none", "X Y: a\nX(c): b\n=: c\n\u{e9}: d\n\u{7f}: e"),
            header("many colons", "X::: a: b:"),
            header("no blank behind the colon", "X:a\nSubject:b"),
            header("blanks kept", "X:   a   b\t\tc   "),
            header("encoded words, broken", "X: =?utf-8?q?a=?= =?utf-8?b?%%%?= =?x?y?z?= =?utf-8?q?a b?="),
            header("quotes and comments left open", "To: \"jan <jan@customer.example>\nX: (a (b"),
            header("long and not folded", "X: \(String(repeating: "long ", count: 3000))"),
            header("long and without a blank", "X: \(String(repeating: "l", count: 20_000))"),
            header("folded a thousand times", "X: a\(String(repeating: "\n b", count: 1000))"),
            header("references without end", "References:\((0..<2000).map { "\n <\($0)@customer.example>" }.joined())"),
            OddMessage("a folded line begins it", Array(" folded\nX: a\n\nbody\n".crlf)),
            OddMessage("an mbox line begins it", Array("From jan Sat Nov 21 10:00:00 2026\nX: a\n\nbody\n".crlf)),
            raw("Subject in Latin-1", [0x53, 0x75, 0x62, 0x6A, 0x65, 0x63, 0x74, 0x3A, 0x20, 0x47, 0xFC, 0xDF, 0x65]),
            header("Subject in UTF-8", "Subject: Zażółć gęślą jaźń"),
            raw("a field of every octet", [0x58, 0x3A] + (UInt8(1)...255).filter { $0 != 10 && $0 != 13 }),
            OddMessage(
                "an author in raw UTF-8", Array("From: Zażółć <\(author)>\nSubject: x\n\nbody\n".crlf)),
            OddMessage(
                "an author in Latin-1",
                Array("From: \"J".utf8) + [0xF6] + Array("rg\" <\(author)>\nSubject: x\n\nbody\n".crlf)),
            OddMessage(
                "an author folded and quoted",
                Array("From:\n \"Support,\n Team\" (the\n one)\n <\(author)>\nSubject: x\n\nbody\n".crlf)),
        ]
    }

    /// Fields that occur more often than they should, or are many.
    static var fields: [OddMessage] {
        let hop = "Received: from a by b; Sat, 21 Nov 2026 10:00:00 +0100\n"
        let thousands = (0..<5000).map { "X-\($0): value \($0)\n" }.joined()
        let much = (0..<1000).map { _ in "X: \(String(repeating: "y", count: 994))\n" }.joined()
        return [
            header("two subjects", "Subject: another\nSubject: and another"),
            header("two dates", "Date: Sat, 21 Nov 2026 10:00:01 +0100\nDate: nonsense"),
            header("two message identifiers", "Message-ID: <second@ours.example>\nMessage-ID: <third@ours.example>"),
            header(
                "recipients without end", "Cc:\((0..<2000).map { "\n a\($0)@customer.example," }.joined()) b@c.example"),
            header("resent", "Resent-From: \(author)\nResent-Bcc: kept@customer.example\nResent-Date: x"),
            header("traces of others", "Return-Path: <x@y.example>\nDelivered-To: x\nX-Posthouse-Mark: not ours"),
            header(
                "a signature",
                "DKIM-Signature: v=1; a=rsa-sha256; bh=x;\n\tb=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSb\n\tav+yuU4zGeeruD00"),
            OddMessage("a hundred traces", Array((String(repeating: hop, count: 100)).crlf) + head + [13, 10]),
            OddMessage(
                "more traces than there may be", Array((String(repeating: hop, count: 101)).crlf) + head + [13, 10],
                .refused("554 5.4.6")),
            OddMessage("thousands of fields", Array(thousands.crlf) + head + Array("\nbody\n".crlf)),
            OddMessage("a header of nearly a mebibyte", Array(much.crlf) + head + Array("\nbody\n".crlf)),
            OddMessage("a header of more", Array((much + much).crlf) + head + [13, 10], .refused("552 5.3.4")),
            OddMessage("no date", Array("From: \(author)\nMessage-ID: <a@ours.example>\n\nbody\n".crlf)),
            OddMessage("no identifier", Array("From: \(author)\nDate: Sat, 21 Nov 2026 10:00:00 +0100\n\nx\n".crlf)),
            OddMessage("neither", Array("From: \(author)\nDay: Saturday\nMessage: none\n\nbody\n".crlf)),
        ]
    }

    /// Bcc, which is taken away, and what only looks like it.
    static var copies: [OddMessage] {
        [
            header("Bcc", "Bcc: secret@customer.example"),
            header(
                "Bcc in other letters",
                "BCC: a@customer.example\nX: y\nbcc: b@customer.example\nbCc : c@customer.example"),
            header("Bcc, folded", "Bcc: a@customer.example,\n b@customer.example,\n\tc@customer.example\nX: y"),
            header("Bcc, empty", "Bcc:\nX: y\nBcc: "),
            header("Bcc, raw", "Bcc: Zażółć <a@customer.example>"),
            header("not quite Bcc", "X-Bcc: a\nBccc: b\nBc: c\nBcc-Me: d"),
            OddMessage("Bcc first", Array("Bcc: a@customer.example\n".crlf) + head + Array("\nbody\n".crlf)),
            OddMessage("Bcc alone", Array("Bcc: a@customer.example\n".crlf)),
            OddMessage("Bcc in a header that does not end", head + Array("Bcc: a@customer.example\n".crlf)),
            letter("Bcc of a message inside", "Content-Type: message/rfc822\n\nBcc: kept@customer.example\n\nx\n"),
        ]
    }

    /// Parts within parts, and none that end.
    static var multiparts: [OddMessage] {
        var nest = ""
        for level in 0..<200 { nest += "Content-Type: multipart/mixed; boundary=b\(level)\n\n--b\(level)\n" }
        var many = "Content-Type: multipart/mixed; boundary=b\n\n"
        for part in 0..<3000 { many += "--b\n\npart \(part)\n" }
        var forwarded = ""
        for _ in 0..<50 { forwarded += "Content-Type: message/rfc822\n\n" }
        return [
            body("parts within parts, without end", nest),
            body("parts without end", many),
            body("forwarded and forwarded", forwarded),
            body("a boundary that never comes", "Content-Type: multipart/mixed; boundary=never\n\nbody\n"),
            body("no boundary", "Content-Type: multipart/mixed\n\n--\n\nbody\n"),
            body(
                "a boundary of dots", "Content-Type: multipart/mixed; boundary=\".\"\n\n--.\n\n.\n--.\n\n..\n--.--\n.\n"
            ),
            body("blanks behind boundaries", "Content-Type: multipart/mixed; boundary=b\n\n--b \t\n\n.\n--b-- \n \n"),
            body("binary said, text sent", "Content-Transfer-Encoding: binary\n\n.\n\u{e9}\n"),
            body("base 64 with blanks", "Content-Transfer-Encoding: base64\n\nYWJj \n \n.\n=\n"),
            body("signed", "Content-Type: multipart/signed; boundary=b\n\n--b\n\n- text \n\n--b\n\nsignature\n--b--\n"),
        ]
            + StrangeLetters.all.compactMap { name, text in
                // Line ends that are wrong have a place of their own.
                text.replacing("\r\n", with: "").contains { $0 == "\r" || $0 == "\n" }
                    ? nil : own("strange: \(name)", text)
            }
    }

    /// A strange letter as one that we may send: without its author, and with an end to its last line.
    private static func own(_ name: String, _ text: String) -> OddMessage {
        let octets = Fidelity.without(["from", "sender"], Array(text.utf8))
        return OddMessage(name, octets.suffix(2) == [13, 10] ? octets : octets + [13, 10])
    }

    /// A message with these fields behind the usual ones.
    private static func header(_ name: String, _ fields: String) -> OddMessage {
        OddMessage("header: \(name)", head + Array("\(fields)\n\nbody\n".crlf))
    }

    private static func raw(_ name: String, _ field: [UInt8]) -> OddMessage {
        OddMessage("header: \(name)", head + field + Array("\n\nbody\n".crlf))
    }

    private static func body(_ name: String, _ rest: String) -> OddMessage {
        OddMessage("structure: \(name)", head + Array("MIME-Version: 1.0\n\(rest)".crlf))
    }
}
