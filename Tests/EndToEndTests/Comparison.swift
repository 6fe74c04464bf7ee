import TestKit

/// What may differ between two servers that mean the same, and no more. Every rule has its reason.
enum Comparison {
    /// A response without what is free.
    static func normal(_ line: String) -> String {
        var text = line
        // Several clients share a mailbox, so Posthouse claims \Recent for none of them (RFC 3501 §2.3.2).
        text = text.replacing(" \\Recent", with: "").replacing("\\Recent ", with: "").replacing("\\Recent", with: "")
        // A part that is not there is NIL or the empty string (RFC 9051 §6.4.5 leaves it open).
        for end in ["]", ">"] {
            text = text.replacing("\(end) {0}\r\n", with: "\(end) NIL").replacing("\(end) \"\"", with: "\(end) NIL")
        }
        return text
    }

    /// The same of an answer made of strings: a string is quoted or a literal as the server likes (RFC 9051 §4.3).
    static func structured(_ line: String) -> String {
        var rest = normal(line)[...]
        var text = ""
        while let open = rest.firstRange(of: "{"), let close = rest[open.upperBound...].firstRange(of: "}\r\n"),
            let count = Int(rest[open.upperBound..<close.lowerBound])
        {
            let octets = rest[close.upperBound...].utf8
            text += rest[..<open.lowerBound] + IMAPClient.quoted(String(decoding: octets.prefix(count), as: UTF8.self))
            rest = Substring(decoding: octets.dropFirst(count), as: UTF8.self)
        }
        return text + rest
    }

    /// Where Posthouse, having read the message itself, tells an envelope or a structure otherwise than Dovecot, and why.
    static func differsWhenRead(_ item: String, of name: String) -> Bool {
        let hasEnvelope = ["ENVELOPE", "ALL", "FULL"].contains(item)
        let hasStructure = ["BODY", "BODYSTRUCTURE", "FULL"].contains(item)
        return switch name {
        // RFC 5322 §3.6 allows one Subject; of two Posthouse takes the first, Dovecot the last.
        case "two subjects": hasEnvelope
        // An empty group or address: Dovecot invents MISSING_MAILBOX and MISSING_DOMAIN. `a@b@c` means nothing.
        case "groups", "odd addresses": hasEnvelope
        // The octets of the inner message are those that BODY[2] gives, without the boundary's CRLF.
        case "alternative in related in mixed": hasStructure
        // A blank in an extended value is written %20 (RFC 2231 §7); Dovecot leaves it bare and changes the order.
        case "rfc 2231": hasStructure
        // What is no type is text/plain (RFC 2045 §5.2); Dovecot tells of an empty one.
        case "odd content type", "empty content type": hasStructure
        default: false
        }
    }

    /// Where Posthouse answers a FETCH otherwise than Dovecot, and why.
    static func differs(_ item: String, of name: String) -> Bool {
        switch (item, name) {
        // Without UTF8=ACCEPT strings are ASCII (RFC 6855 §3), so raw octets become encoded words.
        case ("ENVELOPE", "8 bit header"), ("ALL", "8 bit header"), ("FULL", "8 bit header"): true
        // The CRLF before a boundary belongs to the boundary (RFC 2046 §5.1.1), also after the end of an inner multipart.
        case ("BODY.PEEK[1]", "alternative in related in mixed"), ("BODY.PEEK[1.1]", "alternative in related in mixed"),
            ("BODY.PEEK[2]", "alternative in related in mixed"),
            ("BODY.PEEK[2.TEXT]", "alternative in related in mixed"):
            true
        // A part that is no multipart has no parts (RFC 9051 §6.4.5.1); Dovecot gives the part itself for its `.1`.
        case ("BODY.PEEK[1.1]", "no end boundary"), ("BODY.PEEK[1.1]", "preamble and epilogue"),
            ("BODY.PEEK[1.1]", "blanks after a boundary"), ("BODY.PEEK[1.1.MIME]", "no end boundary"),
            ("BODY.PEEK[1.1.MIME]", "preamble and epilogue"), ("BODY.PEEK[1.1.MIME]", "blanks after a boundary"),
            ("BODY.PEEK[1.2.1]", _), ("BODY.PEEK[2.1]", _), ("BODY.PEEK[2.1.MIME]", _):
            true
        // The empty line is given with chosen fields unless the message has none (RFC 9051 §6.4.5.1).
        case ("BODY.PEEK[HEADER.FIELDS (SUBJECT FROM X-LINE-7 NOT-THERE)]", "no body"),
            ("BODY.PEEK[HEADER.FIELDS (SUBJECT FROM X-LINE-7 NOT-THERE)]", "no empty line"):
            true
        // Of two line ends before a boundary one is the boundary's. Where there is nothing else both say that the header
        // is empty; Posthouse counts the empty line that ends it, as it does everywhere.
        case ("BODY.PEEK[1.MIME]", "empty parts"), ("BODY.PEEK[1.MIME]", "boundary as a prefix"): true
        default: false
        }
    }

    /// Whether a search finds a message here that it does not find at Dovecot, and why.
    static func isFoundHere(by key: String, _ name: String) -> Bool {
        // As above: their text is text.
        key.contains("BODY") && ["odd content type", "empty content type"].contains(name)
    }

    /// The answer to a change, in what it says: untagged lines in any order, and OK, NO or BAD.
    static func change(_ answer: IMAPClient.Answer, box: String, other: String) -> [String] {
        var lines: [String] = []
        for line in answer.untagged {
            // Which flags there are, and what a mailbox is like, is told when the server likes.
            let isFree = ["FLAGS ", "OK [", "NO ["].contains { line.hasPrefix($0) } || line.hasSuffix(" RECENT")
            // The other one's mailbox stands beside in a listing.
            guard !isFree, !line.contains(other) else { continue }
            if let text = fetched(line) { lines += text } else { lines.append(named(normal(line), box)) }
        }
        return lines.sorted() + [String(answer.status.prefix { $0 != " " })]
    }

    /// A FETCH response as one line for each thing that it says. The UID may be told unasked (RFC 9051 §7.5.2), and
    /// what one response says another may say in two.
    private static func fetched(_ line: String) -> [String]? {
        guard line.firstRange(of: " FETCH (") != nil else { return nil }
        let number = line.prefix { $0 != " " }
        let fetched = FetchedLine(line)
        var said: [String] = []
        if let flags = fetched.flags { said.append("\(number) FLAGS \(flags.sorted())") }
        if let literal = fetched.literal { said.append("\(number) \(literal)") }
        return said
    }

    /// A name is an atom or a quoted string as the server likes.
    private static func named(_ line: String, _ box: String) -> String {
        line.replacing(box, with: "BOX").replacing("\"", with: "")
    }
}
