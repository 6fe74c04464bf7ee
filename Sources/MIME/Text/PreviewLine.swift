internal import Bytes

/// What a line of a message means to a preview.
enum PreviewLine {
    case blank
    case text
    /// Begins with `>`.
    case quoted
    /// `--`, alone: what follows is a signature (RFC 3676 §4.3).
    case signature
    /// What was answered or forwarded follows.
    case replyMark
    /// A rule: nothing to be read.
    case ornament
    /// The beginning of what OpenPGP signs; fields may follow (RFC 9580 §7).
    case signedFrame
    /// Nothing behind it can be read.
    case cipher

    /// A line that counts as `replyMark`, to be put where a document marks it in its own way.
    static let replyMarkText = "-----Original Message-----"

    /// - Parameter line: without blanks at both ends.
    init(_ line: Substring.UTF8View) {
        guard let first = line.first else {
            self = .blank
            return
        }
        switch first {
        case ASCII.closeAngle: self = .quoted
        case ASCII.dash where line.elementsEqual("--".utf8): self = .signature
        case ASCII.dash where line.starts(with: "-----BEGIN PGP MESSAGE".utf8): self = .cipher
        case ASCII.dash where line.starts(with: "-----BEGIN PGP SIGNED".utf8): self = .signedFrame
        case ASCII.dash where line.starts(with: "-----BEGIN PGP SIGNATURE".utf8): self = .signature
        default: self = Self.isOrnament(line) ? .ornament : Self.isReplyMark(line) ? .replyMark : .text
        }
    }

    /// Three signs or more, not one of them a letter, a digit or beyond ASCII.
    private static func isOrnament(_ line: Substring.UTF8View) -> Bool {
        line.count >= 3 && line.allSatisfy { $0 < 0x80 && !ASCII.isLetter($0) && !ASCII.isDigit($0) }
            && line.contains { "-=_*#~+".utf8.contains($0) }
    }

    /// Words between dashes, as in `-----Original Message-----` in any language.
    private static func isReplyMark(_ line: Substring.UTF8View) -> Bool {
        let dashes = "-----".utf8
        return line.count <= 100 && line.starts(with: dashes) && line.reversed().starts(with: dashes)
    }

    /// Whether this is a field as forwarded messages show it: a word or two, a colon, and something behind it.
    static func isField(_ line: Substring.UTF8View) -> Bool {
        let name = line.drop { $0 == ASCII.star }.prefix(30).prefix { $0 != ASCII.colon }
        let rest = line.drop { $0 != ASCII.colon }.dropFirst()
        guard !name.isEmpty, name.count < 30, name.split(separator: ASCII.space).count <= 3 else { return false }
        return rest.first.map { ASCII.isBlank($0) || $0 == ASCII.star } ?? false
    }

    /// Whether this is the field by which clients begin the head of what they quote.
    static func isFromField(_ line: Substring.UTF8View) -> Bool {
        guard isField(line) else { return false }
        let name = line.drop { $0 == ASCII.star }.prefix { $0 != ASCII.colon }
        return fromNames.contains(String(lossy: name).lowercased())
    }

    /// `From`, as clients write it in the languages of their users.
    private static let fromNames: Set<String> = [
        "from", "von", "de", "da", "van", "från", "fra", "od", "от", "від", "lähettäjä", "feladó", "gönderen",
        "发件人", "寄件者", "差出人", "보낸 사람",
    ]

    /// Octets of a line that may tell whose a quotation is; nobody's name is longer.
    static let longestAttribution = 300

    /// Whether this line, right before a quotation, tells whose it is: `On Monday, Ann wrote:`.
    static func isAttribution(_ line: Substring.UTF8View) -> Bool {
        guard line.count <= longestAttribution, line.last == ASCII.colon || line.suffix(3).elementsEqual("：".utf8)
        else { return false }
        if line.contains(where: { ASCII.isDigit($0) || $0 == ASCII.at }) { return true }
        let text = String(lossy: line).lowercased()
        return verbs.contains { text.contains($0) }
    }

    /// Whether this line can be the beginning of what `isAttribution` knows the end of: it holds a date or a time.
    static func beginsAttribution(_ line: Substring.UTF8View) -> Bool {
        line.count { ASCII.isDigit($0) } >= 3 && line.contains { $0 == ASCII.comma || $0 == ASCII.colon }
    }

    private static let verbs = [
        "wrote", "writes", "said", "schrieb", "écrit", "escribió", "escreveu", "scritto", "scrisse", "schreef", "skrev",
        "napisał", "написа", "пише", "kirjoitti", "yazdı", "írta", "写道", "寫道", "書きました", "작성",
    ]
}
