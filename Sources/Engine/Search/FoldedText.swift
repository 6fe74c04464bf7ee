internal import Bytes
internal import Loop
internal import MIME
internal import MailTypes

/// What SEARCH looks at in a message, prepared for comparison by i;unicode-casemap (RFC 5255 §4.3).
struct FoldedText: Sendable {
    private let headers: [CollationKey]
    private let texts: [CollationKey]
    /// Whether there is no more than this to be looked at.
    private let isComplete: Bool

    init(_ text: SearchText, isComplete: Bool = true) {
        headers = text.headers.map(Collation.unicodeCasemap.key(of:))
        texts = text.texts.map(Collation.unicodeCasemap.key(of:))
        self.isComplete = isComplete
    }

    /// Whether a text part contains this (RFC 9051 §6.4.4, BODY); nil when it may be in what is not looked at.
    func bodyContains(_ part: [UInt8]) -> Bool? {
        let pattern = SearchPattern(sought: part)
        return part.isEmpty || texts.contains(where: pattern.isFound) ? true : isComplete ? false : nil
    }

    /// Whether a header or a text part contains this (TEXT); nil as for `bodyContains`.
    func contains(_ part: [UInt8]) -> Bool? {
        let pattern = SearchPattern(sought: part)
        return part.isEmpty || (headers + texts).contains(where: pattern.isFound) ? true : isComplete ? false : nil
    }

    /// By which it is told whether the text may contain another one.
    var fingerprint: TextFingerprint { isComplete ? TextFingerprint(of: headers + texts) : .unknown }
}

extension SearchPattern {
    /// What BODY and TEXT look for. Lines of texts end in LF here.
    init(sought text: [UInt8]) { self.init(text.withLineFeeds, .unicodeCasemap) }
}

extension TextMarks {
    /// Of what BODY and TEXT look for.
    init(sought text: [UInt8]) { self.init(text.withLineFeeds) }
}

extension [UInt8] {
    /// CRLF and CR as LF.
    fileprivate var withLineFeeds: [UInt8] {
        var octets: [UInt8] = []
        for (place, byte) in enumerated() where byte != ASCII.lf || place == 0 || self[place - 1] != ASCII.cr {
            octets.append(byte == ASCII.cr ? ASCII.lf : byte)
        }
        return octets
    }
}

/// The octets of a message that SEARCH looks at, on their way to being decoded.
struct GatheredText: Sendable {
    private let plan: SearchPlan
    private let octets: [[UInt8]]

    /// Octets before they are decoded.
    var size: Int { octets.reduce(0) { $0 + $1.count } }

    /// Decodes and folds them: milliseconds for a long text.
    var folded: FoldedText { FoldedText(plan.text(octets), isComplete: plan.isComplete) }

    init(of body: MessageBody) async throws(EngineError) {
        plan = SearchPlan(body.structure)
        var octets: [[UInt8]] = []
        for range in plan.ranges { octets.append(try await body.read(range)) }
        self.octets = octets
    }
}
