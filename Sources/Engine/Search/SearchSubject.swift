internal import Bytes
internal import IMAPSyntax
internal import Loop
internal import MIME
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// One message as a search looks at it: what the mirror knows, and what was fetched for the criterion.
struct SearchSubject {
    let uid: UID
    let flags: Set<Flag>
    let modSeq: ModSeq
    var internalDate: Moment?
    var size: UInt64?
    var header: MessageHeader?
    /// Header and decoded text, folded for comparison; nil when the message is not at hand.
    var text: FoldedText?
    /// Seconds since 1970, for OLDER and YOUNGER.
    var now: Int64

    /// Decides one criterion that is no combination, as far as what is at hand allows (RFC 9051 §6.4.4).
    func decide(_ key: SearchKey) -> Bool? {
        switch key {
        case .all: true
        case .flag(let flag): flags.contains(flag)
        case .notFlag(let flag): !flags.contains(flag)
        // \Recent is claimed for nobody.
        case .recent: false
        case .modSeq(let least): modSeq >= least
        case .among(let set): set.contains(uid)
        case .numbers, .uids, .saved: nil
        case .before(let day): internalDate.map { CalendarDate($0) < day }
        case .on(let day): internalDate.map { CalendarDate($0) == day }
        case .since(let day): internalDate.map { CalendarDate($0) >= day }
        case .older(let seconds): internalDate.map { now - $0.seconds >= Int64(seconds) }
        case .younger(let seconds): internalDate.map { now - $0.seconds <= Int64(seconds) }
        case .larger(let limit): size.map { $0 > limit }
        case .smaller(let limit): size.map { $0 < limit }
        case .from(let text): field("From", contains: text)
        case .to(let text): field("To", contains: text)
        case .cc(let text): field("Cc", contains: text)
        case .bcc(let text): field("Bcc", contains: text)
        case .subject(let text): field("Subject", contains: text)
        case .header(let name, let value): field(String(lossy: name), contains: value)
        case .sentBefore(let day): sentDay.map { $0 < day }
        case .sentOn(let day): sentDay.map { $0 == day }
        case .sentSince(let day): sentDay.map { $0 >= day }
        case .body(let part): text.map { $0.bodyContains(part) }
        case .text(let part): text.map { $0.contains(part) }
        case .emailID, .threadID, .savedBefore, .savedOn, .savedSince, .saveDateSupported: nil
        case .gmailRaw, .gmailMessageID, .gmailThreadID, .gmailLabel: nil
        case .not, .or, .and: nil
        }
    }

    /// Without a readable Date the day of arrival stands in, as it does for sorting (RFC 5256 §2.2).
    private var sentDay: CalendarDate? {
        guard let header else { return nil }
        return (header.date ?? internalDate).map(CalendarDate.init)
    }

    private func field(_ name: String, contains value: [UInt8]) -> Bool? {
        guard let header else { return nil }
        let fields = header.all(name)
        guard !value.isEmpty else { return !fields.isEmpty }
        let pattern = SearchPattern(value, .unicodeCasemap)
        return fields.contains { pattern.isFound(in: $0.text) }
    }
}

/// Text prepared for comparison by i;unicode-casemap (RFC 5255 §4.3).
struct FoldedText: Sendable {
    private let header: CollationKey
    private let body: CollationKey

    init(header: String, body: String) {
        self.header = Collation.unicodeCasemap.key(of: header)
        self.body = Collation.unicodeCasemap.key(of: body)
    }

    func bodyContains(_ part: [UInt8]) -> Bool { SearchPattern(part, .unicodeCasemap).isFound(in: body) }

    func contains(_ part: [UInt8]) -> Bool {
        let pattern = SearchPattern(part, .unicodeCasemap)
        return pattern.isFound(in: header) || pattern.isFound(in: body)
    }
}

extension MessageBody {
    /// Header and text parts, decoded and folded, as SEARCH TEXT and BODY look at them.
    func foldedText() async throws(EngineError) -> FoldedText {
        let header = try await read(structure.root.header)
        let content = try await structure.content { (range) async throws(EngineError) in try await self.read(range) }
        return FoldedText(
            header: MessageHeader(header).fields.map { "\(String(lossy: $0.name)): \($0.text)" }.joined(
                separator: "\n"),
            body: content.text)
    }
}
